import { EventEmitter } from 'node:events';
import { METHODS, STATUS_CODES } from 'node:http';
import type { Host } from '../host.ts';
import { VirtualRequest } from './http-request.ts';

type Arguments = [string | URL | HttpOptions, (HttpOptions | ResponseListener)?, ResponseListener?];
export type ResponseListener = (response: unknown) => void;

export interface HttpOptions {
  readonly protocol?: string;
  readonly host?: string;
  readonly hostname?: string;
  readonly port?: number | string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly agent?: unknown;
}

/** `node:http` or `node:https` over the simulated network: the client side; servers are refused. */
export function httpModule(host: Host, protocol: 'http:' | 'https:'): Record<string, unknown> {
  const request = (...args: Arguments) => {
    const { options, listener } = normalize(args);
    return new VirtualRequest(host, protocol, options, listener);
  };
  const get = (...args: Arguments) => {
    const started = request(...args);
    started.end();
    return started;
  };
  return {
    Agent: VirtualAgent,
    globalAgent: new VirtualAgent({ keepAlive: true }),
    METHODS,
    STATUS_CODES,
    maxHeaderSize: 16_384,
    request,
    get,
  };
}

/** Connections cost nothing in the simulated network, so an agent only remembers its options. */
class VirtualAgent extends EventEmitter {
  readonly options: Readonly<Record<string, unknown>>;
  readonly keepAlive: boolean;
  readonly keepAliveMsecs: number;
  readonly maxSockets: number;
  readonly sockets: object = {};
  readonly freeSockets: object = {};
  readonly requests: object = {};

  constructor(options: { keepAlive?: boolean; keepAliveMsecs?: number; maxSockets?: number } = {}) {
    super();
    this.options = options;
    this.keepAlive = options.keepAlive ?? false;
    this.keepAliveMsecs = options.keepAliveMsecs ?? 1000;
    this.maxSockets = options.maxSockets ?? Number.POSITIVE_INFINITY;
  }

  destroy(): void {}
}

function normalize(args: Arguments): { options: HttpOptions; listener: ResponseListener | undefined } {
  const [first, ...rest] = args;
  const listener = rest.find((value) => typeof value === 'function');
  const more = rest.find((value): value is HttpOptions => typeof value === 'object');
  if (typeof first !== 'string' && !(first instanceof URL)) return { options: first, listener };
  const url = new URL(first);
  const options = {
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port ? { port: url.port } : {}),
    path: url.pathname + url.search,
    ...more,
  };
  return { options, listener };
}

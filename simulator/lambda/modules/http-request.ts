import { Writable } from 'node:stream';
import type { WireResponse } from '../../wire/http.ts';
import type { Host } from '../host.ts';
import type { HttpOptions, ResponseListener } from './http.ts';
import { VirtualResponse } from './http-response.ts';
import { VirtualSocket } from './http-socket.ts';

/** Node's `ClientRequest`: the body is collected, then one exchange crosses the simulated network. */
export class VirtualRequest extends Writable {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: 'http:' | 'https:';
  readonly reusedSocket = false;
  socket: VirtualSocket | undefined;
  res: VirtualResponse | undefined;
  aborted = false;
  readonly #host: Host;
  readonly #port: number | undefined;
  readonly #headers = new Map<string, string>();
  readonly #chunks: Buffer[] = [];
  #over = false;

  constructor(host: Host, protocol: 'http:' | 'https:', options: HttpOptions, listener: ResponseListener | undefined) {
    // 'close' means the end of the exchange, not of the body: it is emitted here, by hand.
    super({ autoDestroy: false, emitClose: false });
    this.#host = host;
    this.protocol = (options.protocol as 'http:' | 'https:' | undefined) ?? protocol;
    this.method = options.method ?? 'GET';
    this.path = options.path ?? '/';
    this.host = options.hostname ?? options.host ?? 'localhost';
    this.#port = options.port ? Number(options.port) : undefined;
    for (const [name, value] of Object.entries(options.headers ?? {})) this.setHeader(name, value);
    if (!this.#headers.has('host')) this.setHeader('host', this.#port ? `${this.host}:${this.#port}` : this.host);
    if (listener) this.once('response', listener);
    if (options.timeout) this.setTimeout(options.timeout);
    options.signal?.addEventListener('abort', () => this.destroy(aborted(options.signal)), { once: true });
    process.nextTick(() => this.#connect());
  }

  setHeader(name: string, value: string | number | readonly string[]): this {
    this.#headers.set(name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value));
    return this;
  }

  getHeader(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  getHeaders(): Record<string, string> {
    return Object.fromEntries(this.#headers);
  }

  flushHeaders(): void {}

  setNoDelay(): void {}

  setSocketKeepAlive(): void {}

  setTimeout(ms: number, callback?: () => void): this {
    if (callback) this.once('timeout', callback);
    const arm = (socket: VirtualSocket) => socket.setTimeout(ms, () => this.emit('timeout'));
    if (this.socket) arm(this.socket);
    else this.once('socket', arm);
    return this;
  }

  abort(): void {
    this.aborted = true;
    this.destroy();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    done();
  }

  override _final(done: () => void): void {
    done();
    const body = Buffer.concat(this.#chunks);
    const { method, path, protocol } = this;
    const port = this.#port === undefined ? {} : { port: this.#port };
    const request = { method, path, protocol, hostname: this.host, ...port, headers: this.getHeaders() };
    this.#host.exchange({ ...request, body: body.length > 0 ? body : undefined }).then(
      (answer) => this.#host.resume(() => this.#answer(answer)),
      (error) => this.#host.resume(() => this.destroy(error)),
    );
  }

  /** As in Node: a request that dies without an answer says so, as an error. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const silent = this.#over;
    this.#over = true;
    this.socket?.end();
    this.res?.destroy(error ?? undefined);
    done();
    const reason = error ?? (this.res ? undefined : hangUp());
    process.nextTick(() => {
      if (reason && !silent) this.emit('error', reason);
      this.emit('close');
    });
  }

  #connect(): void {
    if (this.#over) return;
    this.socket = new VirtualSocket(this.#host);
    this.emit('socket', this.socket);
    if (this.getHeader('expect') === '100-continue') this.emit('continue');
  }

  #answer(answer: WireResponse): void {
    if (this.#over) return;
    this.#over = true;
    this.socket?.end();
    this.res = new VirtualResponse(answer, this.socket);
    this.res.once('close', () => this.emit('close'));
    if (!this.emit('response', this.res)) this.res.resume();
  }
}

function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function aborted(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

import type { SimulatedAccount } from '../account.ts';
import type { WireResponse } from '../wire/http.ts';
import type { NetworkRequest } from './host.ts';
import { isFunctionUrl } from './urls.ts';

/** The network as a function in the account sees it: AWS, function URLs, CloudFormation's response URLs, the load balancer, nothing else. */
export class Network {
  readonly #account: SimulatedAccount;
  readonly #listeners = new Map<string, (body: string) => void>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  /** Answers requests to `url` with 200 and hands their body to `receive`, until the returned function is called. */
  listen(url: string, receive: (body: string) => void): () => void {
    this.#listeners.set(url, receive);
    return () => this.#listeners.delete(url);
  }

  async exchange(request: NetworkRequest): Promise<WireResponse> {
    const { hostname, path } = request;
    const listener = this.#listeners.get(`${request.protocol}//${hostname}${path}`);
    if (listener) {
      await this.#account.clock.sleep(listenerLatencyMs);
      listener(textOf(request.body));
      return { status: 200, headers: {}, body: new Uint8Array() };
    }
    if (hostname.endsWith('.amazonaws.com') || isFunctionUrl(hostname)) return this.#account.handle(request);
    const answer = this.#account.elbv2.respond({
      host: hostname,
      path,
      method: request.method,
      cookies: cookies(request.headers),
    });
    if (!answer) {
      await this.#account.clock.sleep(dnsLatencyMs);
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
        code: 'ENOTFOUND',
        errno: -3008,
        syscall: 'getaddrinfo',
        hostname,
      });
    }
    await this.#account.clock.sleep(answer.latencyMs);
    return {
      status: answer.status,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: Buffer.from(answer.body),
    };
  }
}

/** A PUT to S3 in the same region, and a resolver that knows no such name; both of the usual order. */
const listenerLatencyMs = 30;
const dnsLatencyMs = 10;

function textOf(body: NetworkRequest['body']): string {
  return typeof body === 'string' ? body : Buffer.from(body ?? []).toString('utf8');
}

function cookies(headers: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = (headers.cookie ?? headers.Cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return Object.fromEntries(pairs.flatMap(([name, ...value]) => (name ? [[name, value.join('=')]] : [])));
}

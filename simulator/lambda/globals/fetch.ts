import type { WireResponse } from '../../wire/http.ts';
import type { Host } from '../host.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** `fetch` over the simulated network. Fails as Node's does: a `TypeError: fetch failed` whose cause has the code. */
export function virtualFetch(host: Host): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    // Read here, not by undici's machinery: strings and bytes are all that is sent, and they are there already.
    const body = bodyOf(init?.body);
    const signal = request.signal;
    signal.throwIfAborted();
    const answer = host.exchange({
      method: request.method,
      protocol: url.protocol as 'http:' | 'https:',
      hostname: url.hostname,
      ...(url.port ? { port: Number(url.port) } : {}),
      path: url.pathname + url.search,
      headers: { ...Object.fromEntries(request.headers), host: url.host },
      body,
    });
    return new Promise<Response>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      answer.then(
        (response) => host.resume(() => resolve(toResponse(response, request.url))),
        (cause) => host.resume(() => reject(Object.assign(new TypeError('fetch failed'), { cause }))),
      );
    });
  };
}

function toResponse(answer: WireResponse, url: string): Response {
  const empty = answer.status === 204 || answer.status === 304;
  const response = new Response(empty ? null : Buffer.from(answer.body), {
    status: answer.status,
    headers: { ...answer.headers },
  });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

function bodyOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('The simulated fetch sends strings, URLSearchParams and bytes only.');
}

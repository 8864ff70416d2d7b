/** One HTTP exchange with the simulated account, free of any HTTP library. */

export interface WireRequest {
  readonly method: string;
  /** Without port: `ecs.eu-west-1.amazonaws.com`, `bucket.s3.eu-west-1.amazonaws.com`, `127.0.0.1`. */
  readonly hostname: string;
  /** As sent, query string included: `/`, `/key?list-type=2`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A request with header names in lower case, the path split and the body as bytes without transfer framing. */
export interface ParsedRequest {
  readonly method: string;
  readonly hostname: string;
  /** Still percent-encoded. */
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The identity that a SigV4 `Authorization` header claims. The signature itself is not checked. */
export interface Claim {
  readonly accessKeyId: string;
  /** Signing name, which is the endpoint prefix for every service here: `ecs`, `monitoring`, `states`. */
  readonly service: string;
}

export function parseRequest(request: WireRequest): ParsedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = String(value);
  const mark = request.path.indexOf('?');
  const body = toBytes(request.body);
  return {
    method: request.method.toUpperCase(),
    hostname: request.hostname,
    pathname: mark < 0 ? request.path : request.path.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1)),
    headers,
    body: isChunked(headers) ? decodeChunks(body) : body,
  };
}

export function claimOf(headers: Readonly<Record<string, string>>): Claim | undefined {
  const match = /Credential=([^/\s,]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '');
  return match ? { accessKeyId: match[1] as string, service: match[2] as string } : undefined;
}

export const toBytes = (body: Uint8Array | string | undefined): Uint8Array =>
  typeof body === 'string' ? Buffer.from(body, 'utf8') : (body ?? new Uint8Array());

export const toText = (bytes: Uint8Array): string => viewOf(bytes).toString('utf8');

/** SDKs frame an upload this way when its checksum follows as a trailer. */
function isChunked(headers: Readonly<Record<string, string>>): boolean {
  return (
    (headers['content-encoding'] ?? '').includes('aws-chunked') ||
    (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')
  );
}

/** `<size in hex>[;chunk-signature=…]\r\n<bytes>\r\n` until a chunk of size 0; trailers are dropped. */
function decodeChunks(framed: Uint8Array): Uint8Array {
  const buffer = viewOf(framed);
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = buffer.indexOf('\r\n', offset);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(buffer.toString('latin1', offset, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('aws-chunked body ends before its last chunk');
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(lineEnd + 2, lineEnd + 2 + size));
    offset = lineEnd + 2 + size + 2;
  }
}

/** A Buffer over the same memory. `Buffer.from(bytes)` would ask an SDK's body for its text, and the SDK warns of that. */
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

import type { Json } from '../../lib/domain/model.ts';
import type { WireResponse } from '../wire/http.ts';
import { toBytes } from '../wire/http.ts';

interface Shaped {
  readonly statusCode: Json;
  readonly headers?: Json;
  readonly body?: Json;
  readonly cookies?: Json;
  readonly isBase64Encoded?: Json;
}

/**
 * What a client of a function URL gets for what the function returned: an answer that has a `statusCode` as it says,
 * anything else as JSON with 200. [docs: "Response payload format"]
 */
export function urlAnswer(returned: Json): WireResponse {
  if (!isShaped(returned)) {
    const body = typeof returned === 'string' ? returned : JSON.stringify(returned);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: toBytes(body) };
  }
  const { statusCode, body, cookies } = returned;
  const status = Number(statusCode);
  // A malformed answer is the function's fault, and the client learns no more than that.
  if (!Number.isInteger(status) || status < 100 || status > 599) return badGateway();
  if (body !== undefined && body !== null && typeof body !== 'string') return badGateway();
  const bytes = returned.isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : toBytes(body ?? '');
  return { status, headers: headersOf(returned.headers, cookies), body: bytes };
}

/** The function failed, or answered what is no HTTP answer. */
export function badGateway(): WireResponse {
  return {
    status: 502,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'InternalServerErrorException' },
    body: toBytes('Internal Server Error'),
  };
}

/** An answer of the URL itself, not of the function. */
export function refusal(status: number, errorType: string, message: string | null): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': errorType },
    body: toBytes(JSON.stringify({ Message: message })),
  };
}

function headersOf(given: Json | undefined, cookies: Json | undefined): Record<string, string> {
  const entries = given !== null && typeof given === 'object' && !Array.isArray(given) ? Object.entries(given) : [];
  const headers = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
  return {
    'content-type': 'application/json',
    ...headers,
    ...(Array.isArray(cookies) && cookies.length > 0 ? { 'set-cookie': cookies.join(', ') } : {}),
  };
}

function isShaped(returned: Json): returned is Json & Shaped {
  return typeof returned === 'object' && returned !== null && !Array.isArray(returned) && 'statusCode' in returned;
}

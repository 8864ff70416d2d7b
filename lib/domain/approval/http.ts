/** An answer as it comes in: through the function URL, signed with IAM, or as the event of a direct invocation. */
import { isObject } from '../fields.ts';
import type { Json } from '../model.ts';
import { signedAlias } from '../names.ts';
import type { Refusal } from './answer.ts';

export type Request = { readonly http: boolean } & (
  | { readonly body: Json /** The principal that AWS names. */; readonly signedBy?: string }
  | { readonly refusal: Refusal }
);

/**
 * Only what came in through the alias that the function URL stands on is believed to be signed: whoever may invoke the
 * function directly could write any name into an event of the same form.
 */
export function readRequest(event: Json, invokedFunctionArn: string): Request {
  if (!invokedFunctionArn.endsWith(`:${signedAlias}`)) return { http: false, body: event };
  const method = member(event, 'requestContext', 'http', 'method');
  if (method !== 'POST') return refused(405, `The method is ${text(method) ?? 'missing'}: only POST is allowed.`);
  const signedBy = text(member(event, 'requestContext', 'authorizer', 'iam', 'userArn'));
  if (!signedBy) return refused(400, 'AWS names nobody who signed the request: sign it with IAM.');
  try {
    return { http: true, signedBy, body: JSON.parse(bodyOf(event)) as Json };
  } catch {
    return refused(400, 'The body is not JSON.');
  }
}

/** The answer as a function URL sends it. */
export function httpResponse({ statusCode, message }: { readonly statusCode: number; readonly message: string }) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ statusCode, message }) };
}

function bodyOf(event: Json): string {
  const body = text(member(event, 'body')) ?? '';
  if (member(event, 'isBase64Encoded') !== true) return body;
  return new TextDecoder().decode(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)));
}

function member(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  const [name, ...rest] = path;
  if (name === undefined || value === undefined) return value;
  return isObject(value) && Object.hasOwn(value, name) ? member(value[name], ...rest) : undefined;
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

const refused = (statusCode: Refusal['statusCode'], message: string): Request => ({
  http: true,
  refusal: { statusCode, message },
});

/**
 * S3's REST-XML: the operation from method, path and query, members bound to headers, query and body as the client's
 * schemas say. Buckets are found in the host name or, as `forcePathStyle` and loopback endpoints send them, in the path.
 */
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { StaticStructureSchema } from '@smithy/types';
import { AwsError, type SimulatedService } from '../service.ts';
import { type ParsedRequest, toBytes, toText, type WireResponse } from './http.ts';
import type { Exchange, Protocol } from './protocol.ts';
import { errorShape, httpTrait, operationNames, operationShape } from './schema.ts';
import { fromHeaderText, toHeaderText } from './values.ts';
import { element } from './xml.ts';

const xmlSettings = {
  timestampFormat: { useTrait: true, default: 5 as const },
  httpBindings: true,
  xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  serviceNamespace: 'com.amazonaws.s3',
};

export const s3: Protocol = {
  operationOf(service, request) {
    const best = (names: readonly string[]) =>
      names
        .filter((name) => matches(service, name, request))
        // More fixed query keys is the better match: `?versions` over a plain listing.
        .sort((a, b) => rank(service, b, request) - rank(service, a, request))[0];
    return best(Object.keys(service.operations)) ?? best(operationNames(service));
  },

  decode(shape, request) {
    const { bucket, key } = locate(request);
    const input: Record<string, unknown> = {};
    for (const [name, member] of shape.input.structIterator()) {
      const traits = member.getMergedTraits();
      let value: unknown;
      if (name === 'Bucket') value = bucket;
      else if (name === 'Key' && traits.httpLabel) value = key;
      else if (traits.httpHeader) value = fromHeaderText(member, request.headers[traits.httpHeader.toLowerCase()]);
      else if (traits.httpQuery) value = fromHeaderText(member, request.query.get(traits.httpQuery) ?? undefined);
      else if (traits.httpPrefixHeaders) value = prefixed(request.headers, traits.httpPrefixHeaders);
      else if (traits.httpPayload) value = payload(member, request.body);
      if (value !== undefined) input[name] = value;
    }
    return input;
  },

  encode(shape, output, exchange) {
    const values = (output ?? {}) as Record<string, unknown>;
    const headers: Record<string, string> = headersOf(exchange);
    const bodyMembers: string[] = [];
    let body: Uint8Array = new Uint8Array();
    for (const [name, member] of shape.output.structIterator()) {
      const value = values[name];
      const traits = member.getMergedTraits();
      if (value === undefined || value === null) continue;
      if (traits.httpHeader) headers[traits.httpHeader.toLowerCase()] = toHeaderText(member, value);
      else if (traits.httpPrefixHeaders)
        for (const [key, text] of Object.entries(value as Record<string, string>))
          headers[traits.httpPrefixHeaders + key] = text;
      else if (traits.httpPayload) body = member.isStructSchema() ? xmlOf(member, value) : (value as Uint8Array);
      else bodyMembers.push(name);
    }
    if (bodyMembers.length > 0) {
      headers['content-type'] = 'application/xml';
      body = xmlOf(shape.output, Object.fromEntries(bodyMembers.map((name) => [name, values[name]])));
    }
    headers['content-length'] ??= String(body.byteLength);
    return { status: httpTrait(shape)[2], headers, body };
  },

  encodeError(error, exchange): WireResponse {
    const { name, status } = errorShape(exchange.service, error);
    const fields = Object.entries(error.fields).map(([key, value]) => element(key, String(value)));
    const document = element(
      'Error',
      element('Code', name),
      element('Message', error.message),
      ...fields,
      element('RequestId', exchange.requestId),
    );
    // A HEAD has no body, so that clients only see the status.
    const body = exchange.request.method === 'HEAD' || status === 304 ? '' : document.markup;
    return { status, headers: { ...headersOf(exchange), 'content-type': 'application/xml' }, body: toBytes(body) };
  },

  answers: {
    unknownOperation: () =>
      new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented.', {
        status: 501,
      }),
    unknownKey: () =>
      new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
        status: 403,
      }),
    noCredentials: () => new AwsError('AccessDenied', 'Access Denied', { status: 403 }),
    accessDenied: (_service, message) => new AwsError('AccessDenied', message, { status: 403 }),
  },
};

const headersOf = (exchange: Exchange): Record<string, string> => ({
  'x-amz-request-id': exchange.requestId,
  'x-amz-id-2': exchange.requestId,
});

/** `bucket.s3.eu-west-1.amazonaws.com/key`, or `/bucket/key` at any other host. */
function locate(request: ParsedRequest): { readonly bucket: string | undefined; readonly key: string | undefined } {
  const path = decodeURIComponent(request.pathname).replace(/^\//, '');
  const virtual = /^(.+)\.s3[.-]/.exec(request.hostname);
  if (virtual) return { bucket: virtual[1], key: path || undefined };
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: path || undefined, key: undefined };
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) || undefined };
}

function matches(service: SimulatedService, name: string, request: ParsedRequest): boolean {
  const shape = operationShape(service, name);
  if (!shape) return false;
  const [method, template] = httpTrait(shape);
  if (method !== request.method || template.includes('{Key+}') !== (locate(request).key !== undefined)) return false;
  // CopyObject and PutObject share method and path, and old clients send no `x-id`.
  if (name === 'CopyObject' || name === 'PutObject')
    if ((name === 'CopyObject') !== 'x-amz-copy-source' in request.headers) return false;
  const fixed = fixedQuery(service, name);
  if (!fixed.every(([key, value]) => request.query.has(key) && (value === '' || request.query.get(key) === value)))
    return false;
  return !subresources.some((key) => request.query.has(key) && !fixed.some(([wanted]) => wanted === key));
}

/** Query keys that make another operation of a plain one. */
const subresources = [
  'acl',
  'tagging',
  'uploads',
  'uploadId',
  'versions',
  'versioning',
  'policy',
  'delete',
  'attributes',
];

/** The query keys of the URI template, without `x-id`, which only names the operation for logs. */
function fixedQuery(service: SimulatedService, name: string): [string, string][] {
  const shape = operationShape(service, name);
  const query = shape ? (httpTrait(shape)[1].split('?')[1] ?? '') : '';
  return [...new URLSearchParams(query)].filter(([key]) => key !== 'x-id');
}

const rank = (service: SimulatedService, name: string, request: ParsedRequest): number =>
  fixedQuery(service, name).length + (request.query.get('x-id') === name ? 0.5 : 0);

function prefixed(headers: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

function payload(member: NormalizedSchema, body: Uint8Array): unknown {
  if (!member.isStructSchema()) return body;
  return body.byteLength === 0
    ? undefined
    : new XmlShapeDeserializer(xmlSettings).read(member.getSchema() as StaticStructureSchema, toText(body));
}

function xmlOf(schema: NormalizedSchema, value: unknown): Uint8Array {
  const serializer = new XmlShapeSerializer(xmlSettings);
  serializer.write(schema, value);
  return toBytes(`<?xml version="1.0" encoding="UTF-8"?>\n${serializer.flush()}`);
}

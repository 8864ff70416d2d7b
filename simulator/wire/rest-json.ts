/** REST-JSON: the operation from method and path, members bound to labels, query, headers and body as the schemas say. */
import { JsonShapeDeserializer, JsonShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError, type SimulatedService } from '../service.ts';
import { type ParsedRequest, toBytes, toText } from './http.ts';
import type { Exchange, Protocol } from './protocol.ts';
import { errorShape, httpTrait, type OperationShape, operationNames, operationShape } from './schema.ts';
import { fromHeaderText, toHeaderText } from './values.ts';

const settings = { timestampFormat: { useTrait: true, default: 7 as const }, jsonName: true };
const deserializer = new JsonShapeDeserializer(settings);

export const restJson: Protocol = {
  operationOf: (service, request) => operationNames(service).find((name) => pathOf(service, name, request)),

  decode(shape, request) {
    const labels = pathLabels(shape, request) ?? {};
    const input: Record<string, unknown> = {};
    const inBody: [string, NormalizedSchema][] = [];
    for (const [name, member] of shape.input.structIterator()) {
      const traits = member.getMergedTraits();
      let value: unknown;
      if (traits.httpLabel) value = labels[name];
      else if (traits.httpQuery) value = fromHeaderText(member, request.query.get(traits.httpQuery) ?? undefined);
      else if (traits.httpHeader) value = fromHeaderText(member, request.headers[traits.httpHeader.toLowerCase()]);
      else if (traits.httpPayload) value = request.body.byteLength > 0 ? request.body : undefined;
      else inBody.push([name, member]);
      if (value !== undefined) input[name] = value;
    }
    return inBody.length === 0 ? input : { ...input, ...bodyMembers(shape, request) };
  },

  encode(shape, output, exchange) {
    const values = (output ?? {}) as Record<string, unknown>;
    const headers: Record<string, string> = headersOf(exchange);
    const bodied: Record<string, unknown> = {};
    let status = httpTrait(shape)[2];
    let payload: Uint8Array | undefined;
    for (const [name, member] of shape.output.structIterator()) {
      const value = values[name];
      const traits = member.getMergedTraits();
      if (value === undefined || value === null) continue;
      if (traits.httpHeader) headers[traits.httpHeader.toLowerCase()] = toHeaderText(member, value);
      else if (traits.httpResponseCode) status = value as number;
      else if (traits.httpPayload) payload = value as Uint8Array;
      else bodied[name] = value;
    }
    const bound = [...shape.output.structIterator()].some(([, member]) => member.getMergedTraits().httpPayload);
    return { status, headers, body: bound ? (payload ?? new Uint8Array()) : toBytes(write(shape.output, bodied)) };
  },

  encodeError(error, exchange) {
    const { name, status, fault, schema } = errorShape(exchange.service, error);
    const messageMember = schema?.getMemberSchemas().message ? 'message' : 'Message';
    const body = { Type: fault === 'server' ? 'Service' : 'User', [messageMember]: error.message, ...error.fields };
    const headers = { ...headersOf(exchange), 'x-amzn-errortype': name };
    return { status, headers, body: toBytes(JSON.stringify(body)) };
  },

  answers: {
    unknownOperation: () => denied('Unable to determine service/operation name to be authorized'),
    unknownKey: () =>
      new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', {
        status: 403,
      }),
    noCredentials: () =>
      new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', { status: 403 }),
    accessDenied: (_service, message) => denied(message),
  },
};

const denied = (message: string): AwsError => new AwsError('AccessDeniedException', message, { status: 403 });

const headersOf = (exchange: Exchange): Record<string, string> => ({
  'content-type': 'application/json',
  'x-amzn-requestid': exchange.requestId,
});

function pathOf(service: SimulatedService, name: string, request: ParsedRequest): boolean {
  const shape = operationShape(service, name);
  return shape !== undefined && httpTrait(shape)[0] === request.method && pathLabels(shape, request) !== undefined;
}

/** What the path gives for the template's labels; undefined where the path is another operation's. */
function pathLabels(shape: OperationShape, request: ParsedRequest): Record<string, string> | undefined {
  const [template = ''] = httpTrait(shape)[1].split('?');
  const wanted = template.split('/');
  const found = request.pathname.split('/');
  if (wanted.length !== found.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = found[index] ?? '';
    const label = /^\{(\w+)\+?\}$/.exec(part)?.[1];
    if (label && text !== '') labels[label] = decodeURIComponent(text);
    else if (part !== text) return undefined;
  }
  return labels;
}

function bodyMembers(shape: OperationShape, request: ParsedRequest): object {
  if (request.body.byteLength === 0) return {};
  try {
    return deserializer.readObject(shape.input, JSON.parse(toText(request.body))) as object;
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json.');
  }
}

function write(schema: NormalizedSchema, value: unknown): string {
  const serializer = new JsonShapeSerializer(settings);
  serializer.write(schema, value);
  return serializer.flush();
}

/** AWS JSON 1.0 and 1.1: the operation in `x-amz-target`, bodies of JSON, errors with `__type`. */
import { gunzipSync } from 'node:zlib';
import { JsonShapeDeserializer, JsonShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../service.ts';
import { toBytes, toText } from './http.ts';
import type { Protocol } from './protocol.ts';
import { errorShape } from './schema.ts';

const settings = { timestampFormat: { useTrait: true, default: 7 as const }, jsonName: false };
const deserializer = new JsonShapeDeserializer(settings);

export const json: Protocol = {
  operationOf: (_service, request) => (request.headers['x-amz-target'] ?? '').split('.')[1],

  decode(shape, request) {
    let document: Parameters<typeof deserializer.readObject>[1];
    try {
      // The SDK compresses long requests of operations that take it, such as PutMetricData.
      const compressed = request.headers['content-encoding'] === 'gzip';
      const text = toText(compressed ? gunzipSync(request.body) : request.body);
      document = text === '' ? {} : JSON.parse(text);
    } catch {
      throw new AwsError('SerializationException', 'The request body is not valid JSON.');
    }
    return deserializer.readObject(shape.input, document);
  },

  encode(shape, output, exchange) {
    const body = shape.output.isStructSchema() ? write(shape.output, output ?? {}) : '{}';
    return { status: 200, headers: headersOf(exchange), body: toBytes(body) };
  },

  encodeError(error, exchange) {
    const { name, queryCode, status, fault, schema } = errorShape(exchange.service, error);
    const fields = schema ? (JSON.parse(write(schema, error.fields)) as object) : error.fields;
    const headers: Record<string, string> = { ...headersOf(exchange), 'x-amzn-errortype': name };
    if (exchange.request.headers['x-amzn-query-mode'] === 'true')
      headers['x-amzn-query-error'] = `${queryCode};${fault === 'server' ? 'Receiver' : 'Sender'}`;
    const messageMember = schema?.getMemberSchemas().Message ? 'Message' : 'message';
    return {
      status,
      headers,
      body: toBytes(JSON.stringify({ __type: name, [messageMember]: error.message, ...fields })),
    };
  },

  answers: {
    unknownOperation: () => new AwsError('UnknownOperationException', 'The requested operation is not recognized.'),
    unknownKey: () =>
      new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.'),
    noCredentials: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    // CloudWatch keeps the code of its query days.
    accessDenied: (service, message) =>
      service.iamPrefix === 'cloudwatch'
        ? new AwsError('AccessDenied', message, { status: 403 })
        : new AwsError('AccessDeniedException', message),
  },
};

function write(schema: NormalizedSchema, value: unknown): string {
  const serializer = new JsonShapeSerializer(settings);
  serializer.write(schema, value);
  return serializer.flush();
}

function headersOf(exchange: { request: { headers: Readonly<Record<string, string>> }; requestId: string }) {
  return {
    'content-type': exchange.request.headers['content-type'] ?? 'application/x-amz-json-1.1',
    'x-amzn-requestid': exchange.requestId,
  };
}

/** AWS Query: the operation and its input as a form, answers and errors in XML. */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { $SchemaRef, StaticStructureSchema } from '@smithy/types';
import { AwsError } from '../service.ts';
import { parseForm, readForm } from './form.ts';
import { toBytes, toText } from './http.ts';
import type { Exchange, Protocol } from './protocol.ts';
import { errorShape, type OperationShape } from './schema.ts';
import { element } from './xml.ts';

export const query: Protocol = {
  operationOf: (_service, request) => new URLSearchParams(toText(request.body)).get('Action') ?? undefined,

  decode: (shape, request) => readForm(shape.input, parseForm(toText(request.body))),

  encode(shape, output, exchange) {
    const serializer = new XmlShapeSerializer({
      timestampFormat: { useTrait: true, default: 5 },
      httpBindings: false,
      xmlNamespace: xmlNamespaceOf(shape),
      serviceNamespace: shape.namespace,
    });
    serializer.write(envelope(shape), {
      [`${shape.name}Result`]: output ?? {},
      ResponseMetadata: { RequestId: exchange.requestId },
    });
    return { status: 200, headers: headersOf(exchange), body: toBytes(serializer.flush()) };
  },

  encodeError(error, exchange) {
    const { queryCode, status, fault } = errorShape(exchange.service, error, 'query');
    const body = element(
      'ErrorResponse',
      element(
        'Error',
        element('Type', fault === 'server' ? 'Receiver' : 'Sender'),
        element('Code', queryCode),
        element('Message', error.message),
      ),
      element('RequestId', exchange.requestId),
    );
    return { status, headers: headersOf(exchange), body: toBytes(body.markup) };
  },

  answers: {
    unknownOperation: (_service, operation) =>
      new AwsError('InvalidAction', `Could not find operation ${operation}`, { status: 400 }),
    unknownKey: () =>
      new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', { status: 403 }),
    noCredentials: () =>
      new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 }),
    accessDenied: (_service, message) => new AwsError('AccessDenied', message, { status: 403 }),
  },
};

const headersOf = (exchange: Exchange) => ({ 'content-type': 'text/xml', 'x-amzn-requestid': exchange.requestId });

/** Clients do not look at the namespace; AWS writes one per service. */
const xmlNamespaceOf = (shape: OperationShape) =>
  `http://${shape.namespace.replace('com.amazonaws.', '')}.amazonaws.com/`;

const envelopes = new WeakMap<OperationShape, StaticStructureSchema>();

/** The schema of `<XResponse><XResult>…</XResult><ResponseMetadata>…`, which no client exports. */
function envelope(shape: OperationShape): StaticStructureSchema {
  let schema = envelopes.get(shape);
  if (!schema) {
    const metadata: StaticStructureSchema = [3, shape.namespace, 'ResponseMetadata', 0, ['RequestId'], [0]];
    const members = shape.output.isStructSchema() ? [`${shape.name}Result`] : [];
    const shapes: $SchemaRef[] = shape.output.isStructSchema() ? [shape.schema[5]] : [];
    schema = [
      3,
      shape.namespace,
      `${shape.name}Response`,
      0,
      [...members, 'ResponseMetadata'],
      [...shapes, () => metadata],
    ];
    envelopes.set(shape, schema);
  }
  return schema;
}

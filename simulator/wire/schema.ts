/** Looks up what the SDK's clients export about an operation or an error: shapes, HTTP bindings, status codes. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';
import type { AwsError, SimulatedService } from '../service.ts';

export interface OperationShape {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** XML namespace of the service's shapes. */
  readonly namespace: string;
  readonly schema: StaticOperationSchema;
}

const shapes = new WeakMap<object, OperationShape>();

/** Undefined when the service's client has no such operation. */
export function operationShape(service: SimulatedService, name: string): OperationShape | undefined {
  const schema = service.schemas[`${name}$`];
  if (!Array.isArray(schema) || schema[0] !== 9) return undefined;
  const known = shapes.get(schema);
  if (known) return known;
  const operation = schema as unknown as StaticOperationSchema;
  const shape = {
    name,
    input: NormalizedSchema.of(operation[4]),
    output: NormalizedSchema.of(operation[5]),
    namespace: operation[1],
    schema: operation,
  };
  shapes.set(schema, shape);
  return shape;
}

/** Everything the client can ask for, so that a call that is not simulated is still reported by its name. */
export const operationNames = (service: SimulatedService): string[] =>
  Object.keys(service.schemas)
    .map((name) => name.slice(0, -1))
    .filter((name) => operationShape(service, name));

/** `[method, uri template, status]` of a REST operation. */
export function httpTrait(shape: OperationShape): readonly [string, string, number] {
  const trait = NormalizedSchema.of(shape.schema as never).getOwnTraits().http;
  if (!Array.isArray(trait)) throw new Error(`${shape.name} has no HTTP binding`);
  return trait as unknown as [string, string, number];
}

/** An error as the wire needs it: shape name, query code, status, and the shape for its fields where modelled. */
export interface ErrorShape {
  readonly name: string;
  readonly queryCode: string;
  readonly status: number;
  readonly fault: 'client' | 'server';
  readonly schema: NormalizedSchema | undefined;
}

/** Finds a modelled error by shape name or by query code; unmodelled codes travel as they are. */
export function errorShape(service: SimulatedService, error: AwsError, protocol = service.protocol): ErrorShape {
  const schema = modelledErrors(service).find(
    (candidate) => candidate.getName() === error.code || queryTrait(candidate)?.[0] === error.code,
  );
  const traits = schema?.getMergedTraits();
  const query = schema && queryTrait(schema);
  // An error's own status counts where it was given; AWS JSON answers 400 to every client's fault.
  const modelled = protocol === 'json' ? undefined : (query?.[1] ?? (traits?.httpError as number | undefined));
  const status = modelled ?? (traits?.error === 'server' ? 500 : error.status);
  return {
    name: schema?.getName() ?? error.code,
    queryCode: query?.[0] ?? error.code,
    status,
    fault: status >= 500 ? 'server' : 'client',
    schema,
  };
}

const queryTrait = (schema: NormalizedSchema): readonly [string, number] | undefined =>
  schema.getMergedTraits().awsQueryError as readonly [string, number] | undefined;

const errorsOf = new WeakMap<object, NormalizedSchema[]>();

function modelledErrors(service: SimulatedService): NormalizedSchema[] {
  let errors = errorsOf.get(service.schemas);
  if (!errors) {
    errors = Object.values(service.schemas)
      .filter((schema): schema is StaticErrorSchema => Array.isArray(schema) && schema[0] === -3)
      .map((schema) => NormalizedSchema.of(schema));
    errorsOf.set(service.schemas, errors);
  }
  return errors;
}

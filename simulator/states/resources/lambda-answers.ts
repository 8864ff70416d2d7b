/**
 * What the Lambda integration takes and how it answers, whoever calls the function: the simulated account, or a process
 * that runs a definition itself.
 */
import type { Json } from '../../../lib/domain/model.ts';
import { StateFailure } from '../failure.ts';

export interface Invocation {
  /** Name or ARN, as the definition has it. */
  readonly name: string;
  readonly qualifier?: string;
  readonly payload: Json;
  /** Only handed over: nobody waits for what the function answers. */
  readonly event: boolean;
}

const known = ['FunctionName', 'Payload', 'InvocationType', 'Qualifier'];

/** @throws StateFailure States.Runtime */
export function parseInvocation(taskArguments: Json): Invocation {
  const fields = taskArguments as { [key: string]: Json };
  const unknown = Object.keys(fields).filter((field) => !known.includes(field));
  if (unknown.length > 0) throw runtime(`The Lambda integration knows no argument ${unknown.join(', ')}.`);
  const { FunctionName: name, Qualifier: qualifier, InvocationType: type = 'RequestResponse', Payload = {} } = fields;
  if (typeof name !== 'string') throw runtime("The argument 'FunctionName' is required and must be a string.");
  if (type !== 'RequestResponse' && type !== 'Event')
    throw runtime(`InvocationType ${String(type)} is not implemented.`);
  return { name, payload: Payload, event: type === 'Event', ...(typeof qualifier === 'string' && { qualifier }) };
}

export interface Answered {
  readonly requestId: string;
  readonly StatusCode: number;
  readonly Payload: Json;
  readonly ExecutedVersion?: string;
}

export function lambdaAnswer({ requestId, ...body }: Answered): Json {
  return {
    ...body,
    SdkHttpMetadata: {
      HttpHeaders: { 'X-Amz-Executed-Version': body.ExecutedVersion ?? '$LATEST' },
      HttpStatusCode: body.StatusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** The function's own error: its type is the error's name, the whole answer is the cause. */
export function functionFailure(payload: Json): StateFailure {
  const { errorType } = (payload ?? {}) as { errorType?: string };
  return new StateFailure(errorType ?? 'Lambda.Unknown', JSON.stringify(payload));
}

const runtime = (words: string): StateFailure => new StateFailure('States.Runtime', words);

import type { Json } from '../../../lib/domain/model.ts';
import type { FailState, SucceedState } from '../definition.ts';
import { StateFailure } from '../failure.ts';
import type { Visit } from '../visit.ts';
import { leave, type Step } from './step.ts';

export function runSucceed(state: SucceedState, visit: Visit): Promise<Step> {
  return leave(visit, state, visit.input, undefined);
}

/** The execution's own failure: nothing catches it. */
export class ExecutionFailure extends StateFailure {}

export async function runFail(state: FailState, visit: Visit): Promise<never> {
  const error = state.Error === undefined ? '' : text(visit, await visit.evaluate(state.Error, 'Error'), 'Error');
  const cause = state.Cause === undefined ? '' : text(visit, await visit.evaluate(state.Cause, 'Cause'), 'Cause');
  throw new ExecutionFailure(error, cause);
}

function text(visit: Visit, value: Json, field: string): string {
  if (typeof value === 'string') return value;
  const words = `The field '${field}' must evaluate to a string, but evaluated to ${JSON.stringify(value)}.`;
  throw visit.evaluationFailure(field, words);
}

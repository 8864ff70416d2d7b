import type { WaitState } from '../definition.ts';
import type { Visit } from '../visit.ts';
import { leave, type Step, type Surroundings } from './step.ts';

export async function runWait(state: WaitState, visit: Visit, around: Surroundings): Promise<Step> {
  await around.sleep(Math.max(0, (await untilMs(state, visit, around.now())) - around.now()));
  return leave(visit, state, visit.input, state.Next);
}

async function untilMs(state: WaitState, visit: Visit, nowMs: number): Promise<number> {
  if (state.Seconds !== undefined) {
    return nowMs + (await wholeSeconds(visit, state.Seconds, 'Seconds')) * 1000;
  }
  const timestamp = await visit.evaluate(state.Timestamp ?? null, 'Timestamp');
  const ms = typeof timestamp === 'string' && isoTime.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(ms)) {
    const words = `The Timestamp ${JSON.stringify(timestamp)} is not a time as RFC 3339 writes it.`;
    throw visit.evaluationFailure('Timestamp', words);
  }
  return ms;
}

const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Evaluates a duration. Step Functions takes whole seconds from 0 to 99,999,999; a task's limits begin at 1. */
export async function wholeSeconds(visit: Visit, value: number | string, field: string, least = 0): Promise<number> {
  const seconds = await visit.evaluate(value, field);
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < least || seconds > 99_999_999) {
    const words = `The field '${field}' must evaluate to a whole number from ${least} to 99999999, but evaluated to ${JSON.stringify(seconds)}.`;
    throw visit.evaluationFailure(field, words);
  }
  return seconds;
}

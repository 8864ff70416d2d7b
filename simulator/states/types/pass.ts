import type { PassState } from '../definition.ts';
import type { Visit } from '../visit.ts';
import { leave, type Step } from './step.ts';

export function runPass(state: PassState, visit: Visit): Promise<Step> {
  return leave(visit, state, visit.input, state.Next);
}

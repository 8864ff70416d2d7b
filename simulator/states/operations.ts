import type { StepFunctions } from '../services/states.ts';
import { executionOperations } from './operations/executions.ts';
import { machineOperations } from './operations/machines.ts';
import { taskOperations } from './operations/tasks.ts';

/** The API operations of a simulated Step Functions. */
export function operationsOf(states: StepFunctions, now: () => number) {
  return { ...executionOperations(states, now), ...machineOperations(states), ...taskOperations(states) };
}

/** What a scenario's events do to the world. */
import type { SimulatedAccount } from '../account.ts';
import type { BehaviourSpec, SeriesSpec, TaskDefinitionSpec } from './spec.ts';

/** A release by the team's pipeline: UpdateService to the task definition. Returns the ECS deployment's id. */
export function deployRelease(
  _account: SimulatedAccount,
  _release: { cluster: string; service: string; taskDefinition: string },
): string {
  throw new Error('deployRelease is not built yet');
}

/** Returns the new task definition's ARN. */
export function registerTaskDefinition(_account: SimulatedAccount, _spec: TaskDefinitionSpec): string {
  throw new Error('registerTaskDefinition is not built yet');
}

/** Changes how tasks of `taskDefinition` behave from now on, those that run included. */
export function setBehaviour(_account: SimulatedAccount, _taskDefinition: string, _behaviour: BehaviourSpec): void {
  throw new Error('setBehaviour is not built yet');
}

/** Sets a rule's (or a listener's default) weights, as a person in the console would. */
export function setWeights(
  _account: SimulatedAccount,
  _change: {
    rule: string;
    weights: Record<string, number>;
    stickiness?: { enabled: boolean; durationSeconds?: number };
  },
): void {
  throw new Error('setWeights is not built yet');
}

/** Puts a custom metric's points; times count from now. */
export function putSeries(_account: SimulatedAccount, _series: SeriesSpec): void {
  throw new Error('putSeries is not built yet');
}

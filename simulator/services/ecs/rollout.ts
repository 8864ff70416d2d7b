/** What the service scheduler does next, as pure functions. */
import type { ThresholdConfiguration } from '@aws-sdk/client-ecs';

export interface RolloutTask {
  readonly id: string;
  readonly deploymentId: string;
  /** RUNNING and, behind a load balancer, healthy there. */
  readonly healthy: boolean;
  readonly createdMs: number;
}

export interface RolloutState {
  readonly desiredCount: number;
  /** Bounds in percent of `desiredCount`: rounded up for the minimum, down for the maximum, as ECS does. */
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly primaryId: string;
  /** Tasks that are meant to run; those that drain or stop no longer count. */
  readonly tasks: readonly RolloutTask[];
}

export interface RolloutStep {
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
  readonly stop: readonly string[];
}

export function nextStep(state: RolloutState): RolloutStep {
  const { desiredCount, tasks, primaryId } = state;
  const atLeast = Math.ceil((desiredCount * state.minimumHealthyPercent) / 100);
  const atMost = Math.max(Math.floor((desiredCount * state.maximumPercent) / 100), atLeast > 0 ? 1 : 0);
  const primary = tasks.filter(({ deploymentId }) => deploymentId === primaryId);
  const others = tasks.filter(({ deploymentId }) => deploymentId !== primaryId).sort(stopOrder);

  const spare = Math.max(0, tasks.filter(({ healthy }) => healthy).length - atLeast);
  const unhealthy = others.filter(({ healthy }) => !healthy);
  const stopped = [...unhealthy, ...others.filter(({ healthy }) => healthy).slice(0, spare)];
  const surplus = [...primary].sort(stopOrder).slice(0, Math.max(0, primary.length - desiredCount));

  const room = atMost - (tasks.length - stopped.length - surplus.length);
  const start = Math.max(0, Math.min(desiredCount - primary.length, room));
  return { start, stop: [...stopped, ...surplus].map(({ id }) => id) };
}

/** What a deployment that does not roll wants: so many tasks of each revision, side by side. */
export function nextSets(
  sets: readonly { readonly deploymentId: string; readonly wanted: number }[],
  tasks: readonly RolloutTask[],
): { start: { deploymentId: string; count: number }[]; stop: string[] } {
  const own = (id: string) => tasks.filter(({ deploymentId }) => deploymentId === id).sort(stopOrder);
  return {
    start: sets
      .map(({ deploymentId, wanted }) => ({ deploymentId, count: wanted - own(deploymentId).length }))
      .filter(({ count }) => count > 0),
    stop: sets.flatMap(({ deploymentId, wanted }) =>
      own(deploymentId)
        .slice(0, Math.max(0, own(deploymentId).length - wanted))
        .map(({ id }) => id),
    ),
  };
}

/** Failed tasks that trip the circuit breaker: unless told otherwise half the desired count, at least 3, at most 200. */
export function circuitBreakerThreshold(
  desiredCount: number,
  { type, value = 50 }: ThresholdConfiguration = { type: 'BOUNDED_PERCENT', value: 50 },
): number {
  if (type === 'COUNT') return value;
  const share = Math.ceil((desiredCount * value) / 100);
  return type === 'UNBOUNDED_PERCENT' ? Math.max(1, share) : Math.min(200, Math.max(3, share));
}

/**
 * Seconds before the next start after `failures` tasks in a row stopped without ever running. ECS documents that the
 * time between attempts grows to a maximum of 27 minutes, not how; doubling from 10 s after the third is our choice.
 */
export const startDelaySeconds = (failures: number): number =>
  failures < 3 ? 0 : Math.min(27 * 60, 10 * 2 ** (failures - 3));

/** Unhealthy tasks go first, then the oldest. */
const stopOrder = (a: RolloutTask, b: RolloutTask): number =>
  Number(a.healthy) - Number(b.healthy) || a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1);

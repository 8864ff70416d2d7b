/**
 * Whether the tasks of the side that the traffic left may go. They are evidence and a way back, so anything that has
 * changed since the plan keeps them: somebody at work on the side, weight given back to it, requests that still reach it.
 */
import { familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { RuleWeights, ScaleInAction } from './model.ts';
import { describeWeights } from './traffic.ts';

/** Whole minutes without a request after which nothing is in use any more. */
export const idleMinutes = 5;

export interface ScaleInFacts {
  readonly action: ScaleInAction;
  /** Undefined where ECS knows no such service. */
  readonly service: ServiceView | undefined;
  /** What the side's service was on when the plan was made; undefined where the plan does not say. */
  readonly plannedTaskDefinition: string | undefined;
  readonly targetGroup: string;
  /** Every rule of the service that forwards to target groups. */
  readonly rules: readonly RuleWeights[];
  /** Of the last `idleMinutes`, or why nobody could tell. */
  readonly requests: number | { readonly problem: string };
  /** What Application Auto Scaling starts again at once; undefined where it does not scale the service. */
  readonly minimumTasks: number | undefined;
}

export type ScaleInDecision =
  | { readonly kind: 'scale'; readonly message: string }
  /** Found so: by an attempt whose answer was lost, or by somebody else. */
  | { readonly kind: 'scaled'; readonly message: string }
  | { readonly kind: 'leave'; readonly message: string };

export function decideScaleIn(facts: ScaleInFacts): ScaleInDecision {
  const { action, service } = facts;
  const { desiredCount } = action.forward;
  if (service?.status !== 'ACTIVE') return leave(facts, `its ECS service is ${service?.status ?? 'gone'}`);
  if (service.desiredCount <= desiredCount) {
    const message = `Side ${action.side} wants ${service.desiredCount} tasks instead of ${action.reverse.desiredCount}, found so: by an earlier attempt of this step, or by somebody since the plan was made.`;
    return { kind: 'scaled', message };
  }
  const reason = whyNot(facts, service);
  if (reason) return leave(facts, reason);
  const message = `Side ${action.side} goes from ${service.desiredCount} tasks to ${desiredCount}: no rule gives it weight, and it had no request in ${idleMinutes} minutes.`;
  return { kind: 'scale', message };
}

function whyNot(facts: ScaleInFacts, service: ServiceView): string | undefined {
  const { plannedTaskDefinition, targetGroup, rules, requests, minimumTasks } = facts;
  const primary = primaryDeployment(service);
  const taskDefinition = primary?.taskDefinition ?? service.taskDefinition;
  if (plannedTaskDefinition !== undefined && taskDefinition !== plannedTaskDefinition) {
    return `somebody deployed ${familyRevision(taskDefinition)} there since the plan was made, which may be the fix`;
  }
  const weighted = rules.find(({ weights }) => (weights[targetGroup] ?? 0) > 0);
  if (weighted) return `a rule gives it weight again (${describeWeights(weighted.weights)})`;
  if (minimumTasks !== undefined && minimumTasks > facts.action.forward.desiredCount) {
    return `Application Auto Scaling keeps at least ${minimumTasks} tasks of it and would start them again: set its minimum capacity to 0 first`;
  }
  if (typeof requests !== 'number')
    return `CloudWatch could not tell whether it still has requests: ${requests.problem}`;
  if (requests > 0) return `it still had ${requests} requests in ${idleMinutes} minutes`;
  return undefined;
}

const leave = ({ action }: ScaleInFacts, why: string): ScaleInDecision => ({
  kind: 'leave',
  message: `The tasks of side ${action.side} were left running: ${why}.`,
});

/**
 * Whether an ECS service has arrived at the task definition that the plan put there. ECS's own "stable" does not ask
 * whose deployment is stable: a service that its circuit breaker took back is stable too.
 */
import { type DeploymentView, familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import { secondsUntil } from './elapsed.ts';
import type { RevertServiceAction } from './model.ts';
import type { CheckResult } from './states.ts';
import type { TargetHealth } from './traffic.ts';
import { describeHealth } from './traffic-check.ts';

/** Between two looks: a task needs tens of seconds to start, and users wait for what follows. */
export const lookAgainSeconds = 10;

export interface ServiceFacts {
  /** Undefined when ECS does not know the service. */
  readonly service: ServiceView | undefined;
  /** Undefined for services without a target group. */
  readonly targets: TargetHealth | undefined;
  readonly wanted: string;
  /** The task definition that the plan was made on. */
  readonly before: string;
  /** When the plan was made: the update follows within seconds. */
  readonly plannedAt: string;
  readonly now: string;
  readonly deadline: string;
}

export type RevertDecision =
  | { readonly kind: 'update'; readonly message: string }
  /** An earlier attempt of this very state did it, and its answer was lost. */
  | { readonly kind: 'updated-by-us'; readonly message: string }
  | { readonly kind: 'leave'; readonly message: string };

/** @param now when the state was entered: a deployment of the wanted definition that is younger is our own */
export function decideRevert(
  service: ServiceView | undefined,
  action: RevertServiceAction,
  now: string,
): RevertDecision {
  const wanted = action.forward.taskDefinition;
  const before = action.reverse.taskDefinition;
  const primary = service && primaryDeployment(service);
  if (service?.status !== 'ACTIVE' || !primary) {
    return {
      kind: 'leave',
      message: `The ECS service of side ${action.side} is ${service?.status ?? 'gone'}: nothing was changed.`,
    };
  }
  const update = `Side ${action.side} goes from ${familyRevision(before)} to ${familyRevision(wanted)}, ${service.desiredCount} tasks.`;
  if (primary.taskDefinition === wanted) {
    return Date.parse(primary.createdAt) >= Date.parse(now)
      ? { kind: 'updated-by-us', message: update }
      : { kind: 'leave', message: `Side ${action.side} already is on ${familyRevision(wanted)}: nothing was changed.` };
  }
  if (primary.taskDefinition !== before) {
    const theirs = `${familyRevision(primary.taskDefinition)} (${primary.id}, since ${primary.createdAt})`;
    return { kind: 'leave', message: `Somebody deployed ${theirs} after the plan was made: nothing was changed.` };
  }
  return { kind: 'update', message: update };
}

export function judgeService(facts: ServiceFacts): CheckResult {
  const { service, wanted } = facts;
  if (service?.status !== 'ACTIVE') {
    return failed(`The ECS service is ${service ? service.status : 'gone'}.`);
  }
  const primary = primaryDeployment(service);
  if (!primary) return failed('The ECS service has no primary deployment.');
  if (primary.taskDefinition !== wanted) {
    return mayBeStale(service, primary, facts)
      ? {
          status: 'waiting',
          waitSeconds: lookAgainSeconds,
          message: `ECS does not show the deployment of ${familyRevision(wanted)} yet.`,
        }
      : failed(notOurs(service, primary, facts));
  }

  const progress = describeProgress(service, primary, facts.targets);
  if (primary.rolloutState === 'FAILED') {
    return failed(
      `ECS gave the deployment of ${familyRevision(wanted)} up: ${primary.rolloutStateReason ?? 'no reason given'}. ${progress}`,
    );
  }
  const limit = failedTasksLimit(service.desiredCount);
  if (primary.failedTasks >= limit) {
    return failed(
      `${primary.failedTasks} tasks of ${familyRevision(wanted)} failed, ${limit} are too many. ${progress}`,
    );
  }
  if (hasArrived(service, primary, facts.targets)) return { status: 'done', waitSeconds: 1, message: progress };

  const left = secondsUntil(facts.deadline, facts.now);
  if (left <= 0) return failed(`Not stable by the deadline ${facts.deadline}. ${progress}`);
  return { status: 'waiting', waitSeconds: Math.min(lookAgainSeconds, left), message: progress };
}

/** As many as ECS's own circuit breaker allows by default: half of the desired tasks, 3 at least, 200 at most. */
export function failedTasksLimit(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

/** A service behind a Classic Load Balancer has no rollout state; then only the counts can tell. */
function hasArrived(service: ServiceView, primary: DeploymentView, targets: TargetHealth | undefined): boolean {
  const rolledOut =
    primary.rolloutState === undefined ? service.deployments.length === 1 : primary.rolloutState === 'COMPLETED';
  const running = primary.runningCount === service.desiredCount && service.runningCount === service.desiredCount;
  return rolledOut && running && (targets === undefined || targets.healthy >= service.desiredCount);
}

function describeProgress(service: ServiceView, primary: DeploymentView, targets: TargetHealth | undefined): string {
  const failures = primary.failedTasks > 0 ? `, ${primary.failedTasks} failed` : '';
  const health = targets ? `; ${describeHealth(targets)}` : '';
  const rollout = primary.rolloutState ? `, rollout ${primary.rolloutState}` : '';
  return `${familyRevision(primary.taskDefinition)} runs ${primary.runningCount} of ${service.desiredCount} tasks${failures}${rollout}${health}.`;
}

/** How long an answer of ECS may be older than an update: its API is eventually consistent, says RunTask's reference. */
const staleSeconds = 60;

/** The very deployment that was replaced is primary, and ours is not known to have failed. */
function mayBeStale(service: ServiceView, primary: DeploymentView, facts: ServiceFacts): boolean {
  const { wanted, before, plannedAt, now } = facts;
  const given = service.deployments.some(
    ({ taskDefinition, rolloutState }) => taskDefinition === wanted && rolloutState === 'FAILED',
  );
  const replaced = primary.taskDefinition === before && primary.createdAt <= plannedAt;
  return replaced && !given && secondsUntil(now, plannedAt) < staleSeconds;
}

/** Somebody else's deployment may be the fix: it is named, not fought. */
function notOurs(service: ServiceView, primary: DeploymentView, facts: ServiceFacts): string {
  const theirs = `${familyRevision(primary.taskDefinition)} (${primary.id}, since ${primary.createdAt})`;
  const ours = service.deployments.find((deployment) => deployment.taskDefinition === facts.wanted);
  const wanted = familyRevision(facts.wanted);
  if (ours?.rolloutState === 'FAILED') {
    return `ECS gave the deployment of ${wanted} up after ${ours.failedTasks} failed tasks and went back to ${theirs}: ${ours.rolloutStateReason ?? 'no reason given'}`;
  }
  if (primary.taskDefinition === facts.before) {
    const breaker = service.circuitBreaker.rollback ? "ECS's circuit breaker or a person" : 'somebody';
    return `The service is back on ${theirs}, which the rollback replaced with ${wanted}: ${breaker} undid it.`;
  }
  return `Somebody else's deployment of ${theirs} is primary, not ${wanted}: it may be the fix, so it is left alone.`;
}

const failed = (message: string): CheckResult => ({ status: 'failed', waitSeconds: 1, message });

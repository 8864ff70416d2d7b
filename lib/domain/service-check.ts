/**
 * Whether an ECS service has arrived at the task definition that the plan put there. ECS's own "stable" does not ask
 * whose deployment is stable: a service that its circuit breaker took back is stable too.
 */
import { type DeploymentView, familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import { pace, secondsBetween, secondsUntil } from './elapsed.ts';
import type { Rollout } from './reversal/rollout.ts';
import { foreignDeployment } from './reversal/step.ts';
import type { CheckResult, CheckServiceResult } from './states.ts';
import type { TargetHealth } from './traffic.ts';
import { describeHealth } from './traffic-check.ts';

/** Between two looks: a task needs tens of seconds to start, and users wait for what follows. */
export const lookAgainSeconds = 10;
/** Traffic that ECS or CodeDeploy moves may take a day. */
const slowly = { part: 30, least: lookAgainSeconds, most: 300 };
/** Once all tasks run, what is left may be over any moment. */
const arriving = { part: 20, least: 2, most: lookAgainSeconds };

/** On the timeline where a deployment of somebody else's was followed: what is verified then is not the target. */
export const adoptedKind = 'deployment.adopted';

export interface ServiceFacts {
  /** Undefined when ECS does not know the service. */
  readonly service: ServiceView | undefined;
  /** Undefined for services without a target group. */
  readonly targets: TargetHealth | undefined;
  readonly wanted: string;
  /** The deployment under way; absent where there is none. */
  readonly rollout?: Rollout | undefined;
  /** Percent of the production traffic that the wanted tasks get, where ECS moves it; absent where nobody does. */
  readonly productionPercent?: number | undefined;
  /** The task definition that the plan was made on. */
  readonly before: string;
  /** When the plan was made: what was deployed since is somebody else's, or ours. */
  readonly plannedAt: string;
  /** When the update was asked for: long after the plan, where a person was asked or traffic moved in steps. */
  readonly appliedAt: string;
  readonly now: string;
  readonly deadline: string;
}

/**
 * @param facts.follows RevertService's step was not the last: its next is due once nothing is under way
 * @param facts.adopts a deployment that somebody began in the middle of ours is followed instead of left
 */
export function judgeReversal(
  facts: ServiceFacts & { readonly follows: boolean; readonly adopts: boolean },
): CheckServiceResult & { readonly adopted?: string } {
  const { service, rollout, wanted, before, plannedAt } = facts;
  const theirs = service && foreignDeployment({ service, rollout, before, wanted, plannedAt });
  if (theirs && facts.adopts) {
    const result = judgeService({ ...facts, wanted: theirs.taskDefinition });
    const message = `Somebody deployed ${theirs.words} in the middle of this rollback, which follows it: ${result.message}`;
    return { ...result, message, adopted: theirs.taskDefinition };
  }
  // What came too late may have met an own attempt whose answer was lost: then the step is done.
  if (!facts.follows || theirs || rollout?.to === wanted) return judgeService(facts);
  const left = secondsUntil(facts.deadline, facts.now);
  const stands = rollout ? `${rollout.id.split('/').at(-1)} is ${rollout.state}` : 'Nothing is under way any more';
  if (left <= 0) return failed(`The deadline ${facts.deadline} is over before the next step. ${stands}.`);
  if (!rollout) return { status: 'apply', waitSeconds: 1, message: `${stands}: the next step follows.` };
  const message = `${stands}, and is awaited before the next step.`;
  return { status: 'waiting', waitSeconds: Math.min(nextLook(facts), left), message };
}

export function judgeService(facts: ServiceFacts): CheckResult {
  const { service, wanted, rollout } = facts;
  if (service?.status !== 'ACTIVE') {
    return failed(`The ECS service is ${service ? service.status : 'gone'}.`);
  }
  const primary = primaryDeployment(service);
  if (!primary) return failed('The ECS service has no primary deployment.');
  if (primary.taskDefinition !== wanted) {
    return rollout?.to === wanted && secondsUntil(facts.deadline, facts.now) > 0
      ? waiting(facts, `${shortId(rollout)} brings ${familyRevision(wanted)}: it is ${rollout.state}.`)
      : mayBeStale(service, primary, facts)
        ? {
            status: 'waiting',
            waitSeconds: lookAgainSeconds,
            message: `ECS does not show the deployment of ${familyRevision(wanted)} yet.`,
          }
        : failed(notOurs(service, primary, facts));
  }

  const progress = `${describeProgress(service, primary, facts)}${pausedAt(rollout)}`;
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
  if (hasArrived(service, primary, facts)) return { status: 'done', waitSeconds: 1, message: progress };

  const left = secondsUntil(facts.deadline, facts.now);
  if (left <= 0) return failed(`Not stable by the deadline ${facts.deadline}. ${progress}`);
  return waiting(facts, progress);
}

function waiting(facts: ServiceFacts, message: string): CheckResult {
  const { deadline, now } = facts;
  return {
    status: 'waiting',
    waitSeconds: Math.max(1, Math.min(nextLook(facts), secondsUntil(deadline, now))),
    message,
  };
}

function nextLook({ service, appliedAt, now }: ServiceFacts): number {
  const primary = service && primaryDeployment(service);
  const all = primary && service && primary.runningCount >= service.desiredCount;
  const soon = all ? pace(primary.createdAt, now, arriving) : lookAgainSeconds;
  return soon < lookAgainSeconds ? soon : pace(appliedAt, now, slowly);
}

const shortId = ({ id }: Rollout): string => `Deployment ${id.split('/').at(-1)}`;

/** A gate that a team has put into its deployments is theirs, also in a rollback's. */
function pausedAt(rollout: Rollout | undefined): string {
  if (rollout?.state !== 'paused') return '';
  const { hook, id } = rollout;
  if (!hook)
    return ` It waits for an answer: aws deploy continue-deployment --deployment-id ${id} --deployment-wait-type READY_WAIT.`;
  return (
    ` It waits for an answer at ${hook.stage} until ${hook.expiresAt}: aws ecs continue-service-deployment ` +
    `--service-deployment-arn ${id} --hook-id ${hook.id} --action CONTINUE.`
  );
}

/** As many as ECS's own circuit breaker allows by default: half of the desired tasks, 3 at least, 200 at most. */
export function failedTasksLimit(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

/**
 * A service behind a Classic Load Balancer has no rollout state; then only the counts can tell. Where ECS or CodeDeploy
 * moves the traffic, all of it has to have arrived, and the old tasks may stay a while longer.
 */
function hasArrived(service: ServiceView, primary: DeploymentView, facts: ServiceFacts): boolean {
  const { rollout, targets, productionPercent } = facts;
  const moved = rollout?.trafficMoved === true && rollout.to === facts.wanted;
  if (rollout && !moved) return false;
  const rolledOut =
    primary.rolloutState === undefined ? service.deployments.length === 1 : primary.rolloutState === 'COMPLETED';
  const all = moved || service.runningCount === service.desiredCount;
  const running = primary.runningCount === service.desiredCount && all;
  const served = productionPercent === undefined || productionPercent === 100;
  return rolledOut && running && served && (targets === undefined || targets.healthy >= service.desiredCount);
}

function describeProgress(
  service: ServiceView,
  primary: DeploymentView,
  { targets, productionPercent }: ServiceFacts,
): string {
  const failures = primary.failedTasks > 0 ? `, ${primary.failedTasks} failed` : '';
  const health = targets ? `; ${describeHealth(targets)}` : '';
  const rollout = primary.rolloutState ? `, rollout ${primary.rolloutState}` : '';
  const traffic = productionPercent === undefined ? '' : `, ${Math.round(productionPercent)} % of the traffic`;
  return `${familyRevision(primary.taskDefinition)} runs ${primary.runningCount} of ${service.desiredCount} tasks${failures}${rollout}${traffic}${health}.`;
}

/** How long an answer of ECS may be older than an update: its API is eventually consistent, says RunTask's reference. */
const staleSeconds = 60;

/** The very deployment that was replaced is primary, and ours is not known to have failed. */
function mayBeStale(service: ServiceView, primary: DeploymentView, facts: ServiceFacts): boolean {
  const { wanted, before, appliedAt, now } = facts;
  const given = service.deployments.some(
    ({ taskDefinition, rolloutState }) => taskDefinition === wanted && rolloutState === 'FAILED',
  );
  const replaced = primary.taskDefinition === before && primary.createdAt <= appliedAt;
  return replaced && !given && secondsBetween(appliedAt, now) < staleSeconds;
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

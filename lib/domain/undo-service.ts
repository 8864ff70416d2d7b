/** Whether an ECS service whose target tasks cannot start goes back to what it was on. */
import { namedIn } from './actions.ts';
import { type DeploymentView, familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { RevertServiceAction } from './model.ts';
import type { Rollout } from './reversal/rollout.ts';
import { failedTasksLimit, judgeService, lookAgainSeconds } from './service-check.ts';
import { type SideStanding, shareOf, unitsStanding } from './standing.ts';
import { requiredTargets } from './traffic.ts';
import { type CompensationFacts, type End, failedCheck, type Judgement, undoSeconds, wasUndone } from './undo.ts';
import { calledFirst } from './units.ts';

type Facts = Pick<CompensationFacts, 'now' | 'since' | 'plan' | 'standing' | 'moved' | 'timeline'>;

export function judgeServiceUndo(facts: Facts, action: RevertServiceAction): Judgement {
  const found = unitsStanding(facts.standing).find(({ side }) => side.name === action.side);
  const service = found?.service;
  const primary = service && primaryDeployment(service);
  const before = action.reverse.taskDefinition;
  // A copy that was not registered yet was not put anywhere.
  if ('register' in action.forward) return left('');
  const target = action.forward.taskDefinition;
  // A deployment that was joined had nothing before it; one that is gone cannot be put back.
  if (target === before || !found || !service || !primary) return left('');
  const { rollout } = facts.moved?.[action.side] ?? {};
  if (rollout?.state === 'rolling back') return returning(facts, action, rollout);
  if (primary.taskDefinition === before) {
    return wasUndone(facts.timeline, action) ? settled(facts, action, found) : left('');
  }
  if (primary.taskDefinition !== target) {
    return left(`${nameOf(primary)} is somebody else's deployment: it is left alone.`);
  }
  const owned = isMoved(service);
  if (owned && wasUndone(facts.timeline, action)) {
    const message = `The deployment of ${familyRevision(target)} was ended, and its way back has not begun yet.`;
    return { kind: 'wait', waitSeconds: lookAgainSeconds, message };
  }
  const broken = whyBroken(facts, action, found, primary);
  if (!broken) return left('');
  const old = service.deployments.find((one) => one !== primary && one.taskDefinition === before);
  const running = old?.runningCount ?? 0;
  const required = requiredTargets([service.desiredCount]);
  const stays = `${service.desiredCount === 0 ? 'Nothing' : `${running} of ${familyRevision(before)}`} could serve instead`;
  if (shareOf(found, facts.standing) === 0)
    return left(`${broken} ${calledFirst(found.side)} serves nobody, so it is left as it is.`);
  if (running < required) return left(`${broken} ${stays}, ${required} would be needed, so it is left as it is.`);
  const end = owned ? endOf(rollout, { from: before, to: target }) : undefined;
  if (owned && !end) {
    const owner = service.controller === 'ECS' ? `ECS's ${service.strategy} strategy` : service.controller;
    return left(`${broken} ${owner} owns this deployment, so it is left as it is.`);
  }
  const undo = { action, taskDefinition: before };
  return {
    kind: 'undo',
    undo: end ? { kind: 'deployment', ...undo, end } : { kind: 'service', ...undo },
    waitSeconds: lookAgainSeconds,
    message: `${calledFirst(found.side)} goes back to ${familyRevision(before)}, of which ${running} tasks still serve: ${broken}`,
  };
}

/** ECS's own strategies and CodeDeploy move the traffic themselves. */
export const isMoved = ({ controller, strategy }: Pick<ServiceView, 'controller' | 'strategy'>): boolean =>
  controller !== 'ECS' || strategy !== 'ROLLING';

/** Whoever deploys goes back to what served: awaited where it is this rollback's doing, and left to them where it is not. */
function returning({ timeline }: Facts, action: RevertServiceAction, { to, id }: Rollout): Judgement {
  const message = `Deployment ${id.split('/').at(-1)} goes back to ${familyRevision(to)}`;
  if (!wasUndone(timeline, action)) return left(`${message} by itself: it is left to that.`);
  return { kind: 'wait', waitSeconds: lookAgainSeconds, message: `${message}.` };
}

/** How the rollback's own deployment is ended, where its way back leads to what was before; undefined where it does not. */
function endOf(rollout: Rollout | undefined, own: { readonly from: string; readonly to: string }): End | undefined {
  if (!rollout || rollout.to !== own.to || rollout.from !== own.from) return undefined;
  const { id, hook } = rollout;
  if (!id.startsWith('arn:')) return { do: 'codedeploy-stop', id };
  return hook ? { do: 'continue-hook-rollback', id, hookId: hook.id } : { do: 'stop-service-deployment', id };
}

/** The evidence that the target's tasks cannot start; undefined where they can, or where that is not known. */
function whyBroken(
  { timeline, moved }: Facts,
  action: RevertServiceAction,
  { service, targets }: SideStanding,
  primary: DeploymentView,
): string | undefined {
  if (!service) return undefined;
  const own = moved?.[action.side]?.targets;
  const serving = own ? Math.min(primary.runningCount, own.healthy) : servingOf(primary, service, targets?.healthy);
  if (serving >= requiredTargets([service.desiredCount])) return undefined;
  const name = familyRevision(primary.taskDefinition);
  const count = `${serving} of ${service.desiredCount} tasks of it serve.`;
  if (primary.rolloutState === 'FAILED') {
    return `ECS gave the deployment of ${name} up (${primary.rolloutStateReason ?? 'no reason given'}); ${count}`;
  }
  if (primary.failedTasks >= failedTasksLimit(service.desiredCount)) {
    return `${primary.failedTasks} tasks of ${name} failed; ${count}`;
  }
  return failedCheck(timeline, action) ? `${name} did not come up in time; ${count}` : undefined;
}

/** Target health does not tell deployments apart: what is healthy beyond the old tasks is new. */
function servingOf(primary: DeploymentView, service: ServiceView, healthy: number | undefined): number {
  if (healthy === undefined) return primary.runningCount;
  const old = service.deployments.reduce((sum, one) => sum + (one === primary ? 0 : one.runningCount), 0);
  return Math.max(0, Math.min(primary.runningCount, healthy - old));
}

function settled(facts: Facts, action: RevertServiceAction, { side, service, targets }: SideStanding): Judgement {
  const before = action.reverse.taskDefinition;
  const { status, waitSeconds, message } = judgeService({
    service,
    targets,
    ...facts.moved?.[action.side],
    wanted: before,
    before: namedIn(action),
    plannedAt: facts.since,
    appliedAt: facts.since,
    now: facts.now,
    deadline: new Date(Date.parse(facts.since) + undoSeconds * 1_000).toISOString(),
  });
  if (status === 'waiting') return { kind: 'wait', waitSeconds, message };
  if (status === 'failed') return { kind: 'failed', message: `Undoing it failed too: ${message}` };
  return left(`${calledFirst(side)} was put back on ${familyRevision(before)}.`);
}

const nameOf = ({ taskDefinition, id, createdAt }: DeploymentView): string =>
  `${familyRevision(taskDefinition)} (${id}, since ${createdAt})`;
const left = (message: string): Judgement => ({ kind: 'left', message });

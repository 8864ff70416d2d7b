/** Whether an ECS service whose target tasks cannot start goes back to what it was on. */
import { namedIn } from './actions.ts';
import { type DeploymentView, familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { RevertServiceAction } from './model.ts';
import { failedTasksLimit, judgeService, lookAgainSeconds } from './service-check.ts';
import { type SideStanding, shareOf, unitsStanding } from './standing.ts';
import { requiredTargets } from './traffic.ts';
import { type CompensationFacts, failedCheck, type Judgement, undoSeconds, wasUndone } from './undo.ts';
import { calledFirst } from './units.ts';

type Facts = Pick<CompensationFacts, 'now' | 'since' | 'plan' | 'standing' | 'timeline'>;

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
  if (primary.taskDefinition === before) {
    return wasUndone(facts.timeline, action) ? settled(facts, action, found) : left('');
  }
  if (primary.taskDefinition !== target) {
    return left(`${nameOf(primary)} is somebody else's deployment: it is left alone.`);
  }
  const broken = whyBroken(facts, action, found, primary);
  if (!broken) return left('');
  const old = service.deployments.find((one) => one !== primary && one.taskDefinition === before);
  const running = old?.runningCount ?? 0;
  const required = requiredTargets([service.desiredCount]);
  const stays = `${service.desiredCount === 0 ? 'Nothing' : `${running} of ${familyRevision(before)}`} could serve instead`;
  if (shareOf(found, facts.standing) === 0)
    return left(`${broken} ${calledFirst(found.side)} serves nobody, so it is left as it is.`);
  if (service.controller !== 'ECS' || service.strategy !== 'ROLLING') {
    const owner = service.controller === 'ECS' ? `ECS's ${service.strategy} strategy` : service.controller;
    return left(`${broken} ${owner} owns this deployment, so it is left as it is.`);
  }
  if (running < required) return left(`${broken} ${stays}, ${required} would be needed, so it is left as it is.`);
  return {
    kind: 'undo',
    undo: { kind: 'service', action, taskDefinition: before },
    waitSeconds: lookAgainSeconds,
    message: `${calledFirst(found.side)} goes back to ${familyRevision(before)}, of which ${running} tasks still serve: ${broken}`,
  };
}

/** The evidence that the target's tasks cannot start; undefined where they can, or where that is not known. */
function whyBroken(
  { timeline }: Facts,
  action: RevertServiceAction,
  { service, targets }: SideStanding,
  primary: DeploymentView,
): string | undefined {
  if (!service) return undefined;
  const serving = servingOf(primary, service, targets?.healthy);
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

/** The checks of a plan that look at an ECS service: who deploys it, how, what is under way, and who else has a hand in it. */
import { familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { Check, CheckStatus } from './model.ts';
import type { PlanFacts, SideFacts } from './plan-facts.ts';
import { kindOf } from './reversal/choose.ts';
import type { Kind } from './reversal/table.ts';
import { describe, suspendedFor } from './scaling.ts';
import { isUpdating, updatingStack } from './stack.ts';

/** Of a side or companion that the rollback deploys to. */
export const deployedSideChecks = (side: SideFacts): Check[] => [
  controller(side),
  circuitBreaker(side),
  ...scaling(side),
  ...stack(side),
];

const deploys: Readonly<Record<Kind, string>> = {
  rolling: 'ECS deploys it, rolling',
  daemon: 'ECS deploys it, one task on every container instance',
  'blue/green': 'ECS deploys it and moves its traffic itself, blue/green: no rule is touched here',
  linear: 'ECS deploys it and moves its traffic itself, step by step: no rule is touched here',
  canary: 'ECS deploys it and moves its traffic itself, as a canary: no rule is touched here',
  CodeDeploy: 'CodeDeploy deploys it and moves its traffic: no rule is touched here',
  external: 'A controller of its own deploys it',
};

function controller({ side, service }: SideFacts): Check {
  const name = `controller of ${side.name}`;
  if (!service) return check(name, 'failed', `ECS knows no service ${side.service} in cluster ${side.cluster}.`);
  if (service.status !== 'ACTIVE') return check(name, 'failed', `${side.service} is ${service.status}.`);
  const who = `${side.service}: ${deploys[kindOf(service)]}.`;
  const moved =
    (service.controller === 'ECS' && service.strategy !== 'ROLLING') || service.controller === 'CODE_DEPLOY';
  const half =
    moved && side.targetGroup && !side.alternateTargetGroup
      ? ' Its alarms watch one of its two target groups only: add sides[].alternateTargetGroup.'
      : '';
  const pauses =
    service.pauses.length > 0
      ? ` A deployment waits for an answer at ${service.pauses.join(' and ')}, so one that this rollback begins does too.`
      : '';
  return check(name, half || pauses ? 'warning' : 'ok', `${who}${half}${pauses}`);
}

function circuitBreaker({ side, service, rollout }: SideFacts): Check {
  const name = `circuit breaker of ${side.name}`;
  if (!service) return check(name, 'not checked', 'There is no service.');
  if (rollout?.state === 'rolling back') {
    return check(name, 'warning', `A rollback is under way already: ${rollout.rollback?.reason || 'no reason given'}`);
  }
  const state = primaryDeployment(service)?.rolloutStateReason ?? '';
  if (/: rolling back/i.test(state)) return check(name, 'warning', `ECS is rolling back by itself: ${state}`);
  const alarms = service.deploymentAlarms;
  const watching =
    alarms.length > 0 ? ` ECS watches ${alarms.join(', ')}, but not in a deployment that starts while one is on.` : '';
  if (service.circuitBreaker.enabled) {
    const undoes = service.circuitBreaker.rollback ? 'rolls back' : 'stops';
    return check(name, 'ok', `Enabled: ECS ${undoes} a deployment whose tasks do not start.${watching}`);
  }
  return check(name, 'ok', `Disabled: only this rollback notices tasks that do not start.${watching}`);
}

function scaling({ side, scaling: target }: SideFacts): Check[] {
  if (!target) return [];
  const { minimum, maximum, suspended } = target;
  const evidence =
    `Application Auto Scaling keeps ${minimum} to ${maximum} tasks of it; ${describe(suspended)} now, and ` +
    `${describe(suspendedFor(suspended))} until the rollback ends. The count is left alone.`;
  return [check(`scaling of ${side.name}`, 'ok', evidence)];
}

function stack({ side, stack: found }: SideFacts): Check[] {
  if (!found) return [];
  const name = `stack of ${side.name}`;
  if (found.status === undefined) {
    const problem = found.problem ?? 'no reason given';
    return [
      check(name, 'not checked', `Whether the stack ${found.name} is being changed could not be read: ${problem}`),
    ];
  }
  if (isUpdating(found)) return [check(name, 'warning', `${updatingStack(side.service, found)} A person is asked.`)];
  return [check(name, 'ok', `The stack ${found.name} is ${found.status}: nothing changes it now.`)];
}

/** Why a person is asked, for sides that the rollback deploys to. */
export const askedForStack = ({ side, stack: found }: SideFacts): string[] =>
  found && isUpdating(found) ? [updatingStack(side.service, found)] : [];

/** @param fix why its deployment may be the fix, as a sentence; undefined where it is none */
export function deploymentCheck(
  { side, service, rollout }: SideFacts,
  facts: Pick<PlanFacts, 'choice'>,
  fix: string | undefined,
): Check {
  const name = `deployment of ${side.name}`;
  const primary = service && primaryDeployment(service);
  if (!service || !primary) return check(name, 'not checked', 'ECS reports no deployment.');
  if (fix) return check(name, 'warning', `${fix} A person is asked.`);
  const what = `${primary.id} to ${familyRevision(primary.taskDefinition)}, begun ${primary.createdAt}`;
  if (!rollout) return settled(name, what, service);
  const target = facts.choice.kind === 'found' ? facts.choice.release.taskDefinition : undefined;
  const under = `${rollout.id.split('/').at(-1)} to ${familyRevision(rollout.to)}, begun ${rollout.begunAt}, is ${rollout.state}`;
  if (rollout.to === target) return check(name, 'ok', `${under}, to the target itself.`);
  return check(name, 'warning', `${under}, and will be ended or replaced.`);
}

function settled(name: string, what: string, service: ServiceView): Check {
  const state = primaryDeployment(service)?.rolloutState ?? 'in service';
  if (state !== 'IN_PROGRESS') return check(name, 'ok', `None under way: ${what}, is ${state}.`);
  return check(name, 'warning', `${what}, is still under way and will be replaced.`);
}

const check = (name: string, status: CheckStatus, evidence: string): Check => ({ name, status, evidence });

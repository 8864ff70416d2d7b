/** What becomes of the side that the traffic left, once the rollback is verified. It never hinders the rollback itself. */
import { familyRevision, primaryDeployment } from './ecs.ts';
import type { Check, Release, RevertServiceAction, ScaleInAction } from './model.ts';
import { isOnTarget, type PlanFacts, type SideFacts } from './plan-facts.ts';
import { nameOf } from './releases.ts';
import { family } from './target.ts';

export interface Afterwards {
  /** Absent where the side is left as it is. */
  readonly action?: Omit<ScaleInAction, 'id'> | Omit<RevertServiceAction, 'id'>;
  readonly check: Check;
}

/** @param to the side that serves in the end */
export function decideAfterwards(
  facts: Pick<PlanFacts, 'sides' | 'configuration' | 'targetDefinition' | 'copy'>,
  to: SideFacts,
  target: Release,
): Afterwards | undefined {
  const bad = facts.sides.find((side) => side !== to);
  if (!bad) return undefined;
  switch (facts.configuration.policy.badSide) {
    case 'leave':
      return leave(bad, 'ok', 'policy.badSide is "leave", so its tasks stay as evidence');
    case 'scale-in':
      return scaleIn(bad);
    case 'revert':
      return revert(facts, bad, target);
  }
}

function scaleIn(bad: SideFacts): Afterwards {
  const { side, service } = bad;
  if (!service) return leave(bad, 'warning', `ECS knows no service ${side.service}`);
  if (service.desiredCount === 0) return leave(bad, 'ok', 'it wants no tasks already');
  const description = `Take the ${service.desiredCount} tasks of side ${side.name} out, once the rollback is verified`;
  return {
    action: {
      type: 'ScaleIn',
      side: side.name,
      description,
      reason: 'policy.badSide is "scale-in".',
      forward: { desiredCount: 0 },
      reverse: { desiredCount: service.desiredCount },
      afterVerification: true,
    },
    check: found(bad, 'ok', `${description}: the next rollback needs them started again before traffic can return.`),
  };
}

function revert(
  { copy, targetDefinition }: Pick<PlanFacts, 'copy' | 'targetDefinition'>,
  bad: SideFacts,
  target: Release,
): Afterwards {
  const { side, service } = bad;
  if (!service) return leave(bad, 'warning', `ECS knows no service ${side.service}`);
  if (service.controller !== 'ECS' || service.strategy !== 'ROLLING') {
    const by = service.controller === 'ECS' ? service.strategy : service.controller;
    return leave(
      bad,
      'warning',
      `${side.service} is not deployed by ECS rolling (${by}), so this rollback does not touch it`,
    );
  }
  const current = primaryDeployment(service)?.taskDefinition ?? service.taskDefinition;
  if (isOnTarget(bad, target, targetDefinition)) return leave(bad, 'ok', `it is on ${nameOf(target)} already`);
  if (family(current) !== family(target.taskDefinition)) {
    const families = `${family(current)}, and ${nameOf(target)} is of family ${family(target.taskDefinition)}`;
    return leave(bad, 'warning', `its tasks are of family ${families}`);
  }
  const to = `${copy ? 'a copy of ' : ''}${familyRevision(target.taskDefinition)}`;
  const description = `Put ECS service ${side.service} from ${familyRevision(current)} on ${to}, once the rollback is verified`;
  return {
    action: {
      type: 'RevertService',
      side: side.name,
      by: 'update-service',
      description,
      reason: 'policy.badSide is "revert".',
      forward: copy ? { register: copy } : { taskDefinition: target.taskDefinition },
      reverse: { taskDefinition: current },
      afterVerification: true,
    },
    check: found(bad, 'ok', `${description}.`),
  };
}

const leave = (bad: SideFacts, status: Check['status'], why: string): Afterwards => ({
  check: found(bad, status, `Side ${bad.side.name} is left as it is: ${why}.`),
});

const found = ({ side }: SideFacts, status: Check['status'], evidence: string): Check => ({
  name: `afterwards of ${side.name}`,
  status,
  evidence,
});

/** The side that traffic goes to, looked at again before and after each step: somebody may deploy there in the middle. */
import type { ServiceView } from './ecs.ts';
import type { Plan, ShiftTrafficAction } from './model.ts';
import { type Foreign, foreignDeployment } from './reversal/step.ts';

/**
 * What somebody deployed, since the plan was made, on the side that this step gives traffic. Where the plan itself put a
 * registered copy there, nobody can tell here: its name is not in the plan.
 */
export function deployedSince(
  plan: Plan,
  { toSide }: ShiftTrafficAction,
  service: ServiceView | undefined,
): Foreign | undefined {
  const before = plan.current.find(({ side }) => side === toSide)?.taskDefinition;
  if (!service || before === undefined) return undefined;
  const reverted = plan.actions.find(
    (action) => action.type === 'RevertService' && action.side === toSide && !action.afterVerification,
  );
  const forward = reverted?.type === 'RevertService' ? reverted.forward : undefined;
  if (forward && !('taskDefinition' in forward)) return undefined;
  const facts = { service, rollout: undefined, before, wanted: forward?.taskDefinition, plannedAt: plan.createdAt };
  return foreignDeployment(facts);
}

/** Why no more traffic goes there. */
export const leftToThem = ({ words }: Foreign, side: string): string =>
  `Somebody deployed ${words} on side ${side} in the middle of this rollback: it may be the fix, so no more traffic is moved.`;

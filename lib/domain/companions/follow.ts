/** How companions follow their service: each goes back to what ran beside the target, in the order of what depends on what. */
import { numbered } from '../actions.ts';
import { familyRevision, primaryDeployment } from '../ecs.ts';
import { actionFor, type Mechanism, reversalOf } from '../mechanism.ts';
import type { Action, CompanionPlan, Release, RevertServiceAction, ServiceConfiguration, SideState } from '../model.ts';
import { type CompanionFacts, type PlanFacts, servingSides, sideState } from '../plan-facts.ts';
import { completed } from '../target.ts';
import { called, unitsOf } from '../units.ts';
import { revertOrder } from './order.ts';

type Revert = Omit<RevertServiceAction, 'id'>;

/** What becomes of one companion. `reason` is a sentence or two. */
export type Following = { readonly companion: CompanionFacts; readonly reason: string } & (
  | { readonly kind: 'there'; readonly target: Release }
  | { readonly kind: 'reverts'; readonly target: Release; readonly action: Revert }
  /** What it ran is known, and cannot be brought back from here. */
  | { readonly kind: 'refused'; readonly target: Release }
  /** What it ran is not known: it stays, and a person is asked. */
  | { readonly kind: 'unknown' }
);

export const followingsOf = ({ companions = [] }: Pick<PlanFacts, 'companions'>): Following[] => companions.map(follow);

function follow(companion: CompanionFacts): Following {
  const { unit, goal } = companion;
  const { side, service } = unit;
  if (!service) {
    return { companion, kind: 'unknown', reason: `ECS knows no service ${side.service} in cluster ${side.cluster}.` };
  }
  const { choice } = goal;
  if (choice.kind === 'none') {
    const runs = familyRevision(primaryDeployment(service)?.taskDefinition ?? service.taskDefinition);
    return { companion, kind: 'unknown', reason: `${choice.reason} It stays on ${runs}.` };
  }
  const target = completed(choice.release, goal.targetDefinition);
  const reversal = reversalOf(goal, unit, service, target);
  if (reversal.cell === 'nothing') {
    return { companion, kind: 'there', target, reason: `${choice.reason} ${side.service} runs it already.` };
  }
  const action = actionFor(goal, unit, service, target, reversal);
  if (!action) return { companion, kind: 'refused', target, reason: reversal.reason };
  const because = { ...action, reason: `${choice.reason} ${action.reason}` };
  return { companion, kind: 'reverts', target, reason: choice.reason, action: because };
}

/** The mechanism of the sides with the companions' actions among its own. What follows the verification stays last. */
export function withCompanions(facts: PlanFacts, mechanism: Mechanism): Mechanism {
  const followings = followingsOf(facts);
  const reverts = followings.flatMap((one) => (one.kind === 'reverts' ? one.action : []));
  if (mechanism.kind === 'impossible') return mechanism;
  if (mechanism.kind === 'nothing-to-do' && reverts.length === 0) return asTheyAre(mechanism, followings);
  if (reverts.length === 0) return mechanism;
  const own: readonly Action[] = mechanism.kind === 'actions' ? mechanism.actions : [];
  const before = inOrder(
    facts.configuration,
    own.filter(({ afterVerification }) => !afterVerification),
    reverts,
  );
  const actions = numbered([...before, ...own.filter(({ afterVerification }) => afterVerification)]);
  if (mechanism.kind === 'actions') {
    const order = [...new Set(before.flatMap(words(facts.configuration)))];
    return { ...mechanism, actions, reason: `${mechanism.reason} In this order, each awaited: ${order.join(', ')}.` };
  }
  const [to] = servingSides(facts);
  if (!to) return mechanism;
  const behind = reverts.map(({ side }) => side).join(', ');
  return {
    kind: 'actions',
    actions,
    to,
    strategy: 'rolling',
    reason: `${mechanism.reason} Only companions follow: ${behind}.`,
  };
}

/** With the sides on the target, one that cannot follow is all that is left to say. */
function asTheyAre(mechanism: Mechanism, followings: readonly Following[]): Mechanism {
  const refused = followings.flatMap((one) => (one.kind === 'refused' ? one.reason : []));
  if (refused.length > 0) return { kind: 'impossible', reason: refused.join(' ') };
  const unknown = followings.flatMap((one) => (one.kind === 'unknown' ? one.reason : []));
  return { ...mechanism, reason: [mechanism.reason, ...unknown].join(' ') };
}

/** The sides' own actions stay together, at the place of the first side: between two, the traffic moves first of all. */
function inOrder(
  configuration: ServiceConfiguration,
  own: readonly Action[],
  reverts: readonly Revert[],
): readonly (Action | Revert)[] {
  const first = configuration.sides[0]?.name;
  return revertOrder(unitsOf(configuration)).flatMap((name): readonly (Action | Revert)[] =>
    name === first ? own : reverts.filter(({ side }) => side === name),
  );
}

const words =
  (configuration: ServiceConfiguration) =>
  (action: Action | Revert): string[] => {
    if (action.type === 'ShiftTraffic') return ['traffic'];
    if (action.type !== 'RevertService') return [];
    const unit = unitsOf(configuration).find(({ name }) => name === action.side);
    return unit ? [called(unit)] : [];
  };

/** What the plan tells of each. */
export function companionPlans(facts: PlanFacts): CompanionPlan[] {
  return followingsOf(facts).map((following) => {
    const { unit } = following.companion;
    const { side, service, definition, images = definition?.images ?? [] } = unit;
    const state = sideState(unit, definition?.version ?? service?.taskDefinition ?? '');
    return {
      companion: side.name,
      ...(state && { state }),
      ...('target' in following && { target: following.target }),
      ...(following.kind === 'reverts' && state && { suspect: releaseOf(facts.context.service, state, images) }),
      reason: following.reason,
    };
  });
}

const releaseOf = (service: string, state: SideState, images: Release['images']): Release => ({
  service,
  side: state.side,
  version: state.version,
  taskDefinition: state.taskDefinition,
  images,
  deployedAt: state.deploymentStartedAt,
  status: 'unverified',
});

/** How the service gets to the target: moving traffic where a side runs it, reverting a side where none does. */
import { numbered } from './actions.ts';
import { type Afterwards, decideAfterwards } from './bad-side.ts';
import { familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { Action, Release, RevertServiceAction } from './model.ts';
import { isOnTarget, type PlanFacts, type RuleFacts, type SideFacts, servingSides } from './plan-facts.ts';
import { nameOf } from './releases.ts';
import { chooseStrategy, requestedStrategy, type TrafficStrategy } from './strategy.ts';
import { family } from './target.ts';
import { shareOf } from './traffic.ts';
import { asItWas, carries, shiftInSteps } from './traffic-steps.ts';

export type Mechanism =
  | { readonly kind: 'nothing-to-do'; readonly reason: string }
  | { readonly kind: 'impossible'; readonly reason: string }
  | {
      readonly kind: 'actions';
      readonly actions: readonly Action[];
      /** The side that serves in the end. */
      readonly to: SideFacts;
      readonly strategy: 'rolling' | TrafficStrategy;
      readonly reason: string;
      /** What becomes of the side that the traffic leaves; absent where none does. */
      readonly afterwards?: Afterwards;
    };

type MechanismFacts = Pick<PlanFacts, 'sides' | 'rules' | 'choice' | 'configuration' | 'context'>;

export function chooseMechanism(facts: MechanismFacts, target: Release): Mechanism {
  const [only, ...others] = facts.sides;
  if (only && others.length === 0) return oneSide(only, target);
  return twoSides(facts, target);
}

function oneSide(facts: SideFacts, target: Release): Mechanism {
  const { service, side } = facts;
  if (!service) return impossible(`ECS knows no service ${side.service} in cluster ${side.cluster}.`);
  const rollout = primaryDeployment(service)?.rolloutState ?? 'COMPLETED';
  if (isOnTarget(facts, target) && rollout === 'COMPLETED') {
    return { kind: 'nothing-to-do', reason: `${side.service} already runs ${nameOf(target)}.` };
  }
  const strategyReason = `${side.service} has one side, so its task definition is put back and ECS replaces the tasks.`;
  return {
    kind: 'actions',
    actions: numbered([revert(facts, service, target.taskDefinition, target)]),
    to: facts,
    strategy: 'rolling',
    reason: strategyReason,
  };
}

function twoSides(facts: MechanismFacts, target: Release): Mechanism {
  const serving = servingSides(facts);
  if (serving.length === 0) return impossible('No rule gives any side weight, so nothing tells which side serves.');
  const onTarget = facts.sides.filter((side) => isOnTarget(side, target));
  const arrived = onTarget.filter((side) => rolloutOf(side) === 'COMPLETED');
  if (serving.every((side) => arrived.includes(side))) {
    return { kind: 'nothing-to-do', reason: `All traffic already goes to ${names(serving)}, on ${nameOf(target)}.` };
  }
  const to = arrived.find((side) => serving.includes(side)) ?? arrived[0];
  if (to) return shift(facts, to, target, `Side ${to.side.name} runs ${nameOf(target)}.`);
  const [coming] = onTarget;
  return coming ? joinFirst(facts, serving, coming, target) : revertIdleFirst(facts, serving, target);
}

/** While a side is still being deployed, its healthy targets may be tasks of what it had before. */
function joinFirst(facts: MechanismFacts, serving: readonly SideFacts[], to: SideFacts, target: Release): Mechanism {
  const { service, side } = to;
  if (!service) return impossible(`ECS knows no service ${side.service} in cluster ${side.cluster}.`);
  if (rolloutOf(to) === 'FAILED') {
    return impossible(`ECS gave the deployment of ${nameOf(target)} on side ${side.name} up: deploy it again first.`);
  }
  const joined = revert(to, service, primaryDeployment(service)?.taskDefinition ?? target.taskDefinition, target);
  const reason = `Side ${side.name} is on its way to ${nameOf(target)}`;
  if (serving.every((other) => other === to)) {
    const actions = numbered([joined]);
    return { kind: 'actions', actions, to, strategy: 'rolling', reason: `${reason}: that is awaited.` };
  }
  return shift(facts, to, target, `${reason}: the traffic moves there once it has arrived.`, joined);
}

/** `COMPLETED` also where ECS does not say, behind a Classic Load Balancer. */
const rolloutOf = ({ service }: SideFacts): string =>
  (service && primaryDeployment(service)?.rolloutState) ?? 'COMPLETED';

function revertIdleFirst(facts: MechanismFacts, serving: readonly SideFacts[], target: Release): Mechanism {
  const idle = facts.sides.find((side) => !serving.includes(side));
  if (!idle) {
    return impossible(
      `Both sides carry traffic and neither runs ${nameOf(target)}: move all traffic to one side first, or name the release that the other runs.`,
    );
  }
  const { service, side } = idle;
  if (!service) return impossible(`ECS knows no service ${side.service} in cluster ${side.cluster}.`);
  if (family(service.taskDefinition) !== family(target.taskDefinition)) {
    return impossible(
      `Side ${side.name} is of family ${family(service.taskDefinition)} and ${nameOf(target)} is of another: name a release of that family.`,
    );
  }
  const reason = `No side runs ${nameOf(target)}: idle side ${side.name} is reverted first, then the traffic moves there.`;
  return shift(facts, idle, target, reason, revert(idle, service, target.taskDefinition, target));
}

function revert(
  { side }: SideFacts,
  service: ServiceView,
  taskDefinition: string,
  target: Release,
): Omit<RevertServiceAction, 'id'> {
  const primary = primaryDeployment(service);
  const joins = primary?.taskDefinition === taskDefinition;
  return {
    type: 'RevertService',
    side: side.name,
    description: `Put ECS service ${side.service} from ${familyRevision(service.taskDefinition)} on ${familyRevision(taskDefinition)}`,
    reason: joins
      ? `Deployment ${primary.id} is already bringing ${nameOf(target)}: it is joined, not fought.`
      : `${nameOf(target)} is the target.`,
    forward: { taskDefinition },
    // What the decision was made on: RevertService changes nothing when it finds another.
    reverse: { taskDefinition: primary?.taskDefinition ?? service.taskDefinition },
  };
}

/** @param first brings the side to the target, where it is not there yet */
function shift(
  facts: MechanismFacts,
  to: SideFacts,
  target: Release,
  because: string,
  first?: Omit<RevertServiceAction, 'id'>,
): Mechanism {
  const { policy, health } = facts.configuration;
  const groups = groupsOf(facts);
  const rules = facts.rules.flatMap(({ weights }) => (weights && carries(weights, groups) ? weights : []));
  const group = to.side.targetGroup ?? '';
  const standing = facts.choice.kind === 'found' ? facts.choice.standing : undefined;
  const chosen = chooseStrategy({
    requested: requestedStrategy(facts.context.request, policy.strategy),
    side: to.side.name,
    target: nameOf(target),
    sharePercent: 100 * Math.min(1, ...rules.map((rule) => shareOf(group, asItWas({ to: group, groups }, rule)))),
    startsTasks: first !== undefined,
    minimumRequests: health.minimumRequestsPerMinute,
    targets: first ? (to.service?.desiredCount ?? 0) : (to.health?.healthy ?? 0),
    servingTargets: Math.max(
      0,
      ...servingSides(facts).flatMap((side) => (side === to ? [] : (side.health?.healthy ?? 0))),
    ),
    ...(standing && { standing }),
    ...(to.answeredRequests !== undefined && { answeredRequests: to.answeredRequests }),
  });
  const steps = shiftInSteps({
    side: to.side.name,
    to: group,
    groups,
    rules,
    percents: chosen.strategy === 'instant' ? [100] : policy.steps[chosen.strategy],
    holdSeconds: policy.stepSeconds,
    reason: first ? `Side ${to.side.name} runs ${nameOf(target)} by then.` : `${because} ${chosen.reason}`,
  });
  const afterwards = decideAfterwards(facts, to, target);
  const left = chosen.strategy !== 'instant' && steps.length === 1 ? ' Only its last step is left.' : '';
  return {
    kind: 'actions',
    actions: numbered([...(first ? [first] : []), ...steps, ...(afterwards?.action ? [afterwards.action] : [])]),
    to,
    strategy: chosen.strategy,
    reason: `${because} ${chosen.reason}${left}`,
    ...(afterwards && { afterwards }),
  };
}

/** Rules that were read but send nothing to the service. */
export function strayRules(facts: Pick<PlanFacts, 'sides' | 'rules'>): RuleFacts[] {
  const groups = groupsOf(facts);
  return facts.rules.filter(({ weights }) => weights && !carries(weights, groups));
}

const groupsOf = ({ sides }: Pick<PlanFacts, 'sides'>): string[] => sides.flatMap(({ side }) => side.targetGroup ?? []);
const impossible = (reason: string): Mechanism => ({ kind: 'impossible', reason });
const names = (sides: readonly SideFacts[]): string => sides.map(({ side }) => `side ${side.name}`).join(' and ');

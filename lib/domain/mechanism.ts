/** How the service gets to the target: moving traffic where a side runs it, reverting a side where none does. */
import { familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { Action, Release, RevertServiceAction, RuleWeights, ShiftTrafficAction } from './model.ts';
import { isOnTarget, type PlanFacts, type RuleFacts, type SideFacts, servingSides } from './plan-facts.ts';
import { nameOf } from './releases.ts';
import { family } from './target.ts';

export type Mechanism =
  | { readonly kind: 'nothing-to-do'; readonly reason: string }
  | { readonly kind: 'impossible'; readonly reason: string }
  | {
      readonly kind: 'actions';
      readonly actions: readonly Action[];
      /** The side that serves in the end. */
      readonly to: SideFacts;
      readonly strategy: 'rolling' | 'instant';
      readonly reason: string;
    };

export function chooseMechanism(facts: Pick<PlanFacts, 'sides' | 'rules'>, target: Release): Mechanism {
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
    actions: [revert('1', facts, service, target.taskDefinition, target)],
    to: facts,
    strategy: 'rolling',
    reason: strategyReason,
  };
}

function twoSides(facts: Pick<PlanFacts, 'sides' | 'rules'>, target: Release): Mechanism {
  const serving = servingSides(facts);
  if (serving.length === 0) return impossible('No rule gives any side weight, so nothing tells which side serves.');
  const onTarget = facts.sides.filter((side) => isOnTarget(side, target));
  const arrived = onTarget.filter((side) => rolloutOf(side) === 'COMPLETED');
  if (serving.every((side) => arrived.includes(side))) {
    return { kind: 'nothing-to-do', reason: `All traffic already goes to ${names(serving)}, on ${nameOf(target)}.` };
  }
  const to = arrived.find((side) => serving.includes(side)) ?? arrived[0];
  if (to) {
    const reason = `Side ${to.side.name} runs ${nameOf(target)}, so the traffic moves there at once.`;
    return { kind: 'actions', actions: [shift('1', facts, to, reason)], to, strategy: 'instant', reason };
  }
  const [coming] = onTarget;
  return coming ? joinFirst(facts, serving, coming, target) : revertIdleFirst(facts, serving, target);
}

/** While a side is still being deployed, its healthy targets may be tasks of what it had before. */
function joinFirst(
  facts: Pick<PlanFacts, 'sides' | 'rules'>,
  serving: readonly SideFacts[],
  to: SideFacts,
  target: Release,
): Mechanism {
  const { service, side } = to;
  if (!service) return impossible(`ECS knows no service ${side.service} in cluster ${side.cluster}.`);
  if (rolloutOf(to) === 'FAILED') {
    return impossible(`ECS gave the deployment of ${nameOf(target)} on side ${side.name} up: deploy it again first.`);
  }
  const joined = revert('1', to, service, primaryDeployment(service)?.taskDefinition ?? target.taskDefinition, target);
  const alone = serving.every((other) => other === to);
  const reason = `Side ${side.name} is on its way to ${nameOf(target)}: ${alone ? 'that is awaited.' : 'the traffic moves there once it has arrived.'}`;
  const moved = `Side ${side.name} runs ${nameOf(target)} by then.`;
  const actions = alone ? [joined] : [joined, shift('2', facts, to, moved)];
  return { kind: 'actions', actions, to, strategy: alone ? 'rolling' : 'instant', reason };
}

/** `COMPLETED` also where ECS does not say, behind a Classic Load Balancer. */
const rolloutOf = ({ service }: SideFacts): string =>
  (service && primaryDeployment(service)?.rolloutState) ?? 'COMPLETED';

function revertIdleFirst(
  facts: Pick<PlanFacts, 'sides' | 'rules'>,
  serving: readonly SideFacts[],
  target: Release,
): Mechanism {
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
  const reason = `No side runs ${nameOf(target)}: idle side ${side.name} is reverted first, then the traffic moves there at once.`;
  const moved = `Side ${side.name} runs ${nameOf(target)} by then.`;
  const actions = [revert('1', idle, service, target.taskDefinition, target), shift('2', facts, idle, moved)];
  return { kind: 'actions', actions, to: idle, strategy: 'instant', reason };
}

function revert(
  id: string,
  { side }: SideFacts,
  service: ServiceView,
  taskDefinition: string,
  target: Release,
): RevertServiceAction {
  const primary = primaryDeployment(service);
  const joins = primary?.taskDefinition === taskDefinition;
  return {
    id,
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

function shift(
  id: string,
  facts: Pick<PlanFacts, 'sides' | 'rules'>,
  to: SideFacts,
  reason: string,
): ShiftTrafficAction {
  const groups = facts.sides.flatMap(({ side }) => side.targetGroup ?? []);
  const rules = facts.rules.flatMap(({ weights }) => (weights && carries(weights, groups) ? weights : []));
  return {
    id,
    type: 'ShiftTraffic',
    toSide: to.side.name,
    description: `Give side ${to.side.name} all of the service's weight on ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`,
    reason,
    forward: rules.map((rule) => movedTo(to.side.targetGroup ?? '', rule, groups)),
    reverse: rules.map((rule) => asItWas(to.side.targetGroup ?? '', rule, groups)),
  };
}

/** Whether a rule sends anything to the service at all. */
function carries(rule: RuleWeights, groups: readonly string[]): boolean {
  return groups.some((group) => (rule.weights[group] ?? 0) > 0);
}

/** The service's share of the rule stays what it was beside groups that are not its own; weights go up to 999. */
function movedTo(to: string, rule: RuleWeights, groups: readonly string[]): RuleWeights {
  const own = ownWeights(to, rule, groups);
  const sum = own.reduce((total, [, weight]) => total + weight, 0);
  const weights = own.map(([group]) => [group, group === to ? Math.min(999, sum) : 0] as const);
  return { rule: rule.rule, weights: Object.fromEntries(weights), stickiness: { enabled: false } };
}

function asItWas(to: string, rule: RuleWeights, groups: readonly string[]): RuleWeights {
  return { ...rule, weights: Object.fromEntries(ownWeights(to, rule, groups)) };
}

/** Only the configured groups; the receiving one also where the rule does not name it yet. */
function ownWeights(to: string, rule: RuleWeights, groups: readonly string[]): [string, number][] {
  const named = groups.filter((group) => group === to || Object.hasOwn(rule.weights, group));
  return named.map((group) => [group, rule.weights[group] ?? 0]);
}

/** Rules that were read but send nothing to the service. */
export function strayRules(facts: Pick<PlanFacts, 'sides' | 'rules'>): RuleFacts[] {
  const groups = facts.sides.flatMap(({ side }) => side.targetGroup ?? []);
  return facts.rules.filter(({ weights }) => weights && !carries(weights, groups));
}

const impossible = (reason: string): Mechanism => ({ kind: 'impossible', reason });
const names = (sides: readonly SideFacts[]): string => sides.map(({ side }) => `side ${side.name}`).join(' and ');

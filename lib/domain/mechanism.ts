/** How the service gets to the target: moving traffic where a side runs it, reverting a side where none does. */
import { numbered } from './actions.ts';
import { type Afterwards, decideAfterwards } from './bad-side.ts';
import { familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { Action, Release, RevertBy, RevertServiceAction } from './model.ts';
import { isOnTarget, type PlanFacts, type RuleFacts, type SideFacts, servingSides } from './plan-facts.ts';
import { nameOf } from './releases.ts';
import { chooseReversal, type Reversal } from './reversal/choose.ts';
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

type MechanismFacts = Pick<
  PlanFacts,
  'sides' | 'rules' | 'choice' | 'configuration' | 'context' | 'targetDefinition' | 'copy'
>;

export function chooseMechanism(facts: MechanismFacts, target: Release): Mechanism {
  const [only, ...others] = facts.sides;
  if (only && others.length === 0) return oneSide(facts, only, target);
  return twoSides(facts, target);
}

function oneSide(all: MechanismFacts, facts: SideFacts, target: Release): Mechanism {
  const { service, side } = facts;
  if (!service) return impossible(`ECS knows no service ${side.service} in cluster ${side.cluster}.`);
  const reversal = reversalOf(all, facts, service, target);
  if (reversal.cell === 'nothing') {
    return { kind: 'nothing-to-do', reason: `${side.service} already runs ${nameOf(target)}.` };
  }
  const action = actionFor(all, facts, service, target, reversal);
  if (!action) return impossible(reversal.reason);
  return {
    kind: 'actions',
    actions: numbered([action]),
    to: facts,
    strategy: 'rolling',
    reason: whyOneSide(side.service, reversal),
  };
}

/** A finished deployment that is replaced by an update needs no explanation. */
const howOf = ({ state, cell, reason }: Reversal): string =>
  state === 'finished' && cell === 'update-service' ? '' : ` ${reason}`;

function whyOneSide(service: string, reversal: Reversal): string {
  const how = {
    rolling: 'ECS replaces the tasks',
    daemon: 'ECS replaces the task of each container instance',
    'blue/green': 'ECS moves the traffic itself',
    linear: 'ECS moves the traffic itself',
    canary: 'ECS moves the traffic itself',
    CodeDeploy: 'CodeDeploy moves the traffic itself',
    external: 'its own controller replaces the tasks',
  };
  return `${service} has one side, so its task definition is put back and ${how[reversal.kind]}.${howOf(reversal)}`;
}

function twoSides(facts: MechanismFacts, target: Release): Mechanism {
  const owner = facts.sides.flatMap(trafficOwner)[0];
  if (owner) return impossible(`${owner}, and weights that two owners set undo one another: configure it as one side.`);
  const serving = servingSides(facts);
  if (serving.length === 0) return impossible('No rule gives any side weight, so nothing tells which side serves.');
  const onTarget = facts.sides.filter((side) => isOnTarget(side, target, facts.targetDefinition));
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
  const joined = join(to, service, target);
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
  const reversal = reversalOf(facts, idle, service, target);
  const action = actionFor(facts, idle, service, target, reversal);
  return action ? shift(facts, idle, target, reason, action) : impossible(reversal.reason);
}

/** Moving its traffic is part of deploying it. */
const ownsTraffic = ({ controller, strategy }: ServiceView): boolean =>
  controller === 'CODE_DEPLOY' || (controller === 'ECS' && strategy !== 'ROLLING');

function trafficOwner({ side, service }: SideFacts): string[] {
  if (!service || !ownsTraffic(service)) return [];
  const owner = service.controller === 'ECS' ? `ECS itself (${service.strategy})` : 'CodeDeploy';
  return [`${owner} moves the traffic of ${side.service}`];
}

/** @param all what the unit goes back to */
export function reversalOf(
  all: Pick<PlanFacts, 'targetDefinition' | 'copy'>,
  facts: SideFacts,
  service: ServiceView,
  target: Release,
): Reversal {
  const { side, rollout } = facts;
  const there = isOnTarget(facts, target, all.targetDefinition);
  // Going back to a definition that has to be copied first is nothing that a deployment under way does.
  return chooseReversal({ side, service, rollout, wanted: all.copy ? undefined : target.taskDefinition, there });
}

/** Undefined where nothing may be done. */
export function actionFor(
  all: Pick<PlanFacts, 'copy'>,
  facts: SideFacts,
  service: ServiceView,
  target: Release,
  reversal: Reversal,
): Omit<RevertServiceAction, 'id'> | undefined {
  const { cell } = reversal;
  const reason = howOf(reversal);
  switch (cell) {
    case 'nothing':
    case 'refused':
      return undefined;
    case 'join':
      return join(facts, service, target);
    case 'codedeploy-stop, then codedeploy-create':
    case 'codedeploy-create afterwards':
      return revert(all, facts, service, target, 'codedeploy-create', reason);
    case 'update-service afterwards':
      return revert(all, facts, service, target, 'update-service', reason);
    default:
      return revert(all, facts, service, target, cell, reason);
  }
}

/** Puts the side on the target's definition, or on a copy of it where that does not do. */
function revert(
  { copy }: Pick<PlanFacts, 'copy'>,
  { side, rollout }: SideFacts,
  service: ServiceView,
  target: Release,
  by: RevertBy,
  how: string,
): Omit<RevertServiceAction, 'id'> {
  const to = familyRevision(target.taskDefinition);
  return {
    type: 'RevertService',
    side: side.name,
    description: `Put ECS service ${side.service} from ${familyRevision(service.taskDefinition)} on ${copy ? `a copy of ${to}` : to}`,
    by,
    ...(rollout && { deployment: rollout.id }),
    ...(ownsTraffic(service) && { ownsTraffic: true as const }),
    reason: `${nameOf(target)} is the target.${how}${copy ? ` It takes a copy: ${copy.why}` : ''}`,
    forward: copy ? { register: copy } : { taskDefinition: target.taskDefinition },
    // What the decision was made on: RevertService changes nothing when it finds another.
    reverse: { taskDefinition: primaryDeployment(service)?.taskDefinition ?? service.taskDefinition },
  };
}

/** Awaits a deployment that brings the target already. */
function join({ side, rollout }: SideFacts, service: ServiceView, target: Release): Omit<RevertServiceAction, 'id'> {
  const primary = primaryDeployment(service);
  const taskDefinition = rollout?.to ?? primary?.taskDefinition ?? target.taskDefinition;
  const deployment = primary?.taskDefinition === taskDefinition ? primary.id : (rollout?.id.split('/').at(-1) ?? '');
  return {
    type: 'RevertService',
    side: side.name,
    description: `Put ECS service ${side.service} from ${familyRevision(service.taskDefinition)} on ${familyRevision(taskDefinition)}`,
    by: 'join',
    ...(rollout && { deployment: rollout.id }),
    ...(ownsTraffic(service) && { ownsTraffic: true as const }),
    reason: `Deployment ${deployment} is already bringing ${nameOf(target)}: it is joined, not fought.`,
    forward: { taskDefinition },
    reverse: { taskDefinition },
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

/**
 * How a service stands, in words that name a state: who serves, on what, and whether that is as it was before. A person
 * who is called at night reads this first.
 */
import { type DeploymentView, familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { Checkpoint, RuleWeights, Side } from './model.ts';
import type { TargetHealth } from './traffic.ts';
import { isCompanion } from './units.ts';

export interface Standing {
  readonly sides: readonly SideStanding[];
  /** Absent where none are configured. */
  readonly companions?: readonly SideStanding[];
  /** One for each configured rule that still forwards to target groups. */
  readonly rules: readonly RuleWeights[];
}

/** Of a side or companion. */
export interface SideStanding {
  readonly side: Side;
  /** Undefined when ECS does not know the service. */
  readonly service?: ServiceView;
  /** Undefined for services without a target group. */
  readonly targets?: TargetHealth;
}

/** Sides first. */
export const unitsStanding = ({ sides, companions = [] }: Pick<Standing, 'sides' | 'companions'>): SideStanding[] => [
  ...sides,
  ...companions,
];

/** @param before the checkpoint; null where the rollback ended before there was one */
export function describeStanding(standing: Standing, before: Pick<Checkpoint, 'sides' | 'rules'> | null): string {
  const companions = (standing.companions ?? []).map((one) => ` Companion ${one.side.name} ${describeSide(one)}.`);
  return describeSides(standing, before) + companions.join('');
}

function describeSides(standing: Standing, before: Pick<Checkpoint, 'sides' | 'rules'> | null): string {
  const [only, ...others] = standing.sides;
  const same = before !== null && isAsBefore(standing, before) ? ', as before the rollback' : '';
  if (only && others.length === 0) return `${only.side.service} ${describeSide(only)}${same}.`;
  const shares = standing.sides.map((side) => ({ side, share: shareOf(side, standing) }));
  const serving = shares.filter(({ share }) => share > 0);
  const [alone] = serving;
  if (!alone) return `No side gets any traffic: ${shares.map(({ side }) => named(side)).join('; ')}.`;
  if (serving.length === 1) {
    const idle = shares.filter(({ share }) => share === 0).map(({ side }) => `; without traffic, ${named(side)}`);
    return `All traffic is on side ${alone.side.side.name}${same}: it ${describeSide(alone.side)}${idle.join('')}.`;
  }
  const parts = shares.map(
    ({ side, share }) => `${Math.round(share * 100)} % on side ${side.side.name}, which ${describeSide(side)}`,
  );
  return `The traffic is split${same}: ${parts.join('; ')}.`;
}

/** Share of the service's weight, 0 to 1, over all rules. A companion has work of its own. */
export function shareOf({ side }: SideStanding, { sides, rules }: Standing): number {
  if (sides.length === 1 || isCompanion(side)) return 1;
  const weight = (group: string | undefined): number =>
    group === undefined ? 0 : rules.reduce((sum, { weights }) => sum + (weights[group] ?? 0), 0);
  const all = sides.reduce((sum, other) => sum + weight(other.side.targetGroup), 0);
  return all === 0 ? 0 : weight(side.targetGroup) / all;
}

/** Weights of the groups that `known` names; one that a rule does not name has none. */
export function sameWeights(live: Pick<RuleWeights, 'weights'>, known: Pick<RuleWeights, 'weights'>): boolean {
  return Object.entries(known.weights).every(([group, weight]) => (live.weights[group] ?? 0) === weight);
}

function isAsBefore({ rules, ...units }: Standing, before: Pick<Checkpoint, 'sides' | 'rules'>): boolean {
  const weights = before.rules.every((known) => {
    const live = rules.find(({ rule }) => rule === known.rule);
    return live !== undefined && sameWeights(live, known);
  });
  const definitions = before.sides.every(({ side, taskDefinition }) => {
    const service = unitsStanding(units).find((one) => one.side.name === side)?.service;
    return service !== undefined && runs(service)?.taskDefinition === taskDefinition;
  });
  return weights && definitions;
}

/** What the service is on or goes to: what the service itself says lags behind its deployments. */
const runs = (service: ServiceView): Pick<DeploymentView, 'taskDefinition'> | undefined =>
  primaryDeployment(service) ?? service;

const named = (side: SideStanding): string => `side ${side.side.name} ${describeSide(side)}`;

/** `runs checkout:41 with 3 of 3 tasks, 3 healthy` */
function describeSide({ service, targets }: SideStanding): string {
  if (!service) return 'is not known to ECS';
  const primary = primaryDeployment(service);
  const healthy = targets ? `, ${targets.healthy} healthy` : '';
  if (!primary) {
    return `runs ${familyRevision(service.taskDefinition)} with ${service.runningCount} of ${service.desiredCount} tasks${healthy}`;
  }
  const others = service.deployments.filter((one) => one !== primary && one.runningCount > 0);
  const count = ({ taskDefinition, runningCount }: DeploymentView): string =>
    `${runningCount} of ${familyRevision(taskDefinition)}`;
  if (others.length === 0) {
    return `runs ${familyRevision(primary.taskDefinition)} with ${primary.runningCount} of ${service.desiredCount} tasks${healthy}`;
  }
  return (
    `is on its way to ${familyRevision(primary.taskDefinition)}: tasks running ${[primary, ...others].map(count).join(', ')}, ` +
    `${service.desiredCount} wanted${healthy}`
  );
}

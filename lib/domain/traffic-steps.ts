/**
 * The weights of each step of a move, from the service's own sum on every rule. What a step gives is a share of the
 * service's traffic; target groups that are not the service's keep the share that they have.
 */
import type { RuleWeights, ShiftTrafficAction } from './model.ts';
import { shareOf } from './traffic.ts';

export interface Move {
  /** The side and the target group that receive the traffic. */
  readonly side: string;
  readonly to: string;
  /** Target groups of all sides. */
  readonly groups: readonly string[];
  /** The rules that send the service traffic, as they stand. */
  readonly rules: readonly RuleWeights[];
  /** Rising shares, the last 100. */
  readonly percents: readonly number[];
  readonly holdSeconds: number;
  readonly reason: string;
}

/** One action for each step that changes anything; ids are given by the plan. */
export function shiftInSteps(move: Move): Omit<ShiftTrafficAction, 'id'>[] {
  const stages = [move.rules.map((rule) => asItWas(move, rule))];
  const taken: number[] = [];
  for (const percent of move.percents) {
    const weights = move.rules.map((rule) => weightsAt(move, rule, percent));
    const before = stages.at(-1) ?? [];
    if (percent < 100 && !weights.some((rule, index) => gains(move, percent, rule, before[index]))) continue;
    stages.push(weights);
    taken.push(percent);
  }
  return taken.map((percent, index) => step(move, taken, percent, stages[index] ?? [], stages[index + 1] ?? []));
}

/** Taking traffic from the target is never a step towards it. */
const gains = ({ to }: Move, percent: number, rule: RuleWeights, before: RuleWeights | undefined): boolean =>
  100 * shareOf(to, before) < percent && shareOf(to, rule) > shareOf(to, before);

function step(
  { side, rules, holdSeconds, reason }: Move,
  taken: readonly number[],
  percent: number,
  reverse: readonly RuleWeights[],
  forward: readonly RuleWeights[],
): Omit<ShiftTrafficAction, 'id'> {
  const number = taken.indexOf(percent) + 1;
  const before = taken[number - 2];
  const on = `on ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`;
  const gives = `ive side ${side} ${percent < 100 ? `${percent} %` : 'all'} of the service's weight ${on}`;
  return {
    type: 'ShiftTraffic',
    toSide: side,
    description: taken.length === 1 ? `G${gives}` : `Step ${number} of ${taken.length}: g${gives}`,
    reason: before === undefined ? reason : `Side ${side} is healthy with ${before} % by then.`,
    forward,
    reverse,
    ...(percent < 100 && { gate: { percent, holdSeconds } }),
  };
}

/** Whether a rule sends anything to the service at all. */
export function carries(rule: RuleWeights, groups: readonly string[]): boolean {
  return groups.some((group) => (rule.weights[group] ?? 0) > 0);
}

/** The rule as it stands, of the service's groups only. */
export function asItWas({ to, groups }: Pick<Move, 'to' | 'groups'>, rule: RuleWeights): RuleWeights {
  return { ...rule, weights: Object.fromEntries(ownWeights(to, rule, groups)) };
}

function weightsAt(move: Move, rule: RuleWeights, percent: number): RuleWeights {
  const { to } = move;
  const own = ownWeights(to, rule, move.groups);
  const had = shareOf(to, { weights: Object.fromEntries(own) });
  const sum = ownSum(move, rule, own);
  const given = own.length === 1 || percent === 100 ? sum : Math.max(Math.round(had * sum), portion(sum, percent));
  const weights = own.map(([group]) => [group, group === to ? given : sum - given] as const);
  return { rule: rule.rule, weights: Object.fromEntries(weights), stickiness: { enabled: false } };
}

/** At least 1 and not all, as far as the sum has room for that. */
const portion = (sum: number, percent: number): number =>
  Math.min(Math.max(1, Math.round((sum * percent) / 100)), sum - 1);

/**
 * What the service's groups have together stays what it is beside groups that are not its own, up to ELBv2's 999. Alone on
 * its rule only proportions count, so a small sum is widened until every percent has a weight of its own.
 */
function ownSum({ percents, groups }: Move, rule: RuleWeights, own: readonly (readonly [string, number])[]): number {
  const sum = Math.min(
    999,
    own.reduce((total, [, weight]) => total + weight, 0),
  );
  const others = Object.entries(rule.weights).some(([group, weight]) => !groups.includes(group) && weight > 0);
  return percents.length > 1 && !others ? Math.max(100, sum) : sum;
}

/** Only the configured groups; the receiving one also where the rule does not name it yet. */
function ownWeights(to: string, rule: RuleWeights, groups: readonly string[]): [string, number][] {
  const named = groups.filter((group) => group === to || Object.hasOwn(rule.weights, group));
  return named.map((group) => [group, rule.weights[group] ?? 0]);
}

/**
 * Weights of a listener rule: what a live rule says, and the exact actions to send so that only the planned weights
 * change. ELBv2 replaces the whole list of actions, so everything else on it has to be sent back as it was.
 */
import type { RuleWeights } from './model.ts';

/** The part of an ELBv2 `Action` that the decisions read. Any other member travels through untouched. */
export interface LiveAction {
  Type?: string | undefined;
  Order?: number | undefined;
  TargetGroupArn?: string | undefined;
  ForwardConfig?: LiveForward | undefined;
  AuthenticateOidcConfig?: LiveOidc | undefined;
}

interface LiveForward {
  TargetGroups?: { TargetGroupArn?: string | undefined; Weight?: number | undefined }[] | undefined;
  TargetGroupStickinessConfig?: { Enabled?: boolean | undefined; DurationSeconds?: number | undefined } | undefined;
}

interface LiveOidc {
  ClientSecret?: string | undefined;
  UseExistingClientSecret?: boolean | undefined;
}

/** What a target group says of its targets. */
export interface TargetHealth {
  readonly targetGroup: string;
  readonly healthy: number;
  /** Draining ones left out. */
  readonly registered: number;
  /** AWS's descriptions of those that are neither healthy nor draining, each once. */
  readonly problems: readonly string[];
}

export type TrafficChange<A> =
  | { readonly kind: 'unchanged'; readonly before: RuleWeights }
  | { readonly kind: 'change'; readonly before: RuleWeights; readonly actions: A[] }
  | { readonly kind: 'refused'; readonly reason: string };

/** ELBv2 takes at most five target groups in one forward action. */
const maximumTargetGroups = 5;

/**
 * The share of the largest side's tasks that has to be healthy on the side that receives the traffic. Half of what
 * normally serves keeps users served, if slower; fewer would turn a bad release into an outage.
 */
export const requiredHealthyShare = 0.5;

/** Weights and group stickiness of a rule as it stands; undefined where it does not forward to target groups. */
export function weightsOf(rule: string, actions: readonly LiveAction[]): RuleWeights | undefined {
  const forward = actions.find((action) => action.Type === 'forward');
  const groups = forward && groupsOf(forward);
  if (!groups || groups.length === 0) return undefined;
  const sticky = forward.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    rule,
    weights: Object.fromEntries(groups),
    stickiness: {
      enabled: sticky?.Enabled === true,
      ...(sticky?.Enabled && sticky.DurationSeconds ? { durationSeconds: sticky.DurationSeconds } : {}),
    },
  };
}

/** True where the planned groups carry the planned weights and group stickiness is as planned. */
export function holds(live: RuleWeights, planned: RuleWeights): boolean {
  const weightsHold = Object.entries(planned.weights).every(([group, weight]) => (live.weights[group] ?? 0) === weight);
  return weightsHold && live.stickiness.enabled === planned.stickiness.enabled;
}

/**
 * The exact actions for ModifyRule or ModifyListener that bring `live` to `planned`: same actions in the same order,
 * other target groups of the rule with the weights they have.
 */
export function changeWeights<A extends LiveAction>(live: readonly A[], planned: RuleWeights): TrafficChange<A> {
  const before = weightsOf(planned.rule, live);
  if (!before) return { kind: 'refused', reason: `${planned.rule} has no action that forwards to target groups.` };
  if (holds(before, planned)) return { kind: 'unchanged', before };

  const weights = { ...before.weights, ...planned.weights };
  const problem = problemWith(weights, planned);
  if (problem) return { kind: 'refused', reason: problem };

  const actions = live.map((action) =>
    action.Type === 'forward' ? forwarding(action, weights, planned) : withoutSecret(action),
  );
  return { kind: 'change', before, actions };
}

/**
 * Why a rule is not moved that stands on other weights than the step starts from: whoever set them since may have given
 * users the good side, which a first small step would take away again. Undefined where nobody has.
 */
export function setByOthers(
  live: RuleWeights,
  { reverse }: { readonly reverse: readonly RuleWeights[] },
): string | undefined {
  const from = reverse.find(({ rule }) => rule === live.rule);
  // Group stickiness alone moves nobody: it goes off with the step, and what is owed lies in the table.
  if (!from || holds(live, { ...from, stickiness: live.stickiness })) return undefined;
  return `somebody has set the weights to ${describeWeights(live.weights)}, and this step starts from ${describeWeights(from.weights)}.`;
}

/** Target groups that the planned weights send requests to. */
export function receivingGroups(planned: readonly RuleWeights[]): string[] {
  const groups = planned.flatMap((rule) => Object.entries(rule.weights).filter(([, weight]) => weight > 0));
  return [...new Set(groups.map(([group]) => group))];
}

/** Shares of 0 to 1: less than any step gives, more than rounding weights to whole numbers does. */
const noticeableShare = 0.002;

/** Target groups whose share of the planned groups' traffic grows: a step leaves some to the group that is to be left. */
export function gainingGroups({ forward, reverse }: Record<'forward' | 'reverse', readonly RuleWeights[]>): string[] {
  const gains = forward.flatMap((rule) => {
    const before = reverse.find((other) => other.rule === rule.rule);
    return Object.keys(rule.weights).filter((group) => shareOf(group, rule) - shareOf(group, before) > noticeableShare);
  });
  return gains.length > 0 ? [...new Set(gains)] : receivingGroups(forward);
}

/** Share of the rule's planned weights that a target group has, 0 to 1. */
export function shareOf(group: string, rule: Pick<RuleWeights, 'weights'> | undefined): number {
  const sum = Object.values(rule?.weights ?? {}).reduce((total, weight) => total + weight, 0);
  return sum === 0 ? 0 : (rule?.weights[group] ?? 0) / sum;
}

/** How many healthy targets a side needs before it may receive all traffic; `desiredCounts` are those of every side. */
export function requiredTargets(desiredCounts: readonly number[]): number {
  return Math.max(1, Math.ceil(Math.max(0, ...desiredCounts) * requiredHealthyShare));
}

/** `blue 100, green 0`, by the last part that names a target group. */
export function describeWeights(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights)
    .map(([group, weight]) => `${targetGroupName(group)} ${weight}`)
    .join(', ');
}

/** `arn:…:targetgroup/blue/0123` -> `blue` */
export function targetGroupName(arn: string): string {
  return /:targetgroup\/([^/]+)\//.exec(arn)?.[1] ?? arn;
}

/** A group alone on its rule has no weight worth speaking of: AWS leaves it out or says 1. */
function groupsOf(forward: LiveAction): [string, number][] {
  const groups = forward.ForwardConfig?.TargetGroups ?? [];
  if (groups.length === 0 && forward.TargetGroupArn) return [[forward.TargetGroupArn, 1]];
  return groups.flatMap(({ TargetGroupArn: arn, Weight: weight }) => (arn ? [[arn, weight ?? 1]] : []));
}

function problemWith(weights: Readonly<Record<string, number>>, planned: RuleWeights): string | undefined {
  const bad = Object.entries(weights).find(([, weight]) => !Number.isInteger(weight) || weight < 0 || weight > 999);
  if (bad) return `Weight ${bad[1]} of ${targetGroupName(bad[0])} is not a whole number from 0 to 999.`;
  if (!Object.values(planned.weights).some((weight) => weight > 0)) {
    return `The planned weights of ${planned.rule} are all 0: nothing would serve.`;
  }
  const count = Object.keys(weights).length;
  if (count > maximumTargetGroups) {
    return `${planned.rule} would have ${count} target groups, ${maximumTargetGroups} are allowed.`;
  }
  return undefined;
}

/** `TargetGroupArn` beside several groups is refused by AWS, and cookies of a sticky group beat any weight. */
function forwarding<A extends LiveAction>(
  action: A,
  weights: Readonly<Record<string, number>>,
  planned: RuleWeights,
): A {
  const { TargetGroupArn: _single, ...rest } = action;
  const sticky = planned.stickiness;
  return {
    ...rest,
    ForwardConfig: {
      ...action.ForwardConfig,
      TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      TargetGroupStickinessConfig: sticky.enabled
        ? { Enabled: true, DurationSeconds: sticky.durationSeconds }
        : { Enabled: false },
    },
  } as unknown as A; // `A` minus an optional member is still an `A`; the compiler cannot see that through the generic.
}

/** AWS never returns an OIDC client secret and keeps the stored one only when told to. */
function withoutSecret<A extends LiveAction>(action: A): A {
  if (!action.AuthenticateOidcConfig) return action;
  const { ClientSecret: _secret, ...oidc } = action.AuthenticateOidcConfig;
  return { ...action, AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true } };
}

/**
 * What a rollback took away for a time and owes back. A debt is written down before the change that makes it, and lies
 * in the table until it is given back or somebody else has settled it: it outlives the execution that made it.
 */
import { secondsUntil } from './elapsed.ts';
import type { RuleWeights } from './model.ts';
import type { SuspendedState } from './scaling.ts';
import { sameWeights } from './standing.ts';
import { describeWeights } from './traffic.ts';

interface DebtBase {
  /** ARN of what was changed. */
  readonly resource: string;
  readonly service: string;
  readonly rollbackId: string;
  readonly executionArn: string;
  /** When it was written down, ISO 8601. */
  readonly since: string;
  /** Not given back earlier, unless the reason to wait is gone. ISO 8601. */
  readonly dueAt: string;
}

/** Group stickiness that was switched off so that weights count for everybody. */
export interface StickinessDebt extends DebtBase {
  readonly kind: 'stickiness';
  /** The rule as it was, and as the plan's steps set it one after the other: any other state is somebody else's. */
  readonly before: RuleWeights;
  readonly steps: readonly RuleWeights[];
}

/** What Application Auto Scaling must not do while a rollback is under way. */
export interface ScalingDebt extends DebtBase {
  readonly kind: 'scaling';
  /** As it was, and as the rollback set it: any other state is somebody else's. */
  readonly before: SuspendedState;
  readonly set: SuspendedState;
}

/** One kind for each thing that a rollback may have to give back. */
export type Debt = StickinessDebt | ScalingDebt;
export type DebtKind = Debt['kind'];

export type GiveBackDecision =
  /** Not due yet, or somebody is at work on the service: the next look decides. */
  | { readonly kind: 'wait'; readonly message: string }
  /** Nothing is owed any more. */
  | { readonly kind: 'drop'; readonly message: string }
  | { readonly kind: 'give'; readonly message: string };

/** ELBv2's own default where a rule that is sticky names no duration. */
const defaultDurationSeconds = 86_400;

/**
 * The debt that switching off a rule's group stickiness makes; undefined where the rule has none, or keeps it.
 *
 * @param live the rule as it stands right before the change
 * @param steps every state that the plan gives the rule
 */
export function stickinessDebt(
  live: RuleWeights,
  steps: readonly RuleWeights[],
  facts: Pick<StickinessDebt, 'service' | 'rollbackId' | 'executionArn'> & { readonly now: string },
): StickinessDebt | undefined {
  if (!live.stickiness.enabled || steps.some(({ stickiness }) => stickiness.enabled)) return undefined;
  const { service, rollbackId, executionArn, now } = facts;
  const seconds = live.stickiness.durationSeconds ?? defaultDurationSeconds;
  return {
    kind: 'stickiness',
    resource: live.rule,
    service,
    rollbackId,
    executionArn,
    since: now,
    // A cookie is renewed with every answer until stickiness goes off: the last one lives for its whole duration from then.
    dueAt: new Date(Date.parse(now) + seconds * 1_000).toISOString(),
    before: live,
    steps,
  };
}

/** A debt that an earlier rollback made, once another moves the same rule: these states are ours as well. */
export function withSteps(debt: StickinessDebt, steps: readonly RuleWeights[]): StickinessDebt {
  const unknown = steps.filter((step) => !debt.steps.some((known) => sameWeights(step, known)));
  return { ...debt, steps: [...debt.steps, ...unknown] };
}

/**
 * Cookies from before still name the group that the traffic left: stickiness that comes back while they live sends those
 * users there again. Where the very rollback that moved the weights has put them back there is nothing to be kept away
 * from.
 *
 * @param live undefined where the rule is gone or forwards to no target group
 * @param facts.rollbackId the rollback that ends now; undefined where the schedule looks
 */
export function decideStickiness(
  debt: StickinessDebt,
  live: RuleWeights | undefined,
  facts: { readonly now: string; readonly rollbackId?: string | undefined },
): GiveBackDecision {
  const rule = shortRule(debt.resource);
  if (!live) return drop(`The rule ${rule} is gone: no group stickiness is owed to it any more.`);
  if (live.stickiness.enabled) {
    return drop(`Group stickiness of ${rule} is on already: given back before, switched on by somebody, or never off.`);
  }
  const asBefore = sameWeights(live, debt.before);
  if (!asBefore && !debt.steps.some((step) => sameWeights(live, step))) {
    return drop(
      `Somebody has set the weights of ${rule} to ${describeWeights(live.weights)} since ${debt.rollbackId}: its group ` +
        `stickiness stays off, and is theirs to decide. Before, it was on for ${durationOf(debt)} s.`,
    );
  }
  const putBack = asBefore && facts.rollbackId === debt.rollbackId;
  if (!putBack && secondsUntil(debt.dueAt, facts.now) > 0) {
    return {
      kind: 'wait',
      message: `Group stickiness of ${rule} comes back at ${debt.dueAt}: until then cookies from before lead to the side that the traffic left.`,
    };
  }
  const why = putBack ? 'the weights are as before the rollback' : 'cookies from before the rollback have expired';
  return { kind: 'give', message: `Group stickiness of ${rule} is on again for ${durationOf(debt)} s: ${why}.` };
}

const durationOf = ({ before }: StickinessDebt): number => before.stickiness.durationSeconds ?? defaultDurationSeconds;

/** `arn:…:listener-rule/app/shop/…/…/9683b2d02a6cabee` -> `9683b2d02a6cabee`, which the console shows as well. */
const shortRule = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

const drop = (message: string): GiveBackDecision => ({ kind: 'drop', message });

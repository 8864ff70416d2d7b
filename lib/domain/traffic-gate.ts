/**
 * The health gate between two steps: on, hold, or back. The weights are known to hold; this judges the side that received
 * its share, by its targets at every look and by its numbers once the step was held long enough.
 */
import { secondsBetween, secondsUntil } from './elapsed.ts';
import type { Measurement, ShiftTrafficAction } from './model.ts';
import type { CheckResult } from './states.ts';
import type { TargetHealth } from './traffic.ts';
import { describeHealth, tooFewTargets } from './traffic-check.ts';
import type { ComparedSides } from './traffic-comparison.ts';

type Gate = NonNullable<ShiftTrafficAction['gate']>;

/** Longer than the hold, for numbers that are late, few or doubtful: time for two whole minutes to be published. */
const patienceSeconds = 180;
/** Between two looks at the targets; numbers come once a minute. */
const lookAgainSeconds = 60;
/** Between two looks once numbers are due. */
const dueSeconds = 15;

/** The most that a step is held. */
export const longestSeconds = ({ holdSeconds }: Pick<Gate, 'holdSeconds'>): number => holdSeconds + patienceSeconds;

export interface GateFacts {
  readonly gate: Gate;
  readonly side: string;
  readonly appliedAt: string;
  readonly now: string;
  /** Of the mitigation: a step is not held beyond it for want of numbers. */
  readonly deadline: string;
  readonly receiving: readonly TargetHealth[];
  readonly required: number;
  /** Absent before the hold is over. */
  readonly numbers?: GateNumbers;
}

export type GateNumbers =
  /** Why there are none. */
  | { readonly missing: string }
  | {
      readonly compared: ComparedSides;
      /** The triggers that watch the side, against their own limits. */
      readonly limits: readonly Measurement[];
    };

/** True once the numbers count, so that CloudWatch has to be asked. */
export const isHeldLongEnough = ({ gate, appliedAt, now }: Pick<GateFacts, 'gate' | 'appliedAt' | 'now'>): boolean =>
  secondsBetween(appliedAt, now) >= gate.holdSeconds;

export function judgeGate(facts: GateFacts): CheckResult {
  const weak = tooFewTargets(facts.receiving, facts.required);
  if (weak) return judgeWeak(facts, weak);
  if (!isHeldLongEnough(facts)) {
    return hold(facts, lookAgainSeconds, `${facts.receiving.map(describeHealth).join('; ')}.`);
  }
  const { numbers = { missing: 'Nothing was measured.' } } = facts;
  if ('missing' in numbers) return unmeasured(facts, numbers.missing);
  const { compared, limits } = numbers;
  const beyond = limits.filter(({ ok }) => ok === false).map(({ evidence }) => evidence);
  switch (compared.verdict) {
    case 'worse':
      return back(facts, compared.reason);
    case 'better':
      return on(facts, [compared.reason, ...beyond].join(' '));
    case 'unmeasured':
      return unmeasured(facts, compared.reason);
    case 'doubtful':
      return doubted(facts, [compared.reason, ...beyond].join(' '));
    case 'slow once':
      return secondsLeft(facts) > 0 ? hold(facts, dueSeconds, compared.reason) : on(facts, compared.reason);
    case 'as good':
      return beyond.length > 0 ? doubted(facts, [...beyond, compared.reason].join(' ')) : on(facts, compared.reason);
  }
}

/** With no target left the load balancer sends the share to sick ones: that is not waited out. */
function judgeWeak(facts: GateFacts, weak: string): CheckResult {
  const none = facts.receiving.every(({ healthy }) => healthy === 0);
  return none || secondsLeft(facts) <= 0 ? back(facts, weak) : hold(facts, dueSeconds, weak);
}

/** No data is not bad data: held for it as long as may be, and then the targets have to do. */
function unmeasured(facts: GateFacts, why: string): CheckResult {
  if (secondsLeft(facts) > 0) return hold(facts, dueSeconds, why);
  const targets = facts.receiving.map(describeHealth).join('; ');
  return on(facts, `Nothing could be measured, so only the targets speak for it: ${targets}. ${why}`);
}

function doubted(facts: GateFacts, why: string): CheckResult {
  return secondsLeft(facts) > 0 ? hold(facts, dueSeconds, why) : back(facts, why);
}

function secondsLeft({ gate, appliedAt, now, deadline }: GateFacts): number {
  const held = secondsBetween(appliedAt, now);
  const untilDeadline = Math.max(gate.holdSeconds - held, secondsUntil(deadline, now));
  return Math.min(longestSeconds(gate) - held, untilDeadline);
}

const named = ({ gate, side }: GateFacts): string => `Side ${side} with ${gate.percent} %`;

const on = (facts: GateFacts, why: string): CheckResult => ({
  status: 'done',
  waitSeconds: 1,
  message: `${named(facts)} is healthy enough to go on: ${why}`,
});

const back = (facts: GateFacts, why: string): CheckResult => ({
  status: 'failed',
  waitSeconds: 1,
  message: `${named(facts)} is not healthy enough to get more: ${why}`,
});

function hold(facts: GateFacts, lookSeconds: number, why: string): CheckResult {
  const { gate, appliedAt, now } = facts;
  const held = secondsBetween(appliedAt, now);
  const early = gate.holdSeconds - held;
  const waitSeconds = Math.max(1, early > 0 ? Math.min(lookSeconds, early) : Math.min(lookSeconds, secondsLeft(facts)));
  const most = early > 0 ? `${gate.holdSeconds}` : `at most ${longestSeconds(gate)}`;
  return { status: 'waiting', waitSeconds, message: `${named(facts)} is held, ${held} of ${most} s: ${why}` };
}

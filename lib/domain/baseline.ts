/**
 * What was normal for a service before the release that an alarm would blame. Pure: what was read comes in, what to do
 * and why comes out.
 *
 * A release is on trial for `attributionMinutes`: that long a rollback may blame it, and that long nothing is learned,
 * so the baseline that judges it stems from minutes before it began. Only a release that has stood its trial is part of
 * what is normal, and only with the minutes after it: see docs/decisions/baselines.md.
 */
import type { BaselineValues } from './baseline-metrics.ts';
import { familyRevision, type ServiceView } from './ecs.ts';
import type { LockState } from './lock.ts';
import { roundOff } from './triggers/trigger.ts';

/** A minute long enough ago that CloudWatch has all of it, and as many before it as make an hour. */
export const windowMinutes = 60;
export const settleMinutes = 2;

/** Fewer minutes than this, of those with enough requests, are too few to tell what is normal. */
export const minimumMinutes = 20;

/** A minute is unhealthy that fails more of its requests than this: R107 plans a rollback there. */
export const unhealthyErrorPercent = 5;

/** A minute is unhealthy that is slower than this many times the window's own median. */
export const unhealthySlowdown = 3;

/** A window is unhealthy when more of its minutes are than this. The median stays sound up to 50. */
export const unhealthyMinutesPercent = 10;

/** One minute of a service, over all its sides. */
export interface ServiceMinute {
  /** Its start, ISO 8601. */
  readonly time: string;
  readonly requests: number;
  readonly errors: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface LearningWindow {
  /** Start of the first minute, ISO 8601. */
  readonly from: string;
  /** End of the last. Not after `from` where no minute may be learned from. */
  readonly to: string;
}

export interface LearningFacts {
  readonly now: string;
  /** What ECS says of every side. */
  readonly sides: readonly ServiceView[];
  /** The service's alarms that are in ALARM. */
  readonly alarmsOn: readonly string[];
  readonly lock: LockState | undefined;
  readonly attributionMinutes: number;
  readonly minimumRequestsPerMinute: number;
}

export interface LearnedBaseline {
  readonly values: BaselineValues;
  readonly window: LearningWindow;
  /** How many minutes counted. */
  readonly minutes: number;
  readonly learnedAt: string;
}

export type BaselineDecision =
  | { readonly decision: 'learn'; readonly baseline: LearnedBaseline; readonly reasons: readonly string[] }
  /** The last good one stays: `freeze` because of what goes on, `refuse` because of what was measured. */
  | { readonly decision: 'freeze' | 'refuse'; readonly reasons: readonly string[] };

/** Minutes outside of the window are never looked at, whatever is passed. */
export function decideBaseline(facts: LearningFacts, minutes: readonly ServiceMinute[]): BaselineDecision {
  const frozen = freezeReasons(facts);
  if (frozen.length > 0) return { decision: 'freeze', reasons: frozen };
  const window = learningWindow(facts);
  const within = minutes.filter(({ time }) => time >= window.from && time < window.to);
  const counted = within.filter(({ requests }) => requests > 0 && requests >= facts.minimumRequestsPerMinute);
  const refused = tooFew(counted, window, facts) ?? unhealthy(counted, window);
  if (refused) return { decision: 'refuse', reasons: [refused] };
  return {
    decision: 'learn',
    baseline: { values: valuesOf(counted), window, minutes: counted.length, learnedAt: facts.now },
    reasons: [`Learned from ${counted.length} minutes between ${window.from} and ${window.to}.`],
  };
}

/** Why nothing may be learned now, whatever the numbers are; empty where something may. */
export function freezeReasons({ now, sides, alarmsOn, lock, attributionMinutes }: LearningFacts): string[] {
  const newest = newestDeployment(sides);
  const reasons: string[] = [];
  if (!newest) reasons.push('ECS reports no deployment of any side, so nothing tells how old the release is.');
  else if (newest.begunAt >= minutesBefore(now, attributionMinutes)) {
    const age = Math.max(0, Math.floor((Date.parse(now) - Date.parse(newest.begunAt)) / minuteMs));
    reasons.push(
      `${newest.name} began ${age} min ago, at ${newest.begunAt}: a release is on trial for ${attributionMinutes} min.`,
    );
  }
  if (alarmsOn.length > 0) reasons.push(`${alarmsOn.length} of its alarms on: ${[...alarmsOn].sort().join(', ')}.`);
  if (lock?.owner) reasons.push(`Rollback ${lock.owner.rollbackId} holds its lock since ${lock.owner.acquiredAt}.`);
  return reasons;
}

/** The last hour, as far as it lies behind the trial of the release that runs. */
export function learningWindow({ now, sides, attributionMinutes }: LearningFacts): LearningWindow {
  const to = wholeMinute(minutesBefore(now, settleMinutes));
  const hourAgo = minutesBefore(to, windowMinutes);
  const newest = newestDeployment(sides);
  const trialOver = newest ? nextMinute(minutesBefore(newest.begunAt, -attributionMinutes)) : to;
  const [, from = to] = [hourAgo, trialOver].sort();
  return { from, to };
}

/** Any deployment counts, a rollback's own and a redeployment too: whatever it brought is new for a while. */
function newestDeployment(
  sides: readonly ServiceView[],
): { readonly name: string; readonly begunAt: string } | undefined {
  return sides
    .flatMap(({ side, deployments }) =>
      deployments.map(({ taskDefinition, createdAt }) => ({
        name: `The deployment of ${familyRevision(taskDefinition)} on ${side}`,
        begunAt: createdAt,
      })),
    )
    .filter(({ begunAt }) => begunAt !== '')
    .sort((a, b) => b.begunAt.localeCompare(a.begunAt))[0];
}

function tooFew(counted: readonly ServiceMinute[], window: LearningWindow, facts: LearningFacts): string | undefined {
  if (counted.length >= minimumMinutes) return undefined;
  const span = window.to > window.from ? `between ${window.from} and ${window.to}` : 'after the trial of the release';
  return (
    `${counted.length} minutes ${span} had the ${facts.minimumRequestsPerMinute} requests that make one count; ` +
    `${minimumMinutes} are needed.`
  );
}

function unhealthy(counted: readonly ServiceMinute[], window: LearningWindow): string | undefined {
  const slow = unhealthySlowdown * median(counted.map(({ p95Ms }) => p95Ms));
  const failing = counted.filter((minute) => errorPercent(minute) > unhealthyErrorPercent);
  const slowed = counted.filter(({ p95Ms }) => p95Ms > slow);
  const sick = new Set([...failing, ...slowed]).size;
  if (sick * 100 <= unhealthyMinutesPercent * counted.length) return undefined;
  const parts = [
    failing.length > 0 ? `${failing.length} failed more than ${unhealthyErrorPercent} % of their requests` : '',
    slowed.length > 0 ? `${slowed.length} had a p95 above ${roundOff(slow)} ms, ${unhealthySlowdown} x the median` : '',
  ].filter(Boolean);
  return (
    `Of ${counted.length} minutes between ${window.from} and ${window.to}, ${parts.join(' and ')}; ` +
    `more than ${unhealthyMinutesPercent} % make the window unhealthy.`
  );
}

/**
 * The median of the minutes' own values: percentiles cannot be averaged, and half of the minutes would have to be
 * unusual to move it. It also is what the alarm compares with: one minute.
 */
function valuesOf(counted: readonly ServiceMinute[]): BaselineValues {
  const of = (value: (minute: ServiceMinute) => number): number => Number(median(counted.map(value)).toPrecision(6));
  return {
    errorRatePercent: of(errorPercent),
    p95ResponseTimeMs: of(({ p95Ms }) => p95Ms),
    p99ResponseTimeMs: of(({ p99Ms }) => p99Ms),
    availability: of(({ requests, errors }) => Math.max(0, requests - errors) / requests),
  };
}

/** Of no values NaN. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

const errorPercent = ({ requests, errors }: ServiceMinute): number => Math.min(100, (100 * errors) / requests);

const minuteMs = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const minutesBefore = (time: string, minutes: number): string => iso(Date.parse(time) - minutes * minuteMs);
const wholeMinute = (time: string): string => iso(Math.floor(Date.parse(time) / minuteMs) * minuteMs);
const nextMinute = (time: string): string => iso(Math.ceil(Date.parse(time) / minuteMs) * minuteMs);

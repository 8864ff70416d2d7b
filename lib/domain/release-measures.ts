/**
 * What the load balancer counted of a release: before it, since it, and on the other side meanwhile.
 *
 * The load balancer counts by target group. During a rolling deployment old and new tasks share one, and no metric
 * tells them apart; then the minutes before the release stand for the old one.
 */
import { type Comparison, compare } from './comparison.ts';
import type { Known, Measured, Normal } from './decision-matrix.ts';
import type { ServiceConfiguration } from './model.ts';
import { bothServe, type Minute, minutesOf, p95, steadyMinutes, total } from './release-counts.ts';
import { balancedSides, beforeMinutes } from './release-questions.ts';
import { compareSlowness } from './slowness.ts';
import type { Series } from './verification/measure.ts';

export interface MeasureFacts {
  readonly configuration: ServiceConfiguration;
  readonly series: Readonly<Record<string, Series>>;
  /** The side that was released. */
  readonly side: string;
  /** When the release began. */
  readonly begunAt: string;
  readonly alarmSince: string;
  /** Minutes that had to be bad for the alarm to go on. */
  readonly badMinutes: number;
}

export interface ReleaseMeasures {
  readonly measured: Measured;
  readonly normal: Normal;
  readonly errors?: SideComparison;
  readonly slowness?: SideComparison;
  /** How many times as many requests a minute as before the release; absent where the minutes before were too few. */
  readonly trafficTimes?: number;
}

/** `meanwhile`: against the other side in the same minutes. Otherwise against the minutes before the release. */
export type SideComparison = Comparison & { readonly meanwhile: boolean };

export function measureRelease(facts: MeasureFacts): ReleaseMeasures {
  const { configuration, side } = facts;
  const minutes = minutesOf(facts.series, balancedSides(configuration).length);
  const released = Date.parse(facts.begunAt);
  const alarmed = floor(Date.parse(facts.alarmSince)) - facts.badMinutes * minuteMs;
  const since = minutes.filter(({ at }) => at >= Math.max(released, alarmed));
  const before = minutes.filter(({ at }) => at < floor(released) && at >= floor(released) - beforeMinutes * minuteMs);
  const names = balancedSides(configuration).map(({ name }) => name);
  const own = names.indexOf(side);
  const enough = configuration.health.minimumRequestsPerMinute;
  const normal = normalOf(facts, before, enough);
  const known = knownBaseline(facts);
  const serving = names.length > 1 && bothServe(since, own);
  const [newer, older] = [total(since, own), serving ? total(since, 1 - own) : total(before)];
  const labels = {
    newName: serving ? side : `${side} since the release`,
    oldName: serving ? (names[1 - own] ?? '') : `the ${beforeMinutes} minutes before it`,
  };
  const slow = p95(since, own, enough);
  const slowBefore = serving ? p95(since, 1 - own, enough) : p95(before, undefined, enough);
  const errors = compare({
    ...labels,
    newer,
    older,
    minimumRequests: enough,
    normalPercent: known.errorRatePercent.value,
  });
  const slowness = compareSlowness({
    ...labels,
    newMs: slow,
    oldMs: slowBefore,
    normalMs: known.p95ResponseTimeMs.value,
  });
  return {
    measured: measured(since, own, enough),
    normal,
    ...trafficGrowth(since, before, enough),
    // What the minutes before cannot show is no reason to doubt what the minutes since show.
    ...(worthKnowing(serving, errors) && { errors: { ...errors, meanwhile: serving } }),
    ...(worthKnowing(serving, slowness) && { slowness: { ...slowness, meanwhile: serving } }),
  };
}

const worthKnowing = (serving: boolean, { verdict }: Comparison): boolean => serving || verdict !== 'inconclusive';

/** The released side, or the whole service where that is worse: a load balancer's own errors belong to no side. */
function measured(minutes: readonly Minute[], own: number, enough: number): Measured {
  const rates = [total(minutes, own), total(minutes)]
    .filter(({ requests }) => requests >= enough)
    .map(({ requests, errors }) => (100 * errors) / requests);
  const slow = p95(minutes, own, enough);
  return {
    ...(rates.length > 0 && { errorRatePercent: Math.max(...rates) }),
    ...(slow !== undefined && { p95ResponseTimeMs: slow }),
  };
}

function trafficGrowth(
  since: readonly Minute[],
  before: readonly Minute[],
  enough: number,
): Pick<ReleaseMeasures, 'trafficTimes'> {
  const { requests } = total(before);
  if (since.length === 0 || before.length < steadyMinutes || requests < enough * before.length) return {};
  return { trafficTimes: total(since).requests / since.length / (requests / before.length) };
}

// ---------------------------------------------------------------- what is normal

/** The published baseline, else the minutes before the release, else what is configured. */
function normalOf(facts: MeasureFacts, before: readonly Minute[], enough: number): Normal {
  const { errorRatePercent, p95ResponseTimeMs } = knownBaseline(facts);
  const { requests, errors } = total(before);
  const slow = p95(before, undefined, enough);
  const source = `${beforeMinutes} minutes before the release`;
  const steady = before.length >= steadyMinutes && requests >= enough * steadyMinutes;
  return {
    errorRatePercent:
      errorRatePercent.published || !steady ? errorRatePercent : { value: (100 * errors) / requests, source },
    p95ResponseTimeMs: p95ResponseTimeMs.published || slow === undefined ? p95ResponseTimeMs : { value: slow, source },
  };
}

type Baseline = Known & { readonly published: boolean };

/** The published baseline, else what is configured. */
export function knownBaseline({ configuration, series }: Pick<MeasureFacts, 'configuration' | 'series'>): {
  readonly errorRatePercent: Baseline;
  readonly p95ResponseTimeMs: Baseline;
} {
  const { errorRatePercent, p95ResponseTimeMs } = configuration.baseline;
  return {
    errorRatePercent: published(series.normalErrors) ?? configured(errorRatePercent),
    p95ResponseTimeMs: published(series.normalSlow) ?? configured(p95ResponseTimeMs),
  };
}

/** Points lie ahead of time, but the question ends now, so the last one is the present. */
function published(series: Series | undefined): Baseline | undefined {
  const last = series?.points.at(-1);
  return last && { value: last.value, source: 'published baseline', published: true };
}

const configured = (value: number): Baseline => ({ value, source: 'configured baseline', published: false });

const minuteMs = 60_000;
const floor = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;

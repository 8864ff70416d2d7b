/** Which points of the baseline a run publishes, and what it keeps for the next one. */
import type { BaselineDecision, LearnedBaseline } from './baseline.ts';
import {
  type BaselineKind,
  baselineKinds,
  baselineMetric,
  baselineRunMetric,
  smallestPublished,
} from './baseline-metrics.ts';
import type { MetricSource } from './model.ts';

/** How often PublishBaselines runs. */
export const scheduleMinutes = 5;

/**
 * Points reach so far ahead of a run. The alarms need one for each minute, while runs come every five: two in a row may
 * get lost, and the third come a minute late and be repeated, before the fallback steps in. Farther ahead, a new
 * baseline would take longer to be heard. CloudWatch takes points of up to two hours ahead.
 */
export const aheadMinutes = 20;

/** What the table remembers of a service's baseline. */
export interface BaselineRecord {
  readonly decision: BaselineDecision['decision'];
  readonly reasons: readonly string[];
  readonly decidedAt: string;
  /** The last good one; absent until something was learned. */
  readonly baseline?: LearnedBaseline;
  /** Start of the last minute that was published, ISO 8601. */
  readonly publishedUntil?: string;
}

export interface BaselinePoint {
  readonly metric: MetricSource;
  readonly unit: 'Percent' | 'Milliseconds' | 'None' | 'Count';
  /** Of a baseline the start of the minute, ISO 8601. */
  readonly time: string;
  readonly value: number;
}

/** Each minute is published once, from this one on: what is already out cannot be taken back, only added to. */
export function nextPublication(
  previous: BaselineRecord | undefined,
  decided: BaselineDecision,
  now: string,
  { environment, service }: { readonly environment: string; readonly service: string },
): { readonly record: BaselineRecord; readonly points: readonly BaselinePoint[] } {
  const baseline = decided.decision === 'learn' ? decided.baseline : previous?.baseline;
  const { decision, reasons } = decided;
  if (!baseline) return { record: { decision, reasons, decidedAt: now }, points: [] };
  const times = minutesToPublish(previous?.publishedUntil, now);
  const publishedUntil = times.at(-1) ?? previous?.publishedUntil;
  return {
    record: { decision, reasons, decidedAt: now, baseline, ...(publishedUntil && { publishedUntil }) },
    points: baselineKinds.flatMap((kind) =>
      times.map((time) => ({
        metric: baselineMetric(kind, environment, service),
        unit: units[kind],
        time,
        value: Math.max(smallestPublished, baseline.values[kind]),
      })),
    ),
  };
}

/** The sign of life of a run. */
export const baselineRunPoint = (environment: string, failures: number, now: string): BaselinePoint => ({
  metric: baselineRunMetric(environment),
  unit: 'Count',
  time: now,
  value: failures,
});

/** Starts of the minutes that are still to be published, oldest first. */
function minutesToPublish(publishedUntil: string | undefined, now: string): string[] {
  const thisMinute = Math.floor(Date.parse(now) / minuteMs) * minuteMs;
  const first = publishedUntil ? Math.max(thisMinute, Date.parse(publishedUntil) + minuteMs) : thisMinute;
  const count = Math.max(0, (thisMinute - first) / minuteMs + aheadMinutes + 1);
  return Array.from({ length: count }, (_, index) => new Date(first + index * minuteMs).toISOString());
}

const minuteMs = 60_000;

const units: Readonly<Record<BaselineKind, BaselinePoint['unit']>> = {
  errorRatePercent: 'Percent',
  p95ResponseTimeMs: 'Milliseconds',
  p99ResponseTimeMs: 'Milliseconds',
  availability: 'None',
};

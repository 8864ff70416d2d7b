/** What a measured number may be at most or at least, at the time that it was measured, and where that comes from. */
import type { Series } from './measure.ts';
import type { Gauge } from './queries.ts';

export interface CurrentLimit {
  readonly value: number;
  /** In brackets behind the limit; empty where the runbook gives a plain number. */
  readonly origin: string;
}

/** CloudWatch itself has evaluated a moving limit, together with what it limits. */
export function currentLimit(
  gauge: Gauge,
  series: Readonly<Record<string, Series>>,
  time: string,
  inWords: (value: number) => string,
): CurrentLimit {
  const { alarm, moving } = gauge;
  if (!moving) return { value: alarm.threshold, origin: '' };
  const at = (id: string): number | undefined => series[id]?.points.find((point) => point.time === time)?.value;
  const published = at(moving.publishedId) ?? 0;
  const value = at(moving.limitId) ?? alarm.threshold;
  const { factor, floor } = moving;
  const times = `${factor} x the published baseline of ${inWords(published)}`;
  if (published <= 0) return { value, origin: 'from the configured fallback: no baseline is published' };
  if (factor * published <= floor) return { value, origin: `the floor, above ${times}` };
  return { value, origin: times };
}

/**
 * Which periods of a metric count as evidence about a mitigation: whole ones that began after it, and that CloudWatch
 * has had time to publish.
 */
import { secondsUntil } from '../elapsed.ts';

/** Load balancers publish a minute's metrics some time after it ended; an earlier look sees part of them. */
export const publishSeconds = 30;

/** A number older than this says nothing about now. */
export const freshSeconds = 300;

export interface Point {
  /** Start of the period, ISO 8601. */
  readonly time: string;
  readonly value: number;
}

export interface SampleWindow {
  /** Start of the first period that counts, ISO 8601. */
  readonly from: string;
  /** End of the last one. Not after `from` while there is none. */
  readonly to: string;
}

export function sampleWindow(mitigatedAt: string, now: string, periodSeconds: number): SampleWindow {
  const period = periodSeconds * 1000;
  const first = Math.ceil(Date.parse(mitigatedAt) / period) * period;
  const end = Math.floor((Date.parse(now) - publishSeconds * 1000) / period) * period;
  const oldest = end - Math.max(freshSeconds * 1000, period);
  return { from: iso(Math.max(first, oldest)), to: iso(end) };
}

/** One window around those of all periods, in seconds; undefined without any. */
export function earliestSample(mitigatedAt: string, now: string, periods: readonly number[]): SampleWindow | undefined {
  const windows = periods.map((period) => sampleWindow(mitigatedAt, now, period)).filter((window) => !isEmpty(window));
  const from = windows.map((window) => window.from).sort()[0];
  const to = windows
    .map((window) => window.to)
    .sort()
    .at(-1);
  return from === undefined || to === undefined ? undefined : { from, to };
}

export function isEmpty(window: SampleWindow): boolean {
  return window.to <= window.from;
}

/** The newest point of the window that `counts`; undefined where no data is. */
export function newest(
  points: readonly Point[],
  window: SampleWindow,
  counts: (point: Point) => boolean = () => true,
): Point | undefined {
  return points
    .filter((point) => point.time >= window.from && point.time < window.to && counts(point))
    .reduce<Point | undefined>((last, point) => (last && last.time > point.time ? last : point), undefined);
}

/** Until the next whole minute after the mitigation is published, 1 at least. */
export function secondsToNextSample(mitigatedAt: string, now: string): number {
  const minute = 60_000;
  const firstEnd = (Math.ceil(Date.parse(mitigatedAt) / minute) + 1) * minute;
  const nextEnd = (Math.floor((Date.parse(now) - publishSeconds * 1000) / minute) + 1) * minute;
  const published = Math.max(firstEnd, nextEnd) + publishSeconds * 1000;
  return Math.max(1, secondsUntil(iso(published), now));
}

const iso = (ms: number): string => new Date(ms).toISOString();

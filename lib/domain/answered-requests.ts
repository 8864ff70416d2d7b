/** How many requests a side's target group had: whether its tasks have ever served, and whether anything still reaches them. */
import type { ServiceConfiguration } from './model.ts';
import { balancedSides } from './release-questions.ts';
import type { Series } from './verification/measure.ts';
import type { MetricQuestion } from './verification/queries.ts';
import { publishSeconds } from './verification/samples.ts';

export interface RequestsQuestion {
  readonly queries: readonly MetricQuestion[];
  /** ISO 8601, `to` is exclusive. */
  readonly from: string;
  readonly to: string;
}

/** CloudWatch keeps minutes for 15 days; what a side did before proves nothing about its tasks of today. */
const longestDays = 14;
const dayMs = 86_400_000;

/**
 * Requests from `since` on, in whole periods only, so that none from before counts.
 *
 * @param since ISO 8601
 * @returns undefined where no load balancer counts the side's requests, or no whole period has passed
 */
export function requestsSince(
  configuration: ServiceConfiguration,
  side: string,
  since: string,
  now: string,
): RequestsQuestion | undefined {
  const begun = Math.max(Date.parse(since), Date.parse(now) - longestDays * dayMs);
  // Two weeks of minutes would be more points than the answer is worth waiting for.
  const periodSeconds = Date.parse(now) - begun > dayMs ? 300 : 60;
  const periodMs = periodSeconds * 1_000;
  const from = Math.ceil(begun / periodMs) * periodMs;
  const to = Math.floor(Date.parse(now) / periodMs) * periodMs;
  return question(configuration, side, periodSeconds, from, to);
}

/** Requests of the last published whole minutes. */
export function requestsOfLast(
  configuration: ServiceConfiguration,
  side: string,
  minutes: number,
  now: string,
): RequestsQuestion | undefined {
  const to = Math.floor((Date.parse(now) - publishSeconds * 1_000) / 60_000) * 60_000;
  return question(configuration, side, 60, to - minutes * 60_000, to);
}

/** A period without requests has no point. @throws where the answer is not complete */
export function requestsIn(series: Readonly<Record<string, Series>>): number {
  const { points = [], problem } = series[id] ?? {};
  if (problem !== undefined) throw new Error(problem);
  return points.reduce((sum, { value }) => sum + value, 0);
}

const id = 'requests';

function question(
  configuration: ServiceConfiguration,
  side: string,
  periodSeconds: number,
  from: number,
  to: number,
): RequestsQuestion | undefined {
  const balanced = balancedSides(configuration).find(({ name }) => name === side);
  if (!balanced || to <= from) return undefined;
  const metric = {
    namespace: 'AWS/ApplicationELB',
    metricName: 'RequestCount',
    dimensions: balanced.dimensions,
    statistic: 'Sum',
  };
  return { queries: [{ id, metric, returnData: true, periodSeconds }], from: iso(from), to: iso(to) };
}

const iso = (ms: number): string => new Date(ms).toISOString();

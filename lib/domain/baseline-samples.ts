/** What PublishBaselines asks CloudWatch, and the answer as minutes of the service. */
import type { ServiceMinute } from './baseline.ts';
import type { MetricSource, ServiceConfiguration } from './model.ts';
import { balanced, targetMetric } from './triggers/load-balancer.ts';
import type { Series } from './verification/measure.ts';
import type { MetricQuestion } from './verification/queries.ts';

/** Metrics asked for of each side in each run. */
export const metricsPerSide = 4;

/** Empty for a service that no load balancer reaches: nothing counts its requests. */
export function baselineQuestions(configuration: Pick<ServiceConfiguration, 'sides' | 'traffic'>): MetricQuestion[] {
  const behind = balanced(configuration);
  if (!behind) return [];
  return behind.sides.flatMap(({ targetGroup }, index) => {
    const ask = (name: string, metricName: string, statistic: string): MetricQuestion => {
      const metric: MetricSource = targetMetric(behind, targetGroup, metricName, statistic);
      return { id: `${name}${index}`, metric, returnData: true, periodSeconds: 60 };
    };
    return [
      ask('requests', 'RequestCount', 'Sum'),
      ask('errors', 'HTTPCode_Target_5XX_Count', 'Sum'),
      ask('p95of', 'TargetResponseTime', 'p95'),
      ask('p99of', 'TargetResponseTime', 'p99'),
    ];
  });
}

/**
 * Requests and errors are added up over the sides. Percentiles cannot be: those of the side that served most stand for
 * the minute. A minute without a response time is left out, since nothing can be said of half of it.
 */
export function minutesOf(series: Readonly<Record<string, Series>>): ServiceMinute[] {
  const sides = Object.keys(series).flatMap((id) => /^requests(\d+)$/.exec(id)?.[1] ?? []);
  const at = new Map(Object.entries(series).map(([id, { points }]) => [id, byTime(points)]));
  const valueAt = (id: string, time: string): number | undefined => at.get(id)?.get(time);
  const times = new Set(sides.flatMap((side) => [...(at.get(`requests${side}`)?.keys() ?? [])]));
  return [...times].sort().flatMap((time): ServiceMinute[] => {
    const served = sides
      .map((side) => ({ side, requests: valueAt(`requests${side}`, time) ?? 0 }))
      .sort((a, b) => b.requests - a.requests);
    const most = served[0]?.side ?? '';
    const p95 = valueAt(`p95of${most}`, time);
    const p99 = valueAt(`p99of${most}`, time);
    if (p95 === undefined || p99 === undefined) return [];
    return [
      {
        time,
        requests: served.reduce((sum, { requests }) => sum + requests, 0),
        errors: sides.reduce((sum, side) => sum + (valueAt(`errors${side}`, time) ?? 0), 0),
        p95Ms: p95 * 1000,
        p99Ms: p99 * 1000,
      },
    ];
  });
}

const byTime = (points: Series['points']): Map<string, number> =>
  new Map(points.map(({ time, value }) => [time, value]));

/** What CloudWatch is asked about a release, in one question, before it is known which release is judged. */
import { loadBalancerDimension, targetGroupDimension } from './arns.ts';
import { baselineMetric } from './baseline-metrics.ts';
import type { MetricSource, ServiceConfiguration } from './model.ts';
import type { MetricQuestion } from './verification/queries.ts';

/** Before the release; longer would reach into other traffic. */
export const beforeMinutes = 10;

/** Empty for a service that no load balancer reaches. Sides are numbered in the order of `balancedSides`. */
export function releaseQuestions(configuration: ServiceConfiguration): MetricQuestion[] {
  const { environment, service } = configuration;
  const groups = balancedSides(configuration).flatMap(({ dimensions }, index) => [
    question(`requests${index}`, balancer('RequestCount', dimensions, 'Sum')),
    question(`errors${index}`, balancer('HTTPCode_Target_5XX_Count', dimensions, 'Sum')),
    question(`slow${index}`, balancer('TargetResponseTime', dimensions, 'p95')),
  ]);
  const [first] = balancedSides(configuration);
  if (!first) return [];
  const { LoadBalancer = '' } = first.dimensions;
  return [
    ...groups,
    ...(ownBalancer(configuration)
      ? [question('balancer', balancer('HTTPCode_ELB_5XX_Count', { LoadBalancer }, 'Sum'))]
      : []),
    question('normalErrors', baselineMetric('errorRatePercent', environment, service)),
    question('normalSlow', baselineMetric('p95ResponseTimeMs', environment, service)),
  ];
}

/** The time that has to be asked for, whichever release inside the attribution window it will be. */
export function releaseWindow(
  alarmSince: string,
  attributionMinutes: number,
  now: string,
): { readonly from: string; readonly to: string } {
  const to = floor(Date.parse(now)) + minuteMs;
  const from = floor(Date.parse(alarmSince)) - (attributionMinutes + beforeMinutes) * minuteMs;
  return { from: iso(Math.max(from, to - longestMinutes * minuteMs)), to: iso(to) };
}

/** An answer holds 100,800 points; this many minutes of everything that is asked stay far below. */
const longestMinutes = 2 * 1_440;

export interface BalancedSide {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The sides that the load balancer counts. */
export function balancedSides({ sides, traffic }: ServiceConfiguration): BalancedSide[] {
  const LoadBalancer = loadBalancerDimension(traffic.rules[0] ?? '');
  return sides.flatMap(({ name, targetGroup }) => {
    const TargetGroup = targetGroupDimension(targetGroup ?? '');
    return LoadBalancer && TargetGroup ? [{ name, dimensions: { LoadBalancer, TargetGroup } }] : [];
  });
}

/** Errors that the load balancer makes count where the service's alarms count them: where it is not shared. */
const ownBalancer = ({ triggers }: ServiceConfiguration): boolean =>
  triggers.some(({ alarms }) =>
    alarms.some(({ queries }) => queries.some(({ metric }) => metric?.metricName === 'HTTPCode_ELB_5XX_Count')),
  );

const balancer = (
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
  statistic: string,
): MetricSource => ({ namespace: 'AWS/ApplicationELB', metricName, dimensions, statistic });

const question = (id: string, metric: MetricSource): MetricQuestion => ({
  id,
  metric,
  returnData: true,
  periodSeconds: 60,
});

const minuteMs = 60_000;
const floor = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;
const iso = (ms: number): string => new Date(ms).toISOString();

/** Traffic per minute, as CloudWatch has it. */
import type { GetMetricDataCommandOutput, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import { operate } from '../../../simulator/scenario/schedule.ts';
import type { TrafficMinute } from '../story/facts.ts';

const minuteMs = 60_000;
/** So long after a minute CloudWatch certainly has its numbers. */
export const publicationMs = 40_000;

/** One row for each whole minute of [fromMs, untilMs). */
export async function minutesOf(run: LiveRun, fromMs: number, untilMs: number): Promise<TrafficMinute[]> {
  const balancers = (run.scenario.account.loadBalancers ?? []).map(({ arn }) => arn.replace(/^.*:loadbalancer\//, ''));
  const MetricDataQueries = balancers.flatMap((balancer, index) => queriesOf(balancer, index));
  if (MetricDataQueries.length === 0) return [];
  const { MetricDataResults = [] } = (await operate(run.account.cloudwatch, 'GetMetricData', {
    MetricDataQueries,
    StartTime: new Date(fromMs),
    EndTime: new Date(untilMs),
    ScanBy: 'TimestampAscending',
  })) as GetMetricDataCommandOutput;

  const valuesAt = (prefix: string, timeMs: number): number[] =>
    MetricDataResults.filter(({ Id }) => Id?.startsWith(prefix)).flatMap(({ Timestamps, Values }) => {
      const at = (Timestamps ?? []).findIndex((timestamp) => timestamp.getTime() === timeMs);
      const value = Values?.[at];
      return value === undefined ? [] : [value];
    });
  const rows: TrafficMinute[] = [];
  for (let timeMs = fromMs; timeMs < untilMs; timeMs += minuteMs) {
    const requests = valuesAt('requests', timeMs);
    const seconds = valuesAt('time', timeMs);
    rows.push({
      kind: 'minute',
      minuteMs: timeMs,
      timeMs: timeMs + minuteMs + publicationMs,
      requests: requests.length > 0 ? sum(requests) : null,
      errors: requests.length > 0 ? sum(valuesAt('errors', timeMs)) : null,
      p95Ms: seconds.length > 0 ? Math.max(...seconds) * 1000 : null,
    });
  }
  return rows;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function queriesOf(balancer: string, index: number): MetricDataQuery[] {
  const query = (id: string, MetricName: string, Stat: string): MetricDataQuery => ({
    Id: `${id}${index}`,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName,
        Dimensions: [{ Name: 'LoadBalancer', Value: balancer }],
      },
      Period: 60,
      Stat,
    },
  });
  return [
    query('requests', 'RequestCount', 'Sum'),
    query('errors_target', 'HTTPCode_Target_5XX_Count', 'Sum'),
    query('errors_elb', 'HTTPCode_ELB_5XX_Count', 'Sum'),
    query('time', 'TargetResponseTime', 'p95'),
  ];
}

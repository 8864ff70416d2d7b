/**
 * Amazon CloudWatch: numbers of past minutes, whether an alarm is on, and the points of the published baseline.
 *
 * Calls: cloudwatch:GetMetricData, cloudwatch:DescribeAlarms, cloudwatch:PutMetricData
 */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import type { BaselinePoint } from '../../lib/domain/baseline-points.ts';
import type { Series } from '../../lib/domain/verification/measure.ts';
import type { MetricQuestion } from '../../lib/domain/verification/queries.ts';
import { clientOptions } from './client.ts';

const cloudwatch = new CloudWatchClient(clientOptions);

/** The points of every query that returns data, by the query's id. `from` and `to` are ISO 8601, `to` is exclusive. */
export async function readSeries(
  questions: readonly MetricQuestion[],
  from: string,
  to: string,
): Promise<Record<string, Series>> {
  const series: Record<string, { points: { time: string; value: number }[]; problem?: string }> = {};
  let nextToken: string | undefined;
  do {
    const page: GetMetricDataCommandOutput = await cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: questions.map(toQuery),
        StartTime: new Date(from),
        EndTime: new Date(to),
        ScanBy: 'TimestampAscending',
        ...(nextToken && { NextToken: nextToken }),
      }),
    );
    for (const result of page.MetricDataResults ?? []) {
      const values = result.Values ?? [];
      const id = result.Id ?? '';
      const entry = series[id] ?? { points: [] };
      series[id] = entry;
      entry.points.push(
        ...(result.Timestamps ?? []).map((time, index) => ({ time: time.toISOString(), value: values[index] ?? 0 })),
      );
      // PartialData only says that another page follows.
      if (result.StatusCode === 'InternalError' || result.StatusCode === 'Forbidden') {
        entry.problem = result.Messages?.[0]?.Value ?? result.StatusCode;
      }
    }
    nextToken = page.NextToken;
  } while (nextToken);
  return series;
}

/** CloudWatch takes a thousand points a call; a point that was published before counts twice. */
export async function publishPoints(points: readonly BaselinePoint[]): Promise<void> {
  const namespaces = new Set(points.map(({ metric }) => metric.namespace));
  for (const Namespace of namespaces) {
    const ours = points.filter(({ metric }) => metric.namespace === Namespace);
    for (let at = 0; at < ours.length; at += 1_000) {
      const MetricData = ours.slice(at, at + 1_000).map(({ metric, unit, time, value }) => ({
        MetricName: metric.metricName,
        Dimensions: dimensions(metric.dimensions),
        Timestamp: new Date(time),
        Value: value,
        Unit: unit,
      }));
      await cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData }));
    }
  }
}

/** True while the alarm is in ALARM; an alarm that no longer exists is not. */
export async function alarmIsOn(alarmName: string): Promise<boolean> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [alarmName], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  return [...MetricAlarms, ...CompositeAlarms].some((alarm) => alarm.StateValue === 'ALARM');
}

const dimensions = (named: Readonly<Record<string, string>>) =>
  Object.entries(named).map(([Name, Value]) => ({ Name, Value }));

/** An expression has the period of the metrics in it. */
function toQuery({ id, metric, expression, returnData, periodSeconds }: MetricQuestion): MetricDataQuery {
  return {
    Id: id,
    ReturnData: returnData,
    ...(expression !== undefined && { Expression: expression }),
    ...(metric && {
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metricName,
          Dimensions: dimensions(metric.dimensions),
        },
        Period: periodSeconds,
        Stat: metric.statistic,
      },
    }),
  };
}

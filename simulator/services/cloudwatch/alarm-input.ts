import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../service.ts';
import { commonPeriod, evaluateQueries, isPeriod, validateQueries } from './queries.ts';
import { percentileOf } from './statistics.ts';
import { MetricStore } from './store.ts';

/** What an alarm watches: the queries, and the id of the one that is compared with the threshold. */
export interface AlarmSubject {
  readonly queries: readonly MetricDataQuery[];
  readonly returned: string;
  readonly periodSeconds: number;
}

const comparisons = [
  'GreaterThanThreshold',
  'GreaterThanOrEqualToThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
];

const refuse = (message: string) => new AwsError('ValidationError', message);

/** @throws AwsError `ValidationError`, as PutMetricAlarm refuses what could never be evaluated */
export function validateAlarm(input: PutMetricAlarmInput): void {
  const { AlarmName: name = '', EvaluationPeriods: periods = 0, DatapointsToAlarm: datapoints = periods } = input;
  if (name.length < 1 || name.length > 255) throw refuse('An alarm name has 1 to 255 characters');
  if ((input.AlarmDescription ?? '').length > 1024) throw refuse('An alarm description has at most 1024 characters');
  if (!comparisons.includes(input.ComparisonOperator ?? '')) {
    throw refuse(`The comparison operator must be one of ${comparisons.join(', ')}, not ${input.ComparisonOperator}`);
  }
  if (input.Threshold === undefined) throw refuse('A threshold must be given');
  if (!(periods >= 1)) throw refuse('EvaluationPeriods must be at least 1');
  if (datapoints < 1 || datapoints > periods) throw refuse('DatapointsToAlarm must be between 1 and EvaluationPeriods');
  if (!['breaching', 'notBreaching', 'ignore', 'missing'].includes(input.TreatMissingData ?? 'missing')) {
    throw refuse(`TreatMissingData must be breaching, notBreaching, ignore or missing, not ${input.TreatMissingData}`);
  }
  const { periodSeconds } = subjectOf(input);
  const seconds = periodSeconds * periods;
  if (seconds > 604_800 || (periodSeconds < 3600 && seconds > 86_400)) {
    throw refuse('Period times EvaluationPeriods is at most one day, or seven days for periods of an hour or more');
  }
}

export function subjectOf(input: PutMetricAlarmInput): AlarmSubject {
  return input.Metrics ? mathSubject(input, input.Metrics) : metricSubject(input);
}

function metricSubject(input: PutMetricAlarmInput): AlarmSubject {
  const stat = input.Statistic ?? input.ExtendedStatistic;
  if (!input.MetricName || !input.Namespace || !stat) {
    throw refuse('An alarm needs either Metrics, or Namespace, MetricName and one of Statistic and ExtendedStatistic');
  }
  if (input.ExtendedStatistic !== undefined && percentileOf(input.ExtendedStatistic) === undefined) {
    throw refuse(`The extended statistic '${input.ExtendedStatistic}' is no percentile such as p95`);
  }
  if (!isPeriod(input.Period)) throw refuse(`The period must be 10, 20, 30 or a multiple of 60, not ${input.Period}`);
  const query: MetricDataQuery = {
    Id: 'm1',
    MetricStat: {
      Metric: { Namespace: input.Namespace, MetricName: input.MetricName, Dimensions: input.Dimensions ?? [] },
      Period: input.Period,
      Stat: stat,
    },
  };
  return { queries: [query], returned: 'm1', periodSeconds: input.Period };
}

function mathSubject(input: PutMetricAlarmInput, queries: readonly MetricDataQuery[]): AlarmSubject {
  if (input.MetricName || input.Namespace || input.Period || input.Statistic || input.ExtendedStatistic) {
    throw refuse('With Metrics, none of MetricName, Namespace, Dimensions, Period and Statistic may be given');
  }
  validateQueries(queries);
  const metrics = queries.filter((query) => query.MetricStat).length;
  if (metrics < 1) throw refuse('An alarm needs at least one metric');
  if (metrics > 10) throw refuse('An alarm has at most 10 metrics');
  if (queries.length - metrics > 10) throw refuse('An alarm has at most 10 expressions');
  const returned = queries.filter((query) => query.ReturnData !== false);
  const [only] = returned;
  if (returned.length !== 1 || !only) throw refuse('Exactly one element of the metrics list should return data');
  const periodSeconds = commonPeriod(queries) ?? 60;
  const subject = { queries, returned: only.Id ?? '', periodSeconds };
  refuseAllButOneSeries(subject);
  return subject;
}

/** The kind of a result does not depend on data, so an empty store shows it. */
function refuseAllButOneSeries({ queries, returned, periodSeconds }: AlarmSubject): void {
  const range = { startMs: 0, endMs: periodSeconds * 1000, periodMs: periodSeconds * 1000 };
  const value = evaluateQueries(new MetricStore(), queries, () => range).get(returned);
  if (value?.kind !== 'series') throw refuse('The expression that returns data must result in a single time series');
}

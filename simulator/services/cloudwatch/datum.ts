import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../service.ts';
import type { Datum } from '../cloudwatch.ts';
import { dimensionsOf } from './queries.ts';

const twoWeeksMs = 14 * 86_400_000;
const twoHoursMs = 2 * 3_600_000;

/** @throws AwsError as PutMetricData refuses a datum: too old, too far ahead, no value, values that do not match counts */
export function datumOf(namespace: string, datum: MetricDatum, nowMs: number): Datum {
  const timeMs = datum.Timestamp?.getTime() ?? nowMs;
  if (timeMs < nowMs - twoWeeksMs || timeMs > nowMs + twoHoursMs) {
    throw new AwsError(
      'InvalidParameterValue',
      'The parameter MetricData.member.Timestamp must specify a time no more than two weeks in the past and no more than two hours in the future.',
    );
  }
  const set = datum.StatisticValues;
  if (set) {
    throw new AwsError('InvalidParameterValue', 'StatisticValues are not simulated; use Value, or Values and Counts.');
  }
  if (datum.Value === undefined && datum.Values === undefined) {
    throw new AwsError('MissingParameter', 'At least one of Value, Values and StatisticValues must be specified.');
  }
  if (datum.Counts && datum.Counts.length !== datum.Values?.length) {
    throw new AwsError('InvalidParameterValue', 'The parameters Values and Counts must have the same length.');
  }
  return {
    namespace,
    metricName: datum.MetricName ?? '',
    dimensions: dimensionsOf(datum.Dimensions),
    timeMs,
    ...(datum.Value === undefined ? {} : { value: datum.Value }),
    ...(datum.Values === undefined ? {} : { values: datum.Values }),
    ...(datum.Counts === undefined ? {} : { counts: datum.Counts }),
  };
}

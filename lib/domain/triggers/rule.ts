import type { Json } from '../model.ts';
import type { Following } from './baseline.ts';
import { type ConditionText, readCondition } from './condition.ts';
import { readDuration } from './duration.ts';
import { type MetricReading, readMetric } from './metrics.ts';
import { type Operator, readOperator } from './operator.ts';
import { resolveThreshold } from './resolve.ts';
import { isRefusal, type Refusal, refuse, type ServiceFacts, shorten } from './trigger.ts';
import { readThreshold } from './value.ts';

/** A trigger as understood: everything an alarm and its description need. */
export interface Rule {
  readonly reading: MetricReading;
  readonly operator: Operator;
  readonly threshold: number;
  /** Where the threshold comes from. */
  readonly origin: string;
  /** Where the threshold follows the published baseline; `threshold` then is what it is without one. */
  readonly follows?: Following;
  /** How many minutes of the last `windowMinutes` it has to hold; all of them, unless the runbook gives a longer window. */
  readonly minutes: number;
  readonly windowMinutes: number;
  readonly remarks: readonly string[];
}

/** The full name of a field of this trigger: `trigger_conditions[2].metric_threshold.value`. */
export type FieldName = (name: string) => string;
export type Fields = { readonly [key: string]: Json };

/** Reads the threshold, with the condition's words where fields are null. */
export function readRule(field: FieldName, fields: Fields, condition: string, facts: ServiceFacts): Rule | Refusal {
  const given = fields.metric_threshold;
  if (given !== undefined && given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    return refuse(field('metric_threshold'), given, 'an object with metric, operator, value and duration_minutes');
  }
  const limit: Fields = given ?? {};
  const words = readCondition(condition);
  const metric = limit.metric ?? words.metric;
  const metricField = field('metric_threshold.metric');
  if (typeof metric !== 'string') return refuse(metricField, limit.metric, 'the name of a metric, such as error_rate');
  const reading = readMetric(metricField, metric.trim(), facts);
  if (isRefusal(reading)) return reading;
  const text = about(reading, words);
  const operator = readOperator(field('metric_threshold.operator'), limit.operator, text.operator);
  if (isRefusal(operator)) return operator;
  const valueField = field('metric_threshold.value');
  const fromText = readThreshold(field('condition'), text.value);
  const readable = fromText && !isRefusal(fromText) ? fromText : undefined;
  const value = readThreshold(valueField, limit.value) ?? readable;
  if (value === undefined) {
    return refuse(
      valueField,
      limit.value,
      `a value, since the condition ${JSON.stringify(shorten(condition))} names none`,
    );
  }
  if (isRefusal(value)) return value;
  const threshold = resolveThreshold(valueField, value, readable, reading);
  if (isRefusal(threshold)) return threshold;
  const upward = operator === 'GreaterThanThreshold' || operator === 'GreaterThanOrEqualToThreshold';
  if (threshold.follows && !upward) {
    return refuse(
      field('metric_threshold.operator'),
      limit.operator ?? text.operator,
      'greater_than or at_least, since a limit that follows a baseline is an upper one',
    );
  }
  const idle = cannotDiffer(valueField, operator, threshold.value, reading);
  if (idle) return idle;
  const duration = readDuration(field, limit, fields, text, reading);
  if (isRefusal(duration)) return duration;
  const remarks = [...duration.remarks, ...(reading.remark ? [reading.remark] : [])];
  return {
    reading,
    operator,
    threshold: threshold.value,
    origin: threshold.origin,
    ...(threshold.follows && { follows: threshold.follows }),
    minutes: duration.minutes,
    windowMinutes: duration.windowMinutes,
    remarks,
  };
}

/** What the condition says of how a metric changes is about a rate, and nothing that the metric itself is compared with. */
function about({ metric }: MetricReading, text: ConditionText): ConditionText {
  if (!text.ofRate || metric.endsWith('_rate')) return text;
  const { operator: _operator, value: _value, ...rest } = text;
  return rest;
}

/** A share of at most everything can neither exceed 100 % nor fall below nothing: such an alarm would never fire. */
function cannotDiffer(
  field: string,
  operator: Operator,
  threshold: number,
  reading: MetricReading,
): Refusal | undefined {
  const all = reading.unit === 'fraction' ? 1 : 100;
  if (reading.atMostAll && operator === 'GreaterThanThreshold' && threshold >= all) {
    return refuse(field, threshold, `less than ${all}: an alarm above all would never fire`);
  }
  const floored = reading.atMostAll || reading.unit === 'milliseconds';
  if (floored && operator === 'LessThanThreshold' && threshold <= 0) {
    return refuse(field, threshold, 'more than 0: an alarm below nothing would never fire');
  }
  return undefined;
}

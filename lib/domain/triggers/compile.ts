import type { AlarmDefinition, AlarmQuery, Comparison, CompiledTrigger, Json } from '../model.ts';
import { alarmName } from '../names.ts';
import { type ConditionText, readCondition } from './condition.ts';
import { alarmDescription, conditionWords } from './describe.ts';
import { type MetricReading, readMetric, type Watch } from './metrics.ts';
import { resolveThreshold } from './resolve.ts';
import { isRefusal, type Refusal, type RunbookTrigger, refuse, type ServiceFacts, shorten } from './trigger.ts';
import { readThreshold } from './value.ts';

/**
 * One trigger condition of a runbook as CloudWatch alarms. It never throws, whatever the runbook holds: what cannot be
 * compiled comes back as `compiled: false` with the field, what was found and what is allowed, and has no alarms.
 */
export function compileTrigger(trigger: RunbookTrigger, facts: ServiceFacts): CompiledTrigger {
  const fields = trigger.fields ?? {};
  const id = typeof fields.trigger_id === 'string' ? fields.trigger_id : '';
  const condition = typeof fields.condition === 'string' ? fields.condition : '';
  const automatic = readAutomatic(fields.auto_execute);
  const identity = {
    triggerId: idPattern.test(id) ? id : `trigger-${trigger.index + 1}`,
    name:
      typeof fields.name === 'string' && fields.name.trim() !== '' ? fields.name : id || `Trigger ${trigger.index + 1}`,
    condition,
    autoExecute: automatic === true,
    escalationContacts: readNames(fields.escalation_contacts),
  };
  const field = (name: string) => `trigger_conditions[${trigger.index}]${name && `.${name}`}`;
  const rule = trigger.fields ? readRule(field, fields, condition, facts) : refuse(field(''), 'no object', 'an object');
  const problem = idPattern.test(id) ? rule : refuse(field('trigger_id'), fields.trigger_id, idWords);
  if (isRefusal(problem)) return { ...identity, compiled: false, reason: problem.refused, alarms: [] };
  const asks = typeof automatic === 'string' ? [automatic] : [];
  return {
    ...identity,
    compiled: true,
    reason: [`${conditionWords(problem)}; ${problem.origin}.`, ...problem.remarks, ...asks].join(' '),
    alarms: problem.reading.watches.map((watch) => alarm(identity, problem, watch, facts)),
  };
}

/** Triggers of one runbook; an identifier used twice compiles once, since its alarms would overwrite each other. */
export function compileTriggers(triggers: readonly RunbookTrigger[], facts: ServiceFacts): CompiledTrigger[] {
  const seen = new Set<string>();
  return triggers.map((trigger) => {
    const compiled = compileTrigger(trigger, facts);
    if (!seen.has(compiled.triggerId)) {
      seen.add(compiled.triggerId);
      return compiled;
    }
    const field = `trigger_conditions[${trigger.index}].trigger_id`;
    const { refused } = refuse(field, compiled.triggerId, 'an identifier that no trigger before it has');
    return { ...compiled, triggerId: `trigger-${trigger.index + 1}`, compiled: false, reason: refused, alarms: [] };
  });
}

/** A trigger as understood: everything an alarm and its description need. */
export interface Rule {
  readonly reading: MetricReading;
  readonly operator: Operator;
  readonly threshold: number;
  /** Where the threshold comes from. */
  readonly origin: string;
  readonly minutes: number;
  readonly remarks: readonly string[];
}

export type Operator = Comparison | 'equals';

const idPattern = /^[A-Za-z0-9][\w.-]{0,99}$/;
const idWords = 'an identifier of letters, digits, hyphens, dots and underscores, at most 100';
const periodSeconds = 60;
/** CloudWatch looks back at most a day when periods are shorter than an hour. */
const longestMinutes = 1440;

const operators: Readonly<Record<string, Operator>> = {
  greater_than: 'GreaterThanThreshold',
  gt: 'GreaterThanThreshold',
  '>': 'GreaterThanThreshold',
  exceeds: 'GreaterThanThreshold',
  above: 'GreaterThanThreshold',
  over: 'GreaterThanThreshold',
  greater_than_or_equal: 'GreaterThanOrEqualToThreshold',
  greater_than_or_equal_to: 'GreaterThanOrEqualToThreshold',
  at_least: 'GreaterThanOrEqualToThreshold',
  gte: 'GreaterThanOrEqualToThreshold',
  '>=': 'GreaterThanOrEqualToThreshold',
  less_than: 'LessThanThreshold',
  lt: 'LessThanThreshold',
  '<': 'LessThanThreshold',
  below: 'LessThanThreshold',
  under: 'LessThanThreshold',
  drops_below: 'LessThanThreshold',
  falls_below: 'LessThanThreshold',
  less_than_or_equal: 'LessThanOrEqualToThreshold',
  less_than_or_equal_to: 'LessThanOrEqualToThreshold',
  at_most: 'LessThanOrEqualToThreshold',
  lte: 'LessThanOrEqualToThreshold',
  '<=': 'LessThanOrEqualToThreshold',
  equals: 'equals',
  equal_to: 'equals',
  eq: 'equals',
  '=': 'equals',
  '==': 'equals',
};
const operatorWords = 'greater_than, less_than, equals, at_least or at_most';

type FieldName = (name: string) => string;
type Fields = { readonly [key: string]: Json };

function readRule(field: FieldName, fields: Fields, condition: string, facts: ServiceFacts): Rule | Refusal {
  const given = fields.metric_threshold;
  if (given !== undefined && given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    return refuse(field('metric_threshold'), given, 'an object with metric, operator, value and duration_minutes');
  }
  const limit: Fields = given ?? {};
  const text = readCondition(condition);
  const metric = limit.metric ?? text.metric;
  const metricField = field('metric_threshold.metric');
  if (typeof metric !== 'string') return refuse(metricField, metric, 'the name of a metric, such as error_rate');
  const reading = readMetric(metricField, metric.trim(), facts);
  if (isRefusal(reading)) return reading;
  const operator = readOperator(field('metric_threshold.operator'), limit.operator, text);
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
  const idle = cannotDiffer(valueField, operator, threshold.value, reading);
  if (idle) return idle;
  const duration = readDuration(field, limit, fields, text);
  if (isRefusal(duration)) return duration;
  const remarks = [...duration.remarks, ...(reading.remark ? [reading.remark] : [])];
  return {
    reading,
    operator,
    threshold: threshold.value,
    origin: threshold.origin,
    minutes: duration.minutes,
    remarks,
  };
}

function readOperator(field: string, given: Json | undefined, text: ConditionText): Operator | Refusal {
  const spoken = text.operator === undefined ? undefined : operatorFrom(text.operator);
  if (given === undefined || given === null) return spoken ?? refuse(field, given, operatorWords);
  const written = typeof given === 'string' ? operatorFrom(given) : undefined;
  if (!written) return refuse(field, given, operatorWords);
  if (spoken && direction(spoken) !== direction(written)) {
    return refuse(field, given, `what the condition says, "${text.operator}"`);
  }
  return written;
}

function operatorFrom(words: string): Operator | undefined {
  const key = words
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return Object.hasOwn(operators, key) ? operators[key] : undefined;
}

const direction = (operator: Operator): string => operator.slice(0, 4);

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

interface Duration {
  readonly minutes: number;
  readonly remarks: readonly string[];
}

/** Whole minutes, from the threshold, else the window, else the condition. */
function readDuration(field: FieldName, limit: Fields, fields: Fields, text: ConditionText): Duration | Refusal {
  const allowed = `a number of minutes above 0 and at most ${longestMinutes}`;
  const candidates: [string, Json | undefined][] = [
    [field('metric_threshold.duration_minutes'), limit.duration_minutes],
    [field('evaluation_window_minutes'), fields.evaluation_window_minutes],
    [field('condition'), text.durationMinutes],
  ];
  const [name, given] = candidates.find(([, value]) => value !== undefined && value !== null) ?? [
    candidates[0]?.[0] ?? '',
  ];
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !(number > 0 && number <= longestMinutes)) return refuse(name, given, allowed);
  const minutes = Math.ceil(number);
  const rounded = minutes === number ? [] : [`${number} minutes are rounded up to ${minutes}.`];
  const window = fields.evaluation_window_minutes;
  const unused =
    window === undefined || window === null || Number(window) === number
      ? []
      : [`evaluation_window_minutes (${shorten(JSON.stringify(window), 20)}) is not used: every minute counts.`];
  return { minutes, remarks: [...rounded, ...unused] };
}

/** A string when the field had to be interpreted. Only a clear yes rolls back without asking. */
function readAutomatic(value: Json | undefined): boolean | string {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^\s*(true|false)\s*$/i.test(value)) return value.trim().toLowerCase() === 'true';
  const found = value === undefined ? 'nothing' : shorten(JSON.stringify(value), 40);
  return `auto_execute is ${found}, not true or false, so a person is asked.`;
}

const readNames = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];

type Identity = Pick<CompiledTrigger, 'triggerId' | 'name' | 'condition' | 'autoExecute' | 'escalationContacts'>;

function alarm(identity: Identity, rule: Rule, watch: Watch, facts: ServiceFacts): AlarmDefinition {
  const parts = watch.part === undefined ? [identity.triggerId] : [identity.triggerId, watch.part];
  const { comparison, threshold, queries } = judged(rule, watch);
  return {
    name: alarmName(facts.environment, facts.service, ...parts),
    description: alarmDescription(identity, rule, watch, facts),
    queries,
    comparison,
    threshold,
    periodSeconds,
    evaluationPeriods: rule.minutes,
    datapointsToAlarm: rule.minutes,
    treatMissingData: watch.treatMissingData,
    ...(watch.side === undefined ? {} : { side: watch.side }),
  };
}

/** CloudWatch compares with more and less only, so equality becomes a series of 0 and 1. */
function judged(rule: Rule, watch: Watch): Pick<AlarmDefinition, 'comparison' | 'threshold' | 'queries'> {
  if (watch.fixed) {
    return { comparison: watch.fixed.comparison, threshold: watch.fixed.threshold, queries: watch.queries };
  }
  if (rule.operator !== 'equals') {
    return { comparison: rule.operator, threshold: rule.threshold, queries: watch.queries };
  }
  const hidden = watch.queries.map((query): AlarmQuery => ({ ...query, returnData: false }));
  const equal: AlarmQuery = {
    id: 'equal',
    label: `${rule.reading.words} equals ${rule.threshold}`,
    expression: `IF(value == ${rule.threshold}, 1, 0)`,
    returnData: true,
  };
  return { comparison: 'GreaterThanOrEqualToThreshold', threshold: 1, queries: [...hidden, equal] };
}

import type { AlarmDefinition, AlarmQuery, CompiledTrigger, Json } from '../model.ts';
import { alarmName } from '../names.ts';
import { follow } from './baseline.ts';
import { alarmDescription, conditionWords } from './describe.ts';
import type { Watch } from './metrics.ts';
import { type Rule, readRule } from './rule.ts';
import { sampling } from './sampling.ts';
import { isRefusal, type RunbookTrigger, refuse, type ServiceFacts, shorten } from './trigger.ts';

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
  const rule = trigger.fields
    ? readRule(field, fields, condition, facts)
    : { refused: `${field('')}: found no object, allowed: an object` };
  const nameless = trigger.fields && !idPattern.test(id);
  const read = nameless ? refuse(field('trigger_id'), fields.trigger_id, idWords) : rule;
  if (isRefusal(read)) return { ...identity, compiled: false, reason: read.refused, alarms: [] };
  const asks = typeof automatic === 'string' ? [automatic] : [];
  return {
    ...identity,
    metric: read.reading.metric,
    compiled: true,
    reason: [`${conditionWords(read)}; ${read.origin}.`, ...read.remarks, ...asks].join(' '),
    alarms: read.reading.watches.map((watch) => alarm(identity, read, watch, facts)),
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

/** With the longest names of environment (24), service and side (63 each), an alarm's name has CloudWatch's 255 characters. */
const idPattern = /^[A-Za-z0-9][\w.-]{0,92}$/;
const idWords = 'an identifier of letters, digits, hyphens, dots and underscores, at most 93';

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
  const { comparison, threshold, queries, limit } = judged(rule, watch);
  return {
    name: alarmName(facts.environment, facts.service, ...parts),
    description: alarmDescription(identity, rule, watch, facts),
    queries,
    comparison,
    threshold,
    ...sampling(rule, watch),
    treatMissingData: watch.treatMissingData,
    ...(watch.side === undefined ? {} : { side: watch.side }),
    ...(limit && { limit }),
  };
}

/** The queries with the last one's value kept from firing in periods that say nothing. */
function guarded(rule: Rule, { queries, counts, quiet = 0 }: Watch): readonly AlarmQuery[] {
  const [value] = queries.slice(-1);
  if (counts === undefined || value?.expression === undefined) return queries;
  const expression = `IF(${counts}, ${value.expression}, ${silent(rule, quiet)})`;
  return [...queries.slice(0, -1), { ...value, expression }];
}

/** `natural`, or the nearest whole step beyond the threshold where `natural` itself would fire. */
function silent({ operator, threshold }: Rule, natural: number): number {
  switch (operator) {
    case 'GreaterThanThreshold':
      return natural > threshold ? threshold : natural;
    case 'GreaterThanOrEqualToThreshold':
      return natural >= threshold ? threshold - 1 : natural;
    case 'LessThanThreshold':
      return natural < threshold ? threshold : natural;
    case 'LessThanOrEqualToThreshold':
      return natural <= threshold ? threshold + 1 : natural;
    case 'equals':
      return natural === threshold ? threshold + 1 : natural;
  }
}

/** CloudWatch compares with more and less only, so equality becomes a series of 0 and 1. */
function judged(rule: Rule, watch: Watch): Pick<AlarmDefinition, 'comparison' | 'threshold' | 'queries' | 'limit'> {
  if (watch.fixed) {
    return { comparison: watch.fixed.comparison, threshold: watch.fixed.threshold, queries: watch.queries };
  }
  const { queries, limit } = rule.follows
    ? follow(guarded(rule, watch), rule.follows, rule.threshold)
    : { queries: guarded(rule, watch) };
  if (rule.operator !== 'equals') {
    return { comparison: rule.operator, threshold: rule.threshold, queries, ...(limit && { limit }) };
  }
  const hidden = queries.map((query): AlarmQuery => ({ ...query, returnData: false }));
  const equal: AlarmQuery = {
    id: 'equal',
    label: `${rule.reading.words} equals ${rule.threshold}`,
    expression: `IF(value == ${rule.threshold}, 1, 0)`,
    returnData: true,
  };
  return { comparison: 'GreaterThanOrEqualToThreshold', threshold: 1, queries: [...hidden, equal] };
}

import type { CompiledTrigger } from '../model.ts';
import { stateMachineName } from '../names.ts';
import type { Watch } from './metrics.ts';
import type { Operator } from './operator.ts';
import type { Rule } from './rule.ts';
import { sampling } from './sampling.ts';
import { quantity, type ServiceFacts, shorten } from './trigger.ts';

/** CloudWatch's limit. */
const longest = 1024;

/** `error rate above 5 % for 5 minutes`, `error rate above 5 x baseline for 5 minutes` */
export function conditionWords(rule: Rule, words = rule.reading.words): string {
  const { reading, operator, threshold, follows } = rule;
  const limit = follows ? `${follows.factor} x baseline` : quantity(threshold, reading.unit);
  return `${words} ${comparisonWords[operator]} ${limit} ${forMinutes(rule)}`;
}

/** What whoever is paged needs to read: what fires and why there, what Backstep does about it, what to do oneself. */
export function alarmDescription(
  trigger: Pick<CompiledTrigger, 'triggerId' | 'condition' | 'autoExecute' | 'escalationContacts'>,
  rule: Rule,
  watch: Watch,
  facts: ServiceFacts,
): string {
  const where = watch.side && facts.sides.length > 1 ? `${facts.service}, side ${watch.side}` : facts.service;
  const what = watch.fixed
    ? `${watch.words} below ${watch.fixed.threshold} ${forMinutes(rule)}`
    : conditionWords(rule, watch.words);
  const machine = stateMachineName(facts.environment);
  const sentences = [
    `${where} (${facts.environment}): ${what}.`,
    `${periodWords(rule, watch)}; ${watch.silence}.`,
    ...(watch.fixed ? [] : [`Threshold: ${rule.origin}. ${rule.remarks.join(' ')}`]),
    trigger.autoExecute
      ? `Backstep rolls back by itself if a release began within ${facts.policy.attributionMinutes} minutes before.`
      : `Backstep changes nothing by itself: it prepares the plan and asks ${people(trigger.escalationContacts)}.`,
    `To do: ${facts.runbookUrl ? `${facts.runbookUrl} ; ` : ''}follow the execution of ${machine} in Step Functions; without one, start it with {"service":"${facts.service}"}.`,
    `Runbook trigger ${trigger.triggerId}: ${shorten(trigger.condition, 200)}`,
  ];
  return shorten(printable(sentences.join(' ')), longest);
}

const comparisonWords: Readonly<Record<Operator, string>> = {
  GreaterThanThreshold: 'above',
  GreaterThanOrEqualToThreshold: 'at or above',
  LessThanThreshold: 'below',
  LessThanOrEqualToThreshold: 'at or below',
  equals: 'equal to',
};

function forMinutes({ minutes, windowMinutes }: Rule): string {
  if (windowMinutes > minutes) return `for ${minutes} of ${windowMinutes} minutes`;
  return minutes === 1 ? 'for 1 minute' : `for ${minutes} minutes`;
}

/** `Fires at 5 bad periods of 5, one minute each` */
function periodWords(rule: Rule, watch: Watch): string {
  const { periodSeconds, evaluationPeriods, datapointsToAlarm } = sampling(rule, watch);
  const each = periodSeconds === 60 ? 'one minute each' : `${periodSeconds / 60} minutes each`;
  return `Fires when ${datapointsToAlarm} of the last ${evaluationPeriods} periods are bad, ${each}`;
}

const people = (contacts: readonly string[]): string =>
  contacts.length === 0 ? 'the technical contacts' : shorten(contacts.join(', '), 200);

/** Alarm descriptions travel through mails and events: one line, no control characters, no halves of characters. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim();

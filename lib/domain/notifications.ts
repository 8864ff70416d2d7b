/**
 * Who is told what when a rollback ends: the runbook's own templates by audience, and short texts of ours where it has
 * none. What is not known stays visible as such, so that nobody reads an empty "Customer impact:" as "none".
 */

import type { Audience, Json, Outcome } from './model.ts';
import { causeOf, placeholders } from './notifications/placeholders.ts';
import { elapsedWords, type ReportFacts } from './report/facts.ts';
import { badgeOf, summaryOf, titleOf } from './report/headline.ts';
import { nextSteps } from './report/next-steps.ts';

export interface Notification {
  readonly audience: Audience;
  /** ASCII, 100 characters at most: SNS refuses anything else. */
  readonly subject: string;
  readonly body: string;
}

export const notKnown = '(not known)';

/** SNS's limit is 100 characters. */
const longestSubject = 100;

const audiences: readonly Audience[] = ['technical', 'business', 'executive'];

/** @param report URI of the report, which lies there by the time that anybody reads the message */
export function notificationsFor(facts: Omit<ReportFacts, 'notices'>, report: string): Notification[] {
  return told(facts).map((audience) => notification(facts, audience, report));
}

/** `{placeholder}` becomes what is known of it, and otherwise `(not known)`. */
export function fill(template: string, values: Readonly<Record<string, string | undefined>>): string {
  return template.replace(
    /\{(\w+)\}/g,
    (_whole, name: string) => (Object.hasOwn(values, name) && values[name]) || notKnown,
  );
}

/** Printable ASCII in one line, at most 100 characters. */
export function asciiSubject(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[–—]/g, '-')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  const cut = plain.length > longestSubject ? `${plain.slice(0, longestSubject - 3)}...` : plain;
  return cut || 'Backstep';
}

/**
 * A person who planned by hand is there already, unless others were asked; a duplicate's first rollback tells. Business and
 * executives hear of what users may have felt.
 */
function told({ outcome, context, plan }: Pick<ReportFacts, 'outcome' | 'context' | 'plan'>): readonly Audience[] {
  if (outcome === 'duplicate') return [];
  if (['verified', 'halted', 'needs-attention'].includes(outcome)) return audiences;
  const alone = context.request.trigger === undefined && plan?.asksBecause === undefined;
  return alone && outcome !== 'blocked' ? [] : ['technical'];
}

interface Template {
  readonly subject: string;
  readonly body: string;
}

function notification(facts: Omit<ReportFacts, 'notices'>, audience: Audience, report: string): Notification {
  const type = templateTypes[facts.outcome];
  const template = type && templateOf(facts.configuration.runbook.document, type, audience);
  const { subject, body } = template ? filled(template, facts) : ours(facts, audience);
  const links = `Report: ${report}\nExecution: ${facts.context.executionArn}`;
  return { audience, subject: asciiSubject(subject), body: `${body.trimEnd()}\n\n${links}\n` };
}

const templateTypes: Partial<Record<Outcome, string>> = {
  verified: 'rollback_complete',
  halted: 'emergency_escalation',
  'needs-attention': 'emergency_escalation',
};

function templateOf(document: Json, type: string, audience: Audience): Template | undefined {
  if (!isObject(document) || !Array.isArray(document.communication_templates)) return undefined;
  const found = document.communication_templates
    .filter(isObject)
    .find((template) => template.template_type === type && template.audience === audience);
  if (typeof found?.subject !== 'string' || typeof found.body !== 'string') return undefined;
  return { subject: found.subject, body: found.body };
}

function filled(template: Template, facts: Omit<ReportFacts, 'notices'>): Template {
  const values = placeholders(facts);
  return { subject: fill(template.subject, values), body: fill(template.body, values) };
}

/** Business and executives get the outcome in plain words, without task definitions. */
function ours(facts: Omit<ReportFacts, 'notices'>, audience: Audience): Template {
  const { badge } = badgeOf(facts.outcome);
  const subject = `[${badge}] ${titleOf(facts)}`;
  if (audience === 'technical') {
    const steps = nextSteps({ ...facts, notices: [] }).map((step) => `- ${step}`);
    return { subject, body: [summaryOf({ ...facts, notices: [] }), '', 'What to do next:', ...steps].join('\n') };
  }
  const { service, environment, startedAt } = facts.context;
  const took = elapsedWords({ ...facts, notices: [] });
  const state =
    facts.outcome === 'verified'
      ? `A faulty release of ${service} was taken back, and the service is healthy again.`
      : `A faulty release of ${service} is being taken back, and it is not certain that the service is healthy. Engineers have been called.`;
  const body = [state, '', `Environment: ${environment}`, `Began: ${startedAt}, ${took} ago`, `Why: ${causeOf(facts)}`];
  return { subject: `[${badge}] ${service} in ${environment}`, body: body.join('\n') };
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The question as people get it: why, what would be done, what is not ok, until when, what silence means, how to answer. */
import { inWords, secondsBetween } from '../elapsed.ts';
import type { Audience, Plan, RollbackContext, ServiceConfiguration } from '../model.ts';
import { answerFunctionName } from '../names.ts';
import { asciiSubject, type Notification } from '../notifications.ts';
import { period, starterOf, versions } from '../report/headline.ts';

export interface QuestionFacts {
  readonly context: RollbackContext;
  readonly configuration: ServiceConfiguration;
  readonly plan: Plan;
  readonly planSha256: string;
  readonly now: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** One message for each audience that has to know: engineers, and where the trigger's escalation contacts belong. */
export function approvalRequests(facts: QuestionFacts): Notification[] {
  const subject = asciiSubject(`[Approve?] ${facts.context.service} in ${facts.context.environment}: ${move(facts)}`);
  const body = bodyOf(facts);
  return audiencesOf(facts).map((audience) => ({ audience, subject, body }));
}

/** Names of those whom the trigger wants asked, with their addresses where the configuration has them. */
export function askedContacts({ context, configuration }: Pick<QuestionFacts, 'context' | 'configuration'>): string[] {
  return escalation({ context, configuration }).map((name) => {
    const email = contactOf(configuration, name)?.email;
    return email ? `${name} (${email})` : name;
  });
}

function audiencesOf(facts: QuestionFacts): Audience[] {
  const theirs = escalation(facts).flatMap((name) => contactOf(facts.configuration, name)?.audience ?? []);
  return [...new Set<Audience>(['technical', ...theirs])];
}

function bodyOf(facts: QuestionFacts): string {
  const { context, configuration, plan } = facts;
  const { approvalDefault } = configuration.policy;
  const notOk = plan.checks.filter(({ status }) => status !== 'ok');
  const asked = askedContacts(facts);
  const lines = [
    `${starterOf(context.request)} Nothing was changed yet: a person has to say yes or no.`,
    ...(asked.length > 0 ? [`Asked: ${asked.join(', ')}.`] : []),
    '',
    `Why you are asked: ${plan.asksBecause ?? plan.reason}`,
    '',
    `What would be done: ${move(facts)}.`,
    ...plan.actions.map(({ id, description, reason }) => `  ${id}. ${period(description)} ${reason}`),
    '',
    notOk.length > 0 ? 'What is not ok, or not known:' : 'All checks are ok.',
    ...notOk.map(({ name, status, evidence }) => `  ${status}: ${name}. ${evidence}`),
    '',
    `Until: ${facts.expiresAt}, ${inWords(secondsBetween(facts.now, facts.expiresAt))} from now. No answer means ` +
      `${approvalDefault === 'approve' ? 'yes: it is rolled back then' : 'no: nothing is changed'}.`,
    '',
    'To answer, in a terminal:',
    `  npx backstep approve ${context.rollbackId} --reason "..."`,
    `  npx backstep decline ${context.rollbackId} --reason "..."`,
    '',
    `Or in the console: Lambda, function ${answerFunctionName(context.environment)}, tab Test, with this event ("decline" for no):`,
    `  ${JSON.stringify(testEvent(facts))}`,
    '',
    `Rollback: ${context.rollbackId}`,
    `Plan: ${facts.planSha256}`,
    `Execution: ${context.executionArn}`,
  ];
  return `${lines.join('\n')}\n`;
}

const testEvent = ({ context, planSha256 }: QuestionFacts) => ({
  rollbackId: context.rollbackId,
  decision: 'approve',
  reason: '...',
  by: 'your name',
  planSha256,
});

const move = ({ plan, context }: QuestionFacts): string =>
  plan.target ? `roll back ${versions(plan.suspect, plan.target)}` : `roll back ${context.service}`;

function escalation({ context, configuration }: Pick<QuestionFacts, 'context' | 'configuration'>): readonly string[] {
  const id = context.request.trigger?.triggerId;
  return configuration.triggers.find(({ triggerId }) => triggerId === id)?.escalationContacts ?? [];
}

function contactOf({ contacts }: ServiceConfiguration, name: string) {
  return Object.hasOwn(contacts, name) ? contacts[name] : undefined;
}

/** What the runbook's templates ask for, as far as a rollback knows it. Absent is not known. */
import { inWords } from '../elapsed.ts';
import type { Json, ServiceConfiguration } from '../model.ts';
import { nameOf } from '../releases.ts';
import { elapsedWords, fullReason, type ReportFacts } from '../report/facts.ts';
import { starterOf } from '../report/headline.ts';
import { type Step, stepsOf } from '../report/steps.ts';

export function placeholders(facts: Omit<ReportFacts, 'notices'>): Record<string, string | undefined> {
  const { context, configuration, plan, verdict, failure } = facts;
  const steps = stepsOf(facts);
  const unfinished = steps.find((step) => step.result === 'failed' || step.result === 'not finished');
  const actions = emergencyActions(configuration.runbook.document);
  return {
    migration_name: plan?.suspect ? `${context.service} ${nameOf(plan.suspect)}` : context.service,
    rollback_id: context.rollbackId,
    system_name: `${context.service} (${context.environment})`,
    affected_services: context.service,
    start_time: context.startedAt,
    end_time: facts.now,
    actual_duration: elapsedWords({ ...facts, notices: [] }),
    estimated_duration: plan ? inWords(plan.timeoutSeconds) : undefined,
    estimated_completion_time: facts.outcome === 'verified' ? facts.now : undefined,
    rollback_reason: causeOf(facts),
    current_phase: unfinished?.action.description ?? steps.at(-1)?.action.description,
    completed_phases: listed(steps.filter(isDone).map((step) => step.action.description)),
    validation_results: listed(verdict?.measurements.map((measurement) => `- ${measurement.evidence}`) ?? [], '\n'),
    system_status: verdict?.result,
    current_status: `${facts.outcome}: ${fullReason(facts)}`,
    failed_components: failure ? failure.state : unfinished?.action.description,
    emergency_action_1: actions[0],
    emergency_action_2: actions[1],
    incident_commander: contact(configuration, 'incident_commander'),
    business_contact: contact(configuration, 'business_contact') ?? firstOf(configuration, 'business'),
    escalation_contact: escalation(facts),
    executive_on_call: contact(configuration, 'executive_on_call') ?? firstOf(configuration, 'executive'),
  };
}

const isDone = (step: Step): boolean => step.result === 'done' || step.result === 'already there';

const listed = (items: readonly string[], separator = '; '): string | undefined => items.join(separator) || undefined;

/** The trigger's condition, in the runbook's words, or the person's. */
export function causeOf({ context, configuration }: Pick<ReportFacts, 'context' | 'configuration'>): string {
  const { trigger, reason } = context.request;
  const compiled = configuration.triggers.find((candidate) => candidate.triggerId === trigger?.triggerId);
  return compiled?.condition ?? (reason || starterOf(context.request));
}

function contact({ contacts }: ServiceConfiguration, name: string): string | undefined {
  const found = Object.hasOwn(contacts, name) ? contacts[name] : undefined;
  return found && (found.email ?? name);
}

function firstOf({ contacts }: ServiceConfiguration, audience: string): string | undefined {
  const found = Object.entries(contacts).find(([, candidate]) => candidate.audience === audience);
  return found && (found[1].email ?? found[0]);
}

/** Those whom the trigger names, with their addresses where the configuration has them. */
function escalation({ context, configuration }: Pick<ReportFacts, 'context' | 'configuration'>): string | undefined {
  const trigger = configuration.triggers.find(
    (candidate) => candidate.triggerId === context.request.trigger?.triggerId,
  );
  const names = trigger?.escalationContacts ?? [];
  return listed(
    names.map((name) => contact(configuration, name) ?? name),
    ', ',
  );
}

/** `escalation_matrix.emergency.actions` of the runbook. */
function emergencyActions(document: Json): string[] {
  const actions = member(member(member(document, 'escalation_matrix'), 'emergency'), 'actions');
  return Array.isArray(actions) ? actions.filter((action) => typeof action === 'string') : [];
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

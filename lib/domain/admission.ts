/**
 * Whether a start may go on. Everything that is weighed becomes a reason with the most that it allows, and the strictest
 * reason decides: one more reason against can only ever make the decision more careful.
 */
import {
  alsoBadReason,
  attributionReason,
  externalReason,
  incidentReasons,
  limitReason,
  personReason,
  recoveredReason,
  staleReason,
  switchReason,
} from './admission-reasons.ts';
import type { Attribution } from './attribution.ts';
import { classify, type SeverityClass, triggerKind } from './decision-matrix.ts';
import { isAutomatic, type KillSwitch } from './kill-switch.ts';
import type { Policy, RollbackRecord, RollbackRequest } from './model.ts';
import { productionPhrase } from './names.ts';
import type { ReleaseMeasures } from './release-measures.ts';

/** From the strictest to the freest. `approve` asks a person, `observe` tells people and changes nothing. */
export const decisions = ['declined', 'observe', 'approve', 'execute'] as const;
export type Decision = (typeof decisions)[number];

export interface Reason {
  /** The most that may happen if this reason stood alone. */
  readonly allows: Decision;
  /** A sentence with the numbers behind it. */
  readonly text: string;
}

export interface Admission {
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
  /** How bad it is, where anything was measured. */
  readonly severity?: SeverityClass;
}

export interface AdmissionFacts {
  readonly now: string;
  readonly environment: string;
  readonly request: RollbackRequest;
  readonly policy: Pick<Policy, 'cooldownMinutes' | 'rollbacksPerDay'>;
  readonly killSwitch: KillSwitch;
  /** Absent for a start by hand, and as long as nothing was looked at. */
  readonly incident?: IncidentFacts;
  /** Of this service, this one left out; the last day and the cooldown must be covered. */
  readonly rollbacks: readonly RollbackRecord[];
}

/** What an alarm's start is judged by. */
export interface IncidentFacts {
  /** The runbook's name of what the alarm watches. */
  readonly metric?: string;
  readonly attribution: Attribution;
  /** Since when the alarm is off again, where it is and CloudWatch has data to say so. */
  readonly offSince?: string;
  /** Why the cause lies outside of the service's release, where it does. */
  readonly externalCause?: string;
  /** Why the release may be the cause all the same, where it began just before the trouble. */
  readonly releaseMayBeTheCause?: string;
  /** Absent where the load balancer counts nothing of the service, or CloudWatch gave no answer. */
  readonly measures?: ReleaseMeasures;
}

/** What a start may do by its own nature: change things, change them once a person agrees, or only plan and say how to go on. */
export interface Intention {
  readonly may: 'change' | 'ask' | 'plan';
  readonly reason: string;
}

export function intention(request: RollbackRequest, production: boolean): Intention {
  if (request.dryRun) return { may: 'plan', reason: 'Dry run: nothing is changed.' };
  if (request.trigger?.autoExecute) {
    return { may: 'change', reason: `Trigger ${request.trigger.triggerId} rolls back by itself.` };
  }
  if (request.trigger) {
    return {
      may: 'ask',
      reason: `Trigger ${request.trigger.triggerId} asks a person first (auto_execute is false).`,
    };
  }
  if (production && !request.confirmed) {
    return {
      may: 'plan',
      reason: `A start by hand in production needs "confirm": "${productionPhrase}": nothing is changed.`,
    };
  }
  return { may: 'change', reason: production ? 'Confirmed by the phrase.' : 'Started by hand.' };
}

/** What can be said before anything of the incident is looked at; undefined where it has to be. A person may always try. */
export function admitAtOnce(facts: Omit<AdmissionFacts, 'incident'>): Admission | undefined {
  const reasons = [switchReason(facts), staleReason(facts)].filter((reason) => reason !== undefined);
  const admission = conclude(reasons);
  return !isAutomatic(facts.request) || admission.decision !== 'execute' ? admission : undefined;
}

/** The last word before the lock. Only starts by an alarm can be turned away. */
export function admit(facts: AdmissionFacts): Admission {
  const atOnce = admitAtOnce(facts);
  if (atOnce) return atOnce;
  const { incident, request } = facts;
  if (!incident) return conclude([{ allows: 'observe', text: 'No release is known to blame.' }]);
  const kind = triggerKind(incident.metric);
  const severity = incident.measures && classify(incident.measures.measured, incident.measures.normal);
  const reasons = [
    attributionReason(incident.attribution),
    recoveredReason(facts),
    externalReason(kind, incident),
    alsoBadReason(kind, incident),
    ...(incident.attribution.attributed ? incidentReasons(kind, incident, severity) : []),
    request.trigger?.autoExecute ? limitReason(facts) : personReason,
  ].filter((reason) => reason !== undefined);
  return { ...conclude(reasons), ...(severity && { severity: kind === 'critical' ? 'immediate' : severity.class }) };
}

/** The strictest reason decides; without any nothing is in the way. */
export function conclude(reasons: readonly Reason[]): Admission {
  const strictest = Math.min(decisions.length - 1, ...reasons.map(({ allows }) => decisions.indexOf(allows)));
  return { decision: decisions[strictest] ?? 'observe', reasons };
}

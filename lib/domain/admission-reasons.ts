/** Each thing that an alarm's start is weighed by, as a reason with the most that it allows. */
import type { AdmissionFacts, Decision, IncidentFacts, Reason } from './admission.ts';
import type { Attribution } from './attribution.ts';
import type { Severity, SeverityClass, TriggerKind } from './decision-matrix.ts';
import { isAutomatic } from './kill-switch.ts';
import { killSwitchParameter } from './names.ts';
import type { SideComparison } from './release-measures.ts';

/** EventBridge gives up after that long as well: a rollback for an alarm of hours ago could undo the fix. */
export const eventLimitMinutes = 15;
/** An event delivered at the last moment still has its execution and a cold Lambda before it. */
const startingMinutes = 1;

export const personReason: Reason = {
  allows: 'approve',
  text: 'The trigger asks a person before anything is changed (auto_execute is false).',
};

/** A start by hand is only warned: whoever types it sees the warning, and may know better. */
export function switchReason({
  killSwitch,
  request,
  environment,
}: Omit<AdmissionFacts, 'incident'>): Reason | undefined {
  if (killSwitch.state === 'off') return undefined;
  const { reason } = killSwitch;
  if (!isAutomatic(request)) {
    return { allows: 'execute', text: `Warning: ${reason} It stops automatic rollbacks only, so this one goes on.` };
  }
  const off = `aws ssm put-parameter --name ${killSwitchParameter(environment)} --value off --overwrite`;
  const how = killSwitch.state === 'on' ? 'A person may still start one by hand.' : `To switch it off: ${off}`;
  return { allows: 'declined', text: `${reason} Nothing rolls back by itself. ${how}` };
}

export function staleReason({ request, now }: Pick<AdmissionFacts, 'request' | 'now'>): Reason | undefined {
  if (!request.trigger) return undefined;
  const minutes = (Date.parse(now) - Date.parse(request.trigger.time)) / 60_000;
  if (minutes <= eventLimitMinutes + startingMinutes) return undefined;
  return {
    allows: 'observe',
    text:
      `The alarm's event is of ${request.trigger.time}, ${Math.floor(minutes)} minutes ago, and after ${eventLimitMinutes} ` +
      'minutes somebody may have fixed it otherwise.',
  };
}

/** Without a release to blame nothing rolls back by itself, whatever else speaks for it. */
export function attributionReason({ attributed, reason }: Attribution): Reason {
  if (attributed) return { allows: 'execute', text: reason };
  return { allows: 'observe', text: `${reason} A rollback would cure nothing, so nothing is changed.` };
}

/** What comes from outside hits both sides alike: where the new one is provably worse, its release adds to it. */
export function externalReason(kind: TriggerKind, incident: IncidentFacts): Reason | undefined {
  const { externalCause, releaseMayBeTheCause } = incident;
  if (externalCause === undefined) return undefined;
  const comparison = comparisonFor(kind, incident);
  if (comparison?.meanwhile && comparison.verdict === 'worse') {
    return { allows: 'execute', text: `${externalCause} But what is outside would hit both sides alike.` };
  }
  if (releaseMayBeTheCause) return { allows: 'approve', text: `${externalCause} ${releaseMayBeTheCause}` };
  return { allows: 'observe', text: `${externalCause} Nothing is changed; a person may still start a rollback.` };
}

/**
 * Limits are coarse: a release that fails half of its requests may well drag the old side over the limit of the same
 * alarm. Which of the two alarms goes on first is chance, so the numbers decide and not the order.
 */
export function alsoBadReason(kind: TriggerKind, incident: IncidentFacts): Reason | undefined {
  const { attribution } = incident;
  if (!attribution.attributed || attribution.alsoBad === undefined) return undefined;
  const comparison = comparisonFor(kind, incident);
  if (comparison?.meanwhile && comparison.verdict === 'worse') {
    return { allows: 'execute', text: `${attribution.alsoBad} But the one with the release is the worse one.` };
  }
  const text = `${attribution.alsoBad} They are equally bad: no release of one of them explains it.`;
  return { allows: 'observe', text: `${text} A rollback would cure nothing, so nothing is changed.` };
}

/** CloudWatch looks every minute: an alarm that went off just now may be on again with the next look. */
const recoveredMinutes = 2;

/** An event that was long on its way finds its alarm off again: somebody may have cured what it told of, or time has. */
export function recoveredReason({ incident, request, now }: AdmissionFacts): Reason | undefined {
  const offSince = incident?.offSince;
  if (offSince === undefined || !request.trigger) return undefined;
  const minutes = (Date.parse(now) - Date.parse(offSince)) / 60_000;
  if (minutes < recoveredMinutes) return undefined;
  return {
    allows: 'approve',
    text: `${request.trigger.alarmName} is off again since ${offSince}, ${Math.floor(minutes)} minutes ago: a person decides whether anything is left to cure.`,
  };
}

/** What the numbers of an attributed release say. */
export function incidentReasons(kind: TriggerKind, incident: IncidentFacts, severity: Severity | undefined): Reason[] {
  const comparison = comparisonFor(kind, incident);
  return [
    severityReason(kind, severity),
    comparisonReason(kind, comparison),
    trafficReason(incident, comparison, severity),
  ].filter((reason) => reason !== undefined);
}

/** More than users who try again bring about: beyond it, load is as likely a cause as the release. */
const trafficLimit = 3;

/**
 * Load breaks good releases too, and going back to the old one would not carry it. Where both sides take the same load and
 * the new one is worse, load is no excuse; in an outage there is nothing to lose.
 */
function trafficReason(
  { measures }: IncidentFacts,
  comparison: SideComparison | undefined,
  severity: Severity | undefined,
): Reason | undefined {
  const times = measures?.trafficTimes;
  if (times === undefined || times <= trafficLimit || severity?.class === 'immediate') return undefined;
  if (comparison?.meanwhile && comparison.verdict === 'worse') return undefined;
  return {
    allows: 'approve',
    text:
      `Traffic is ${times.toFixed(1)} times that of the minutes before the release, more than ${trafficLimit} times: load may be ` +
      'the cause, so a person decides.',
  };
}

function severityReason(kind: TriggerKind, severity: Severity | undefined): Reason | undefined {
  const measured = severity ? `Measured: ${severity.reason}` : 'Nothing was measured.';
  if (kind === 'critical') {
    return { allows: 'execute', text: `The trigger is critical, so it does not wait for a judgement. ${measured}` };
  }
  if (kind === 'other' || !severity) {
    return { allows: 'execute', text: `${measured} How bad it is, the runbook's trigger says.` };
  }
  return { allows: classAllows[severity.class], text: measured };
}

const classAllows: Readonly<Record<SeverityClass, Decision>> = {
  immediate: 'execute',
  planned: 'execute',
  judgement: 'approve',
  'fix-forward': 'observe',
};

/** Nothing is compared for metrics that a side does not have of its own, such as failed validations of data. */
function comparisonFor(kind: TriggerKind, { metric, measures }: IncidentFacts): SideComparison | undefined {
  if (kind === 'slowness') return measures?.slowness;
  return kind === 'errors' || metric === 'availability' ? measures?.errors : undefined;
}

function comparisonReason(kind: TriggerKind, comparison: SideComparison | undefined): Reason | undefined {
  if (!comparison) return undefined;
  const { verdict, reason } = comparison;
  if (verdict === 'worse') return { allows: 'execute', text: reason };
  if (verdict === 'equally-bad') return { allows: 'observe', text: `${reason} A rollback would cure nothing.` };
  return kind === 'critical'
    ? { allows: 'execute', text: `${reason} A critical trigger does not wait for proof.` }
    : { allows: 'approve', text: `${reason} So a person decides.` };
}

/** Which bound on automatic rollbacks is reached. */
export function limitReason({
  now,
  policy,
  rollbacks,
}: Pick<AdmissionFacts, 'now' | 'policy' | 'rollbacks'>): Reason | undefined {
  // One that was blocked on its way, by a snapshot that was refused, changed nothing.
  const done = rollbacks.filter((rollback) => rollback.executes && rollback.outcome !== 'blocked');
  const last = done
    .map((rollback) => rollback.endedAt ?? rollback.startedAt)
    .sort()
    .at(-1);
  const quietMinutes = last === undefined ? Infinity : (Date.parse(now) - Date.parse(last)) / 60_000;
  if (quietMinutes < policy.cooldownMinutes) {
    return {
      allows: 'observe',
      text:
        `The last rollback ended ${Math.floor(quietMinutes)} minutes ago and the cooldown is ${policy.cooldownMinutes} ` +
        'minutes: a person has to decide.',
    };
  }
  const dayAgo = Date.parse(now) - 86_400_000;
  const today = done.filter((rollback) => rollback.automatic && Date.parse(rollback.startedAt) > dayAgo).length;
  if (today < policy.rollbacksPerDay) return undefined;
  return {
    allows: 'observe',
    text: `${today} automatic rollbacks in the last 24 hours, ${policy.rollbacksPerDay} are allowed: a person has to decide.`,
  };
}

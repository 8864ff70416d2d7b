/** Whether a start may go on: who started it really, what it may do, and whether enough has been rolled back today. */
import type { Attribution } from './attribution.ts';
import type { AlarmDefinition, AlarmTrigger, RollbackRecord, RollbackRequest, ServiceConfiguration } from './model.ts';
import { alarmPrefix, productionPhrase } from './names.ts';
import type { TriggerEvent } from './request.ts';

/** One alarm as CloudWatch reports it. */
export interface AlarmView {
  readonly name: string;
  readonly arn: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  /** When it came into that state. */
  readonly since: string;
  /** A composite alarm whose actions are suppressed now: `WaitPeriod`, `ExtensionPeriod` or `Alarm`. */
  readonly suppressedBy?: string;
}

export type Backing =
  | {
      readonly backed: true;
      readonly trigger: AlarmTrigger;
      readonly alarm: Pick<AlarmDefinition, 'name' | 'side'>;
      /** When CloudWatch put the alarm into ALARM. */
      readonly since: string;
      /** Other sides whose alarm of the same trigger is on. */
      readonly alsoOn: readonly string[];
      /** Somebody has said that this alarm means nothing at present: why, and then it starts nothing. */
      readonly suppressed?: string;
      readonly reason: string;
    }
  | { readonly backed: false; readonly reason: string };

/**
 * Whether an input's trigger is what it says: one of this service's own alarms, compiled or adopted, and on according to
 * CloudWatch, or on at the event's time according to its history. Without that nobody skips the phrase by writing a
 * trigger by hand.
 *
 * @param alarms the trigger's alarms as CloudWatch reports them now
 * @param wasOnSince from the alarm's history, where it is no longer on
 */
export function backing(
  event: TriggerEvent,
  configuration: ServiceConfiguration,
  alarms: readonly AlarmView[],
  wasOnSince: string | undefined,
): Backing {
  const found = ownAlarm(configuration, event.alarmName);
  const byHand = 'so this counts as a start by hand';
  if (!found) {
    return { backed: false, reason: `${event.alarmName} is no alarm of ${configuration.service}, ${byHand}.` };
  }
  const live = alarms.find((alarm) => alarm.name === event.alarmName);
  if (!live) return { backed: false, reason: `CloudWatch knows no alarm ${event.alarmName}, ${byHand}.` };
  const since = live.state === 'ALARM' ? live.since : wasOnSince;
  if (since === undefined) {
    return {
      backed: false,
      reason: `CloudWatch says that ${event.alarmName} is ${live.state} since ${live.since} and was not on at ${event.time}, ${byHand}.`,
    };
  }
  const { triggerId, autoExecute, condition, alarm, siblings } = found;
  const others = siblings.filter((other) => other.side !== undefined && other.side !== alarm.side);
  const alsoOn = others.filter((other) => alarms.some(({ name, state }) => name === other.name && state === 'ALARM'));
  return {
    backed: true,
    trigger: {
      alarmName: event.alarmName,
      alarmArn: live.arn,
      time: event.time,
      eventId: event.eventId,
      triggerId,
      autoExecute,
    },
    alarm,
    since,
    alsoOn: [...new Set(alsoOn.flatMap((other) => other.side ?? []))],
    ...(live.suppressedBy !== undefined && {
      suppressed: `The actions of ${event.alarmName} are suppressed (${live.suppressedBy}), so it starts nothing.`,
    }),
    reason: `CloudWatch confirms that ${event.alarmName} (${condition}) is on since ${since}.`,
  };
}

/** The service that an alarm of ours belongs to, from its name alone; undefined for any other alarm. */
export function serviceOfAlarm(environment: string, alarmName: string): string | undefined {
  const prefix = alarmPrefix(environment);
  if (!alarmName.startsWith(prefix)) return undefined;
  return alarmName.slice(prefix.length).split('/')[0] || undefined;
}

/** What a start may do: change things, or only plan and say how to go on. */
export function intention(
  request: RollbackRequest,
  production: boolean,
): { readonly mayChange: boolean; readonly reason: string } {
  if (request.dryRun) return { mayChange: false, reason: 'Dry run: nothing is changed.' };
  if (request.trigger?.autoExecute) {
    return { mayChange: true, reason: `Trigger ${request.trigger.triggerId} rolls back by itself.` };
  }
  if (request.trigger) {
    return {
      mayChange: false,
      reason: `Trigger ${request.trigger.triggerId} asks a person first (auto_execute is false): nothing is changed.`,
    };
  }
  if (production && !request.confirmed) {
    return {
      mayChange: false,
      reason: `A start by hand in production needs "confirm": "${productionPhrase}": nothing is changed.`,
    };
  }
  return { mayChange: true, reason: production ? 'Confirmed by the phrase.' : 'Started by hand.' };
}

export type Admission = { readonly admitted: boolean; readonly reasons: readonly string[] };

/**
 * The last word before the lock. Only starts by an alarm can be turned away: a person may always try.
 *
 * @param rollbacks of this service, this one left out; the last day and the cooldown must be covered
 */
export function admit(facts: {
  readonly now: string;
  readonly request: RollbackRequest;
  readonly policy: ServiceConfiguration['policy'];
  /** Absent for a start by hand. */
  readonly attribution?: Attribution;
  readonly rollbacks: readonly RollbackRecord[];
}): Admission {
  const { request, policy, attribution } = facts;
  if (!request.trigger || !attribution) return { admitted: true, reasons: [] };
  if (!attribution.attributed) {
    return { admitted: false, reasons: [attribution.reason, 'A rollback would cure nothing, so nothing is changed.'] };
  }
  const limit = request.trigger.autoExecute ? exceeded(facts.now, policy, facts.rollbacks) : undefined;
  if (limit) return { admitted: false, reasons: [attribution.reason, limit] };
  return { admitted: true, reasons: [attribution.reason] };
}

/** Which bound on automatic rollbacks is reached, in words. */
function exceeded(
  now: string,
  policy: ServiceConfiguration['policy'],
  rollbacks: readonly RollbackRecord[],
): string | undefined {
  const done = rollbacks.filter((rollback) => rollback.executes);
  const last = done
    .map((rollback) => rollback.endedAt ?? rollback.startedAt)
    .sort()
    .at(-1);
  const quietMinutes = last === undefined ? Infinity : (Date.parse(now) - Date.parse(last)) / 60_000;
  if (quietMinutes < policy.cooldownMinutes) {
    return (
      `The last rollback ended ${Math.floor(quietMinutes)} minutes ago and the cooldown is ${policy.cooldownMinutes} ` +
      'minutes: a person has to decide.'
    );
  }
  const dayAgo = Date.parse(now) - 86_400_000;
  const today = done.filter((rollback) => rollback.automatic && Date.parse(rollback.startedAt) > dayAgo).length;
  if (today >= policy.rollbacksPerDay) {
    return `${today} automatic rollbacks in the last 24 hours, ${policy.rollbacksPerDay} are allowed: a person has to decide.`;
  }
  return undefined;
}

/** One of the service's own alarms, and what it starts. */
interface OwnAlarm {
  readonly triggerId: string;
  readonly autoExecute: boolean;
  readonly condition: string;
  readonly alarm: Pick<AlarmDefinition, 'name' | 'side'>;
  /** Alarms of the same trigger, this one included. */
  readonly siblings: readonly Pick<AlarmDefinition, 'name' | 'side'>[];
}

function ownAlarm({ triggers, adoptedAlarms = [] }: ServiceConfiguration, name: string): OwnAlarm | undefined {
  for (const { triggerId, autoExecute, condition, alarms } of triggers) {
    const alarm = alarms.find((candidate) => candidate.name === name);
    if (alarm) return { triggerId, autoExecute, condition, alarm, siblings: alarms };
  }
  const alarm = adoptedAlarms.find((candidate) => candidate.name === name);
  return alarm && { ...alarm, condition: 'adopted', alarm, siblings: [alarm] };
}

/** Whether an alarm's start is what it says: which alarm it is, whether it really is on, and whom it belongs to. */
import type { AlarmDefinition, AlarmTrigger, ServiceConfiguration } from './model.ts';
import { alarmPrefix } from './names.ts';
import { troubleSince, usualBadMinutes } from './neighbours.ts';
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
      /** The runbook's name of what it watches; undefined where only its maker knows. */
      readonly metric?: string;
      /** Minutes that had to be bad for it to go on; undefined where only its maker knows. */
      readonly badMinutes?: number;
      /** When CloudWatch put the alarm into ALARM. */
      readonly since: string;
      /** Since when it is `OK` again; absent while it is on, and where CloudWatch has no data to say so. */
      readonly offSince?: string;
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
  const { triggerId, autoExecute, condition, alarm, siblings, metric, badMinutes } = found;
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
      ...(alarm.side !== undefined && { side: alarm.side }),
      troubleSince: troubleSince(since, badMinutes ?? usualBadMinutes),
    },
    alarm,
    ...(metric !== undefined && { metric }),
    ...(badMinutes !== undefined && { badMinutes }),
    since,
    ...(live.state === 'OK' && { offSince: live.since }),
    alsoOn: [...new Set(alsoOn.flatMap((other) => other.side ?? []))],
    ...(live.suppressedBy !== undefined && {
      suppressed: `The actions of ${event.alarmName} are suppressed (${live.suppressedBy}), so it starts nothing.`,
    }),
    reason:
      live.state === 'ALARM'
        ? `CloudWatch confirms that ${event.alarmName} (${condition}) is on since ${since}.`
        : `CloudWatch confirms that ${event.alarmName} (${condition}) was on at ${since}; it is ${live.state} since ${live.since}.`,
  };
}

/** The service that an alarm of ours belongs to, from its name alone; undefined for any other alarm. */
export function serviceOfAlarm(environment: string, alarmName: string): string | undefined {
  const prefix = alarmPrefix(environment);
  if (!alarmName.startsWith(prefix)) return undefined;
  return alarmName.slice(prefix.length).split('/')[0] || undefined;
}

/** One of the service's own alarms, and what it starts. */
interface OwnAlarm {
  readonly triggerId: string;
  readonly autoExecute: boolean;
  readonly condition: string;
  readonly alarm: Pick<AlarmDefinition, 'name' | 'side'>;
  /** Alarms of the same trigger, this one included. */
  readonly siblings: readonly Pick<AlarmDefinition, 'name' | 'side'>[];
  readonly metric?: string | undefined;
  readonly badMinutes?: number;
}

function ownAlarm({ triggers, adoptedAlarms = [] }: ServiceConfiguration, name: string): OwnAlarm | undefined {
  for (const { triggerId, autoExecute, condition, metric, alarms } of triggers) {
    const alarm = alarms.find((candidate) => candidate.name === name);
    if (!alarm) continue;
    const badMinutes = (alarm.datapointsToAlarm * alarm.periodSeconds) / 60;
    return { triggerId, autoExecute, condition, alarm, siblings: alarms, metric, badMinutes };
  }
  const alarm = adoptedAlarms.find((candidate) => candidate.name === name);
  const metric = triggers.find((trigger) => trigger.triggerId === alarm?.triggerId)?.metric;
  return alarm && { ...alarm, condition: 'adopted', alarm, siblings: [alarm], metric };
}

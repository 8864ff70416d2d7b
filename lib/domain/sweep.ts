/**
 * What a look at alarms and locks every few minutes finds: alarms that are on and that no rollback was started for,
 * because an event got lost, and locks whose owner is dead. Events are delivered at least once, but not by law of nature.
 */
import { eventLimitMinutes } from './admission-reasons.ts';
import { inWords } from './elapsed.ts';
import { type LockState, type OwnerStatus, terminal } from './lock.ts';
import type { Json } from './model.ts';

/** One of our alarms that is on. */
export interface AlarmOn {
  readonly service: string;
  readonly name: string;
  readonly arn: string;
  /** When CloudWatch put it into ALARM, ISO 8601. */
  readonly since: string;
  /** Its name does not tell the service, so the input has to. */
  readonly adopted?: boolean;
}

/** A start that Admit has put on the timeline. */
export interface KnownStart {
  readonly alarmName: string;
  /** When Admit looked, ISO 8601. */
  readonly time: string;
}

export type TransitionDecision =
  /** A start is known, or may still be on its way, or it was dealt with long ago. */
  | { readonly decision: 'leave' }
  | { readonly decision: 'start'; readonly executionName: string; readonly input: Json; readonly reason: string }
  | { readonly decision: 'too-late'; readonly reason: string };

/** An event on its way takes half a second, its Admit a few more, and the first repetitions of either a minute. */
export const graceSeconds = 90;

/** As long as EventBridge would try: a rollback that starts later could undo the fix. */
export const latestStartSeconds = eventLimitMinutes * 60;

/** Nothing is said of older transitions, which an earlier look has dealt with; two looks may fail. */
export const lookBackSeconds = latestStartSeconds + 15 * 60;

/** Clocks of two AWS services. */
const toleranceMs = 2_000;

/** Whether it is worth asking for the starts at all: most looks find nothing of that age. */
export function isUndecided(alarm: AlarmOn, now: string): boolean {
  const ageSeconds = secondsSince(alarm.since, now);
  return ageSeconds >= graceSeconds && ageSeconds <= lookBackSeconds;
}

/**
 * @param starts of the alarm's service, those since the transition at least
 * @param identify a short hash of a text: the execution's name has to be the same whenever this transition is judged
 */
export function judgeTransition(
  alarm: AlarmOn,
  starts: readonly KnownStart[],
  now: string,
  identify: (text: string) => string,
): TransitionDecision {
  if (!isUndecided(alarm, now)) return { decision: 'leave' };
  // A late start for an earlier transition counts as well: Admit asks CloudWatch, and the alarm is on.
  const after = Date.parse(alarm.since) - toleranceMs;
  const known = starts.some(({ alarmName, time }) => alarmName === alarm.name && Date.parse(time) >= after);
  if (known) return { decision: 'leave' };
  const ago = inWords(secondsSince(alarm.since, now));
  const found = `${alarm.name} is on since ${alarm.since} (${ago}), and no rollback was started for it`;
  if (secondsSince(alarm.since, now) > latestStartSeconds) {
    const reason = `${found}: after ${inWords(latestStartSeconds)} nothing is rolled back by itself any more. A person has to decide.`;
    return { decision: 'too-late', reason };
  }
  const executionName = nameOf(alarm, identify);
  return {
    decision: 'start',
    executionName,
    // What the rule would have sent; the name of the execution stands for the event that was lost.
    input: {
      ...(alarm.adopted && { service: alarm.service }),
      trigger: {
        alarmName: alarm.name,
        alarmArn: alarm.arn,
        state: 'ALARM',
        time: alarm.since,
        eventId: executionName,
      },
    },
    reason: `${found}: its event must have got lost. Started ${executionName}.`,
  };
}

/** `sweep-checkout-20261120-030405-1f2e3d4c`, 80 characters at most, none of those that Step Functions refuses. */
function nameOf({ service, arn, since }: AlarmOn, identify: (text: string) => string): string {
  const readable = service.replace(/[^\w.-]/g, '_').slice(0, 40);
  return `sweep-${readable}-${stamp(since)}-${identify(`${arn} ${since}`).slice(0, 8)}`;
}

/** `20261120-030405`, as in the ids of rollbacks. */
export const stamp = (time: string): string =>
  new Date(time).toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '-');

/**
 * How long taking up a rollback that was stopped or broke off may take: its Lambdas settle, then each of Reap, GiveBack and
 * Report may be repeated for minutes. Nothing is said of its lock before.
 */
export const reapSeconds = 20 * 60;

/** The sentence about a lock that its dead owner holds; undefined while there is nothing to say. */
export function abandoned(lock: LockState | undefined, status: OwnerStatus, now: string): string | undefined {
  const { owner } = lock ?? {};
  if (!owner || !terminal.has(status.status)) return undefined;
  const endedAt = status.stoppedAt ?? owner.acquiredAt;
  if (secondsSince(endedAt, now) < reapSeconds) return undefined;
  return (
    `Rollback ${owner.rollbackId} ended ${status.status} at ${endedAt}, and its lock was never given back: taking it up ` +
    'failed too, so look at the executions of the reap machine, and at what the rollback had changed. The next start takes ' +
    'the lock over.'
  );
}

const secondsSince = (time: string, now: string): number => (Date.parse(now) - Date.parse(time)) / 1_000;

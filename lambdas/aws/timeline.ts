/**
 * The timeline of a rollback, items of the table (`TIMELINE#<rollback>#<time>#<state>#<number>`), and the same on the
 * account's event bus.
 *
 * Calls: dynamodb:PutItem, dynamodb:Query, events:PutEvents
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { Json, RollbackContext, TimelineEntry } from '../../lib/domain/model.ts';
import { type KnownStart, stamp } from '../../lib/domain/sweep.ts';
import { publish } from './events.ts';
import { keepSeconds, pk, put, query } from './table.ts';

export interface NewEntry {
  /** Dotted, e.g. `plan.ready`. */
  readonly kind: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly data?: Json;
}

/**
 * Writes entries to the rollback's timeline and tells the account's event bus.
 *
 * @param state the state that speaks; a retry of it has the same `now` and so writes the same items again
 * @param now when the state was entered, ISO 8601
 */
export async function record(
  context: Pick<RollbackContext, 'service' | 'rollbackId' | 'environment' | 'executionArn'>,
  state: string,
  entries: readonly NewEntry[],
  now: string,
): Promise<void> {
  const { service, rollbackId } = context;
  const timeline: TimelineEntry[] = entries.map((entry) => ({ time: now, service, rollbackId, ...entry }));
  const expiresAt = Math.floor(Date.parse(now) / 1_000) + keepSeconds;
  const written = timeline.map((entry, index) =>
    put({
      pk: pk(service),
      sk: `TIMELINE#${rollbackId}#${now}#${state}#${String(index).padStart(3, '0')}`,
      ...entry,
      expiresAt,
    }),
  );
  await Promise.all([...written, publish(context.environment, context.executionArn, timeline)]);
}

/**
 * Writes one entry that others may find as well, and tells the event bus; false when it lies there already.
 *
 * @param about the time of what was found, which with `state` makes it the same finding
 */
export async function recordOnce(
  context: Pick<RollbackContext, 'service' | 'rollbackId' | 'environment' | 'executionArn'>,
  state: string,
  entry: NewEntry,
  times: { readonly about: string; readonly now: string },
): Promise<boolean> {
  const { service, rollbackId } = context;
  const { about, now } = times;
  const written: TimelineEntry = { time: now, service, rollbackId, ...entry };
  const expiresAt = Math.floor(Date.parse(now) / 1_000) + keepSeconds;
  const item = { pk: pk(service), sk: `TIMELINE#${rollbackId}#${about}#${state}#000`, ...written, expiresAt };
  try {
    await put(item, 'attribute_not_exists(rollbackId)');
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
  await publish(context.environment, context.executionArn, [written]);
  return true;
}

/** Starts by alarms, of rollbacks that began at `since` (ISO 8601) or later. */
export async function listStarts(service: string, since: string): Promise<KnownStart[]> {
  const entries = await query<TimelineEntry & { data?: { alarmName?: string } }>(service, 'TIMELINE#', {
    from: `TIMELINE#${service}-${stamp(since)}`,
  });
  return entries.flatMap(({ time, data }) => (data?.alarmName ? [{ alarmName: data.alarmName, time }] : []));
}

/** In order of time, then of writing. */
export async function readTimeline(service: string, rollbackId: string): Promise<TimelineEntry[]> {
  return (await query<TimelineEntry>(service, `TIMELINE#${rollbackId}#`)).map(({ time, kind, message, data }) => ({
    time,
    service,
    rollbackId,
    kind,
    message,
    ...(data !== undefined && { data }),
  }));
}

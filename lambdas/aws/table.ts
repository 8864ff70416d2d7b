/**
 * Amazon DynamoDB: the lock, the timeline, the ledger of releases and of rollbacks, in one table.
 *
 * pk = `SERVICE#<service>`; sk = `LOCK` | `BASELINE` | `TIMELINE#…` | `RELEASE#…` | `ROLLBACK#…`. Every write is either
 * conditional or puts the same item again when repeated. Expiry is for tidiness only: nothing relies on when DynamoDB
 * deletes.
 *
 * Calls: dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:Query (and events:PutEvents with `record`)
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { BaselineRecord } from '../../lib/domain/baseline-points.ts';
import { familyRevision } from '../../lib/domain/ecs.ts';
import { LockLost } from '../../lib/domain/errors.ts';
import { isProved, type LockOwner, type LockState } from '../../lib/domain/lock.ts';
import type { Json, Release, RollbackContext, RollbackRecord, TimelineEntry } from '../../lib/domain/model.ts';
import { type KnownStart, stamp } from '../../lib/domain/sweep.ts';
import { clientOptions } from './client.ts';
import { setting } from './environment.ts';
import { publish } from './events.ts';

const dynamodb = new DynamoDBClient(clientOptions);

/** Timeline and rollbacks are kept for 400 days: a year of reviews, and some time to hold them. */
const keepSeconds = 400 * 86_400;

// ---------------------------------------------------------------- lock

/** Consistent read; undefined when the service was never locked. */
export async function readLock(service: string): Promise<LockState | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: setting('TABLE'), Key: marshall(lockKey(service)), ConsistentRead: true }),
  );
  if (!Item) return undefined;
  const { token, owner } = unmarshall(Item) as LockState;
  return owner ? { token, owner } : { token };
}

/**
 * Takes the lock, provided it still is what `expected` was read as. False when somebody was faster: read again, decide
 * again. An attempt of our own whose answer got lost also gives false, and reading again then finds it ours.
 */
export async function acquireLock(
  service: string,
  claim: { readonly owner: LockOwner; readonly token: number; readonly expected: LockState | undefined },
): Promise<boolean> {
  const { owner, token, expected } = claim;
  const sameOwner = expected?.owner ? '#owner.#execution = :expectedOwner' : 'attribute_not_exists(#owner)';
  try {
    await dynamodb.send(
      new PutItemCommand({
        TableName: setting('TABLE'),
        Item: marshall({ ...lockKey(service), token, owner }),
        ConditionExpression: expected ? `#token = :expectedToken AND ${sameOwner}` : 'attribute_not_exists(pk)',
        ...(expected && {
          ExpressionAttributeNames: {
            '#token': 'token',
            '#owner': 'owner',
            ...(expected.owner && { '#execution': 'executionArn' }),
          },
          ExpressionAttributeValues: marshall({
            ':expectedToken': expected.token,
            ...(expected.owner && { ':expectedOwner': expected.owner.executionArn }),
          }),
        }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Call right before every change. Throws LockLost unless this execution owns the lock with this very token. */
export async function proveLock(context: RollbackContext): Promise<void> {
  const lock = await readLock(context.service);
  if (isProved(lock, context)) return;
  const holder = lock?.owner ? `${lock.owner.rollbackId} holds it with token ${lock.token}` : 'nobody holds it';
  throw new LockLost(
    `The lock of ${context.service} is not ours (token ${context.fencingToken ?? 'none'}): ${holder}. Nothing was changed.`,
  );
}

/** Gives the lock back; does nothing when it is not ours. The record stays, so that tokens only grow. */
export async function releaseLock(context: RollbackContext): Promise<void> {
  if (context.fencingToken === undefined) return;
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: setting('TABLE'),
        Key: marshall(lockKey(context.service)),
        UpdateExpression: 'REMOVE #owner',
        ConditionExpression: '#token = :token AND #owner.#execution = :execution',
        ExpressionAttributeNames: { '#token': 'token', '#owner': 'owner', '#execution': 'executionArn' },
        ExpressionAttributeValues: marshall({ ':token': context.fencingToken, ':execution': context.executionArn }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

// ---------------------------------------------------------------- timeline

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
    await put(item, 'attribute_not_exists(pk)');
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

// ---------------------------------------------------------------- ledger

/** Newest first, all sides. */
export async function listReleases(service: string): Promise<Release[]> {
  const items = await query<Release & Keys>(service, 'RELEASE#', { newestFirst: true });
  return items.map(({ pk: _pk, sk: _sk, ...release }) => release);
}

/** When the newest release of a service began, ISO 8601; undefined when none is known. One item is read. */
export async function newestReleaseAt(service: string): Promise<string | undefined> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: setting('TABLE'),
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: marshall({ ':pk': pk(service), ':prefix': 'RELEASE#' }),
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  return Items[0] && (unmarshall(Items[0]) as Release).deployedAt;
}

/** Records a release once: what is already there stays, with the status it has earned since. */
export async function putRelease(release: Release): Promise<boolean> {
  try {
    await put({ ...releaseKey(release), ...release }, 'attribute_not_exists(pk)');
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

export async function markRelease(release: Release, status: Release['status']): Promise<void> {
  await update(releaseKey(release), { ...release, status });
}

/** Adds what is now known of this rollback; what was recorded before stays. */
export async function recordRollback(
  context: Pick<RollbackContext, 'service' | 'rollbackId' | 'startedAt' | 'executionArn'>,
  facts: Partial<Omit<RollbackRecord, 'rollbackId' | 'service' | 'startedAt' | 'executionArn'>>,
): Promise<void> {
  const { service, rollbackId, startedAt, executionArn } = context;
  const expiresAt = Math.floor(Date.parse(startedAt) / 1_000) + keepSeconds;
  const key = { pk: pk(service), sk: `ROLLBACK#${startedAt}#${rollbackId}` };
  await update(key, { service, rollbackId, startedAt, executionArn, ...facts, expiresAt });
}

/** Rollbacks started at `since` (ISO 8601) or later, newest first. */
export async function listRollbacks(service: string, since: string): Promise<RollbackRecord[]> {
  const items = await query<RollbackRecord & Keys & { expiresAt: number }>(service, 'ROLLBACK#', {
    newestFirst: true,
    from: `ROLLBACK#${since}`,
  });
  return items.map(({ pk: _pk, sk: _sk, expiresAt: _expiresAt, automatic, ...rest }) => ({
    automatic: automatic ?? false,
    ...rest,
  }));
}

// ---------------------------------------------------------------- baseline

/** Undefined when PublishBaselines has never looked at the service. */
export async function readBaseline(service: string): Promise<BaselineRecord | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: setting('TABLE'), Key: marshall(baselineKey(service)), ConsistentRead: true }),
  );
  if (!Item) return undefined;
  const { pk: _pk, sk: _sk, ...record } = unmarshall(Item) as BaselineRecord & Keys;
  return record;
}

/** What the record lacks stays: the last good baseline outlives every decision not to learn. */
export async function writeBaseline(service: string, record: BaselineRecord): Promise<void> {
  await update(baselineKey(service), { ...record });
}

// ---------------------------------------------------------------- helpers

interface Keys {
  readonly pk: string;
  readonly sk: string;
}

const pk = (service: string): string => `SERVICE#${service}`;
const lockKey = (service: string): Keys => ({ pk: pk(service), sk: 'LOCK' });
const baselineKey = (service: string): Keys => ({ pk: pk(service), sk: 'BASELINE' });
const releaseKey = (release: Release): Keys => ({
  pk: pk(release.service),
  sk: `RELEASE#${release.deployedAt}#${release.side}#${familyRevision(release.taskDefinition)}`,
});

async function put(item: Keys & Record<string, unknown>, condition?: string): Promise<void> {
  await dynamodb.send(
    new PutItemCommand({
      TableName: setting('TABLE'),
      Item: marshall(item, { removeUndefinedValues: true }),
      ...(condition && { ConditionExpression: condition }),
    }),
  );
}

/** Sets the given members and leaves the others as they are. */
async function update(key: Keys, members: Record<string, unknown>): Promise<void> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: setting('TABLE'),
      Key: marshall(key),
      UpdateExpression: `SET ${entries.map((_, index) => `#m${index} = :m${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#m${index}`, name])),
      ExpressionAttributeValues: marshall(
        Object.fromEntries(entries.map(([, value], index) => [`:m${index}`, value])),
        {
          removeUndefinedValues: true,
        },
      ),
    }),
  );
}

/** Every item of a service whose sort key starts with `prefix`, oldest first unless told otherwise. */
async function query<T>(
  service: string,
  prefix: string,
  options: { readonly newestFirst?: boolean; readonly from?: string } = {},
): Promise<T[]> {
  const items: T[] = [];
  let startKey: Record<string, AttributeValue> | undefined;
  do {
    const page: QueryCommandOutput = await dynamodb.send(
      new QueryCommand({
        TableName: setting('TABLE'),
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        // `~` sorts after every character that keys are made of.
        ExpressionAttributeValues: marshall({
          ':pk': pk(service),
          ':from': options.from ?? prefix,
          ':to': `${prefix}~`,
        }),
        ScanIndexForward: !options.newestFirst,
        ConsistentRead: true,
        ...(startKey && { ExclusiveStartKey: startKey }),
      }),
    );
    items.push(...(page.Items ?? []).map((item) => unmarshall(item) as T));
    startKey = page.LastEvaluatedKey;
  } while (startKey);
  return items;
}

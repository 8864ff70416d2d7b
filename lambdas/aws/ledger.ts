/**
 * The ledger of releases and of rollbacks, items of the table (`RELEASE#…`, `REGISTERED#…`, `ROLLBACK#…`).
 *
 * Calls: dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:Query
 */
import { ConditionalCheckFailedException, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Release, RollbackContext, RollbackRecord } from '../../lib/domain/model.ts';
import {
  isRegistration,
  type Ledger,
  readLedger,
  releaseKey,
  type StoredRelease,
} from '../../lib/domain/registration.ts';
import type { RetentionFacts, Term } from '../../lib/domain/retention.ts';
import { setting } from './environment.ts';
import { dynamodb, type Keys, keepSeconds, pk, put, query, update } from './table.ts';

/** Newest first, all sides, with what was told of them. */
export async function listReleases(service: string): Promise<readonly Release[]> {
  return (await listLedger(service)).releases;
}

export async function listLedger(service: string): Promise<Ledger & Pick<RetentionFacts, 'ending'>> {
  const [items, told] = await Promise.all([
    query<StoredRelease & Keys & Expiry>(service, 'RELEASE#', { newestFirst: true }),
    query<Keys & Expiry & { registered: unknown }>(service, 'REGISTERED#'),
  ]);
  const stored = items.map(({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...release }) => release);
  const registrations = told.map(({ registered }) => registered).filter(isRegistration);
  const ending = new Map([...items, ...told].flatMap(({ sk, expiresAt }) => (expiresAt ? [[sk, expiresAt]] : [])));
  return { releases: readLedger(stored, registrations), registrations, ending };
}

interface Expiry {
  readonly expiresAt?: number;
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
    await put({ ...keysOf(release), ...release }, 'attribute_not_exists(taskDefinition)');
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/**
 * What was recorded of it stays; one that was never recorded is recorded by this.
 *
 * @param since when the rollback began that found it, ISO 8601; what a person said after that goes before
 */
export async function markRelease(release: Release, status: 'good' | 'bad', since: string): Promise<void> {
  const { status: _before, marked: _said, ...facts } = release;
  await update(keysOf(release), { status, statusAt: since }, facts);
}

/** Gives items of the ledger their end, or takes it from them. One that is gone stays gone. */
export async function setTerms(service: string, terms: readonly Term[]): Promise<void> {
  for (const { sk, expiresAt } of terms) {
    try {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: setting('TABLE'),
          Key: marshall({ pk: pk(service), sk }),
          UpdateExpression: expiresAt === null ? 'REMOVE expiresAt' : 'SET expiresAt = :at',
          ConditionExpression: 'attribute_exists(pk)',
          ...(expiresAt !== null && { ExpressionAttributeValues: marshall({ ':at': expiresAt }) }),
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

/** Adds what is now known of this rollback; what was recorded before stays. */
export async function recordRollback(
  context: Pick<RollbackContext, 'service' | 'rollbackId' | 'startedAt' | 'executionArn'>,
  facts: Partial<Omit<RollbackRecord, 'rollbackId' | 'service' | 'startedAt' | 'executionArn'>>,
): Promise<void> {
  const { service, rollbackId, startedAt, executionArn } = context;
  // Longer than a release that nobody proved: that it was taken out must not be forgotten before it is.
  const expiresAt = Math.floor(Date.parse(startedAt) / 1_000) + 3 * keepSeconds;
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

const keysOf = (release: Release): Keys => ({ pk: pk(release.service), sk: releaseKey(release) });

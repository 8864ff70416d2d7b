/**
 * The lock of a service, an item of the table (`LOCK`). It is never deleted, so that its token only grows.
 *
 * Calls: dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem (and events:PutEvents with `proveLock`)
 */
import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { LockLost } from '../../lib/domain/errors.ts';
import { isProved, type LockOwner, type LockState, mayRegain } from '../../lib/domain/lock.ts';
import type { RollbackContext } from '../../lib/domain/model.ts';
import { nowMs } from './clock.ts';
import { setting } from './environment.ts';
import { dynamodb, get, type Keys, pk } from './table.ts';
import { record } from './timeline.ts';

/** Consistent read; undefined when the service was never locked. */
export async function readLock(service: string): Promise<LockState | undefined> {
  const item = await get<LockState>(lockKey(service));
  if (!item) return undefined;
  const { token, owner } = item;
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
        ConditionExpression: expected ? `#token = :expectedToken AND ${sameOwner}` : 'attribute_not_exists(#token)',
        ExpressionAttributeNames: {
          '#token': 'token',
          ...(expected && { '#owner': 'owner' }),
          ...(expected?.owner && { '#execution': 'executionArn' }),
        },
        ...(expected && {
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

/**
 * Call right before every change. Throws LockLost unless this execution owns the lock with this very token. One that was
 * redriven takes it again, provided that nobody has had it since.
 */
export async function proveLock(context: RollbackContext): Promise<void> {
  const lock = await readLock(context.service);
  if (isProved(lock, context) || (await regain(lock, context))) return;
  const holder = lock?.owner ? `${lock.owner.rollbackId} holds it with token ${lock.token}` : 'nobody holds it';
  throw new LockLost(
    `The lock of ${context.service} is not ours (token ${context.fencingToken ?? 'none'}): ${holder}. Nothing was changed.`,
  );
}

async function regain(lock: LockState | undefined, context: RollbackContext): Promise<boolean> {
  const { service, executionArn, rollbackId, fencingToken: token } = context;
  if (!mayRegain(lock, context) || token === undefined) return false;
  const acquiredAt = new Date(nowMs()).toISOString();
  const taken = await acquireLock(service, { owner: { executionArn, rollbackId, acquiredAt }, token, expected: lock });
  if (!taken) return isProved(await readLock(service), context);
  const message = `The rollback goes on: it was redriven, and nobody has had the lock of ${service} since token ${token}.`;
  await record(context, 'Lock', [{ kind: 'resumed', message }], acquiredAt);
  return true;
}

/**
 * Gives the lock back; does nothing when it is not ours. The record stays, so that tokens only grow. Without a token it is
 * given back all the same: a state may have taken it and failed before it could tell.
 */
export async function releaseLock({ service, executionArn, fencingToken }: RollbackContext): Promise<void> {
  const known = fencingToken !== undefined;
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: setting('TABLE'),
        Key: marshall(lockKey(service)),
        UpdateExpression: 'REMOVE #owner',
        ConditionExpression: `#owner.#execution = :execution${known ? ' AND #token = :token' : ''}`,
        ExpressionAttributeNames: {
          '#owner': 'owner',
          '#execution': 'executionArn',
          ...(known && { '#token': 'token' }),
        },
        ExpressionAttributeValues: marshall({ ':execution': executionArn, ...(known && { ':token': fencingToken }) }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

const lockKey = (service: string): Keys => ({ pk: pk(service), sk: 'LOCK' });

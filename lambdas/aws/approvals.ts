/**
 * The question of a service to a person, an item of the table (`APPROVAL`): one at a time, and its own until the next.
 *
 * Calls: dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem
 */
import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Approval } from '../../lib/domain/approval.ts';
import type { RollbackContext } from '../../lib/domain/model.ts';
import type { ApprovalAnswer } from '../../lib/domain/states.ts';
import { setting } from './environment.ts';
import { dynamodb, get, type Keys, pk } from './table.ts';

/** Consistent read; undefined when the service has never asked. */
export async function readApproval(service: string): Promise<Approval | undefined> {
  const item = await get<Approval & Keys>(key(service));
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...approval } = item;
  return approval;
}

/** Puts a question where `expected` was read; false when somebody was faster: read again, decide again. */
export function putQuestion(approval: Approval, expected: Approval | undefined): Promise<boolean> {
  const names = { '#rollbackId': 'rollbackId' };
  return unlessOvertaken(
    new PutItemCommand({
      TableName: setting('TABLE'),
      Item: marshall({ ...key(approval.service), ...approval }, { removeUndefinedValues: true }),
      ConditionExpression: expected ? '#rollbackId = :expected' : 'attribute_not_exists(#rollbackId)',
      ExpressionAttributeNames: names,
      ...(expected && { ExpressionAttributeValues: marshall({ ':expected': expected.rollbackId }) }),
    }),
  );
}

/** Keeps what RequestApproval has: the token as ciphertext, or that people were told. False when the question is not ours, or closed. */
export function addToQuestion(
  { service, rollbackId }: Pick<RollbackContext, 'service' | 'rollbackId'>,
  known: { readonly token: string } | { readonly toldAt: string },
): Promise<boolean> {
  const [[name, value] = ['', '']] = Object.entries(known);
  return unlessOvertaken(
    new UpdateItemCommand({
      TableName: setting('TABLE'),
      Key: marshall(key(service)),
      UpdateExpression: 'SET #known = :known',
      ConditionExpression: '#rollbackId = :rollbackId AND attribute_not_exists(#answer)',
      ExpressionAttributeNames: { '#rollbackId': 'rollbackId', '#answer': 'answer', '#known': name },
      ExpressionAttributeValues: marshall({ ':rollbackId': rollbackId, ':known': value }),
    }),
  );
}

/** Closes a question with its answer and forgets the token. The first answer stays; false where there is one, or another question. */
export function closeQuestion(
  { service, rollbackId }: Pick<RollbackContext, 'service' | 'rollbackId'>,
  answer: ApprovalAnswer,
): Promise<boolean> {
  return unlessOvertaken(
    new UpdateItemCommand({
      TableName: setting('TABLE'),
      Key: marshall(key(service)),
      UpdateExpression: 'SET #answer = :answer REMOVE #token',
      ConditionExpression: '#rollbackId = :rollbackId AND attribute_not_exists(#answer)',
      ExpressionAttributeNames: { '#rollbackId': 'rollbackId', '#answer': 'answer', '#token': 'token' },
      ExpressionAttributeValues: marshall({ ':rollbackId': rollbackId, ':answer': answer }),
    }),
  );
}

async function unlessOvertaken(command: PutItemCommand | UpdateItemCommand): Promise<boolean> {
  try {
    await (command instanceof PutItemCommand ? dynamodb.send(command) : dynamodb.send(command));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const key = (service: string): Keys => ({ pk: pk(service), sk: 'APPROVAL' });

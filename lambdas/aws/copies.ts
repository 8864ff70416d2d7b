/**
 * Copies of task definitions that a rollback registers, at most one for each side: an item of the table
 * (`COPY#<rollback>#<side>`) remembers it, and before registering the family's newest revisions are looked at, since the
 * answer of an earlier attempt may have been lost.
 *
 * Calls: s3:GetObject, dynamodb:Query, dynamodb:PutItem, ecs:ListTaskDefinitions, ecs:DescribeTaskDefinition,
 * ecs:RegisterTaskDefinition, ecs:TagResource (and iam:PassRole for the task definition's roles)
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { CopyOrder, RollbackContext } from '../../lib/domain/model.ts';
import { family } from '../../lib/domain/target.ts';
import { findCopy } from '../../lib/domain/task-definition-copy.ts';
import { readCopy } from './documents.ts';
import { newestTaskDefinitions, registerTaskDefinition } from './ecs.ts';
import { type Keys, keepSeconds, pk, put, query } from './table.ts';

type Owner = Pick<RollbackContext, 'service' | 'rollbackId'>;

/** Side -> ARN of the copy that this rollback has registered for it. */
export async function registeredCopies({ service, rollbackId }: Owner): Promise<Record<string, string>> {
  const items = await query<Keys & { side: string; taskDefinition: string }>(service, `COPY#${rollbackId}#`);
  return Object.fromEntries(items.map(({ side, taskDefinition }) => [side, taskDefinition]));
}

/** The copy's ARN, and whether it was registered just now. Call with the lock proved. Throws PlanChanged when the stored request is another. */
export async function registerCopy(
  owner: Owner,
  side: string,
  order: CopyOrder,
  now: string,
): Promise<{ readonly taskDefinition: string; readonly made: boolean }> {
  const [request, newest] = await Promise.all([readCopy(order), newestTaskDefinitions(family(order.of))]);
  const found = findCopy(newest, request, order.of);
  const made = found ?? (await registerTaskDefinition(request));
  return { taskDefinition: await remember(owner, side, made, now), made: found === undefined };
}

/** The first that is remembered counts, also where two attempts ran at once. */
async function remember({ service, rollbackId }: Owner, side: string, taskDefinition: string, now: string) {
  const key = { pk: pk(service), sk: `COPY#${rollbackId}#${side}` };
  const expiresAt = Math.floor(Date.parse(now) / 1_000) + keepSeconds;
  try {
    await put({ ...key, side, taskDefinition, expiresAt }, 'attribute_not_exists(taskDefinition)');
    return taskDefinition;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return (await registeredCopies({ service, rollbackId }))[side] ?? taskDefinition;
  }
}

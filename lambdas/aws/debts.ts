/**
 * What rollbacks owe, items of the table (`OWED#<kind>#<ARN of the resource>`).
 *
 * Calls: dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query, dynamodb:UpdateItem
 */
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { RollbackContext, RuleWeights } from '../../lib/domain/model.ts';
import { type Debt, type ScalingDebt, type StickinessDebt, stickinessDebt, withSteps } from '../../lib/domain/owed.ts';
import { type ScalableTarget, scalingDebt } from '../../lib/domain/scaling.ts';
import { setting } from './environment.ts';
import { dynamodb, get, type Keys, keepSeconds, pk, put, query } from './table.ts';

/**
 * Call before every change of a rule's weights: writes down that its group stickiness goes off with it. Repeating it
 * writes the same, and the debt of an earlier rollback learns of the new weights.
 *
 * @param live the rule as it was read for the change
 * @param steps every state that the plan gives this rule
 */
export async function oweStickiness(
  context: RollbackContext,
  live: RuleWeights,
  steps: readonly RuleWeights[],
  now: string,
): Promise<void> {
  const debt = stickinessDebt(live, steps, { ...context, now });
  if (debt) return put({ ...debtKey(debt), ...debt });
  const key = debtKey({ service: context.service, kind: 'stickiness', resource: live.rule });
  const earlier = await get<StickinessDebt>(key);
  if (earlier && isOpen(earlier)) await put({ ...key, ...withSteps(earlier, steps) });
}

/**
 * Call before the first change of a scaled service: writes down what of its scaling was suspended. Repeating it writes
 * the same, and what was before an earlier rollback that was not given back is kept.
 *
 * @returns what to set; undefined where everything rests already
 */
export async function oweScaling(
  context: RollbackContext,
  target: ScalableTarget,
  now: string,
): Promise<ScalingDebt | undefined> {
  const key = debtKey({ service: context.service, kind: 'scaling', resource: target.resource });
  const earlier = await get<ScalingDebt>(key);
  const debt = scalingDebt(target, earlier && isOpen(earlier) ? earlier : undefined, { ...context, now });
  if (debt) await put({ ...key, ...debt });
  return debt;
}

/** Those that are not settled. */
export async function listDebts(service: string): Promise<Debt[]> {
  const items = await query<Debt & Keys>(service, 'OWED#');
  return items.filter(isOpen).map(({ pk: _pk, sk: _sk, ...debt }) => debt);
}

/** False where the debt is another by now: a rollback has made it anew. */
export async function settleDebt(debt: Debt, now: string): Promise<boolean> {
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: setting('TABLE'),
        Key: marshall(debtKey(debt)),
        UpdateExpression: 'SET #settled = :now, #expires = :expires',
        ConditionExpression: '#rollback = :rollback AND #since = :since',
        ExpressionAttributeNames: {
          '#rollback': 'rollbackId',
          '#since': 'since',
          '#settled': 'settledAt',
          '#expires': 'expiresAt',
        },
        ExpressionAttributeValues: marshall({
          ':rollback': debt.rollbackId,
          ':since': debt.since,
          ':now': now,
          ':expires': Math.floor(Date.parse(now) / 1_000) + keepSeconds,
        }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** A settled one stays where it is until the next, or until it expires. */
const isOpen = (item: object): boolean => !('settledAt' in item);

const debtKey = ({ service, kind, resource }: Pick<Debt, 'service' | 'kind' | 'resource'>): Keys => ({
  pk: pk(service),
  sk: `OWED#${kind}#${resource}`,
});

/**
 * Application Auto Scaling of a service rests while a rollback changes it, and what rested before is written down.
 *
 * Calls: application-autoscaling:DescribeScalableTargets, application-autoscaling:RegisterScalableTarget, dynamodb:GetItem,
 * dynamodb:PutItem
 */
import type { RollbackContext, Side } from '../../lib/domain/model.ts';
import { describe, sameState } from '../../lib/domain/scaling.ts';
import { oweScaling } from './debts.ts';
import { readScaling, scalableResource, suspend } from './scaling.ts';

/**
 * Lets scaling in and scheduled scaling of a scaled service rest, after what is owed was written down. Users wait for the
 * cure, so that Application Auto Scaling cannot be asked hinders nothing.
 *
 * @returns what was done, as a sentence; empty where there was nothing to do
 */
export async function restScaling(context: RollbackContext, side: Side, now: string): Promise<string> {
  const resource = scalableResource(side);
  const target = await orProblem(readScaling(resource));
  if (typeof target === 'string')
    return `Application Auto Scaling could not be asked (${target}): it goes on as it is.`;
  const debt = target && (await oweScaling(context, target, now));
  if (!target || !debt) return '';
  if (!sameState(target.suspended, debt.set)) {
    const problem = await orProblem(suspend(resource, debt.set));
    if (typeof problem === 'string')
      return `Scaling of ${resource} could not be suspended (${problem}): it goes on as it is.`;
  }
  return `Of its scaling, ${describe(debt.set)} until the rollback ends.`;
}

async function orProblem<T>(call: Promise<T>): Promise<T | string> {
  try {
    return await call;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/**
 * Carries out one step of a reversal, with the service's scaling at rest before it.
 *
 * Calls: ecs:UpdateService, ecs:StopServiceDeployment, ecs:ContinueServiceDeployment, codedeploy:StopDeployment,
 * codedeploy:GetDeploymentGroup, codedeploy:CreateDeployment, application-autoscaling:DescribeScalableTargets,
 * application-autoscaling:RegisterScalableTarget, dynamodb:GetItem, dynamodb:PutItem
 */
import type { ServiceView } from '../../lib/domain/ecs.ts';
import type { RollbackContext, Side } from '../../lib/domain/model.ts';
import type { Change } from '../../lib/domain/reversal/step.ts';
import { describe, sameState } from '../../lib/domain/scaling.ts';
import { createDeployment, stopWithRollback } from './codedeploy.ts';
import { oweScaling } from './debts.ts';
import { updateService } from './ecs.ts';
import { rollBackAtHook, stopServiceDeployment } from './rollouts.ts';
import { readScaling, scalableResource, suspend } from './scaling.ts';

/**
 * @param description tells whose deployment it is, where one can say so
 * @returns false where it came too late: what it was to end is over, or another deployment is under way
 */
export async function carryOut(
  change: Change,
  { side, service, taskDefinition }: { side: Side; service: ServiceView; taskDefinition: () => Promise<string> },
  description: string,
): Promise<boolean> {
  switch (change.do) {
    case 'update-service':
      await updateService(side, await taskDefinition());
      return true;
    case 'stop-service-deployment':
      return stopServiceDeployment(change.id);
    case 'continue-hook-rollback':
      return rollBackAtHook(change.id, change.hookId);
    case 'codedeploy-stop':
      return stopWithRollback(change.id);
    case 'codedeploy-create': {
      if (!side.codeDeploy) throw new Error(`The configuration names no deployment group of ${side.service}.`);
      return createDeployment(side.codeDeploy, service, await taskDefinition(), description);
    }
  }
}

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

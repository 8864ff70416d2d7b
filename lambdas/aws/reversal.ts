/**
 * Carries out one step of a reversal.
 *
 * Calls: ecs:UpdateService, ecs:StopServiceDeployment, ecs:ContinueServiceDeployment, codedeploy:StopDeployment,
 * codedeploy:GetDeploymentGroup, codedeploy:CreateDeployment
 */
import type { ServiceView } from '../../lib/domain/ecs.ts';
import type { Side } from '../../lib/domain/model.ts';
import type { Change } from '../../lib/domain/reversal/step.ts';
import { createDeployment, stopWithRollback } from './codedeploy.ts';
import { updateService } from './ecs.ts';
import { rollBackAtHook, stopServiceDeployment } from './rollouts.ts';

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

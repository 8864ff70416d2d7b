/**
 * The deployment of a side's service that is under way, whoever makes it, and how ECS's own deployments are ended.
 *
 * Calls: ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions, ecs:StopServiceDeployment,
 * ecs:ContinueServiceDeployment, codedeploy:ListDeployments, codedeploy:BatchGetDeployments
 */
import {
  ConflictException,
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  ECSClient,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import type { ServiceView } from '../../lib/domain/ecs.ts';
import type { Side } from '../../lib/domain/model.ts';
import { isOver, type Rollout, revisionsOf, rolloutOf } from '../../lib/domain/reversal/rollout.ts';
import { clientOptions } from './client.ts';
import { readCodeDeployRollout } from './codedeploy.ts';
import { describeServiceRevisions } from './ecs.ts';
import { viewDeployment } from './ecs-views.ts';

const ecs = new ECSClient(clientOptions);

/** Undefined where none is under way, and behind controllers that nobody can ask. */
export async function readRollout(side: Side, service: ServiceView | undefined): Promise<Rollout | undefined> {
  if (service?.controller === 'CODE_DEPLOY') {
    return side.codeDeploy && readCodeDeployRollout(side.codeDeploy, service);
  }
  const arn = service?.controller === 'ECS' ? service.currentServiceDeployment : undefined;
  if (arn === undefined) return undefined;
  const { serviceDeployments = [] } = await ecs.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
  );
  const deployment = serviceDeployments[0] && viewDeployment(serviceDeployments[0]);
  if (!deployment || isOver(deployment)) return undefined;
  return rolloutOf(deployment, await describeServiceRevisions(revisionsOf(deployment)));
}

/** False where it was over, or somebody had answered, before. */
export const stopServiceDeployment = (serviceDeploymentArn: string): Promise<boolean> =>
  unlessOver(ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' })));

/** Answers the pause that a deployment waits at. False where somebody had answered before. */
export const rollBackAtHook = (serviceDeploymentArn: string, hookId: string): Promise<boolean> =>
  unlessOver(ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'ROLLBACK' })));

async function unlessOver(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof ConflictException) return false;
    throw error;
  }
}

/**
 * Application Auto Scaling: the bounds that it keeps an ECS service in.
 *
 * Calls: application-autoscaling:DescribeScalableTargets
 */
import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import type { Side } from '../../lib/domain/model.ts';
import { clientOptions } from './client.ts';

const scaling = new ApplicationAutoScalingClient(clientOptions);

/** The fewest tasks that it keeps of the side's service; undefined where it does not scale it. */
export async function minimumTasks(side: Side): Promise<number | undefined> {
  const cluster = side.cluster.slice(side.cluster.lastIndexOf('/') + 1);
  const { ScalableTargets: targets = [] } = await scaling.send(
    new DescribeScalableTargetsCommand({
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceIds: [`service/${cluster}/${side.service}`],
    }),
  );
  return targets[0]?.MinCapacity;
}

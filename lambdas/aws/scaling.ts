/**
 * Application Auto Scaling: the bounds that it keeps an ECS service in, and what of it is suspended.
 *
 * Calls: application-autoscaling:DescribeScalableTargets, application-autoscaling:RegisterScalableTarget (which Application
 * Auto Scaling allows only to who may call ecs:DescribeServices and ecs:UpdateService)
 */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import type { Side } from '../../lib/domain/model.ts';
import type { ScalableTarget, SuspendedState } from '../../lib/domain/scaling.ts';
import { clientOptions } from './client.ts';

const scaling = new ApplicationAutoScalingClient(clientOptions);

const kind = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const;

/** `service/<cluster>/<name>` */
export const scalableResource = ({ cluster, service }: Pick<Side, 'cluster' | 'service'>): string =>
  `service/${cluster.slice(cluster.lastIndexOf('/') + 1)}/${service}`;

/** Undefined where nothing scales the resource. */
export async function readScaling(resource: string): Promise<ScalableTarget | undefined> {
  const { ScalableTargets: targets = [] } = await scaling.send(
    new DescribeScalableTargetsCommand({ ...kind, ResourceIds: [resource] }),
  );
  const target = targets[0];
  if (!target) return undefined;
  const { SuspendedState: suspended = {} } = target;
  return {
    resource,
    minimum: target.MinCapacity ?? 0,
    maximum: target.MaxCapacity ?? 0,
    suspended: {
      dynamicIn: suspended.DynamicScalingInSuspended ?? false,
      dynamicOut: suspended.DynamicScalingOutSuspended ?? false,
      scheduled: suspended.ScheduledScalingSuspended ?? false,
    },
  };
}

/** The bounds and the policies stay as they are. */
export async function suspend(resource: string, state: SuspendedState): Promise<void> {
  await scaling.send(
    new RegisterScalableTargetCommand({
      ...kind,
      ResourceId: resource,
      SuspendedState: {
        DynamicScalingInSuspended: state.dynamicIn,
        DynamicScalingOutSuspended: state.dynamicOut,
        ScheduledScalingSuspended: state.scheduled,
      },
    }),
  );
}

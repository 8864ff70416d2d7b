import type { SimulatedAccount } from '../account.ts';
import { dimension } from '../services/autoscaling/model.ts';
import type { ServiceRecord } from '../services/ecs/model.ts';
import type { ScalingSpec } from './service-spec.ts';

/** The service as a scalable target, and its policy where it has one. */
export function buildScaling(account: SimulatedAccount, service: ServiceRecord, spec: ScalingSpec): void {
  const { autoscaling, clock } = account;
  const resourceId = `service/${service.cluster}/${service.name}`;
  autoscaling.register({
    ServiceNamespace: 'ecs',
    ResourceId: resourceId,
    ScalableDimension: dimension,
    MinCapacity: spec.min,
    MaxCapacity: spec.max,
    SuspendedState: {
      DynamicScalingInSuspended: spec.suspended?.in ?? false,
      DynamicScalingOutSuspended: spec.suspended?.out ?? false,
      ScheduledScalingSuspended: spec.suspended?.scheduled ?? false,
    },
  });
  if (spec.targetCpuPercent === undefined) return;
  const name = `${service.name}-cpu`;
  const id = account.random.fork(`scaling policy ${resourceId}`).uuid();
  autoscaling.addPolicy({
    arn: account.arn('autoscaling', `scalingPolicy:${id}:resource/ecs/${resourceId}:policyName/${name}`),
    name,
    resourceId,
    createdMs: clock.now(),
    targetPercent: spec.targetCpuPercent,
    scaleOutCooldownSeconds: spec.scaleOutCooldownSeconds ?? 300,
    scaleInCooldownSeconds: spec.scaleInCooldownSeconds ?? 300,
    disableScaleIn: spec.disableScaleIn ?? false,
  });
}

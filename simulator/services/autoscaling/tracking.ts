import type { SimulatedAccount } from '../../account.ts';
import { inFlight, type ServiceRecord } from '../ecs/model.ts';
import { nextDesired } from './decision.ts';
import type { PolicyRecord, TargetRecord } from './model.ts';

const minuteMs = 60_000;
/** Metrics of a minute are visible half a minute after its end. */
const publishedMs = 40_000;

/** Looks once a minute, for as long as the policy is there. */
export function track(account: SimulatedAccount, target: TargetRecord, policy: PolicyRecord): void {
  const { clock } = account;
  const first = Math.ceil(clock.now() / minuteMs) * minuteMs + publishedMs;
  clock.every(minuteMs, first, () => scale(account, target, policy));
}

function scale(account: SimulatedAccount, target: TargetRecord, policy: PolicyRecord): void {
  const [, cluster, name = ''] = target.resourceId.split('/');
  const service = account.ecs.findService(cluster, name);
  if (service?.status !== 'ACTIVE') return;
  const nowMs = account.clock.now();
  const wanted = nextDesired({
    desired: service.desiredCount,
    min: target.min,
    max: target.max,
    targetPercent: policy.targetPercent,
    minutes: averages(account, service, nowMs),
  });
  if (wanted === undefined || isHeldBack(account, service, target, policy, wanted, nowMs)) return;
  if (wanted > service.desiredCount) policy.scaledOutMs = nowMs;
  else policy.scaledInMs = nowMs;
  account.ecs.updateService({ cluster: service.cluster, service: service.name, desiredCount: wanted });
}

/** Suspended, cooling down, or a scale-in while a deployment is under way, which ECS switches off by itself. */
function isHeldBack(
  account: SimulatedAccount,
  service: ServiceRecord,
  target: TargetRecord,
  policy: PolicyRecord,
  wanted: number,
  nowMs: number,
): boolean {
  const since = (ms: number | undefined) => (nowMs - (ms ?? Number.NEGATIVE_INFINITY)) / 1000;
  const cooling = since(policy.scaledOutMs) < policy.scaleOutCooldownSeconds;
  if (wanted > service.desiredCount) return target.suspended.DynamicScalingOutSuspended || cooling;
  const deploying = inFlight(service) !== undefined || account.codedeploy.isDeploying(service);
  const justIn = since(policy.scaledInMs) < policy.scaleInCooldownSeconds;
  return target.suspended.DynamicScalingInSuspended || policy.disableScaleIn || deploying || cooling || justIn;
}

function averages({ cloudwatch }: SimulatedAccount, service: ServiceRecord, nowMs: number): (number | null)[] {
  const endMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const startMs = endMs - 15 * minuteMs;
  const dimensions = { ClusterName: service.cluster, ServiceName: service.name };
  const metric = { namespace: 'AWS/ECS', metricName: 'CPUUtilization', dimensions };
  const points = cloudwatch.store.statistics(metric, 'Average', { startMs, endMs, periodMs: minuteMs });
  return Array.from({ length: 15 }, (_, at) => points.get(startMs + at * minuteMs) ?? null);
}

import type { DeploymentLifecycleHook, LoadBalancer } from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../account.ts';
import { acceptConfiguration, refuseLoadBalancers, rolling } from '../services/ecs/configuration.ts';
import type { ServiceRecord } from '../services/ecs/model.ts';
import { moveTraffic } from '../services/ecs/traffic.ts';
import type { StrategySpec } from './service-spec.ts';

/** A service whose traffic ECS moves itself; all of it is on the service's own target group. */
export function buildStrategy(account: SimulatedAccount, service: ServiceRecord, spec: StrategySpec): void {
  const { alternateTargetGroup: alternate, productionRule, testRule } = spec;
  service.loadBalancers = service.loadBalancers.map(
    (loadBalancer): LoadBalancer => ({
      ...loadBalancer,
      advancedConfiguration: {
        ...(alternate === undefined ? {} : { alternateTargetGroupArn: alternate }),
        ...(productionRule === undefined ? {} : { productionListenerRule: productionRule }),
        ...(testRule === undefined ? {} : { testListenerRule: testRule }),
        roleArn: `arn:aws:iam::${account.id}:role/ecsInfrastructureRole`,
      },
    }),
  );
  const hooks = (spec.hooks ?? []).map((hook, at) => hookOf(account, service, hook, at));
  const configuration = acceptConfiguration(
    { ...service, strategy: rolling },
    {
      strategy: spec.type,
      bakeTimeInMinutes: spec.bakeMinutes ?? 0,
      lifecycleHooks: hooks,
      ...(spec.type === 'LINEAR'
        ? { linearConfiguration: { stepPercent: spec.stepPercent, stepBakeTimeInMinutes: spec.stepBakeMinutes } }
        : {}),
      ...(spec.type === 'CANARY'
        ? {
            canaryConfiguration: { canaryPercent: spec.canaryPercent, canaryBakeTimeInMinutes: spec.canaryBakeMinutes },
          }
        : {}),
    },
  );
  refuseLoadBalancers(configuration.strategy, service.loadBalancers);
  service.strategy = configuration.strategy;
  const own = service.loadBalancers[0]?.targetGroupArn;
  if (!own || alternate === undefined) return;
  account.elbv2.targetGroup(alternate);
  for (const rule of [productionRule, testRule]) if (rule) moveTraffic(account, rule, alternate, own, 100);
}

function hookOf(
  account: SimulatedAccount,
  service: ServiceRecord,
  spec: NonNullable<StrategySpec['hooks']>[number],
  at: number,
): DeploymentLifecycleHook {
  const common: DeploymentLifecycleHook = {
    targetType: spec.type ?? 'PAUSE',
    lifecycleStages: [...spec.stages],
    ...(spec.timeoutMinutes === undefined && spec.timeoutAction === undefined
      ? {}
      : { timeoutConfiguration: { timeoutInMinutes: spec.timeoutMinutes, action: spec.timeoutAction } }),
  };
  if (common.targetType === 'PAUSE') return common;
  const hookTargetArn = account.arn('lambda', `function:${service.name}-hook-${at + 1}`);
  account.ecs.answerHook(hookTargetArn, spec.answer ?? 'SUCCEEDED');
  return { ...common, hookTargetArn, roleArn: `arn:aws:iam::${account.id}:role/ecsHookRole` };
}

/** A service's deployment configuration: what UpdateService accepts, and what Describe calls show. */
import type {
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  LoadBalancer,
  ThresholdConfiguration,
} from '@aws-sdk/client-ecs';
import { AwsError } from '../../service.ts';
import type { DeploymentStrategyRecord, ServiceRecord } from './model.ts';

const invalid = (message: string) => new AwsError('InvalidParameterException', message);

export const rolling: DeploymentStrategyRecord = {
  name: 'ROLLING',
  bakeMinutes: undefined,
  hooks: [],
  linear: { stepPercent: 10, stepBakeMinutes: 6 },
  canary: { percent: 5, bakeMinutes: 10 },
};

/**
 * The service's configuration with a change; what the change leaves out stays.
 *
 * @throws AwsError `InvalidParameterException`
 */
export function acceptConfiguration(
  service: Pick<ServiceRecord, Configured>,
  change: DeploymentConfiguration,
): Pick<ServiceRecord, Configured> {
  const strategy = acceptStrategy(service.strategy, change);
  const alarms = change.alarms ?? service.alarms;
  if (alarms.enable && (alarms.alarmNames ?? []).length === 0) throw invalid('alarmNames cannot be empty.');
  const breaker = change.deploymentCircuitBreaker;
  if (breaker?.thresholdConfiguration) refuseThreshold(breaker.thresholdConfiguration);
  if (change.earlySuccessCriteria?.enable) throw new Error('earlySuccessCriteria are not simulated');
  return {
    minimumHealthyPercent: change.minimumHealthyPercent ?? service.minimumHealthyPercent,
    maximumPercent: change.maximumPercent ?? service.maximumPercent,
    circuitBreaker: breaker ?? service.circuitBreaker,
    alarms,
    strategy,
  };
}

type Configured = 'minimumHealthyPercent' | 'maximumPercent' | 'circuitBreaker' | 'alarms' | 'strategy';

export function showConfiguration(service: Pick<ServiceRecord, Configured>): DeploymentConfiguration {
  const { strategy } = service;
  const native = strategy.name !== 'ROLLING';
  return {
    deploymentCircuitBreaker: service.circuitBreaker,
    maximumPercent: service.maximumPercent,
    minimumHealthyPercent: service.minimumHealthyPercent,
    alarms: { ...service.alarms, alarmNames: [...(service.alarms.alarmNames ?? [])] },
    strategy: strategy.name,
    ...(native || strategy.bakeMinutes !== undefined ? { bakeTimeInMinutes: strategy.bakeMinutes ?? 0 } : {}),
    ...(native ? { lifecycleHooks: [...strategy.hooks] } : {}),
    ...(strategy.name === 'LINEAR'
      ? {
          linearConfiguration: {
            stepPercent: strategy.linear.stepPercent,
            stepBakeTimeInMinutes: strategy.linear.stepBakeMinutes,
          },
        }
      : {}),
    ...(strategy.name === 'CANARY'
      ? {
          canaryConfiguration: {
            canaryPercent: strategy.canary.percent,
            canaryBakeTimeInMinutes: strategy.canary.bakeMinutes,
          },
        }
      : {}),
  };
}

/** Where ECS moves traffic, it must know both target groups, the listener rule and the role it does so with. */
export function refuseLoadBalancers(strategy: DeploymentStrategyRecord, loadBalancers: readonly LoadBalancer[]): void {
  if (strategy.name === 'ROLLING') return;
  for (const { advancedConfiguration: advanced } of loadBalancers) {
    if (advanced?.alternateTargetGroupArn && advanced.productionListenerRule && advanced.roleArn) continue;
    throw invalid(
      `The ${strategy.name} deployment strategy needs advancedConfiguration with alternateTargetGroupArn, productionListenerRule and roleArn for each load balancer.`,
    );
  }
}

function acceptStrategy(present: DeploymentStrategyRecord, change: DeploymentConfiguration): DeploymentStrategyRecord {
  const name = change.strategy ?? present.name;
  const bakeMinutes = change.bakeTimeInMinutes ?? present.bakeMinutes;
  if (name === 'BLUE_GREEN' && bakeMinutes === undefined) {
    throw invalid('bakeTimeInMinutes is required for the BLUE_GREEN deployment strategy.');
  }
  if (bakeMinutes !== undefined) refuseRange('bakeTimeInMinutes', bakeMinutes, 0, 1440);
  if (change.linearConfiguration && name !== 'LINEAR') {
    throw invalid('linearConfiguration is only valid for the LINEAR deployment strategy.');
  }
  if (change.canaryConfiguration && name !== 'CANARY') {
    throw invalid('canaryConfiguration is only valid for the CANARY deployment strategy.');
  }
  const hooks = change.lifecycleHooks ?? present.hooks;
  for (const hook of hooks) refuseHook(hook);
  if (name === 'ROLLING' && hooks.length > 0) throw new Error('hooks of rolling deployments are not simulated');
  const linear = {
    stepPercent: change.linearConfiguration?.stepPercent ?? present.linear.stepPercent,
    stepBakeMinutes: change.linearConfiguration?.stepBakeTimeInMinutes ?? present.linear.stepBakeMinutes,
  };
  const canary = {
    percent: change.canaryConfiguration?.canaryPercent ?? present.canary.percent,
    bakeMinutes: change.canaryConfiguration?.canaryBakeTimeInMinutes ?? present.canary.bakeMinutes,
  };
  refuseRange('stepPercent', linear.stepPercent, 3, 100);
  refuseRange('stepBakeTimeInMinutes', linear.stepBakeMinutes, 0, 1440);
  refuseRange('canaryPercent', canary.percent, 0.1, 100);
  refuseRange('canaryBakeTimeInMinutes', canary.bakeMinutes, 0, 1440);
  return { name, bakeMinutes, hooks, linear, canary };
}

function refuseHook({ targetType, hookTargetArn, lifecycleStages = [] }: DeploymentLifecycleHook): void {
  if (lifecycleStages.length === 0) throw invalid('A lifecycle hook needs at least one of lifecycleStages.');
  if (targetType !== 'PAUSE') {
    if (!hookTargetArn) throw invalid('hookTargetArn is required for AWS_LAMBDA lifecycle hooks.');
    return;
  }
  const shift = lifecycleStages.find((stage) => stage === 'TEST_TRAFFIC_SHIFT' || stage === 'PRODUCTION_TRAFFIC_SHIFT');
  if (shift) throw invalid(`PAUSE hooks cannot be configured at the ${shift} stage.`);
}

function refuseThreshold({ type, value }: ThresholdConfiguration): void {
  if (type === undefined || value === undefined || !Number.isInteger(value) || value < 1) {
    throw invalid('thresholdConfiguration needs a type, and a value of 1 or more.');
  }
}

function refuseRange(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most) throw invalid(`${name} must be between ${least} and ${most}, was ${value}.`);
}

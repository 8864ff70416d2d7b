/** How traffic moves: the predefined configurations of the ECS compute platform. */
import type { DeploymentConfigInfo } from '@aws-sdk/client-codedeploy';
import { AwsError } from '../../service.ts';

/** Share of traffic in percent, and for how long it holds before the next step. The last step is 100 %. */
export interface TrafficStep {
  readonly percent: number;
  readonly holdMs: number;
}

const pattern = /^CodeDeployDefault\.ECS(?:AllAtOnce|(Linear|Canary)(\d+)Percent(?:Every)?(\d+)Minutes?s?)$/;
const names = [
  'CodeDeployDefault.ECSAllAtOnce',
  'CodeDeployDefault.ECSLinear10PercentEvery1Minutes',
  'CodeDeployDefault.ECSLinear10PercentEvery3Minutes',
  'CodeDeployDefault.ECSCanary10Percent5Minutes',
  'CodeDeployDefault.ECSCanary10Percent15Minutes',
];

/** @throws AwsError `DeploymentConfigDoesNotExistException` */
export function describeConfiguration(name: string): DeploymentConfigInfo {
  const match = names.includes(name) ? pattern.exec(name) : null;
  if (!match) {
    throw new AwsError('DeploymentConfigDoesNotExistException', `No Deployment Configuration found for name: ${name}`);
  }
  const [, kind, percent = '100', minutes = '0'] = match;
  const common = { deploymentConfigName: name, computePlatform: 'ECS' as const };
  if (kind === 'Linear') {
    const timeBasedLinear = { linearPercentage: Number(percent), linearInterval: Number(minutes) };
    return { ...common, trafficRoutingConfig: { type: 'TimeBasedLinear', timeBasedLinear } };
  }
  if (kind === 'Canary') {
    const timeBasedCanary = { canaryPercentage: Number(percent), canaryInterval: Number(minutes) };
    return { ...common, trafficRoutingConfig: { type: 'TimeBasedCanary', timeBasedCanary } };
  }
  return { ...common, trafficRoutingConfig: { type: 'AllAtOnce' } };
}

export function trafficSteps(name: string): TrafficStep[] {
  const { trafficRoutingConfig: routing } = describeConfiguration(name);
  const { timeBasedCanary: canary, timeBasedLinear: linear } = routing ?? {};
  if (canary) {
    return [
      { percent: canary.canaryPercentage ?? 0, holdMs: (canary.canaryInterval ?? 0) * 60_000 },
      { percent: 100, holdMs: 0 },
    ];
  }
  if (!linear) return [{ percent: 100, holdMs: 0 }];
  const size = linear.linearPercentage ?? 100;
  const percents = Array.from({ length: Math.ceil(100 / size) }, (_, at) => Math.min(100, size * (at + 1)));
  return percents.map((percent) => ({ percent, holdMs: percent < 100 ? (linear.linearInterval ?? 0) * 60_000 : 0 }));
}

import type { DescribeServicesCommandOutput, DescribeTaskDefinitionCommandOutput } from '@aws-sdk/client-ecs';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import { operate } from '../../../simulator/scenario/schedule.ts';
import { shortArn } from '../story/text.ts';

export interface ServiceState {
  /** `cluster/service` */
  readonly service: string;
  readonly taskDefinition: string;
  readonly images: readonly string[];
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly deploymentId: string;
  readonly rolloutState: string;
  readonly startedMs: number;
}

/** Every ECS service of the scenario's account, as ECS describes it now. */
export function serviceStates(run: LiveRun): Promise<ServiceState[]> {
  const services = run.scenario.account.services ?? [];
  return Promise.all(services.map(({ cluster, name }) => serviceState(run, cluster, name)));
}

async function serviceState({ account }: LiveRun, cluster: string, name: string): Promise<ServiceState> {
  const { services } = (await operate(account.ecs, 'DescribeServices', {
    cluster,
    services: [name],
  })) as DescribeServicesCommandOutput;
  const service = services?.[0];
  const primary = service?.deployments?.find(({ status }) => status === 'PRIMARY');
  const { taskDefinition } = (await operate(account.ecs, 'DescribeTaskDefinition', {
    taskDefinition: primary?.taskDefinition ?? service?.taskDefinition,
  })) as DescribeTaskDefinitionCommandOutput;
  return {
    service: `${cluster}/${name}`,
    taskDefinition: shortArn(taskDefinition?.taskDefinitionArn ?? ''),
    images: (taskDefinition?.containerDefinitions ?? []).map(({ image }) => image ?? ''),
    desiredCount: service?.desiredCount ?? 0,
    runningCount: service?.runningCount ?? 0,
    deploymentId: primary?.id ?? '',
    rolloutState: primary?.rolloutState ?? '',
    startedMs: primary?.createdAt?.getTime() ?? 0,
  };
}

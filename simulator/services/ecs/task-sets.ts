/** Task sets: what services have whose deployments ECS does not make itself. */
import type { DescribeTaskSetsRequest, DescribeTaskSetsResponse, TaskSet } from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import type { Ecs } from '../ecs.ts';
import { type DeploymentRecord, type ServiceRecord, wantedOf } from './model.ts';
import { clusterArn } from './show-common.ts';

export function taskSetOperations(ecs: Ecs, account: SimulatedAccount): Record<string, Operation> {
  const describe: Operation<DescribeTaskSetsRequest, DescribeTaskSetsResponse> = {
    conditions: ({ cluster = '' }) => ({ 'ecs:cluster': clusterArn(account, cluster.split('/').at(-1) ?? '') }),
    resources: ({ cluster = '', service = '', taskSets }) => {
      const path = `${cluster.split('/').at(-1)}/${service.split('/').at(-1)}`;
      return (taskSets ?? ['*']).map((one) =>
        one.startsWith('arn:') ? one : account.arn('ecs', `task-set/${path}/${one}`),
      );
    },
    run({ cluster, service: name = '', taskSets }) {
      const service = ecs.requireService(cluster, name);
      if (service.controller === 'ECS') {
        throw new AwsError(
          'InvalidParameterException',
          'Amazon ECS only supports task sets with an external deployment.',
        );
      }
      const all = showTaskSets(account, service);
      const wanted = taskSets?.length ? taskSets : all.map(({ taskSetArn = '' }) => taskSetArn);
      const find = (reference: string) =>
        all.find(({ id, taskSetArn }) => taskSetArn === reference || id === reference.split('/').slice(-2).join('/'));
      return {
        taskSets: wanted.flatMap((reference) => find(reference) ?? []),
        failures: wanted.filter((one) => !find(one)).map((arn) => ({ arn, reason: 'MISSING' })),
      };
    },
  };
  return { DescribeTaskSets: describe };
}

export const showTaskSets = (account: SimulatedAccount, service: ServiceRecord): TaskSet[] =>
  service.deployments.flatMap((deployment) => (deployment.taskSet ? [showTaskSet(account, service, deployment)] : []));

function showTaskSet(account: SimulatedAccount, service: ServiceRecord, deployment: DeploymentRecord): TaskSet {
  const { revision, taskSet, scale = 1 } = deployment;
  const tasks = service.tasks.filter((task) => task.deployment === deployment);
  const count = (status: string) => tasks.filter(({ lastStatus }) => lastStatus === status).length;
  const steady = account.ecs.scheduler.isSteady(service, deployment);
  const containers = revision.loadBalancers.map(({ advancedConfiguration: _native, ...loadBalancer }) => ({
    ...loadBalancer,
    targetGroupArn: revision.targetGroupArn,
  }));
  return {
    id: deployment.id,
    taskSetArn: taskSet?.arn,
    serviceArn: service.arn,
    clusterArn: clusterArn(account, service.cluster),
    ...(taskSet?.externalId === undefined ? {} : { startedBy: 'CODE_DEPLOY', externalId: taskSet.externalId }),
    status: scale === 0 ? 'DRAINING' : deployment.status,
    taskDefinition: deployment.definition.arn,
    computedDesiredCount: wantedOf(service, deployment),
    pendingCount: count('PENDING'),
    runningCount: count('RUNNING'),
    createdAt: new Date(deployment.createdMs),
    updatedAt: new Date(deployment.updatedMs),
    launchType: service.launchType,
    platformVersion: '1.4.0',
    networkConfiguration: revision.networkConfiguration,
    loadBalancers: containers,
    serviceRegistries: [],
    scale: { value: scale * 100, unit: 'PERCENT' },
    stabilityStatus: steady ? 'STEADY_STATE' : 'STABILIZING',
    stabilityStatusAt: new Date(deployment.updatedMs),
  };
}

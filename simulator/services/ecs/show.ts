/** What Describe calls answer. */
import type { Deployment, Service, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { showConfiguration } from './configuration.ts';
import {
  type DeploymentRecord,
  inFlight,
  primaryOf,
  requestedOf,
  type ServiceRecord,
  type TaskDefinitionRecord,
  type TaskRecord,
} from './model.ts';
import { capacityOf, clusterArn, countTasks, summary } from './show-common.ts';
import { showTaskSets } from './task-sets.ts';

const time = (ms: number): Date => new Date(ms);
const optional = <K extends string>(key: K, ms: number | undefined) => (ms === undefined ? {} : { [key]: time(ms) });

export function showDefinition(record: TaskDefinitionRecord): TaskDefinition {
  const { tags: _tags, ...input } = record.input;
  return {
    networkMode: 'awsvpc',
    volumes: [],
    placementConstraints: [],
    ...input,
    containerDefinitions: (input.containerDefinitions ?? []).map((container) => ({
      cpu: 0,
      essential: true,
      environment: [],
      mountPoints: [],
      volumesFrom: [],
      ...container,
    })),
    taskDefinitionArn: record.arn,
    revision: record.revision,
    status: record.status,
    compatibilities: ['EC2', 'FARGATE'],
    registeredAt: time(record.registeredMs),
    ...optional('deregisteredAt', record.deregisteredMs),
  };
}

export function showService(account: SimulatedAccount, service: ServiceRecord): Service {
  const counts = countTasks(service.tasks);
  const [primary] = service.deployments;
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: clusterArn(account, service.cluster),
    loadBalancers: [...service.loadBalancers],
    serviceRegistries: [],
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: counts.running,
    pendingCount: counts.pending,
    ...capacityOf(service),
    platformVersion: service.platformVersion,
    taskDefinition: primaryOf(service).definition.arn,
    deploymentConfiguration: showConfiguration(service),
    // CodeDeploy and external controllers own task sets; they show no deployments.
    deployments: service.controller === 'ECS' ? service.deployments.map((one) => showDeployment(service, one)) : [],
    taskSets: showTaskSets(account, service),
    events: [...service.events],
    createdAt: time(service.createdMs),
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: service.networkConfiguration,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    schedulingStrategy: service.scheduling,
    deploymentController: { type: service.controller },
    enableECSManagedTags: false,
    propagateTags: 'NONE',
    enableExecuteCommand: false,
    ...(service.controller === 'ECS' && primary
      ? {
          currentServiceDeployment: (inFlight(service) ?? primary.serviceDeployment).arn,
          currentServiceRevisions: service.deployments.map(({ revision }) => summary(service, revision)),
        }
      : {}),
  };
}

function showDeployment(service: ServiceRecord, deployment: DeploymentRecord): Deployment {
  const counts = countTasks(service.tasks.filter((task) => task.deployment === deployment));
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.definition.arn,
    desiredCount: requestedOf(service, deployment),
    pendingCount: counts.pending,
    runningCount: counts.running,
    failedTasks: deployment.failedTasks,
    createdAt: time(deployment.createdMs),
    updatedAt: time(deployment.updatedMs),
    ...capacityOf(service),
    networkConfiguration: deployment.revision.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

export function showTask(account: SimulatedAccount, task: TaskRecord): Task {
  const { definition } = task;
  const stopping = task.lastStatus === 'STOPPING' || task.lastStatus === 'STOPPED';
  return {
    taskArn: task.arn,
    clusterArn: clusterArn(account, task.service.cluster),
    taskDefinitionArn: definition.arn,
    group: `service:${task.service.name}`,
    startedBy: task.deployment.id,
    launchType: task.service.launchType,
    lastStatus: task.lastStatus,
    desiredStatus: stopping ? 'STOPPED' : 'RUNNING',
    createdAt: time(task.createdMs),
    ...optional('startedAt', task.startedMs),
    ...optional('stoppingAt', task.stoppingMs),
    ...optional('stoppedAt', task.stoppedMs),
    ...(stopping && task.stopCode ? { stopCode: task.stopCode } : {}),
    ...(stopping && task.stoppedReason ? { stoppedReason: task.stoppedReason } : {}),
    containers: task.deployment.revision.images.map(({ containerName, image, imageDigest }) => ({
      containerArn: account.arn('ecs', `container/${task.service.cluster}/${task.id}/${containerName}`),
      taskArn: task.arn,
      name: containerName,
      image,
      ...(imageDigest === undefined ? {} : { imageDigest }),
      lastStatus: task.lastStatus,
      ...(task.lastStatus === 'STOPPED' && task.exitCode !== undefined ? { exitCode: task.exitCode } : {}),
      networkInterfaces: [{ attachmentId: task.id, privateIpv4Address: task.ip }],
    })),
  };
}

/** What Describe calls answer. */
import type {
  Deployment,
  Service,
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevision,
  ServiceRevisionSummary,
  Task,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import {
  type DeploymentRecord,
  primaryOf,
  type RevisionRecord,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  type TaskDefinitionRecord,
  type TaskRecord,
} from './model.ts';

const time = (ms: number): Date => new Date(ms);
const optional = <K extends string>(key: K, ms: number | undefined) => (ms === undefined ? {} : { [key]: time(ms) });

export const clusterArn = (account: SimulatedAccount, name: string): string => account.arn('ecs', `cluster/${name}`);

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
    launchType: service.launchType,
    platformVersion: 'LATEST',
    taskDefinition: primaryOf(service).definition.arn,
    deploymentConfiguration: {
      deploymentCircuitBreaker: service.circuitBreaker,
      maximumPercent: service.maximumPercent,
      minimumHealthyPercent: service.minimumHealthyPercent,
      strategy: 'ROLLING',
    },
    // CodeDeploy and external controllers own task sets, which are not simulated; they show no deployments.
    deployments: service.controller === 'ECS' ? service.deployments.map((one) => showDeployment(service, one)) : [],
    taskSets: [],
    events: [...service.events],
    createdAt: time(service.createdMs),
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: service.networkConfiguration,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: service.controller },
    enableECSManagedTags: false,
    propagateTags: 'NONE',
    enableExecuteCommand: false,
    ...(service.controller === 'ECS' && primary
      ? {
          currentServiceDeployment: primary.serviceDeployment.arn,
          currentServiceRevisions: [summary(service, primary.revision)],
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
    desiredCount: deployment.status === 'PRIMARY' ? service.desiredCount : 0,
    pendingCount: counts.pending,
    runningCount: counts.running,
    failedTasks: deployment.failedTasks,
    createdAt: time(deployment.createdMs),
    updatedAt: time(deployment.updatedMs),
    launchType: service.launchType,
    networkConfiguration: service.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

export const showBrief = (
  account: SimulatedAccount,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeploymentBrief => ({
  serviceDeploymentArn: record.arn,
  serviceArn: service.arn,
  clusterArn: clusterArn(account, service.cluster),
  createdAt: time(record.createdMs),
  startedAt: time(record.createdMs),
  ...optional('finishedAt', record.finishedMs),
  targetServiceRevisionArn: record.target.arn,
  status: record.status,
  ...(record.statusReason === undefined ? {} : { statusReason: record.statusReason }),
});

export function showServiceDeployment(
  account: SimulatedAccount,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeployment {
  const { targetServiceRevisionArn: _target, ...brief } = showBrief(account, service, record);
  return {
    ...brief,
    updatedAt: time(record.updatedMs),
    ...(record.status === 'STOPPED' ? optional('stoppedAt', record.finishedMs) : {}),
    sourceServiceRevisions: record.source ? [summary(service, record.source)] : [],
    targetServiceRevision: summary(service, record.target),
    deploymentConfiguration: {
      deploymentCircuitBreaker: service.circuitBreaker,
      maximumPercent: service.maximumPercent,
      minimumHealthyPercent: service.minimumHealthyPercent,
      strategy: 'ROLLING',
    },
    deploymentCircuitBreaker: circuitBreaker(service, record),
    ...(record.rollback
      ? {
          rollback: {
            reason: record.rollback.reason,
            startedAt: time(record.rollback.startedMs),
            serviceRevisionArn: record.rollback.revision.arn,
          },
        }
      : {}),
  };
}

export const showRevision = (
  account: SimulatedAccount,
  service: ServiceRecord,
  revision: RevisionRecord,
): ServiceRevision => ({
  serviceRevisionArn: revision.arn,
  serviceArn: service.arn,
  clusterArn: clusterArn(account, service.cluster),
  taskDefinition: revision.definition.arn,
  launchType: service.launchType,
  platformVersion: '1.4.0',
  loadBalancers: [...service.loadBalancers],
  networkConfiguration: service.networkConfiguration,
  containerImages: revision.images.map((image) => ({ ...image })),
  createdAt: time(revision.createdMs),
});

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
      imageDigest,
      lastStatus: task.lastStatus,
      ...(task.lastStatus === 'STOPPED' && task.exitCode !== undefined ? { exitCode: task.exitCode } : {}),
      networkInterfaces: [{ attachmentId: task.id, privateIpv4Address: task.ip }],
    })),
  };
}

function summary(service: ServiceRecord, revision: RevisionRecord): ServiceRevisionSummary {
  const own = service.tasks.filter((task) => task.deployment.revision === revision);
  const counts = countTasks(own);
  const primary = service.deployments[0]?.revision === revision;
  return {
    arn: revision.arn,
    requestedTaskCount: primary ? service.desiredCount : 0,
    runningTaskCount: counts.running,
    pendingTaskCount: counts.pending,
  };
}

/** Draining tasks still run, so they count as running. */
const countTasks = (tasks: readonly TaskRecord[]): { pending: number; running: number } => ({
  pending: tasks.filter(({ lastStatus }) => lastStatus === 'PENDING').length,
  running: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
});

function circuitBreaker(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): NonNullable<ServiceDeployment['deploymentCircuitBreaker']> {
  if (!service.circuitBreaker.enable) return { status: 'DISABLED' };
  const tripped = record.rollback !== undefined || record.statusReason?.includes('circuit breaker');
  if (tripped) return { status: 'TRIGGERED' };
  const deployment = service.deployments.find(({ serviceDeployment }) => serviceDeployment === record);
  return {
    status: record.status === 'IN_PROGRESS' ? 'MONITORING' : 'MONITORING_COMPLETE',
    failureCount: deployment?.failedTasks ?? 0,
  };
}

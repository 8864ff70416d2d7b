/** ECS's answers turned into the views of lib/domain/ecs.ts. Nothing here calls AWS. */
import type {
  ContainerDefinition,
  Service,
  ServiceDeployment,
  ServiceRevision,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import {
  type ServiceDeploymentView,
  type ServiceRevisionView,
  type ServiceView,
  type TaskDefinitionView,
  versionOf,
} from '../../lib/domain/ecs.ts';
import type { ContainerImage, Json } from '../../lib/domain/model.ts';

/** ECS's default where a container names none. */
const defaultStopTimeoutSeconds = 30;

export function viewService(side: string, service: Service): ServiceView {
  const configuration = service.deploymentConfiguration;
  return {
    side,
    serviceArn: service.serviceArn ?? '',
    status: service.status ?? '',
    taskDefinition: service.taskDefinition ?? '',
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    controller: service.deploymentController?.type ?? 'ECS',
    strategy: configuration?.strategy ?? 'ROLLING',
    deployments: (service.deployments ?? []).map((deployment) => ({
      id: deployment.id ?? '',
      status: deployment.status ?? '',
      taskDefinition: deployment.taskDefinition ?? '',
      desiredCount: deployment.desiredCount ?? 0,
      runningCount: deployment.runningCount ?? 0,
      pendingCount: deployment.pendingCount ?? 0,
      failedTasks: deployment.failedTasks ?? 0,
      ...(deployment.rolloutState && { rolloutState: deployment.rolloutState }),
      ...(deployment.rolloutStateReason && { rolloutStateReason: deployment.rolloutStateReason }),
      createdAt: iso(deployment.createdAt),
      updatedAt: iso(deployment.updatedAt),
    })),
    ...(service.currentServiceDeployment && { currentServiceDeployment: service.currentServiceDeployment }),
    circuitBreaker: {
      enabled: configuration?.deploymentCircuitBreaker?.enable ?? false,
      rollback: configuration?.deploymentCircuitBreaker?.rollback ?? false,
    },
    deploymentAlarms: configuration?.alarms?.enable ? (configuration.alarms.alarmNames ?? []) : [],
    healthCheckGraceSeconds: service.healthCheckGracePeriodSeconds ?? 0,
    targetGroups: (service.loadBalancers ?? []).flatMap((balancer) => balancer.targetGroupArn ?? []),
    currentRevisions: (service.currentServiceRevisions ?? []).flatMap((revision) => revision.arn ?? []),
    document: toJson(service),
  };
}

export function viewTaskDefinition(definition: TaskDefinition): TaskDefinitionView {
  const containers = definition.containerDefinitions ?? [];
  const commit = containers.map(labelledCommit).find((label) => label !== undefined);
  const images = containers.map((container) => pinnedImage(container.name ?? '', container.image ?? ''));
  return {
    taskDefinition: definition.taskDefinitionArn ?? '',
    family: definition.family ?? '',
    revision: definition.revision ?? 0,
    status: definition.status ?? '',
    ...(definition.registeredAt && { registeredAt: iso(definition.registeredAt) }),
    version: versionOf(definition.taskDefinitionArn ?? '', images),
    images,
    ...(commit && { commit }),
    stopTimeoutSeconds: Math.max(
      0,
      ...containers.map((container) => container.stopTimeout ?? defaultStopTimeoutSeconds),
    ),
    startPeriodSeconds: Math.max(0, ...containers.map(healthCheckSeconds)),
    document: toJson(definition),
  };
}

export function viewDeployment(deployment: ServiceDeployment): ServiceDeploymentView {
  const target = deployment.targetServiceRevision?.arn;
  const rollback = deployment.rollback?.serviceRevisionArn;
  return {
    serviceDeploymentArn: deployment.serviceDeploymentArn ?? '',
    status: deployment.status ?? '',
    createdAt: iso(deployment.createdAt),
    ...(deployment.startedAt && { startedAt: iso(deployment.startedAt) }),
    ...(deployment.finishedAt && { finishedAt: iso(deployment.finishedAt) }),
    ...(target && { targetRevision: target }),
    ...(rollback && { rollbackRevision: rollback }),
  };
}

export function viewRevision(revision: ServiceRevision): ServiceRevisionView {
  return {
    serviceRevisionArn: revision.serviceRevisionArn ?? '',
    taskDefinition: revision.taskDefinition ?? '',
    images: (revision.containerImages ?? []).map((image) => ({
      container: image.containerName ?? '',
      image: image.image ?? '',
      ...(image.imageDigest && { digest: image.imageDigest }),
    })),
    createdAt: iso(revision.createdAt),
  };
}

/** Docker labels under which builds record the commit. */
function labelledCommit(container: ContainerDefinition): string | undefined {
  const labels = container.dockerLabels ?? {};
  return labels.commit ?? labels['org.opencontainers.image.revision'];
}

/** The digest is known from a definition only where the image is pinned to one. */
function pinnedImage(container: string, image: string): ContainerImage {
  const digest = image.split('@')[1];
  return { container, image, ...(digest && { digest }) };
}

/** Longest time until the container's own health check may give up on it. ECS's defaults: interval 30 s, 3 retries. */
function healthCheckSeconds(container: ContainerDefinition): number {
  const check = container.healthCheck;
  if (!check) return 0;
  return (check.startPeriod ?? 0) + (check.interval ?? 30) * (check.retries ?? 3);
}

const iso = (date: Date | undefined): string => date?.toISOString() ?? '';

/** Dates become ISO 8601 strings, absent members vanish. */
const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

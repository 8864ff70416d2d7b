/** ECS's answers turned into the views of lib/domain/ecs.ts. Nothing here calls AWS. */
import type {
  ContainerDefinition,
  DeploymentConfiguration,
  Service,
  ServiceDeployment,
  ServiceRevision,
  Tag,
  TaskDefinition,
  TaskSet,
} from '@aws-sdk/client-ecs';
import {
  type DeploymentView,
  type RunningDeploymentView,
  type ServiceRevisionView,
  type ServiceView,
  type TaskDefinitionView,
  versionOf,
} from '../../lib/domain/ecs.ts';
import type { ContainerImage, Json } from '../../lib/domain/model.ts';
import { versionTag } from '../../lib/domain/task-definition-copy.ts';

/** ECS's default where a container names none. */
const defaultStopTimeoutSeconds = 30;

export function viewService(side: string, service: Service): ServiceView {
  const configuration = service.deploymentConfiguration;
  const controller = service.deploymentController?.type ?? 'ECS';
  const stack = service.tags?.find(({ key }) => key === 'aws:cloudformation:stack-name')?.value;
  return {
    side,
    serviceArn: service.serviceArn ?? '',
    status: service.status ?? '',
    taskDefinition: service.taskDefinition ?? '',
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    controller,
    strategy: configuration?.strategy ?? 'ROLLING',
    scheduling: service.schedulingStrategy ?? 'REPLICA',
    deployments: controller === 'ECS' ? viewDeployments(service) : viewTaskSets(service.taskSets ?? []),
    pauses: (configuration?.lifecycleHooks ?? []).flatMap(({ targetType, lifecycleStages = [] }) =>
      targetType === 'PAUSE' ? lifecycleStages : [],
    ),
    movingSeconds: movingSeconds(configuration),
    ...(service.tags && { tags: service.tags.map(({ key = '', value = '' }) => ({ key, value })) }),
    ...(stack && { stack }),
    ...(service.currentServiceDeployment && { currentServiceDeployment: service.currentServiceDeployment }),
    circuitBreaker: {
      enabled: configuration?.deploymentCircuitBreaker?.enable ?? false,
      rollback: configuration?.deploymentCircuitBreaker?.rollback ?? false,
    },
    deploymentAlarms: configuration?.alarms?.enable ? (configuration.alarms.alarmNames ?? []) : [],
    ...(configuration?.alarms?.enable && { deploymentAlarmsRollBack: configuration.alarms.rollback ?? false }),
    healthCheckGraceSeconds: service.healthCheckGracePeriodSeconds ?? 0,
    percent: {
      minimumHealthy: configuration?.minimumHealthyPercent ?? 100,
      maximum: configuration?.maximumPercent ?? 200,
    },
    targetGroups: (service.loadBalancers ?? []).flatMap((balancer) => balancer.targetGroupArn ?? []),
    containers: [
      ...(service.loadBalancers ?? []),
      ...(service.taskSets ?? []).flatMap((set) => set.loadBalancers ?? []),
    ].flatMap(({ containerName: name, containerPort: port }) => (name && port ? { name, port } : [])),
    currentRevisions: (service.currentServiceRevisions ?? []).flatMap((revision) => revision.arn ?? []),
    document: toJson(service),
  };
}

/** Every step but the last is held; then ECS bakes. Its defaults where none are named. */
function movingSeconds(configuration: DeploymentConfiguration = {}): number {
  const { strategy = 'ROLLING', bakeTimeInMinutes = 0, linearConfiguration, canaryConfiguration } = configuration;
  if (strategy === 'ROLLING') return 0;
  const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linearConfiguration ?? {};
  const { canaryBakeTimeInMinutes = 10 } = canaryConfiguration ?? {};
  const held = {
    BLUE_GREEN: 0,
    LINEAR: (Math.ceil(100 / stepPercent) - 1) * stepBakeTimeInMinutes,
    CANARY: canaryBakeTimeInMinutes,
  };
  return 60 * (held[strategy] + bakeTimeInMinutes);
}

const viewDeployments = (service: Service): DeploymentView[] =>
  (service.deployments ?? []).map((deployment) => ({
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
  }));

/** The newest that keeps its tasks is what the service is moving to, whichever of them ECS calls its primary one. */
function viewTaskSets(taskSets: readonly TaskSet[]): DeploymentView[] {
  const staying = taskSets.filter(({ status, scale }) => status !== 'DRAINING' && scale?.value !== 0);
  const newest = staying.toSorted((a, b) => iso(b.createdAt).localeCompare(iso(a.createdAt)))[0];
  return taskSets.map((taskSet) => ({
    id: taskSet.id ?? '',
    status: taskSet === newest ? 'PRIMARY' : taskSet.status === 'DRAINING' ? 'INACTIVE' : 'ACTIVE',
    taskDefinition: taskSet.taskDefinition ?? '',
    desiredCount: taskSet.computedDesiredCount ?? 0,
    runningCount: taskSet.runningCount ?? 0,
    pendingCount: taskSet.pendingCount ?? 0,
    failedTasks: 0,
    rolloutState: taskSet.stabilityStatus === 'STEADY_STATE' ? 'COMPLETED' : 'IN_PROGRESS',
    createdAt: iso(taskSet.createdAt),
    updatedAt: iso(taskSet.updatedAt),
    ...(taskSet.externalId && { externalId: taskSet.externalId }),
    targetGroups: (taskSet.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
  }));
}

export function viewTaskDefinition(definition: TaskDefinition, tags?: readonly Tag[]): TaskDefinitionView {
  const containers = definition.containerDefinitions ?? [];
  const commit = containers.map(labelledCommit).find((label) => label !== undefined);
  const images = containers.map((container) => pinnedImage(container.name ?? '', container.image ?? ''));
  return {
    taskDefinition: definition.taskDefinitionArn ?? '',
    family: definition.family ?? '',
    revision: definition.revision ?? 0,
    status: definition.status ?? '',
    ...(definition.registeredAt && { registeredAt: iso(definition.registeredAt) }),
    version:
      tags?.find(({ key }) => key === versionTag)?.value ?? versionOf(definition.taskDefinitionArn ?? '', images),
    images,
    ...(tags && { tags: tags.map(({ key = '', value = '' }) => ({ key, value })) }),
    ...(commit && { commit }),
    stopTimeoutSeconds: Math.max(
      0,
      ...containers.map((container) => container.stopTimeout ?? defaultStopTimeoutSeconds),
    ),
    startPeriodSeconds: Math.max(0, ...containers.map(healthCheckSeconds)),
    document: toJson(definition),
  };
}

export function viewDeployment(deployment: ServiceDeployment): RunningDeploymentView {
  const target = deployment.targetServiceRevision?.arn;
  const rollback = deployment.rollback?.serviceRevisionArn;
  return {
    serviceDeploymentArn: deployment.serviceDeploymentArn ?? '',
    status: deployment.status ?? '',
    createdAt: iso(deployment.createdAt),
    updatedAt: iso(deployment.updatedAt),
    ...(deployment.startedAt && { startedAt: iso(deployment.startedAt) }),
    ...(deployment.finishedAt && { finishedAt: iso(deployment.finishedAt) }),
    ...(target && { targetRevision: target }),
    ...(rollback && { rollbackRevision: rollback }),
    sourceRevisions: (deployment.sourceServiceRevisions ?? []).flatMap(({ arn }) => arn ?? []),
    ...(deployment.rollback && {
      rollback: { startedAt: iso(deployment.rollback.startedAt), reason: deployment.rollback.reason ?? '' },
    }),
    pausedHooks: (deployment.lifecycleHookDetails ?? []).flatMap(({ hookId, status, expiresAt }) =>
      hookId && status === 'AWAITING_ACTION' ? { id: hookId, expiresAt: iso(expiresAt) } : [],
    ),
    ...(deployment.lifecycleStage && { lifecycleStage: deployment.lifecycleStage }),
  };
}

export function viewRevision(revision: ServiceRevision): ServiceRevisionView {
  const [balancer] = revision.resolvedConfiguration?.loadBalancers ?? [];
  return {
    serviceRevisionArn: revision.serviceRevisionArn ?? '',
    taskDefinition: revision.taskDefinition ?? '',
    images: (revision.containerImages ?? []).map((image) => ({
      container: image.containerName ?? '',
      image: image.image ?? '',
      ...(image.imageDigest && { digest: image.imageDigest }),
    })),
    createdAt: iso(revision.createdAt),
    ...(balancer?.targetGroupArn && { targetGroup: balancer.targetGroupArn }),
    ...(balancer?.productionListenerRule && { productionRule: balancer.productionListenerRule }),
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

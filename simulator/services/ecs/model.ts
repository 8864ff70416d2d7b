import type {
  CapacityProviderStrategyItem,
  DeploymentAlarms,
  DeploymentCircuitBreaker,
  DeploymentConfiguration,
  DeploymentLifecycleHook,
  LoadBalancer,
  NetworkConfiguration,
  RegisterTaskDefinitionRequest,
  ServiceDeploymentStatus,
  ServiceEvent,
  Tag,
} from '@aws-sdk/client-ecs';
import type { Scheduled } from '../../clock.ts';
import type { TaskBehaviour } from './behaviour.ts';
import type { Course } from './course.ts';
import type { HookRecord } from './hooks.ts';
import type { ShownStage } from './strategy.ts';

export interface TaskDefinitionRecord {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  status: 'ACTIVE' | 'INACTIVE';
  readonly input: RegisterTaskDefinitionRequest;
  readonly registeredMs: number;
  deregisteredMs?: number;
  behaviour: TaskBehaviour;
  /** Digest of its first image when it was registered. */
  readonly registeredDigest: string | undefined;
}

export interface TaskRecord {
  readonly id: string;
  readonly arn: string;
  readonly service: ServiceRecord;
  readonly deployment: DeploymentRecord;
  readonly definition: TaskDefinitionRecord;
  /** Its network interface's address, under which it is registered as a target. */
  readonly ip: string;
  readonly createdMs: number;
  startedMs?: number;
  stoppingMs?: number;
  stoppedMs?: number;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPING' | 'STOPPED';
  /** Taken out of the target group; it runs on until the deregistration delay is over. */
  draining: boolean;
  /** Has passed its health checks, or runs without any. */
  everHealthy: boolean;
  crash?: Scheduled;
  stopCode?: 'EssentialContainerExited' | 'ServiceSchedulerInitiated' | 'TaskFailedToStart';
  stoppedReason?: string;
  exitCode?: number;
}

export interface RevisionRecord {
  readonly arn: string;
  readonly createdMs: number;
  readonly definition: TaskDefinitionRecord;
  readonly images: readonly ResolvedImage[];
  /** Where its tasks are registered; undefined without a load balancer. */
  readonly targetGroupArn: string | undefined;
  readonly loadBalancers: readonly LoadBalancer[];
  readonly networkConfiguration: NetworkConfiguration;
  readonly platformVersion: string;
  /** How its image behaves, where that is not what its task definition says: the tag has moved. */
  imageBehaviour: TaskBehaviour | undefined;
}

export interface ResolvedImage {
  readonly containerName: string;
  readonly image: string;
  /** Undefined when the tag stood for nothing. */
  readonly imageDigest: string | undefined;
}

export interface DeploymentRecord {
  /** `ecs-svc/<number>` */
  readonly id: string;
  readonly definition: TaskDefinitionRecord;
  readonly revision: RevisionRecord;
  readonly createdMs: number;
  updatedMs: number;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
  /** In a row, until one becomes healthy. */
  failedTasks: number;
  /** In a row that stopped without ever running. */
  failedStarts: number;
  readonly serviceDeployment: ServiceDeploymentRecord;
  /** It has served alone once, so a rollback may return to it. */
  completed: boolean;
  /** Share of the desired count that it runs, 0..1; undefined while the rolling scheduler decides. */
  scale?: number;
  /** Of a service whose deployments CodeDeploy makes. */
  taskSet?: { readonly arn: string; readonly externalId: string | undefined };
}

export interface ServiceDeploymentRecord {
  readonly arn: string;
  readonly createdMs: number;
  /** Undefined while it is PENDING. */
  startedMs?: number;
  finishedMs?: number;
  updatedMs: number;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  /** What served when it began, the newest first. */
  readonly sources: readonly RevisionRecord[];
  readonly target: RevisionRecord;
  /** As it was when the deployment began. */
  readonly configuration: DeploymentConfiguration;
  rollback?: { readonly reason: string; readonly startedMs: number; readonly revision: RevisionRecord };
  breakerTripped: boolean;
  alarms: AlarmMonitor;
  /** A rolling deployment with alarms is watched until then, once its tasks are steady. */
  bakeUntilMs?: number;
  /** Of a blue/green, linear or canary one. */
  stage?: ShownStage;
  hooks: HookRecord[];
  course?: Course;
}

export interface AlarmMonitor {
  status: 'DISABLED' | 'MONITORING' | 'MONITORING_COMPLETE' | 'TRIGGERED';
  readonly names: readonly string[];
  triggered: readonly string[];
}

export interface ServiceRecord {
  readonly arn: string;
  readonly name: string;
  readonly cluster: string;
  readonly createdMs: number;
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL';
  readonly launchType: 'FARGATE' | 'EC2';
  readonly scheduling: 'REPLICA' | 'DAEMON';
  /** Instead of the launch type. */
  capacityProviders: readonly CapacityProviderStrategyItem[];
  readonly tags: readonly Tag[];
  platformVersion: string;
  status: 'ACTIVE' | 'INACTIVE';
  desiredCount: number;
  minimumHealthyPercent: number;
  maximumPercent: number;
  circuitBreaker: DeploymentCircuitBreaker;
  alarms: DeploymentAlarms;
  strategy: DeploymentStrategyRecord;
  healthCheckGracePeriodSeconds: number;
  loadBalancers: readonly LoadBalancer[];
  networkConfiguration: NetworkConfiguration;
  /** The primary one first. */
  deployments: DeploymentRecord[];
  /** Newest first. */
  readonly serviceDeployments: ServiceDeploymentRecord[];
  readonly tasks: TaskRecord[];
  /** Newest first, 100 at most. */
  readonly events: ServiceEvent[];
  /** The scheduler's next look at the service. */
  wake?: Scheduled;
}

export interface DeploymentStrategyRecord {
  readonly name: 'ROLLING' | 'BLUE_GREEN' | 'LINEAR' | 'CANARY';
  readonly bakeMinutes: number | undefined;
  readonly hooks: readonly DeploymentLifecycleHook[];
  readonly linear: { readonly stepPercent: number; readonly stepBakeMinutes: number };
  readonly canary: { readonly percent: number; readonly bakeMinutes: number };
}

export const primaryOf = (service: ServiceRecord): DeploymentRecord => {
  const [primary] = service.deployments;
  if (!primary) throw new Error(`the service ${service.name} has no deployment`);
  return primary;
};

export const targetGroupOf = (task: TaskRecord): string | undefined => task.deployment.revision.targetGroupArn;

/** How the task behaves: as its image does where the tag has moved, or else as its task definition says. */
export const behaviourOf = ({ definition, deployment }: TaskRecord): TaskBehaviour =>
  deployment.revision.imageBehaviour ?? definition.behaviour;

const overStatuses: readonly ServiceDeploymentStatus[] = [
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
];

export const isOver = ({ status }: ServiceDeploymentRecord): boolean => overStatuses.includes(status);

/** The service deployment under way; the newest where one waits for another to stop. */
export const inFlight = (service: ServiceRecord): ServiceDeploymentRecord | undefined =>
  service.serviceDeployments.find((record) => !isOver(record));

/** The deployment that a rollback returns to: the newest that has served alone. */
export const stableOf = (service: ServiceRecord): DeploymentRecord | undefined =>
  service.deployments.find(({ completed }) => completed);

/** `family:revision` */
export const definitionName = ({ family, revision }: TaskDefinitionRecord): string => `${family}:${revision}`;

/** Meant to run: neither draining nor stopping. */
export const isWanted = (task: TaskRecord): boolean =>
  !task.draining && (task.lastStatus === 'PENDING' || task.lastStatus === 'RUNNING');

/** Tasks that the deployment is to run in all. */
export const wantedOf = ({ desiredCount }: ServiceRecord, { scale = 1 }: DeploymentRecord): number =>
  Math.ceil(desiredCount * scale);

/** Tasks that it is asked for as Describe calls show it: in a rolling deployment all of them, of the primary one. */
export const requestedOf = (service: ServiceRecord, deployment: DeploymentRecord): number =>
  deployment.scale === undefined && deployment.status !== 'PRIMARY' ? 0 : wantedOf(service, deployment);

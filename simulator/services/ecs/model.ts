import type {
  LoadBalancer,
  NetworkConfiguration,
  RegisterTaskDefinitionRequest,
  ServiceDeploymentStatus,
  ServiceEvent,
} from '@aws-sdk/client-ecs';
import type { Scheduled } from '../../clock.ts';
import type { TaskBehaviour } from './behaviour.ts';

export interface TaskDefinitionRecord {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  status: 'ACTIVE' | 'INACTIVE';
  readonly input: RegisterTaskDefinitionRequest;
  readonly registeredMs: number;
  deregisteredMs?: number;
  behaviour: TaskBehaviour;
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
  readonly images: readonly { readonly containerName: string; readonly image: string; readonly imageDigest: string }[];
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
}

export interface ServiceDeploymentRecord {
  readonly arn: string;
  readonly createdMs: number;
  finishedMs?: number;
  updatedMs: number;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  readonly source: RevisionRecord | undefined;
  readonly target: RevisionRecord;
  rollback?: { readonly reason: string; readonly startedMs: number; readonly revision: RevisionRecord };
}

export interface ServiceRecord {
  readonly arn: string;
  readonly name: string;
  readonly cluster: string;
  readonly createdMs: number;
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL';
  readonly launchType: 'FARGATE' | 'EC2';
  status: 'ACTIVE' | 'INACTIVE';
  desiredCount: number;
  minimumHealthyPercent: number;
  maximumPercent: number;
  circuitBreaker: { enable: boolean; rollback: boolean };
  healthCheckGracePeriodSeconds: number;
  readonly loadBalancers: readonly LoadBalancer[];
  readonly networkConfiguration: NetworkConfiguration;
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

export const primaryOf = (service: ServiceRecord): DeploymentRecord => {
  const [primary] = service.deployments;
  if (!primary) throw new Error(`the service ${service.name} has no deployment`);
  return primary;
};

export const targetGroupOf = (service: ServiceRecord): string | undefined => service.loadBalancers[0]?.targetGroupArn;

/** `family:revision` */
export const definitionName = ({ family, revision }: TaskDefinitionRecord): string => `${family}:${revision}`;

/** Meant to run: neither draining nor stopping. */
export const isWanted = (task: TaskRecord): boolean =>
  !task.draining && (task.lastStatus === 'PENDING' || task.lastStatus === 'RUNNING');

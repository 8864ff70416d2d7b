/**
 * What ECS says, reduced to what decisions need. The adapter fills these from the API; `document` keeps AWS's own answer
 * for the checkpoint and goes nowhere else, since a task definition holds environments.
 */
import type { ContainerImage, Json, Tag } from './model.ts';

export interface ServiceView {
  /** The configured side's name. */
  readonly side: string;
  readonly serviceArn: string;
  /** `ACTIVE`, `DRAINING` or `INACTIVE`. */
  readonly status: string;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL';
  /** Of an ECS-controlled service; `ROLLING` where AWS names none. */
  readonly strategy: 'ROLLING' | 'BLUE_GREEN' | 'LINEAR' | 'CANARY';
  /** `DAEMON`: one task on every container instance, so that nobody sets a desired count. */
  readonly scheduling: 'REPLICA' | 'DAEMON';
  /**
   * As AWS lists them; use `primaryDeployment` for the one that counts. With other controllers these are the task sets, of
   * which the newest that is not on its way out is the primary one here: what the service is moving to.
   */
  readonly deployments: readonly DeploymentView[];
  /** ARN of the service deployment under way, or of none. */
  readonly currentServiceDeployment?: string;
  /** How long ECS holds the steps of its traffic and bakes, seconds; 0 where it moves none. */
  readonly movingSeconds: number;
  /** Stages at which a deployment of it waits for a person. */
  readonly pauses: readonly string[];
  /** Absent where they were not asked for. */
  readonly tags?: readonly Tag[];
  /** Name of the CloudFormation stack that it belongs to. */
  readonly stack?: string;
  readonly circuitBreaker: { readonly enabled: boolean; readonly rollback: boolean };
  /** Names of the alarms that ECS itself watches during a deployment. */
  readonly deploymentAlarms: readonly string[];
  /** One of them rolls the deployment back; else it only fails it. Absent means that it does not. */
  readonly deploymentAlarmsRollBack?: boolean;
  readonly healthCheckGraceSeconds: number;
  /** Between these a rolling deployment keeps its tasks, in percent of the desired count. */
  readonly percent: { readonly minimumHealthy: number; readonly maximum: number };
  readonly targetGroups: readonly string[];
  /** Containers that load balancers send requests to. */
  readonly containers: readonly { readonly name: string; readonly port: number }[];
  /** ARNs of the service revisions that have tasks now. */
  readonly currentRevisions: readonly string[];
  readonly document: Json;
}

export interface DeploymentView {
  /** `ecs-svc/…` */
  readonly id: string;
  /** `PRIMARY`, `ACTIVE` or `INACTIVE`. */
  readonly status: string;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
  /** `COMPLETED`, `FAILED` or `IN_PROGRESS`; absent behind a Classic Load Balancer. */
  readonly rolloutState?: string;
  readonly rolloutStateReason?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Of a task set: the CodeDeploy deployment that made it, where one did. */
  readonly externalId?: string;
  /** Of a task set: where its tasks are registered. */
  readonly targetGroups?: readonly string[];
}

export interface TaskDefinitionView {
  readonly taskDefinition: string;
  readonly family: string;
  readonly revision: number;
  /** `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`. */
  readonly status: string;
  /** ISO 8601; absent where AWS does not say. */
  readonly registeredAt?: string;
  /** The first container's image tag, or `family:revision` where it has none. */
  readonly version: string;
  readonly images: readonly ContainerImage[];
  /** From a container's label `commit` or `org.opencontainers.image.revision`. */
  readonly commit?: string;
  /** The longest that a container may take to stop once told to, seconds. */
  readonly stopTimeoutSeconds: number;
  /** Grace before and time until a container's own health check may fail it, seconds; 0 without health checks. */
  readonly startPeriodSeconds: number;
  /** Absent where they were not asked for. */
  readonly tags?: readonly Tag[];
  readonly document: Json;
}

/** One entry of a service's deployment history, kept by ECS for 90 days. */
export interface ServiceDeploymentView {
  readonly serviceDeploymentArn: string;
  readonly status: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly targetRevision?: string;
  /** Where a rolled-back deployment returned to. */
  readonly rollbackRevision?: string;
}

/** One that may be under way. */
export interface RunningDeploymentView extends ServiceDeploymentView {
  readonly updatedAt: string;
  /** What served when it began. */
  readonly sourceRevisions: readonly string[];
  /** When its rollback began, and why, where it has one. */
  readonly rollback?: { readonly startedAt: string; readonly reason: string };
  /** Hooks that wait for a person's answer. */
  readonly pausedHooks: readonly { readonly id: string; readonly expiresAt: string }[];
  readonly lifecycleStage?: string;
}

export interface ServiceRevisionView {
  readonly serviceRevisionArn: string;
  readonly taskDefinition: string;
  readonly images: readonly ContainerImage[];
  readonly createdAt: string;
  /** Where its tasks are registered, and the rule that ECS moves its production traffic with; absent where AWS names none. */
  readonly targetGroup?: string;
  readonly productionRule?: string;
}

/** The deployment that the service is moving to, or has reached. */
export function primaryDeployment(view: ServiceView): DeploymentView | undefined {
  return view.deployments.find((deployment) => deployment.status === 'PRIMARY');
}

/** `arn:…:task-definition/checkout:42` -> `checkout:42` */
export function familyRevision(taskDefinition: string): string {
  return taskDefinition.slice(taskDefinition.lastIndexOf('/') + 1);
}

/** `registry/shop/checkout:v2.8.0@sha256:…` -> `v2.8.0`; undefined where the image has no tag. */
export function imageTag(image: string): string | undefined {
  const name = image.split('@')[0] ?? image;
  const colon = name.lastIndexOf(':');
  // A colon before the last slash belongs to the registry's port.
  return colon > name.lastIndexOf('/') ? name.slice(colon + 1) : undefined;
}

/** The first container's image tag, or `family:revision` where it has none. */
export function versionOf(taskDefinition: string, images: readonly ContainerImage[]): string {
  const first = images[0];
  return (first && imageTag(first.image)) ?? familyRevision(taskDefinition);
}

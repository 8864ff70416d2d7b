export interface SuspendedParts {
  DynamicScalingInSuspended: boolean;
  DynamicScalingOutSuspended: boolean;
  ScheduledScalingSuspended: boolean;
}

export interface TargetRecord {
  readonly arn: string;
  /** `service/<cluster>/<name>` */
  readonly resourceId: string;
  min: number;
  max: number;
  roleArn: string;
  readonly createdMs: number;
  suspended: SuspendedParts;
}

/** Target tracking on the service's average CPU. */
export interface PolicyRecord {
  readonly arn: string;
  readonly name: string;
  readonly resourceId: string;
  readonly createdMs: number;
  readonly targetPercent: number;
  readonly scaleOutCooldownSeconds: number;
  readonly scaleInCooldownSeconds: number;
  readonly disableScaleIn: boolean;
  scaledOutMs?: number;
  scaledInMs?: number;
}

export const dimension = 'ecs:service:DesiredCount';

import type { ServiceInput } from '../config/schema.ts';

/** An ECS service: `FargateService`, `Ec2Service`, an imported one, or names that are known otherwise. */
export interface EcsService {
  readonly serviceName: string;
  readonly cluster: { readonly clusterName: string };
}

/** An `ApplicationTargetGroup`, of this app or imported. */
export interface TargetGroup {
  readonly targetGroupArn: string;
}

/** An `EcsDeploymentGroup` of CodeDeploy, of this app or imported. */
export interface DeploymentGroup {
  readonly application: { readonly applicationName: string };
  readonly deploymentGroupName: string;
}

/** An `ApplicationListener`, whose default action forwards to the service, or an `ApplicationListenerRule` that does. */
export type TrafficRule = { readonly listenerArn: string } | { readonly listenerRuleArn: string };

/** A `DatabaseInstance` or a `DatabaseCluster` of RDS. */
export type Database = { readonly instanceIdentifier: string } | { readonly clusterIdentifier: string };

/** What `ApplicationLoadBalancedFargateService` and its siblings make: service, target group and listener in one. */
export interface LoadBalancedService {
  readonly service: EcsService;
  readonly targetGroup: TargetGroup;
  readonly listener: { readonly listenerArn: string };
}

/** One of two ECS services between which traffic moves. */
export interface ProtectedSide {
  /** `blue`, `green`. */
  readonly name: string;
  readonly service: EcsService;
  readonly targetGroup: TargetGroup;
}

/** Another ECS service that is deployed together with the protected one: a worker, a scheduler. */
export interface ProtectedCompanion {
  readonly service: EcsService;
  /** Names of the companions that it calls, or `main` for a single service: it is reverted before them. @default - none */
  readonly dependsOn?: readonly string[];
}

export type Protectable = EcsService | LoadBalancedService | readonly ProtectedSide[];

/**
 * How a service is protected. `health`, `baseline`, `metrics`, `adoptedAlarms`, `policy` and `runbookUrl` are those of
 * backstep.json, with the same defaults (docs/configuration.md).
 */
export interface ProtectProps
  extends Pick<ServiceInput, 'health' | 'baseline' | 'metrics' | 'adoptedAlarms' | 'policy' | 'runbookUrl'> {
  /** What alarms, commands and reports call the service. Known at synthesis: letters, digits, hyphens, underscores. */
  readonly name: string;

  /** The target group of a single service. Two sides bring their own. @default - none: no load balancer reaches it */
  readonly targetGroup?: TargetGroup;

  /**
   * The other target group of a single service, where ECS (blue/green, linear, canary) or CodeDeploy moves its traffic
   * between two: each deployment changes which of them serves. @default - none: its deployments are rolling ones
   */
  readonly alternateTargetGroup?: TargetGroup;

  /** The deployment group, where CodeDeploy deploys the service. @default - none: ECS does */
  readonly codeDeploy?: DeploymentGroup;

  /** Every listener rule that forwards to the service, or listener whose default action does. @default - none */
  readonly rules?: readonly TrafficRule[];

  /** Whether services elsewhere are behind the same load balancer. @default - whether another protected one is */
  readonly sharedLoadBalancer?: boolean;

  /** ECS services that are deployed together with this one, by name. @default - none */
  readonly companions?: Readonly<Record<string, ProtectedCompanion>>;

  /** The database that a rollback must not endanger. @default - none */
  readonly database?: Database;

  /** Path of the rollback runbook, relative to the directory that the app runs in, which is that of cdk.json. */
  readonly runbook: string;
}

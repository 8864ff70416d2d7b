import type {
  DeploymentCreator,
  DeploymentReadyAction,
  DeploymentStatus,
  ErrorInformation,
  RevisionLocation,
} from '@aws-sdk/client-codedeploy';

/** Events after which a group rolls back by itself. */
export type RollbackEvent = 'DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST';

export interface GroupRecord {
  readonly id: string;
  readonly name: string;
  readonly application: string;
  readonly cluster: string;
  readonly service: string;
  /** Listeners whose default action CodeDeploy owns. */
  readonly productionListeners: readonly string[];
  readonly testListeners: readonly string[];
  /** ARNs of the two groups between which traffic moves. */
  readonly targetGroups: readonly [string, string];
  readonly configName: string;
  readonly roleArn: string;
  readonly terminationWaitMinutes: number;
  /** Minutes that a deployment waits as Ready before traffic moves; with 0 it does not. */
  readonly readyWaitMinutes: number;
  readonly readyAction: DeploymentReadyAction;
  readonly alarms: { readonly enabled: boolean; readonly names: readonly string[] };
  readonly autoRollback: { readonly enabled: boolean; readonly events: readonly RollbackEvent[] };
  /** Newest first. */
  readonly deployments: CodeDeployment[];
}

export interface CodeDeployment {
  /** `d-` and nine characters. */
  readonly id: string;
  readonly group: GroupRecord;
  readonly configName: string;
  readonly description: string | undefined;
  readonly creator: DeploymentCreator;
  readonly revision: RevisionLocation;
  readonly previousRevision: RevisionLocation | undefined;
  readonly createdMs: number;
  startedMs?: number;
  completedMs?: number;
  status: DeploymentStatus;
  error?: ErrorInformation;
  /** The original task set waits for its end. */
  terminationWaitStarted: boolean;
  readonly alarmNames: readonly string[];
  readonly rollbackEvents: readonly RollbackEvent[];
  /** Of a rollback: the deployment that it undoes. */
  readonly rollbackOf: string | undefined;
  rolledBackBy?: string;
}

/** Nothing more comes of it. */
export const isOver = ({ status }: CodeDeployment): boolean =>
  status === 'Succeeded' || status === 'Failed' || status === 'Stopped';

export const applicationArn = (host: { arn(service: string, resource: string): string }, name: string): string =>
  host.arn('codedeploy', `application:${name}`);

export const groupArn = (
  host: { arn(service: string, resource: string): string },
  application: string,
  group: string,
): string => host.arn('codedeploy', `deploymentgroup:${application}/${group}`);

import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { ServiceConfiguration, Side } from '../domain/model.ts';
import {
  killSwitchParameter,
  reapMachineName,
  serviceParameter,
  snapshotPrefix,
  stateMachineName,
} from '../domain/names.ts';
import { unitsOf } from '../domain/units.ts';

/** ARNs of what the configuration protects, as permissions and event patterns need them. */
export interface ProtectedArns {
  /** Id of the account that all of this lies in. */
  readonly account: string;
  readonly services: readonly string[];
  /** By cluster: ECS numbers them, and a list by service would outgrow a role's policy at some thirty services. */
  readonly serviceDeployments: readonly string[];
  readonly serviceRevisions: readonly string[];
  /** Every ECS service of the account and region, and every revision of one. */
  readonly everyService: readonly string[];
  /** Of services with several sides: a rule of one side never changes. */
  /** CodeDeploy's groups that deploy a service, their applications, and the configuration that a rollback deploys with. */
  readonly deploymentGroups: readonly string[];
  readonly deploymentApplications: readonly string[];
  readonly deploymentConfigurations: readonly string[];
  /** What Application Auto Scaling scales: it gives each an id of its own. */
  readonly scalableTargets: string;
  /** Every CloudFormation stack. */
  readonly stacks: string;
  readonly listenerRules: readonly string[];
  readonly listeners: readonly string[];
  /** Configured RDS instances and clusters; empty where no service has a database. */
  readonly databases: readonly string[];
  /** Every cluster, where a configured instance may be a member of any. */
  readonly clustersOfInstances: readonly string[];
  /** Every cluster, where there is any database. */
  readonly everyCluster: readonly string[];
  /** Snapshots that Backstep makes. */
  readonly snapshots: readonly string[];
  /** Path that the services' parameters lie under, without a trailing slash: listing is authorized against that. */
  readonly parameterPath: string;
  /** That of the environment, and with a trailing `*` those of services. */
  readonly killSwitches: readonly string[];
  /** Every application of CodeDeploy, and every deployment group of each. */
  readonly codeDeployApplications: string;
  readonly codeDeployGroups: string;
  readonly eventBus: string;
  /** Every repository of every account and region: images lie where a task definition says. */
  readonly everyRepository: string;
  readonly everySecret: string;
  readonly everyBucket: string;
  readonly taskDefinitions: string;
  /** Every role of the account. */
  readonly roles: string;
  readonly stateMachine: string;
  /** The machine that takes up what rollbacks left behind. */
  readonly reapMachine: string;
  readonly executions: string;
  /** Executions of the machine that takes up what rollbacks left behind. */
  readonly reapExecutions: string;
}

export function protectedArns(
  scope: IConstruct,
  environment: string,
  services: readonly ServiceConfiguration[],
): ProtectedArns {
  const stack = Stack.of(scope);
  const arn = (service: string, resource: string, resourceName: string): string =>
    stack.formatArn({ service, resource, resourceName });
  const sides = services.flatMap(unitsOf);
  const clusters = unique(sides.map(clusterName));
  const rules = unique(services.flatMap(({ sides: { length }, traffic }) => (length > 1 ? traffic.rules : [])));
  const machine = (resource: string, suffix = '', name = stateMachineName(environment)): string =>
    stack.formatArn({
      service: 'states',
      resource,
      resourceName: name + suffix,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const codeDeploy = (resource: string): string =>
    stack.formatArn({
      service: 'codedeploy',
      resource,
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  return {
    account: stack.account,
    services: unique(sides.map((side) => arn('ecs', 'service', `${clusterName(side)}/${side.service}`))),
    serviceDeployments: clusters.map((cluster) => arn('ecs', 'service-deployment', `${cluster}/*`)),
    serviceRevisions: clusters.map((cluster) => arn('ecs', 'service-revision', `${cluster}/*`)),
    everyService: [arn('ecs', 'service', '*'), arn('ecs', 'service-revision', '*')],
    ...codeDeployArns(stack, sides),
    scalableTargets: arn('application-autoscaling', 'scalable-target', '*'),
    stacks: arn('cloudformation', 'stack', '*'),
    listenerRules: rules.filter((rule) => rule.includes(':listener-rule/')),
    listeners: rules.filter((rule) => rule.includes(':listener/')),
    ...databaseArns(stack, services),
    parameterPath: arn('ssm', 'parameter', serviceParameter(environment, '').replace(/^\/|\/$/g, '')),
    killSwitches: ['', '/*'].map((suffix) =>
      arn('ssm', 'parameter', killSwitchParameter(environment).slice(1) + suffix),
    ),
    codeDeployApplications: codeDeploy('application'),
    codeDeployGroups: codeDeploy('deploymentgroup'),
    eventBus: arn('events', 'event-bus', 'default'),
    everyRepository: stack.formatArn({
      service: 'ecr',
      region: '*',
      account: '*',
      resource: 'repository',
      resourceName: '*',
    }),
    everySecret: stack.formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
    everyBucket: stack.formatArn({ service: 's3', region: '', account: '', resource: '*' }),
    taskDefinitions: arn('ecs', 'task-definition', '*'),
    roles: stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: '*' }),
    stateMachine: machine('stateMachine'),
    reapMachine: machine('stateMachine', '', reapMachineName(environment)),
    executions: machine('execution', ':*'),
    reapExecutions: machine('execution', ':*', reapMachineName(environment)),
  };
}

function codeDeployArns(
  stack: Stack,
  sides: readonly Side[],
): Pick<ProtectedArns, 'deploymentGroups' | 'deploymentApplications' | 'deploymentConfigurations'> {
  const groups = sides.flatMap(({ codeDeploy }) => codeDeploy ?? []);
  const arn = (resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'codedeploy', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return {
    deploymentGroups: unique(groups.map(({ application, group }) => arn('deploymentgroup', `${application}/${group}`))),
    deploymentApplications: unique(groups.map(({ application }) => arn('application', application))),
    deploymentConfigurations: groups.length > 0 ? [arn('deploymentconfig', 'CodeDeployDefault.ECSAllAtOnce')] : [],
  };
}

/** RDS keeps identifiers in lower case, and so do its ARNs. */
function databaseArns(
  stack: Stack,
  services: readonly ServiceConfiguration[],
): Pick<ProtectedArns, 'databases' | 'clustersOfInstances' | 'everyCluster' | 'snapshots'> {
  const databases = services.flatMap(({ database }) => database ?? []);
  const instances = databases.flatMap((database) => ('instance' in database ? database.instance : []));
  const clusters = databases.flatMap((database) => ('cluster' in database ? database.cluster : []));
  const arn = (resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'rds', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  const ours = `${snapshotPrefix}-*`;
  return {
    databases: unique([
      ...instances.map((name) => arn('db', name.toLowerCase())),
      ...clusters.map((name) => arn('cluster', name.toLowerCase())),
    ]),
    clustersOfInstances: instances.length > 0 ? [arn('cluster', '*')] : [],
    everyCluster: databases.length > 0 ? [arn('cluster', '*')] : [],
    snapshots: databases.length > 0 ? [arn('snapshot', ours), arn('cluster-snapshot', ours)] : [],
  };
}

/** A side may name its cluster by ARN; the ARNs of services hold its name. */
const clusterName = (side: Side): string => side.cluster.slice(side.cluster.lastIndexOf('/') + 1);

const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();

import { baselineNamespace } from '../domain/baseline-metrics.ts';
import type { Audience } from '../domain/model.ts';
import { copyPrefix } from '../domain/names.ts';
import { readinessNamespace } from '../domain/readiness.ts';
import { copyOfTag } from '../domain/task-definition-copy.ts';
import type { ProtectedArns } from './arns.ts';
import type { FunctionName } from './function-names.ts';
import type { Permission } from './permissions.ts';

export interface PermissionSources {
  readonly arns: ProtectedArns;
  readonly table: string;
  readonly bucket: string;
  readonly topics: Readonly<Record<Audience, string>>;
  /** ARN of the key that task tokens are encrypted with. */
  readonly approvalKey: string;
  /** ARN of the bucket that `cdk deploy` uploads assets to. */
  readonly assetBucket: string;
}

/**
 * What each Lambda may do: the calls that its handler's comment lists, on what the configuration names.
 *
 * Reading is shared between functions, changing is not: only StartSnapshot makes snapshots, only ShiftTraffic, and those
 * that put back what it moved (Compensate, GiveBack), touch listener rules, only RevertService, Compensate and ScaleIn
 * touch ECS services (ShiftTraffic and GiveBack have to be allowed to, or they may not touch their scaling), only
 * RevertService registers task definitions, only Plan writes checkpoints and plans, only Report writes reports, only
 * RecordRelease and Install write task definitions down, only Sweep starts executions, only Answer decrypts task tokens.
 */
export function functionPermissions(sources: PermissionSources): Readonly<Record<FunctionName, readonly Permission[]>> {
  const { arns, table, bucket, topics, approvalKey } = sources;

  const readPointers: Permission = { actions: ['ssm:GetParametersByPath'], resources: [arns.parameterPath] };
  const readConfiguration = objects(['s3:GetObject'], bucket, 'configuration', 'Stored under their hash.');
  const readPlan = objects(['s3:GetObject'], bucket, 'plans', perRollback);
  const items = (...operations: string[]): Permission => ({
    actions: operations.map((operation) => `dynamodb:${operation}`),
    resources: [table],
  });
  const proveLock = items('GetItem');
  const timeline: Permission[] = [items('PutItem'), { actions: ['events:PutEvents'], resources: [arns.eventBus] }];
  const readServices: Permission = { actions: ['ecs:DescribeServices'], resources: arns.services };
  const readTaskDefinitions = unscoped('ecs:DescribeTaskDefinition');
  /**
   * ECS asks for the service as well as for its deployment or revision. One statement, or the lists of services of a large
   * environment would outgrow what IAM takes.
   */
  const onServices = (...operations: string[]): Permission => ({
    actions: operations.map((operation) => `ecs:${operation}`),
    resources: [
      ...arns.services,
      ...(operations.includes('DescribeServiceDeployments') ? arns.serviceDeployments : []),
      ...arns.serviceRevisions,
    ],
    wildcard:
      'ECS gives each deployment and revision an id of its own; they are those in clusters of configured services.',
  });
  const endDeployments = ['StopServiceDeployment', 'ContinueServiceDeployment'];
  const readDeployed = ['DescribeServices', 'DescribeServiceDeployments', 'DescribeServiceRevisions'];
  const readCodeDeploy: Permission = {
    actions: ['codedeploy:ListDeployments', 'codedeploy:BatchGetDeployments'],
    resources: arns.deploymentGroups,
  };
  const endCodeDeploy: Permission = {
    actions: ['codedeploy:StopDeployment'],
    resources: arns.deploymentGroups.length > 0 ? ['*'] : [],
    wildcard:
      'AWS has no resource-level permission for it: with the ARN of a group it is denied. Only deployments of configured groups are looked for.',
  };
  const suspendScaling: Permission = {
    actions: ['application-autoscaling:RegisterScalableTarget'],
    resources: [arns.scalableTargets],
    conditions: {
      StringEquals: {
        'application-autoscaling:service-namespace': 'ecs',
        'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
      },
    },
    wildcard: 'Application Auto Scaling gives each target an id of its own; the conditions allow ECS services only.',
  };
  /** Application Auto Scaling tries both in the name of whoever suspends, and refuses whoever may not. No iam:PassRole. */
  const scaleServices: Permission = {
    actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
    resources: arns.services,
  };
  const readTargets = unscoped('elasticloadbalancing:DescribeTargetHealth');
  const readTraffic = unscoped(
    'elasticloadbalancing:DescribeRules',
    'elasticloadbalancing:DescribeListeners',
    'elasticloadbalancing:DescribeTargetHealth',
  );
  const readAlarms = (...operations: string[]): Permission => ({
    actions: operations.map((operation) => `cloudwatch:${operation}`),
    resources: ['*'],
    wildcard:
      'CloudWatch shows composite alarms, which may be adopted, only to those who may ask for everything; these calls only read.',
  });
  const readNeeds: Permission[] = [
    unscoped('ssm:DescribeParameters'),
    {
      actions: ['secretsmanager:DescribeSecret'],
      resources: [arns.everySecret],
      wildcard:
        'Which secrets a release needs, only its task definition tells; it reads that they are there and never a value.',
    },
  ];
  /** How a service stands when a release is recorded. The same for whatever is configured. */
  const readReleaseState: Permission[] = [
    objects(['s3:PutObject'], bucket, 'definitions', 'Stored under their hash.'),
    unscoped('elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeListeners'),
    unscoped('application-autoscaling:DescribeScalableTargets'),
    ...readNeeds,
  ];
  const readKillSwitches: Permission = {
    actions: ['ssm:GetParameters'],
    resources: arns.killSwitches,
    wildcard: 'A switch for one service is made by whoever needs it.',
  };
  const readExecutions: Permission = {
    actions: ['states:DescribeExecution'],
    resources: [arns.executions],
    wildcard: 'Executions of this one machine, to learn whether the owner of a lock still runs.',
  };
  const readDeploymentGroups: Permission[] = [
    unscoped('codedeploy:ListApplications'),
    {
      actions: ['codedeploy:ListDeploymentGroups'],
      resources: [arns.codeDeployApplications],
      wildcard: 'Any application may have a deployment group that names the service; only read.',
    },
    {
      actions: ['codedeploy:BatchGetDeploymentGroups'],
      resources: [arns.codeDeployGroups],
      wildcard: 'Any deployment group may name the service; only read.',
    },
  ];
  const readSnapshots: Permission[] = [
    {
      actions: ['rds:DescribeDBSnapshots', 'rds:DescribeDBClusterSnapshots'],
      resources: arns.snapshots,
      wildcard: perRollback,
    },
    { actions: ['rds:DescribeDBSnapshots'], resources: arns.databases },
    {
      actions: ['rds:DescribeDBClusterSnapshots'],
      resources: arns.everyCluster,
      wildcard: "RDS asks for the cluster too, which a call that names a cluster's snapshot may not name; only read.",
    },
  ];

  const passTaskRoles: Permission = {
    actions: ['iam:PassRole'],
    resources: [arns.roles],
    conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    wildcard:
      'ECS checks the roles of the task definition that a service returns to, or of which a copy is registered, which are ' +
      'not known before; passed to ECS tasks only, and a copy has the roles of its original.',
  };
  const changeRules: Permission[] = [
    { actions: ['elasticloadbalancing:ModifyRule'], resources: arns.listenerRules },
    { actions: ['elasticloadbalancing:ModifyListener'], resources: arns.listeners },
  ];
  /** What a plan is decided on: for Plan, and for the daily look at what it would decide. */
  const readPlanFacts: Permission[] = [
    onServices(...readDeployed, 'ListServiceDeployments'),
    readTaskDefinitions,
    readCodeDeploy,
    unscoped('application-autoscaling:DescribeScalableTargets'),
    {
      actions: ['cloudformation:DescribeStacks'],
      resources: [arns.stacks],
      wildcard: "The stack of a service is known from the service's tags only; it only reads.",
    },
    readTraffic,
    unscoped('elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetGroupAttributes'),
    unscoped('elasticloadbalancing:DescribeTags'),
    unscoped('cloudwatch:GetMetricData'),
    {
      actions: ['ecr:DescribeImages'],
      resources: [arns.everyRepository],
      wildcard:
        "Where the images of a release lie, only its task definition tells; other accounts' repositories have policies of their own. It only reads.",
    },
    ...readNeeds,
    {
      actions: ['iam:GetRole'],
      resources: [arns.roles],
      wildcard: 'Which roles a release needs, only its task definition tells; it only reads, and no policies.',
    },
    unscoped('logs:DescribeLogGroups'),
    {
      actions: ['s3:ListBucket'],
      resources: [arns.everyBucket],
      // ECS takes environment files under such names only.
      conditions: {
        StringLike: { 's3:prefix': '*.env' },
        NumericLessThanEquals: { 's3:max-keys': '1' },
        StringEquals: { 'aws:ResourceAccount': arns.account },
      },
      wildcard:
        "Where the environment files of a release lie, only its task definition tells; the conditions allow one name at a time, only names that end in .env, and only the account's own buckets. It reads names and no content.",
    },
    objects(['s3:GetObject'], bucket, 'definitions', 'One for each recorded task definition.'),
    { actions: ['rds:DescribeDBInstances', 'rds:DescribeDBClusters'], resources: arns.databases },
    { actions: ['rds:DescribeDBClusters'], resources: arns.clustersOfInstances, wildcard: memberOfAny },
    ...(arns.databases.length > 0 ? [unscoped('rds:DescribeAccountAttributes')] : []),
    ...readDeploymentGroups,
  ];

  return {
    Admit: [
      readPointers,
      {
        actions: ['ssm:GetParameter'],
        resources: [`${arns.parameterPath}/*`],
        wildcard: 'Whoever misspells a service must be told so: AWS says "not found" only to those who may look.',
      },
      readKillSwitches,
      readConfiguration,
      items('GetItem', 'UpdateItem', 'Query'),
      ...timeline,
      readAlarms('DescribeAlarms', 'DescribeAlarmHistory'),
      unscoped('cloudwatch:GetMetricData'),
      readServices,
      readExecutions,
    ],
    Plan: [
      readConfiguration,
      objects(['s3:PutObject', 's3:GetObject'], bucket, 'checkpoints', perRollback),
      objects(['s3:PutObject', 's3:GetObject'], bucket, 'plans', perRollback),
      items('GetItem', 'UpdateItem', 'Query'),
      readExecutions,
      ...timeline,
      ...readPlanFacts,
    ],
    StartSnapshot: [
      readPlan,
      proveLock,
      readKillSwitches,
      ...timeline,
      { actions: ['rds:CreateDBSnapshot', 'rds:CreateDBClusterSnapshot'], resources: arns.databases },
      { actions: ['rds:CreateDBClusterSnapshot'], resources: arns.clustersOfInstances, wildcard: memberOfAny },
      {
        actions: ['rds:CreateDBSnapshot', 'rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'],
        resources: arns.snapshots,
        wildcard: perRollback,
      },
      ...readSnapshots,
    ],
    CheckSnapshot: [readConfiguration, readPlan, ...timeline, ...readSnapshots],
    RequestApproval: [
      readConfiguration,
      readPlan,
      items('GetItem', 'UpdateItem'),
      ...timeline,
      { actions: ['kms:Encrypt'], resources: [approvalKey] },
      { actions: ['sns:Publish'], resources: [topics.technical, topics.business, topics.executive] },
    ],
    AcceptApproval: [
      readConfiguration,
      readPlan,
      readKillSwitches,
      items('GetItem', 'UpdateItem', 'Query'),
      ...timeline,
      readServices,
      unscoped('elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeListeners'),
      readExecutions,
    ],
    Answer: [
      items('GetItem', 'UpdateItem'),
      { actions: ['kms:Decrypt'], resources: [approvalKey] },
      { actions: ['states:SendTaskSuccess'], resources: [arns.stateMachine] },
    ],
    ShiftTraffic: [
      readConfiguration,
      readPlan,
      proveLock,
      readKillSwitches,
      ...timeline,
      readTraffic,
      ...changeRules,
      ...(changeRules.some(({ resources }) => resources.length > 0)
        ? [scaleServices, unscoped('application-autoscaling:DescribeScalableTargets'), suspendScaling]
        : [readServices]),
    ],
    CheckTraffic: [
      readConfiguration,
      readPlan,
      ...timeline,
      readTraffic,
      readServices,
      unscoped('cloudwatch:GetMetricData'),
    ],
    RevertService: [
      readConfiguration,
      readPlan,
      proveLock,
      readKillSwitches,
      ...timeline,
      onServices(...readDeployed, 'UpdateService', ...endDeployments),
      readCodeDeploy,
      {
        actions: ['codedeploy:GetDeploymentGroup', 'codedeploy:CreateDeployment'],
        resources: arns.deploymentGroups,
      },
      endCodeDeploy,
      { actions: ['codedeploy:RegisterApplicationRevision'], resources: arns.deploymentApplications },
      { actions: ['codedeploy:GetDeploymentConfig'], resources: arns.deploymentConfigurations },
      unscoped('application-autoscaling:DescribeScalableTargets'),
      suspendScaling,
      items('Query', 'UpdateItem'),
      objects(['s3:GetObject'], bucket, copyPrefix, perRollback),
      unscoped('ecs:ListTaskDefinitions', 'ecs:DescribeTaskDefinition'),
      {
        actions: ['ecs:RegisterTaskDefinition'],
        resources: ['*'],
        conditions: { Null: { [`aws:RequestTag/${copyOfTag}`]: 'false' } },
        wildcard:
          'AWS has no resource-level permission for it; the condition allows copies only, which say so in a tag.',
      },
      {
        actions: ['ecs:TagResource'],
        resources: [arns.taskDefinitions],
        conditions: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
        wildcard: 'The family is that of the target, and ECS gives the revision; tags only as it is registered.',
      },
      passTaskRoles,
    ],
    CheckService: [
      readConfiguration,
      readPlan,
      items('Query'),
      ...timeline,
      onServices(...readDeployed),
      readCodeDeploy,
      readTraffic,
    ],
    ScaleIn: [
      readConfiguration,
      readPlan,
      proveLock,
      readKillSwitches,
      ...timeline,
      readServices,
      unscoped('elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeListeners'),
      unscoped('cloudwatch:GetMetricData'),
      unscoped('application-autoscaling:DescribeScalableTargets'),
      // No iam:PassRole: it can change how many tasks run, and not what they run.
      { actions: ['ecs:UpdateService'], resources: arns.services },
    ],
    VerifyHealth: [
      readConfiguration,
      readPlan,
      ...timeline,
      onServices('DescribeServices', 'DescribeServiceRevisions'),
      readTargets,
      readAlarms('DescribeAlarms'),
      unscoped('cloudwatch:GetMetricData'),
      ...readSnapshots,
    ],
    Compensate: [
      readConfiguration,
      readPlan,
      objects(['s3:GetObject'], bucket, 'checkpoints', perRollback),
      items('GetItem', 'Query', 'UpdateItem'),
      readKillSwitches,
      ...timeline,
      readTraffic,
      ...changeRules,
      onServices(...readDeployed, 'UpdateService', ...endDeployments),
      readCodeDeploy,
      endCodeDeploy,
      passTaskRoles,
    ],
    GiveBack: [
      readPointers,
      items('GetItem', 'Query', 'UpdateItem'),
      ...timeline,
      readExecutions,
      unscoped('elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeListeners'),
      ...changeRules,
      unscoped('application-autoscaling:DescribeScalableTargets'),
      suspendScaling,
      scaleServices,
    ],
    Reap: [
      {
        actions: ['ssm:GetParameter'],
        resources: [`${arns.parameterPath}/*`],
        wildcard: 'The service is read from the input of the execution that it takes up.',
      },
      readConfiguration,
      readPlan,
      objects(['s3:GetObject'], bucket, 'checkpoints', perRollback),
      items('GetItem', 'Query', 'UpdateItem'),
      ...timeline,
      readServices,
      readTraffic,
      {
        actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
        resources: [arns.executions, arns.reapExecutions],
        wildcard:
          'Executions of these two machines: what the one did, and whether another of the other takes it up already.',
      },
    ],
    Report: [
      readConfiguration,
      readPlan,
      objects(['s3:GetObject'], bucket, 'checkpoints', perRollback),
      objects(['s3:PutObject'], bucket, 'reports', perRollback),
      items('GetItem', 'UpdateItem', 'Query'),
      ...timeline,
      { actions: ['sns:Publish'], resources: [topics.technical, topics.business, topics.executive] },
      ...readSnapshots,
      readServices,
      readTraffic,
    ],
    RecordRelease: [
      readPointers,
      readConfiguration,
      items('GetItem', 'PutItem', 'UpdateItem', 'Query'),
      { actions: ['events:PutEvents'], resources: [arns.eventBus] },
      onServices('DescribeServices', 'DescribeServiceRevisions'),
      readTaskDefinitions,
      ...readReleaseState,
    ],
    Sweep: [
      readPointers,
      readConfiguration,
      items('GetItem', 'Query'),
      ...timeline,
      readAlarms('DescribeAlarms'),
      readExecutions,
      { actions: ['states:StartExecution'], resources: [arns.stateMachine, arns.reapMachine] },
      { actions: ['sns:Publish'], resources: [topics.technical] },
    ],
    PublishBaselines: [
      readPointers,
      readConfiguration,
      items('GetItem', 'UpdateItem'),
      readServices,
      readAlarms('DescribeAlarms'),
      unscoped('cloudwatch:GetMetricData'),
      publishMetrics(baselineNamespace),
    ],
    CheckReadiness: [
      readPointers,
      readConfiguration,
      readKillSwitches,
      items('GetItem', 'Query'),
      ...timeline,
      ...readPlanFacts,
      readAlarms('DescribeAlarms'),
      { actions: ['states:ListExecutions'], resources: [arns.stateMachine] },
      publishMetrics(readinessNamespace),
      { actions: ['sns:Publish'], resources: [topics.technical] },
    ],
    Install: [
      {
        actions: ['s3:GetObject'],
        resources: [`${sources.assetBucket}/*`],
        wildcard:
          'Assets are named by their hash; a permission for each would have to reach IAM before the installation that follows it.',
      },
      objects(['s3:PutObject'], bucket, 'configuration', 'Stored under their hash.'),
      items('PutItem', 'Query'),
      {
        actions: ['ecs:DescribeServices', 'ecs:DescribeServiceRevisions'],
        resources: arns.everyService,
        wildcard:
          'It runs seconds after the deployment that adds a service; a permission for that one would have to reach IAM before, or ' +
          'the deployment fails. These calls only read.',
      },
      readTaskDefinitions,
      ...readReleaseState,
    ],
  };
}

const perRollback = 'One per rollback, named by its id.';
const memberOfAny = 'A configured instance may be a member of a cluster, which only RDS knows.';

function objects(actions: readonly string[], bucket: string, prefix: string, wildcard: string): Permission {
  return { actions, resources: [`${bucket}/${prefix}/*`], wildcard };
}

function publishMetrics(namespace: string): Permission {
  return {
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    conditions: { StringEquals: { 'cloudwatch:namespace': namespace } },
    wildcard: 'Metrics are no resources; the condition allows one namespace, which is ours.',
  };
}

/** Calls for which AWS knows no resource-level permission. All of them only read. */
function unscoped(...actions: string[]): Permission {
  return {
    actions,
    resources: ['*'],
    wildcard: `AWS has no resource-level permissions for ${actions.join(', ')}, which only read.`,
  };
}

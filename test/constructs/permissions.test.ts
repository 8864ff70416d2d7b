import { readFileSync } from 'node:fs';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { App, Stack } from 'aws-cdk-lib/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type FunctionName, fileName, functionNames } from '../../lib/constructs/function-names.ts';
import { functionPermissions } from '../../lib/constructs/function-permissions.ts';
import { leastPrivilegeRole, type Permission } from '../../lib/constructs/permissions.ts';
import { exampleStack, list, only, type Resources, type Statement, statementsByRole } from './fixture.ts';

let resources: Resources;
let byRole: Map<string, Statement[]>;

beforeAll(async () => {
  resources = (await exampleStack()).template.Resources;
  byRole = statementsByRole(resources);
});

const statementsOf = (name: FunctionName): Statement[] =>
  byRole.get(only(resources, 'AWS::IAM::Role', `Functions${name}Role`).id) ?? [];

const actionsOf = (name: FunctionName): Set<string> =>
  new Set(statementsOf(name).flatMap(({ Action }) => list(Action)));

describe('every role', () => {
  test('is granted actions by name', () => {
    const wildcards = [...byRole.values()]
      .flat()
      .flatMap(({ Action }) => list(Action))
      .filter((action) => action.includes('*'));
    // Two state machines, and the rules that start them.
    expect(byRole.size).toBe(functionNames.length + 4);
    expect(wildcards).toEqual([]);
  });

  test('is granted actions on everything only where AWS knows no resources for them', () => {
    const unscoped = [...byRole.values()]
      .flat()
      .filter(({ Resource }) => list(Resource).includes('*'))
      .flatMap(({ Action }) => list(Action));
    expect([...new Set(unscoped)].sort()).toEqual([
      'application-autoscaling:DescribeScalableTargets',
      'cloudwatch:DescribeAlarmHistory',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'cloudwatch:PutMetricData',
      'codedeploy:ListApplications',
      'ecs:DescribeTaskDefinition',
      'ecs:ListTaskDefinitions',
      'ecs:RegisterTaskDefinition',
      'elasticloadbalancing:DescribeListeners',
      'elasticloadbalancing:DescribeRules',
      'elasticloadbalancing:DescribeTags',
      'elasticloadbalancing:DescribeTargetGroupAttributes',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'ssm:DescribeParameters',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });
});

describe('every function', () => {
  // Of a configuration that has everything, or a permission for what the example lacks would go unseen.
  const everything = functionPermissions({
    arns: {
      services: ['service'],
      serviceDeployments: ['deployment'],
      serviceRevisions: ['revision'],
      everyService: ['every'],
      everyRepository: 'repositories',
      everySecret: 'secrets',
      everyBucket: 'buckets',
      account: '111122223333',
      taskDefinitions: 'definitions',
      deploymentGroups: ['group'],
      deploymentApplications: ['application'],
      deploymentConfigurations: ['configuration'],
      scalableTargets: 'targets',
      stacks: 'stacks',
      listenerRules: ['rule'],
      listeners: ['listener'],
      databases: ['database'],
      clustersOfInstances: ['clusters'],
      everyCluster: ['clusters'],
      snapshots: ['snapshots'],
      parameterPath: 'path',
      killSwitches: ['switch'],
      codeDeployApplications: 'applications',
      codeDeployGroups: 'groups',
      eventBus: 'bus',
      roles: 'role',
      stateMachine: 'machine',
      reapMachine: 'reap machine',
      executions: 'execution',
      reapExecutions: 'execution',
    },
    table: 'table',
    bucket: 'bucket',
    topics: { technical: 'technical', business: 'business', executive: 'executive' },
    approvalKey: 'key',
    assetBucket: 'assets',
  });

  test.each(functionNames)('%s may do what its comment says that it calls, and nothing else', (name) => {
    const granted = new Set(everything[name].flatMap(({ actions }) => actions));
    expect([...granted].sort()).toEqual(declaredCalls(name));
  });

  const owners: [string, FunctionName[]][] = [
    ['ecs:UpdateService', ['RevertService', 'ScaleIn', 'Compensate', 'GiveBack']],
    ['ecs:RegisterTaskDefinition', ['RevertService']],
    ['ecs:TagResource', ['RevertService']],
    ['iam:PassRole', ['RevertService', 'Compensate']],
    ['sns:Publish', ['RequestApproval', 'Report', 'Sweep', 'CheckReadiness']],
    ['kms:Encrypt', ['RequestApproval']],
    ['kms:Decrypt', ['Answer']],
    ['states:SendTaskSuccess', ['Answer']],
    ['states:StartExecution', ['Sweep']],
  ];
  test.each(owners)('%s belongs to %s alone', (action, names) => {
    expect(functionNames.filter((name) => actionsOf(name).has(action))).toEqual(names);
  });

  const writers: [string, FunctionName[]][] = [
    ['checkpoints', ['Plan']],
    ['plans', ['Plan']],
    ['reports', ['Report']],
    ['configuration', ['Install']],
    ['definitions', ['RecordRelease', 'Install']],
  ];
  test.each(writers)('%s/ is written by %s alone', (prefix, names) => {
    const writes = ({ Action, Resource }: Statement): boolean =>
      list(Action).includes('s3:PutObject') && JSON.stringify(Resource).includes(`/${prefix}/*`);
    expect(functionNames.filter((name) => statementsOf(name).some(writes))).toEqual(names);
  });

  test('RevertService changes the configured services only, and passes roles to ECS tasks only', () => {
    const statement = (action: string) =>
      statementsOf('RevertService').find(({ Action }) => list(Action).includes(action));
    // ECS asks for the service beside its deployment or revision.
    expect(statement('ecs:UpdateService')?.Resource).toEqual([
      'arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/*',
      'arn:aws:ecs:eu-west-1:111122223333:service-revision/shop/*',
      'arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout',
    ]);
    expect(statement('ecs:StopServiceDeployment')).toEqual(statement('ecs:UpdateService'));
    expect(statement('iam:PassRole')?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    });
    expect(statement('ecs:RegisterTaskDefinition')?.Condition).toEqual({
      Null: { 'aws:RequestTag/backstep:copy-of': 'false' },
    });
    expect(statement('ecs:TagResource')?.Condition).toEqual({
      StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' },
    });
  });

  test('nobody changes rules where no service has two sides', () => {
    expect(functionNames.filter((name) => actionsOf(name).has('elasticloadbalancing:ModifyRule'))).toEqual([]);
  });

  test('Install may do the same whatever is configured: a changed policy would not have reached IAM when it runs', () => {
    const policy = JSON.stringify(statementsOf('Install'));
    expect(policy).toContain('ecs:DescribeServices');
    expect(policy).not.toMatch(/shop\/checkout|service\/shop/);
  });

  test('nobody may delete anything', () => {
    const deleting = [...byRole.values()]
      .flat()
      .flatMap(({ Action }) => list(Action))
      .filter((action) => /:(?:Batch)?Delete(?!LogDelivery)/.test(action));
    expect(deleting).toEqual([]);
  });
});

test('with two sides ShiftTraffic changes the configured rules, and those who put back what it moved, and nobody else', async () => {
  const { template } = await exampleStack('examples/02-two-sides/backstep.json');
  const statements = statementsByRole(template.Resources);
  const ofRules = (name: FunctionName) =>
    statements
      .get(only(template.Resources, 'AWS::IAM::Role', `Functions${name}Role`).id)
      ?.find(({ Action }) => list(Action).includes('elasticloadbalancing:ModifyRule'));
  expect(functionNames.filter(ofRules)).toEqual(['ShiftTraffic', 'Compensate', 'GiveBack']);
  for (const name of ['ShiftTraffic', 'Compensate', 'GiveBack'] as const)
    expect(ofRules(name)?.Resource).toMatch(
      /^arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule\/app\/shop\//,
    );
});

describe('leastPrivilegeRole', () => {
  const create = (permission: Permission) => () =>
    leastPrivilegeRole(new Stack(new App(), 'Stack'), 'Role', {
      description: 'a role',
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      permissions: [permission],
    });

  test('refuses a wildcard action', () => {
    expect(create({ actions: ['s3:*'], resources: ['arn:aws:s3:::shop'] })).toThrow('The action s3:* is a wildcard');
  });

  test('refuses a wildcard resource without a reason', () => {
    expect(create({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::shop/*'] })).toThrow('needs a reason');
  });

  test('refuses what IAM would refuse in the middle of a deployment', () => {
    const services = Array.from(
      { length: 200 },
      (_, n) => `arn:aws:ecs:eu-west-1:111122223333:service/shop/service-${n}`,
    );
    const few = create({ actions: ['ecs:UpdateService'], resources: services.slice(0, 100) });
    expect(few).not.toThrow();
    expect(create({ actions: ['ecs:UpdateService'], resources: services })).toThrow(
      /^Stack\/Role: its policy has about \d{5} characters, and IAM takes 10240 in a role\./,
    );
  });

  test('refuses a reason for nothing', () => {
    expect(create({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::shop/a'], wildcard: 'why not' })).toThrow(
      'a wildcard that is not there',
    );
  });
});

/** `Calls: a:B, c:D (…)` of the handler's own comment, sorted; the part in parentheses is for people. */
function declaredCalls(name: FunctionName): string[] {
  const source = readFileSync(`lambdas/${fileName(name)}.ts`, 'utf8');
  const comment = /^ \* Calls: ([\s\S]*?)(?:\n \*\n|\n? \*\/)/m.exec(source)?.[1];
  if (!comment) throw new Error(`lambdas/${fileName(name)}.ts does not say what it calls.`);
  const calls = comment.replace(/\([^)]*\)/g, '').match(/\b[a-z][a-z0-9-]*:[A-Z]\w+/g) ?? [];
  return [...new Set(calls)].sort();
}

import { readFileSync } from 'node:fs';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { App, Stack } from 'aws-cdk-lib/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Backstep } from '../../lib/constructs/backstep.ts';
import { functionNames, workflowFunctions } from '../../lib/constructs/function-names.ts';
import { longestLambdaSeconds } from '../../lib/domain/lock.ts';
import { exampleEnvironment, exampleStack, list, only, type Resources, statementsByRole } from './fixture.ts';

let template: Template;
let resources: Resources;

beforeAll(async () => {
  const example = await exampleStack();
  resources = example.template.Resources;
  template = Template.fromJSON(example.template);
});

describe('starting', () => {
  test('our alarms going on start the state machine with what Admit asks about, for 15 minutes at most', () => {
    const machine = only(resources, 'AWS::StepFunctions::StateMachine', 'BackstepWorkflow').id;
    template.hasResourceProperties('AWS::Events::Rule', {
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: [{ prefix: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/' }],
        detail: { state: { value: ['ALARM'] } },
      },
      Targets: [
        Match.objectLike({
          Arn: { Ref: machine },
          RetryPolicy: { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [only(resources, 'AWS::SQS::Queue', 'Alarm').id, 'Arn'] } },
          RoleArn: { 'Fn::GetAtt': [only(resources, 'AWS::IAM::Role', 'RulesAlarmRole').id, 'Arn'] },
        }),
      ],
    });
  });

  test('the transformer makes valid input of an alarm event', () => {
    const rule = only(resources, 'AWS::Events::Rule', 'AlarmRule');
    const [target] = rule.Properties.Targets as {
      InputTransformer: { InputPathsMap: Record<string, string>; InputTemplate: string };
    }[];
    const { InputPathsMap, InputTemplate } = target?.InputTransformer ?? { InputPathsMap: {}, InputTemplate: '' };
    const event: Record<string, string> = {
      '$.detail.alarmName': 'backstep/production/checkout/error_rate_spike/main',
      '$.resources[0]':
        'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/checkout/error_rate_spike/main',
      '$.detail.state.value': 'ALARM',
      '$.time': '2026-11-20T03:04:05Z',
      '$.id': '00000000-0000-4000-8000-000000000000',
    };
    const sent = InputTemplate.replace(/<([^>]+)>/g, (_, name: string) =>
      JSON.stringify(event[InputPathsMap[name] ?? '']),
    );
    expect(JSON.parse(sent)).toEqual({
      trigger: {
        alarmName: event['$.detail.alarmName'],
        alarmArn: event['$.resources[0]'],
        state: 'ALARM',
        time: '2026-11-20T03:04:05Z',
        eventId: '00000000-0000-4000-8000-000000000000',
      },
    });
  });

  test('the role of the alarm rule may start this one machine and nothing else', () => {
    const role = only(resources, 'AWS::IAM::Role', 'RulesAlarmRole').id;
    expect(statementsByRole(resources).get(role)).toEqual([
      {
        Effect: 'Allow',
        Action: 'states:StartExecution',
        Resource: { Ref: only(resources, 'AWS::StepFunctions::StateMachine', 'BackstepWorkflow').id },
      },
    ]);
  });

  // By function: the permission of a new version would come after the rule that already sends events to it.
  test('deployments of the protected services reach the ledger, failures of the handler included', () => {
    const queue = { 'Fn::GetAtt': [only(resources, 'AWS::SQS::Queue', 'Deployment').id, 'Arn'] };
    const handler = { 'Fn::GetAtt': [only(resources, 'AWS::Lambda::Function', 'RecordRelease').id, 'Arn'] };
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change'],
        resources: ['arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout'],
      },
      Targets: [Match.objectLike({ Arn: handler, DeadLetterConfig: { Arn: queue } })],
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: handler,
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [only(resources, 'AWS::Events::Rule', 'DeploymentRule').id, 'Arn'] },
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      Qualifier: '$LATEST',
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
  });

  test('dead-letter queues are encrypted and refuse plain HTTP', () => {
    expect(Object.keys(template.findResources('AWS::SQS::Queue')).length).toBeGreaterThanOrEqual(2);
    template.allResourcesProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: Match.objectLike({ Statement: Match.arrayWith([refusesPlainHttp('sqs:*')]) }),
    });
  });
});

describe('order of a deployment', () => {
  test('nothing starts before the configuration is stored and pointed to', () => {
    const parameter = only(resources, 'AWS::SSM::Parameter', 'checkout');
    const rule = only(resources, 'AWS::Events::Rule', 'AlarmRule');
    expect(parameter.DependsOn).toContain(only(resources, 'Custom::BackstepInstallation').id);
    expect(rule.DependsOn).toContain(parameter.id);
  });

  test('no alarm exists before the rule that hears it', () => {
    const rule = only(resources, 'AWS::Events::Rule', 'AlarmRule').id;
    const starting = Object.values(template.findResources('AWS::CloudWatch::Alarm')).filter(({ Properties }) =>
      Properties.AlarmName.startsWith('backstep/'),
    );
    expect(starting.length).toBeGreaterThan(3);
    for (const { DependsOn } of starting) expect(DependsOn).toContain(rule);
  });

  test('the installation names the unversioned function, whose ARN CloudFormation lets nobody change', () => {
    template.hasResourceProperties('Custom::BackstepInstallation', {
      ServiceToken: { 'Fn::GetAtt': [only(resources, 'AWS::Lambda::Function', 'Install').id, 'Arn'] },
    });
  });
});

describe('functions', () => {
  test('there is one of each, on the runtime and architecture that the bundles are made for', () => {
    template.resourceCountIs('AWS::Lambda::Function', functionNames.length);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 512,
      ReservedConcurrentExecutions: Match.absent(),
    });
  });

  test('the definition calls versions, which outlive the next deployment', () => {
    const machine = only(resources, 'AWS::StepFunctions::StateMachine', 'BackstepWorkflow');
    const substitutions = machine.Properties.DefinitionSubstitutions as Record<string, { Ref: string }>;
    expect(Object.keys(substitutions)).toEqual(workflowFunctions.map((name) => `${name}Function`));
    for (const name of workflowFunctions) {
      const version = only(resources, 'AWS::Lambda::Version', `Functions${name}Function`);
      expect(substitutions[`${name}Function`]).toEqual({ Ref: version.id });
      expect([version.DeletionPolicy, version.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
  });

  test('each placeholder of the definition is filled, and each filling used', () => {
    const definition = readFileSync('statemachines/rollback.asl.json', 'utf8');
    const placeholders = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]));
    expect([...placeholders].sort()).toEqual(workflowFunctions.map((name) => `${name}Function`).sort());
  });

  test('nothing that changes a service may run longer than a lock waits before it is taken over', () => {
    for (const name of ['ShiftTraffic', 'RevertService', 'ScaleIn', 'Compensate', 'GiveBack']) {
      const { Properties } = only(resources, 'AWS::Lambda::Function', `Functions${name}Function`);
      expect(Properties.Timeout).toBeLessThanOrEqual(longestLambdaSeconds);
    }
  });

  test('each has a role and a log group of its own, kept for 90 days', () => {
    const functions = Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.Role))).size).toBe(functions.length);
    expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.LoggingConfig))).size).toBe(
      functions.length,
    );
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test('the environment holds names and nothing secret', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          BACKSTEP_ENVIRONMENT: 'production',
          BACKSTEP_TABLE: { Ref: only(resources, 'AWS::DynamoDB::Table').id },
          BACKSTEP_BUCKET: { Ref: only(resources, 'AWS::S3::Bucket').id },
          BACKSTEP_STATE_MACHINE_ARN: 'arn:aws:states:eu-west-1:111122223333:stateMachine:backstep-production-rollback',
          BACKSTEP_TOPIC_TECHNICAL: { Ref: only(resources, 'AWS::SNS::Topic', 'Technical').id },
          BACKSTEP_TOPIC_BUSINESS: { Ref: only(resources, 'AWS::SNS::Topic', 'Business').id },
          BACKSTEP_TOPIC_EXECUTIVE: { Ref: only(resources, 'AWS::SNS::Topic', 'Executive').id },
        },
      },
    });
  });
});

describe('workflow', () => {
  test('it is a Standard machine under its agreed name, logged and traced, without execution data in the logs', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'backstep-production-rollback',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: Match.objectLike({ Level: 'ALL', IncludeExecutionData: false }),
    });
  });

  test('it may invoke any version of the functions that it calls, and no other function', () => {
    const role = only(resources, 'AWS::IAM::Role', 'BackstepWorkflowRole').id;
    const [invoke, ...others] = (statementsByRole(resources).get(role) ?? []).filter(({ Action }) =>
      list(Action).includes('lambda:InvokeFunction'),
    );
    expect(others).toEqual([]);
    const functions = list(invoke?.Resource as { 'Fn::Join': unknown[] }[]).map((arn) => arn['Fn::Join']);
    const wanted = workflowFunctions.map((name) => {
      const { id } = only(resources, 'AWS::Lambda::Function', `Functions${name}Function`);
      return ['', [{ 'Fn::GetAtt': [id, 'Arn'] }, ':*']];
    });
    expect(functions).toHaveLength(wanted.length);
    expect(functions).toEqual(expect.arrayContaining(wanted));
  });
});

describe('storage', () => {
  test('the table is on demand, recoverable, protected, and outlives the stack', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        DeletionProtectionEnabled: true,
      },
    });
  });

  test('the bucket is private, versioned, outlives the stack, and expires nothing but overwritten reports', () => {
    const bucket = only(resources, 'AWS::S3::Bucket');
    expect([bucket.DeletionPolicy, bucket.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({ Statement: Match.arrayWith([refusesPlainHttp('s3:*')]) }),
    });
    const { Rules } = bucket.Properties.LifecycleConfiguration as { Rules: Record<string, unknown>[] };
    const expiring = Rules.filter((rule) => Object.keys(rule).some((key) => key.includes('Expiration')));
    expect(expiring).toEqual([
      {
        Id: 'OverwrittenReports',
        Status: 'Enabled',
        Prefix: 'reports/',
        NoncurrentVersionExpiration: { NoncurrentDays: 90 },
      },
    ]);
  });
});

describe('people and parameters', () => {
  test('each contact is subscribed to the topic of its audience', () => {
    const { contacts } = exampleEnvironment();
    const subscribed = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::SNS::Subscription')
      .map(({ Properties }) => `${(Properties.TopicArn as { Ref: string }).Ref} ${Properties.Endpoint}`);
    const wanted = Object.values(contacts).map(({ audience, email }) => {
      const part = audience.charAt(0).toUpperCase() + audience.slice(1);
      return `${only(resources, 'AWS::SNS::Topic', part).id} ${email}`;
    });
    expect(wanted.length).toBeGreaterThan(0);
    expect(subscribed.sort()).toEqual(wanted.sort());
  });

  test('topics are encrypted and refuse plain HTTP', () => {
    template.resourceCountIs('AWS::SNS::Topic', 3);
    template.allResourcesProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [only(resources, 'AWS::KMS::Key', 'TopicKey').id, 'Arn'] },
    });
    template.allResourcesProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: Match.objectLike({ Statement: Match.arrayWith([refusesPlainHttp('sns:Publish')]) }),
    });
  });

  test('the parameter points to the very configuration that the installation stores', () => {
    const installation = only(resources, 'Custom::BackstepInstallation');
    const [stored] = installation.Properties.Configurations as { Sha256: string }[];
    const parameter = only(resources, 'AWS::SSM::Parameter', 'checkout');
    expect(parameter.Properties.Name).toBe('/backstep/production/services/checkout');
    expect(JSON.parse(String(parameter.Properties.Value))).toMatchObject({
      key: `configuration/checkout/${stored?.Sha256}.json`,
      sha256: stored?.Sha256,
    });
  });
});

describe('the construct in somebody else’s app', () => {
  const configuration = exampleEnvironment();

  test('takes reserved concurrency when asked to', () => {
    const stack = new Stack(new App(), 'Elsewhere', { env: { account: '111122223333', region: 'eu-west-1' } });
    new Backstep(stack, 'Backstep', { configuration, reservedConcurrency: 2 }).build();
    const functions = stack.node.findAll().filter((node) => 'reservedConcurrentExecutions' in node);
    expect(functions).toHaveLength(functionNames.length);
    expect(
      functions.every((each) => 'reservedConcurrentExecutions' in each && each.reservedConcurrentExecutions === 2),
    ).toBe(true);
  });

  test('refuses a stack in another account or region than its ARNs', () => {
    const stack = new Stack(new App(), 'Wrong', { env: { account: '111122223333', region: 'us-east-1' } });
    expect(() => new Backstep(stack, 'Backstep', { configuration })).toThrow(
      'production is configured for account 111122223333 and region eu-west-1, but the stack Wrong goes to 111122223333 and us-east-1',
    );
  });
});

const refusesPlainHttp = (action: string) =>
  Match.objectLike({ Effect: 'Deny', Action: action, Condition: { Bool: { 'aws:SecureTransport': 'false' } } });

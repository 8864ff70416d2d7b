/** Backstep's alarms on itself: all of them tell somebody, and none of them rolls anything back. */
import { App, Stack } from 'aws-cdk-lib/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Backstep } from '../../lib/constructs/backstep.ts';
import { functionNames } from '../../lib/constructs/function-names.ts';
import { alarmPrefix, operationsAlarmName } from '../../lib/domain/names.ts';
import { validateAlarm } from '../../simulator/services/cloudwatch/alarm-input.ts';
import { matches } from '../../simulator/services/events/pattern.ts';
import { exampleEnvironment, exampleStack, list, only, type Resource, type Resources } from './fixture.ts';

let resources: Resources;
let own: (Resource & { readonly name: string })[];

beforeAll(async () => {
  resources = (await exampleStack()).template.Resources;
  own = Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map((resource) => ({ ...resource, name: String(resource.Properties.AlarmName) }))
    .filter(({ name }) => !name.startsWith(alarmPrefix('production')));
});

const named = (...parts: string[]): Record<string, unknown> => {
  const found = own.find(({ name }) => name === operationsAlarmName('production', ...parts));
  if (!found) throw new Error(`${parts.join('/')} is not among ${own.map(({ name }) => name).join(', ')}`);
  return found.Properties;
};

describe('every alarm on Backstep itself', () => {
  test('is named outside of what starts a rollback, for any environment', () => {
    expect(own.length).toBeGreaterThan(8);
    for (const { name } of own) expect(name).toMatch(/^backstep-production-operations\//);
    for (const environment of ['production', 'a/b', 'x-operations'])
      for (const other of ['production', 'a/b', 'x', 'x-operations'])
        expect(operationsAlarmName(other, 'executions').startsWith(alarmPrefix(environment))).toBe(false);
  });

  test('matches no rule of the stack when it goes on', () => {
    const patterns = Object.values(resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Events::Rule' && Properties.EventPattern ? [Properties.EventPattern as object] : [],
    );
    const event = (name: string) =>
      ({
        version: '0',
        id: '0',
        'detail-type': 'CloudWatch Alarm State Change',
        source: 'aws.cloudwatch',
        account: '111122223333',
        time: '2026-11-20T03:04:05Z',
        region: 'eu-west-1',
        resources: [`arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`],
        detail: { alarmName: name, state: { value: 'ALARM' } },
      }) as const;
    const hears = (name: string): boolean => patterns.some((pattern) => matches(pattern, event(name)));
    // The check can fail: the rule hears what it is made for.
    expect(hears('backstep/production/checkout/error_rate_spike')).toBe(true);
    expect(own.map(({ name }) => name).filter(hears)).toEqual([]);
  });

  test('tells the technical topic, whose policy and key let CloudWatch in', () => {
    const topic = only(resources, 'AWS::SNS::Topic', 'Technical').id;
    for (const { Properties } of own) expect(Properties.AlarmActions).toEqual([{ Ref: topic }]);
    const statements = (policy: Resource): { Principal: unknown; Action: unknown; Condition: unknown }[] =>
      ((policy.Properties.PolicyDocument ?? policy.Properties.KeyPolicy) as { Statement: [] }).Statement;
    const grants = (policy: Resource) =>
      statements(policy)
        .filter(({ Principal }) => JSON.stringify(Principal).includes('cloudwatch.amazonaws.com'))
        .flatMap(({ Action, Condition }) => list(Action).map((action) => [action, Condition]));
    const ours = { StringEquals: { 'aws:SourceAccount': '111122223333' } };
    expect(grants(only(resources, 'AWS::SNS::TopicPolicy', 'Technical'))).toEqual([['sns:Publish', ours]]);
    expect(grants(only(resources, 'AWS::KMS::Key', 'Notifications'))).toEqual([
      ['kms:Decrypt', ours],
      ['kms:GenerateDataKey*', ours],
    ]);
  });

  test('is one that CloudWatch accepts, and explains itself', () => {
    for (const { Properties } of own) {
      expect(() => validateAlarm(Properties as never)).not.toThrow();
      expect(String(Properties.AlarmDescription).length).toBeGreaterThan(40);
    }
  });
});

describe('what is watched', () => {
  test('every dead-letter queue', () => {
    const queues = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::SQS::Queue');
    const watched = own.flatMap(({ Properties }) =>
      Properties.MetricName === 'ApproximateNumberOfMessagesVisible' ? [Properties.Dimensions] : [],
    );
    expect(watched).toHaveLength(queues.length);
    for (const [id] of queues)
      expect(watched).toContainEqual([{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }]);
  });

  test.each(['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted', 'ExecutionThrottled'])('%s', (metric) => {
    expect(named('executions', metric)).toMatchObject({
      Namespace: 'AWS/States',
      MetricName: metric,
      Dimensions: [
        {
          Name: 'StateMachineArn',
          Value: { Ref: only(resources, 'AWS::StepFunctions::StateMachine', 'BackstepWorkflow').id },
        },
      ],
      Threshold: 1,
    });
  });

  test.each(['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'])(
    '%s of what takes up rollbacks',
    (metric) => {
      const { id } = only(resources, 'AWS::StepFunctions::StateMachine', 'Reaping');
      expect(named('reap', metric)).toMatchObject({
        MetricName: metric,
        Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: id } }],
      });
    },
  );

  test.each(['Errors', 'Throttles'])('%s of every function, each in one alarm', (metric) => {
    const alarms = own.filter(({ name }) => new RegExp(`/functions/[a-z0-9-]+/${metric}$`).test(name));
    const watched = alarms.flatMap(({ Properties }) =>
      (Properties.Metrics as { MetricStat?: { Metric: { Dimensions: unknown } } }[]).flatMap(({ MetricStat }) =>
        MetricStat ? [JSON.stringify(MetricStat.Metric.Dimensions)] : [],
      ),
    );
    expect(watched).toHaveLength(functionNames.length);
    for (const name of functionNames)
      expect(watched.filter((dimensions) => dimensions.includes(`Functions${name}Function`))).toHaveLength(1);
  });

  test('the silence of Sweep, by data that no longer come', () => {
    expect(named('sweep-silent')).toMatchObject({
      MetricName: 'Invocations',
      TreatMissingData: 'missing',
      InsufficientDataActions: [{ Ref: only(resources, 'AWS::SNS::Topic', 'Technical').id }],
    });
  });

  test('in somebody else’s app only queues of ours', () => {
    const stack = new Stack(new App(), 'Elsewhere', { env: { account: '111122223333', region: 'eu-west-1' } });
    const backstep = new Backstep(stack, 'Backstep', { configuration: exampleEnvironment() });
    backstep.build();
    const alarms = backstep.node.findChild('OwnAlarms').node.children.map(({ node }) => node.id);
    expect(alarms).toContain('dead-letters.AlarmDeadLetters');
  });
});

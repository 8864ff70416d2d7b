/** Alarms that publish to topics, and what keeps them from it: AWS says so in the alarm's history only. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { countExecution } from '../../../simulator/services/own-metrics.ts';
import { newAccount } from '../account.ts';

let account: SimulatedAccount;
const alarm = {
  AlarmName: 'queue',
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
  Dimensions: [{ Name: 'QueueName', Value: 'dead' }],
} as const;

beforeEach(() => {
  account = newAccount();
});

/** A message reaches the queue, and the alarm that watches it goes on. */
async function alarming(topic: string): Promise<{ told: number; history: string[] }> {
  account.cloudwatch.putAlarm({ ...alarm, Dimensions: [...alarm.Dimensions], AlarmActions: [topic] });
  account.sqs.send(account.sqs.createQueue({ name: 'dead' }).arn, 'an event');
  await account.clock.runUntil(account.clock.now() + 300_000);
  const [found] = account.cloudwatch.alarms;
  expect(found?.state.value).toBe('ALARM');
  return {
    told: account.sns.published.length,
    history: (found?.history ?? []).flatMap(({ HistoryItemType: type, HistorySummary: text }) =>
      type === 'Action' && text ? [text] : [],
    ),
  };
}

const service = (name: string, actions: string[]) => ({
  Effect: 'Allow' as const,
  Principal: { Service: name },
  Action: actions,
  Resource: '*',
});
const keyActions = ['kms:Decrypt', 'kms:GenerateDataKey*'];

describe('an alarm', () => {
  test('publishes to a plain topic, once, with its name in the subject', async () => {
    const { told, history } = await alarming(account.sns.createTopic({ name: 'people' }));
    expect([told, history]).toEqual([1, [expect.stringContaining('Successfully executed action')]]);
    expect(account.sns.published[0]?.subject).toBe('ALARM: "queue" in eu-west-1');
    expect(JSON.parse(account.sns.published[0]?.message ?? '')).toMatchObject({
      AlarmName: 'queue',
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
    });
  });

  test('cannot use SNS’s own key', async () => {
    const { told, history } = await alarming(account.sns.createTopic({ name: 'people', key: 'alias/aws/sns' }));
    expect([told, history]).toEqual([
      0,
      [expect.stringContaining('does not have authorization to access the SNS topic encryption key')],
    ]);
  });

  test.each([
    ['cloudwatch.amazonaws.com', keyActions, 1],
    ['cloudwatch.amazonaws.com', ['kms:Decrypt'], 0],
    ['events.amazonaws.com', keyActions, 0],
  ])('with a key that lets %s do %j: %i message', async (name, actions, told) => {
    const key = account.arn('kms', 'key/1');
    account.kms.createKey({ arn: key, policy: { Statement: service(name, actions) } });
    expect((await alarming(account.sns.createTopic({ name: 'people', key }))).told).toBe(told);
  });

  test.each([
    ['names CloudWatch', service('cloudwatch.amazonaws.com', ['sns:Publish']), 1],
    [
      'names CloudWatch for another account',
      {
        ...service('cloudwatch.amazonaws.com', ['sns:Publish']),
        Condition: { StringEquals: { 'aws:SourceAccount': '999999999999' } },
      },
      0,
    ],
    [
      'only insists on TLS',
      {
        Effect: 'Deny' as const,
        Principal: '*',
        Action: 'sns:Publish',
        Resource: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      0,
    ],
  ])('to a topic whose policy %s', async (_what, statement, told) => {
    const topic = account.sns.createTopic({ name: 'people' });
    account.sns.setPolicy(topic, { Statement: statement });
    const ended = await alarming(topic);
    expect(ended.told).toBe(told);
    if (told === 0) expect(ended.history[0]).toContain('is not authorized to perform: SNS:Publish on resource');
  });

  test('with an action that is not simulated is refused', () => {
    const other = {
      ...alarm,
      Dimensions: [...alarm.Dimensions],
      AlarmActions: ['arn:aws:automate:eu-west-1:ec2:stop'],
    };
    expect(() => account.cloudwatch.putAlarm(other)).toThrow('is not simulated');
  });
});

test.each([
  ['SUCCEEDED', 'ExecutionsSucceeded'],
  ['FAILED', 'ExecutionsFailed'],
  ['TIMED_OUT', 'ExecutionsTimedOut'],
  ['ABORTED', 'ExecutionsAborted'],
] as const)('an execution that ended %s counts as %s', (status, metricName) => {
  countExecution(account, 'machine', status);
  expect(account.cloudwatch.store.metrics()).toEqual([
    { namespace: 'AWS/States', metricName, dimensions: { StateMachineArn: 'machine' } },
  ]);
});

import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { AwsError } from '../../../simulator/service.ts';
import type { RuleTarget } from '../../../simulator/services/events.ts';
import { addRole, newAccount, roleArn } from '../account.ts';

let account: SimulatedAccount;
let machine: string;
let deadLetters: string;

beforeEach(() => {
  account = newAccount();
  machine = account.arn('states', 'stateMachine:rollback');
  account.states.createStateMachine({
    arn: machine,
    name: 'rollback',
    roleArn: roleArn('machine'),
    definition: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }),
  });
  addRole(account, 'events', [['states:StartExecution'], [machine]]);
  deadLetters = account.sqs.createQueue({ name: 'dead-letters' }).arn;
});

const addRule = (target: Partial<RuleTarget>) =>
  account.events.putRule({
    name: 'alarms',
    arn: account.arn('events', 'rule/alarms'),
    state: 'ENABLED',
    pattern: { source: ['aws.cloudwatch'], detail: { state: { value: ['ALARM'] } } },
    targets: [
      {
        id: 'machine',
        arn: machine,
        roleArn: roleArn('events'),
        deadLetterArn: deadLetters,
        retryPolicy: { maximumEventAgeInSeconds: 900, maximumRetryAttempts: 3 },
        inputTransformer: {
          inputPathsMap: { name: '$.detail.alarmName' },
          inputTemplate: '{"trigger":{"alarmName":<name>}}',
        },
        ...target,
      },
    ],
  });

const alarm = (value = 'ALARM') =>
  account.events.emit({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [],
    detail: { alarmName: 'backstep/production/checkout/errors', state: { value } },
  });

const pass = (seconds: number) => account.clock.runUntil(account.clock.now() + seconds * 1000);

const addSchedule = (scheduleExpression: string, state: 'ENABLED' | 'DISABLED' = 'ENABLED') =>
  account.events.putRule({
    name: 'often',
    arn: account.arn('events', 'rule/often'),
    state,
    scheduleExpression,
    targets: [{ id: 'machine', arn: machine, roleArn: roleArn('events') }],
  });

describe('a schedule', () => {
  test('comes at its rate, from about one interval after the rule was made, as AWS writes such an event', async () => {
    const beganMs = account.clock.now();
    addSchedule('rate(5 minutes)');
    await pass(4 * 60 - 1);
    expect(account.states.executions).toHaveLength(0);
    await pass(17 * 60);
    const times = account.states.executions.map(({ startMs }) => startMs);
    expect(times).toHaveLength(4);
    expect((times[0] ?? 0) - beganMs).toBeGreaterThanOrEqual(240_000);
    expect((times[0] ?? 0) - beganMs).toBeLessThanOrEqual(361_000);
    expect(times.map((time, index) => time - (times[index - 1] ?? time - 300_000))).toEqual(Array(4).fill(300_000));
    expect(JSON.parse(account.states.executions[0]?.input ?? '')).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '111122223333',
      time: expect.stringMatching(/^[-0-9]+T[:0-9]+Z$/),
      region: 'eu-west-1',
      resources: [account.arn('events', 'rule/often')],
      detail: {},
    });
  });

  test('is on no bus: other rules do not see it', async () => {
    addRule({});
    account.events.putRule({
      name: 'all',
      arn: account.arn('events', 'rule/all'),
      state: 'ENABLED',
      pattern: { source: ['aws.events'] },
      targets: [{ id: 'machine', arn: machine, roleArn: roleArn('events') }],
    });
    addSchedule('rate(1 minute)');
    await pass(150);
    expect(account.events.received.filter(({ source }) => source === 'aws.events')).toEqual([]);
    expect(new Set(account.events.delivered.map(({ rule }) => rule))).toEqual(new Set(['often']));
  });

  test('does not come while its rule is disabled, and only at the new rate once that is changed', async () => {
    addSchedule('rate(1 minute)', 'DISABLED');
    await pass(600);
    expect(account.events.delivered).toHaveLength(0);
    addSchedule('rate(1 minute)');
    addSchedule('rate(1 hour)');
    await pass(2 * 3600 + 60);
    expect(account.events.delivered).toHaveLength(2);
  });

  test('gets lost or comes twice, as any event may', async () => {
    account.faults.push((point) =>
      point.kind === 'event' && point.detailType === 'Scheduled Event' ? { deliveries: 2 } : undefined,
    );
    addSchedule('rate(1 day)');
    await pass(86_400 + 60);
    expect(account.events.delivered).toHaveLength(2);
  });
});

describe('a matching event', () => {
  test('starts the state machine half a second later with the transformed input', async () => {
    addRule({});
    alarm();
    await pass(10);
    expect(account.states.executions.map((one) => one.input)).toEqual([
      '{"trigger":{"alarmName":"backstep/production/checkout/errors"}}',
    ]);
    expect(account.events.delivered).toMatchObject([
      {
        time: '2026-11-20T03:00:00.500Z',
        rule: 'alarms',
        attempt: 1,
        result: 'delivered',
        reference: account.states.executions[0]?.arn,
      },
    ]);
    expect(account.calls).toMatchObject([
      { service: 'states', operation: 'StartExecution', principal: roleArn('events') },
    ]);
  });

  test('does nothing when it does not match, or the rule is disabled', async () => {
    addRule({});
    alarm('OK');
    await pass(10);
    expect(account.states.executions).toHaveLength(0);
    expect(account.events.received.map((event) => event.source)).toContain('aws.cloudwatch');
  });

  test('reaches topics and queues', async () => {
    const topic = account.sns.createTopic({ name: 'topic' });
    const queue = account.sqs.createQueue({ name: 'queue' }).arn;
    addRule({ arn: topic });
    alarm();
    await pass(1);
    addRule({ arn: queue });
    alarm();
    await pass(1);
    expect(account.sns.published.map((one) => one.message)).toEqual([
      '{"trigger":{"alarmName":"backstep/production/checkout/errors"}}',
    ]);
    expect(account.sqs.messages(queue)).toHaveLength(1);
  });
});

describe('delivery is at least once, and can fail', () => {
  test.each([
    [2, 2],
    [0, 0],
  ])('a fault that delivers %i times starts %i executions', async (deliveries, executions) => {
    addRule({});
    account.faults.push((point) =>
      point.kind === 'event' && point.source === 'aws.cloudwatch' ? { deliveries } : undefined,
    );
    alarm();
    await pass(10);
    expect(account.states.executions).toHaveLength(executions);
  });

  test('throttling is retried with back-off until it works', async () => {
    addRule({});
    let refusals = 2;
    account.faults.push((point) =>
      point.kind === 'call' && point.operation === 'StartExecution' && refusals-- > 0
        ? { error: new AwsError('ThrottlingException', 'Rate exceeded') }
        : undefined,
    );
    alarm();
    await pass(60);
    expect(account.events.delivered.map((one) => one.result)).toEqual(['retrying', 'retrying', 'delivered']);
    expect(account.states.executions).toHaveLength(1);
  });

  test('after the last retry the event is in the dead-letter queue, with AWS’s attributes', async () => {
    addRule({});
    account.faults.push((point) =>
      point.kind === 'call' ? { error: new AwsError('ServiceUnavailable', 'try again', { status: 503 }) } : undefined,
    );
    const event = alarm();
    await pass(600);
    expect(account.events.delivered.map((one) => one.attempt)).toEqual([1, 2, 3, 4]);
    const [message] = account.sqs.messages(deadLetters);
    expect(JSON.parse(message?.body ?? '')).toEqual(event);
    expect(message?.attributes).toEqual({
      RULE_ARN: account.arn('events', 'rule/alarms'),
      TARGET_ARN: machine,
      ERROR_CODE: 'ServiceUnavailable',
      ERROR_MESSAGE: 'try again',
      RETRY_ATTEMPTS: '3',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
  });

  test('an event that grew too old is given up even with retries left', async () => {
    addRule({ retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 185 } });
    account.faults.push((point) =>
      point.kind === 'call' ? { error: new AwsError('ServiceUnavailable', 'x', { status: 503 }) } : undefined,
    );
    alarm();
    await pass(600);
    expect(account.sqs.messages(deadLetters)[0]?.attributes.EXHAUSTED_RETRY_CONDITION).toBe('MaximumEventAgeInSeconds');
    expect(Date.parse(account.events.delivered.at(-1)?.time ?? '')).toBeLessThanOrEqual(Date.UTC(2026, 10, 20, 3, 1));
  });

  test.each<[string, Partial<RuleTarget>, string]>([
    ['a role without the permission', { roleArn: roleArn('nobody') }, 'NO_PERMISSIONS'],
    ['a function that is not there', { arn: 'arn:aws:lambda:eu-west-1:111122223333:function:none' }, 'NO_RESOURCE'],
    ['input that is no JSON', { inputTransformer: { inputTemplate: '{"a":' } }, 'INVALID_JSON'],
  ])('%s goes straight to the dead-letter queue', async (_, target, code) => {
    addRule(target);
    alarm();
    await pass(60);
    expect(account.events.delivered.map((one) => one.result)).toEqual(['dead-letter']);
    expect(account.sqs.messages(deadLetters)[0]?.attributes).toMatchObject({ ERROR_CODE: code, RETRY_ATTEMPTS: '0' });
  });

  test('without a dead-letter queue it is dropped', async () => {
    account.events.putRule({
      name: 'alarms',
      arn: account.arn('events', 'rule/alarms'),
      state: 'ENABLED',
      pattern: { source: ['aws.cloudwatch'] },
      targets: [{ id: 'machine', arn: machine, roleArn: roleArn('nobody') }],
    });
    alarm();
    await pass(60);
    expect(account.events.delivered.map((one) => one.result)).toEqual(['dropped']);
  });
});

test.each<[string, () => void, string]>([
  [
    'a cron expression',
    () => addSchedule('cron(0 20 * * ? *)'),
    'cron expressions are not simulated (cron(0 20 * * ? *))',
  ],
  ['a plural that AWS refuses', () => addSchedule('rate(1 minutes)'), 'rate(1 minutes) is no schedule'],
  ['a singular that AWS refuses', () => addSchedule('rate(5 minute)'), 'rate(5 minute) is no schedule'],
  ['a rate of nothing', () => addSchedule('rate(0 minutes)'), 'rate(0 minutes) is no schedule'],
  [
    'an unknown target',
    () => addRule({ arn: 'arn:aws:kinesis:eu-west-1:111122223333:stream/x' }),
    'Event targets of kinesis are not simulated',
  ],
  [
    'an age below a minute',
    () => addRule({ retryPolicy: { maximumEventAgeInSeconds: 30 } }),
    'event age must be 60 to 86400 s',
  ],
])('%s is refused', (_, add, message) => {
  expect(add).toThrow(message);
});

describe('PutEvents', () => {
  const put = (role: string | undefined, ...Entries: object[]) =>
    drive(account, new EventBridgeClient(clientConfig(account, role)).send(new PutEventsCommand({ Entries })));

  test('puts events on the bus, and a bad entry fails alone', async () => {
    const answer = await put(
      undefined,
      { Source: 'backstep', DetailType: 'Rollback', Detail: '{"phase":"Plan"}' },
      { Source: 'backstep', DetailType: 'Rollback', Detail: 'no json' },
      { Source: 'aws.ecs', DetailType: 'x', Detail: '{}' },
    );
    expect(answer).toMatchObject({
      FailedEntryCount: 2,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'NotAuthorizedForSourceException' },
      ],
    });
    expect(account.events.received.at(-1)).toMatchObject({
      source: 'backstep',
      detail: { phase: 'Plan' },
      account: '111122223333',
    });
  });

  test('needs the permission on the bus', async () => {
    addRole(account, 'other', [['events:PutEvents'], [account.arn('events', 'event-bus/other')]]);
    await expect(put(roleArn('other'), { Source: 'b', DetailType: 'd', Detail: '{}' })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

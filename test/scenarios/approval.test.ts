/** A person decides: questions, answers, silence, and what changed meanwhile, played through whole. */
import { describe, expect, test } from 'vitest';
import { killSwitchParameter } from '../../lib/domain/names.ts';
import { hiddenToken } from '../../simulator/scenario/collect.ts';
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { played } from '../variations.ts';
import { behaves, confirm, type ExampleConfig, play, release, type Story, start } from './shop.ts';

const untouched = { 'ecs:UpdateService': 0, 'elasticloadbalancing:ModifyRule': 0 };
const on = (taskDefinition: string) => ({ 'services.shop/checkout.taskDefinition': taskDefinition });
const succeeded = (outcome: 'verified' | 'declined' | 'observed' | 'duplicate', reason?: string) => ({
  status: 'SUCCEEDED' as const,
  outcome,
  ...(reason && { reason }),
});

const policy =
  (more: object) =>
  (config: ExampleConfig): void => {
    const { checkout } = config.environments.production.services;
    Object.assign(checkout, { policy: { bakeMinutes: 5, ...more } });
  };

/** checkout:42 is slow: its alarm is on after some twelve minutes, and asks. */
const slow: NonNullable<Story['account']> = (account) => {
  for (const { revision, behaviour } of account.taskDefinitions ?? [])
    if (revision === 42 && behaviour)
      Object.assign(behaviour, { errorRate: 0.002, latencyMs: { p50: 900, p95: 3000 } });
};

const answers = (at: string, type: 'approve' | 'decline', reason: string, by = 'ann') =>
  ({ at, type, service: 'checkout', by, reason }) as const;

const database: Pick<Story, 'config' | 'account'> = {
  config: (config) => {
    policy({})(config);
    Object.assign(config.environments.production.services.checkout, { database: { instance: 'shop-db' } });
  },
  account: (account) => {
    account.databases = { instances: [{ id: 'shop-db', engine: 'postgres', multiAz: true, snapshotSeconds: 60 }] };
  },
};

const asked = { account: slow, events: [release('PT3M')] };

const stories: Story[] = [
  {
    name: 'given a slow release, when a person says yes, then it is rolled back, and the report says who and why',
    ...asked,
    config: policy({}),
    events: [release('PT3M'), answers('PT25M', 'approve', 'customers complain')],
    until: 'PT1H',
    expect: {
      executions: [succeeded('verified')],
      timeline: [
        { kind: 'plan.ready', message: 'A person is asked. Planned: checkout goes back to v2.14.3' },
        { kind: 'approval.requested', message: 'Asked on_call_engineer (oncall@example.com), until 2026-01-15T11:' },
        { kind: 'approval.approved', message: 'assumed-role/backstep-approvers/ann at' },
        { kind: 'action.applied' },
        { kind: 'reported' },
      ],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1, 'kms:Encrypt': 1, 'kms:Decrypt': 1, 'states:SendTaskSuccess': 1 },
    },
  },
  {
    name: 'given a slow release, when a person says no, then nothing is changed, and the report says who and why',
    ...asked,
    events: [release('PT3M'), answers('PT25M', 'decline', 'a fix is on its way', 'bob')],
    until: 'PT40M',
    expect: {
      executions: [succeeded('declined', 'backstep-approvers/bob at 2026-01-15T10:25:00')],
      timeline: [{ kind: 'approval.declined', message: '"a fix is on its way"' }, { kind: 'reported' }],
      account: on('checkout:42'),
      calls: untouched,
    },
  },
  {
    name: 'given a slow release, when nobody answers, then nothing is changed: that is the default',
    ...asked,
    config: policy({ approvalMinutes: 10 }),
    until: 'PT40M',
    expect: {
      executions: [succeeded('declined', 'That means no (policy.approvalDefault is "decline").')],
      timeline: [{ kind: 'approval.requested' }, { kind: 'approval.expired' }, { kind: 'notification.sent' }],
      account: on('checkout:42'),
      calls: untouched,
    },
  },
  {
    variation: true,
    name: 'given a policy that takes silence for yes, when nobody answers, then it is rolled back',
    ...asked,
    config: policy({ approvalMinutes: 10, approvalDefault: 'approve' }),
    until: 'PT1H',
    expect: {
      executions: [succeeded('verified')],
      timeline: [{ kind: 'approval.expired', message: 'That means yes' }, { kind: 'action.applied' }],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1, 'kms:Decrypt': 0 },
    },
  },
  {
    name: 'given a question that has expired, when a person says yes, then that is too late and changes nothing',
    ...asked,
    config: policy({ approvalMinutes: 10 }),
    events: [release('PT3M'), answers('PT45M', 'approve', 'now I am awake')],
    until: 'PT50M',
    expect: {
      executions: [succeeded('declined', 'Nobody answered until')],
      account: on('checkout:42'),
      calls: { ...untouched, 'kms:Decrypt': 0 },
    },
  },
  {
    variation: true,
    name: 'given two people who answer, when the first says no, then the yes of the second changes nothing',
    ...asked,
    events: [
      release('PT3M'),
      answers('PT25M', 'decline', 'no', 'bob'),
      answers('PT25M1S', 'approve', 'yes'),
      answers('PT26M', 'approve', 'yes, I said'),
    ],
    until: 'PT40M',
    expect: {
      executions: [succeeded('declined', 'backstep-approvers/bob')],
      account: on('checkout:42'),
      calls: untouched,
    },
  },
  // ------------------------------------------------------------ meanwhile
  {
    name: 'given a question that waits, when an alarm that rolls back by itself goes on, then it overtakes, and the yes finds another service',
    ...asked,
    config: policy({}),
    events: [
      release('PT3M'),
      behaves('PT20M', 'checkout:42', { errorRate: 0.4, latencyMs: { p50: 900, p95: 3000 } }),
      answers('PT40M', 'approve', 'go'),
    ],
    until: 'PT50M',
    expect: {
      timeline: [
        { kind: 'approval.requested' },
        { kind: 'admitted', message: 'availability_drop rolls back by itself' },
        { kind: 'approval.approved' },
        { kind: 'observed', message: 'main runs checkout:41' },
      ],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  {
    variation: true,
    name: 'given a question that waits, when somebody deploys the fix, then a yes changes nothing and says what is there now',
    ...asked,
    events: [release('PT3M'), release('PT20M', 'checkout:40'), answers('PT25M', 'approve', 'go')],
    until: 'PT40M',
    expect: {
      executions: [
        succeeded('observed', 'main runs checkout:40 since 2026-01-15T10:20:00.000Z, planned on checkout:42'),
      ],
      account: on('checkout:40'),
      calls: { 'ecs:UpdateService': 0 },
    },
  },
  {
    variation: true,
    name: 'given a question that waits, when the kill switch is flipped, then a yes is declined',
    ...asked,
    events: [
      release('PT3M'),
      { at: 'PT20M', type: 'parameter', name: killSwitchParameter('production'), value: 'on: migration, ask Ann' },
      answers('PT25M', 'approve', 'go'),
    ],
    until: 'PT40M',
    expect: {
      executions: [succeeded('declined', '"go". The kill switch /backstep/production/kill-switch is on since')],
      account: on('checkout:42'),
      calls: untouched,
    },
  },
  {
    variation: true,
    name: 'given a question that waits, when its execution is stopped, then the next alarm asks anew',
    ...asked,
    config: policy({}),
    events: [
      release('PT3M'),
      { at: 'PT20M', type: 'stop' },
      { at: 'PT22M', type: 'alarm', name: 'backstep/production/checkout/response_time_degradation', state: 'OK' },
      answers('PT35M', 'approve', 'go'),
    ],
    until: 'PT1H',
    expect: {
      timeline: [
        { kind: 'approval.requested' },
        { kind: 'approval.requested' },
        { kind: 'approval.approved' },
        { kind: 'verify.verified' },
      ],
      account: on('checkout:41'),
    },
  },
];

stories.push(
  // ------------------------------------------------------------ Plan's own reasons
  {
    name: 'given an alarm that rolls back by itself, when a deployment begins before the plan is made, then it may be the fix: a person is asked, without the lock',
    config: policy({ approvalMinutes: 10 }),
    events: [
      release('PT3M'),
      { at: 'PT3M', type: 'fault', on: { invocation: 'FunctionsPlan' }, effect: { latency: 'PT20S' }, count: 1 },
      release('PT6M15S', 'checkout:40'),
    ],
    until: 'PT40M',
    expect: {
      timeline: [
        { kind: 'admitted', message: 'rolls back by itself' },
        { kind: 'plan.ready', message: 'it may be the fix. A person is asked.' },
        { kind: 'approval.requested' },
        { kind: 'approval.expired' },
      ],
      account: on('checkout:40'),
      calls: { 'ecs:UpdateService': 0 },
    },
  },
  {
    name: 'given a database whose migrations nobody has looked at, when the alarm rolls back by itself, then a person is asked, and a yes rolls back',
    ...database,
    events: [release('PT3M'), answers('PT9M', 'approve', 'no migration in this one')],
    until: 'PT50M',
    expect: {
      executions: [succeeded('verified'), succeeded('duplicate')],
      timeline: [
        { kind: 'approval.requested', message: 'nobody has looked at the migrations since the target' },
        { kind: 'joined' },
        { kind: 'approval.approved', message: '"no migration in this one"' },
        { kind: 'action.applied' },
      ],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1, 'rds:CreateDBSnapshot': 1 },
    },
  },
  {
    variation: true,
    name: 'given such a database, when a person starts with the phrase, then they are asked all the same',
    ...database,
    events: [
      release('PT3M'),
      start('PT4M', { service: 'checkout', confirm }),
      answers('PT5M', 'decline', 'there is one: it drops a column'),
    ],
    until: 'PT6M',
    expect: { executions: [succeeded('declined', 'drops a column')], account: on('checkout:42'), calls: untouched },
  },
);

test.each(played(stories))(
  '$name',
  async (story) => {
    const { document } = await play(story);
    expect(document.failures).toEqual([]);
  },
  60_000,
);

describe('the task token', () => {
  test('is nowhere but in the history of Step Functions, where KMS cannot reach', async () => {
    const run = await play(stories[0] as Story);
    const [token = ''] = tokensIn(run);
    expect(token.length).toBeGreaterThan(600);
    const { account, document } = run;
    expect(JSON.stringify(document)).toContain(hiddenToken);
    const places: [string, unknown][] = [
      ['the run document', document],
      ['notifications', account.sns.published],
      ['logs', account.lambda.logs],
      ['bus events', account.events.received],
      ['the table', account.dynamodb.tables.map((table) => account.dynamodb.items(table))],
      ...account.s3.buckets.flatMap((bucket) =>
        account.s3.list(bucket).map(({ key, body }): [string, unknown] => [key, Buffer.from(body).toString('utf8')]),
      ),
    ];
    expect(places.length).toBeGreaterThan(12);
    expect(
      places.filter(([, what]) => JSON.stringify(what).includes(token.slice(0, 60))).map(([place]) => place),
    ).toEqual([]);
    // What the test looks for is there to be found: in the task's input.
    expect(historiesOf(run)).toContain(token);
  }, 60_000);
});

test('who and why stands in the report, in words and as a section of its own', async () => {
  const { account } = await play(stories[0] as Story);
  const report = account.s3.buckets
    .flatMap((bucket) => account.s3.list(bucket))
    .find(({ key }) => key.endsWith('/report.md'));
  const text = Buffer.from(report?.body ?? '').toString('utf8');
  expect(text).toContain('## Approval');
  expect(text).toMatch(
    /Answer \| Approved by arn:aws:sts::111122223333:assumed-role\/backstep-approvers\/ann at .*"customers complain"/,
  );
}, 60_000);

test('ten alarms that ask put one question, and all belong to it', async () => {
  const run = await play({
    ...(stories[2] as Story),
    name: 'ten alarms at once',
    events: [release('PT3M'), ...Array.from({ length: 9 }, () => askingAlarm('PT20M'))],
    expect: {},
  });
  const ends = run.document.executions.map((execution) => summaryOf(execution).outcome).sort();
  expect(ends).toEqual(['declined', ...Array.from({ length: 9 }, () => 'duplicate')]);
  const kinds = run.document.timeline.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'approval.requested')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'joined')).toHaveLength(9);
}, 60_000);

/** The alarm of the slow release once more, as an event delivered late and twice would start it. */
const askingAlarm = (at: string) => {
  const alarmName = 'backstep/production/checkout/response_time_degradation';
  const alarmArn = `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${alarmName}`;
  const trigger = { alarmName, alarmArn, state: 'ALARM', time: '2026-01-15T10:16:00Z', eventId: 'again' };
  return { at, type: 'start', input: { trigger } } as const;
};

/** Task tokens that Step Functions has handed out. */
const historiesOf = ({ account }: FinishedRun): string =>
  JSON.stringify(account.states.executions.map(({ history }) => history));

function tokensIn(run: FinishedRun): string[] {
  return [...new Set(historiesOf(run).match(/AAAAKgAAAAIA[\w+/=]{600,}/g) ?? [])];
}

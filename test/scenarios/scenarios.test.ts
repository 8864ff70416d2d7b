/** Whole rollbacks in a simulated account: the synthesized stack, the bundled Lambdas, and what the account then looks like. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { behaves, confirm, examples, play, playFile, release, type Story, start } from './shop.ts';

const untouched = { 'ecs:UpdateService': 0, 'elasticloadbalancing:ModifyRule': 0 };
const on = (taskDefinition: string) => ({ 'services.shop/checkout.taskDefinition': taskDefinition });
const failing = { errorRate: 0.3 };

const stories: Story[] = [
  // ------------------------------------------------------------ is a rollback the cure?
  {
    name: 'given a release of six days ago, when a third of the requests fails, then nothing is rolled back, and people are told',
    events: [behaves('PT10M', 'checkout:41', failing)],
    until: 'PT40M',
    expect: { executions: [{ outcome: 'observed', reason: 'release' }], account: on('checkout:41'), calls: untouched },
  },
  {
    name: 'given a release of two minutes ago, when a third of the requests fails, then it is rolled back',
    events: [release('PT8M'), behaves('PT10M', 'checkout:42', failing)],
    account: (account) => {
      for (const definition of account.taskDefinitions ?? []) definition.behaviour = { errorRate: 0.002 };
    },
    until: 'PT1H',
    expect: { executions: [{ outcome: 'verified' }], account: on('checkout:41'), calls: { 'ecs:UpdateService': 1 } },
  },
  // ------------------------------------------------------------ started by a person
  {
    name: 'given a bad release, when a person starts a dry run, then it ends ready with a plan, and nothing changes',
    events: [release('PT3M'), start('PT5M', { service: 'checkout', dryRun: true })],
    until: 'PT6M',
    expect: {
      executions: [{ service: 'checkout', status: 'SUCCEEDED', outcome: 'ready' }],
      timeline: [{ kind: 'plan.ready' }],
      account: on('checkout:42'),
      calls: untouched,
    },
  },
  {
    name: 'given a bad release in production, when a person starts without the phrase, then it ends ready, and says what to start',
    events: [release('PT3M'), start('PT5M', { service: 'checkout' })],
    until: 'PT6M',
    expect: { executions: [{ status: 'SUCCEEDED', outcome: 'ready' }], account: on('checkout:42'), calls: untouched },
  },
  {
    name: 'given a bad release in production, when a person starts with the phrase, then it is rolled back',
    events: [release('PT3M'), start('PT5M', { service: 'checkout', confirm })],
    until: 'PT1H',
    expect: { executions: [{ outcome: 'verified' }], account: on('checkout:41'), calls: { 'ecs:UpdateService': 1 } },
  },
  {
    name: 'given a bad release in production, when a person starts with the wrong phrase, then the input is refused',
    events: [release('PT3M'), start('PT5M', { service: 'checkout', confirm: 'rollback' })],
    until: 'PT6M',
    expect: { executions: [{ status: 'FAILED', error: 'InvalidInput', reason: confirm }], calls: untouched },
  },
  {
    name: 'given a service on the release wanted, when a person starts a rollback to it, then nothing is to be done',
    events: [start('PT5M', { service: 'checkout', version: 'v2.14.3', confirm })],
    until: 'PT6M',
    expect: {
      executions: [{ status: 'SUCCEEDED', outcome: 'already-at-target' }],
      account: on('checkout:41'),
      calls: untouched,
    },
  },
  ...(
    [
      ['a service that is not protected', { service: 'chekout' }, 'checkout'],
      ['a field that does not exist', { service: 'checkout', dryrun: true }, 'dryRun'],
      ['a number where words belong', { service: 'checkout', version: 41 }, 'version'],
      ['a list', ['checkout'], 'service'],
      ['nothing', {}, 'service'],
    ] as const
  ).map(
    ([what, input, reason]): Story => ({
      name: `given a console, when a person starts with ${what}, then it fails at once and names ${reason}`,
      events: [{ at: 'PT5M', type: 'start', input: input as never }],
      until: 'PT6M',
      expect: {
        executions: [{ status: 'FAILED', error: 'InvalidInput', reason }],
        calls: { ...untouched, 'dynamodb:PutItem': 0 },
      },
    }),
  ),
  {
    name: 'given a console, when a person types something that is not JSON, then AWS refuses to start',
    events: [{ at: 'PT5M', type: 'start', inputText: '{"service": ' }],
    until: 'PT6M',
    expect: { executions: [] },
  },
  // ------------------------------------------------------------ storms
  {
    name: "given a bad release, when the alarm's event is delivered twice, then one execution rolls back, and the other joins it",
    events: [
      release('PT3M'),
      { at: 'PT4M', type: 'fault', on: { event: 'CloudWatch Alarm State Change' }, effect: { duplicate: 2 } },
    ],
    until: 'PT1H',
    expect: {
      executions: [{ outcome: 'verified' }, { status: 'SUCCEEDED', outcome: 'duplicate' }],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  // ------------------------------------------------------------ what stops a rollback
  {
    name: 'given a target release whose tasks never become healthy any more, when the alarm starts a rollback to it, then it halts, keeps what still serves, and calls a person',
    events: [release('PT3M'), behaves('PT6M', 'checkout:41', { healthy: false })],
    until: 'PT1H',
    expect: {
      executions: [{ status: 'FAILED', outcome: 'halted', error: 'halted' }],
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  {
    name: 'given a service with a database, when the alarm starts a rollback, then it is blocked, because nothing protects the database yet',
    config: (config) => {
      config.environments.production.services.checkout.database = { instance: 'shop-db' };
    },
    events: [release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [{ status: 'SUCCEEDED', outcome: 'blocked', reason: 'database' }],
      account: on('checkout:42'),
      calls: untouched,
    },
  },
  // ------------------------------------------------------------ faults
  {
    name: 'given a throttled UpdateService, when the alarm starts a rollback, then the call is repeated, and the rollback verified',
    events: [
      release('PT3M'),
      {
        at: 'PT4M',
        type: 'fault',
        on: { call: 'ecs:UpdateService' },
        effect: { error: { code: 'ThrottlingException', message: 'Rate exceeded' } },
        count: 2,
      },
    ],
    until: 'PT1H',
    expect: { executions: [{ outcome: 'verified' }], account: on('checkout:41'), calls: { 'ecs:UpdateService': 3 } },
  },
  {
    name: 'given an UpdateService whose answer is lost, when the alarm starts a rollback, then the rollback is verified all the same',
    events: [
      release('PT3M'),
      { at: 'PT4M', type: 'fault', on: { call: 'ecs:UpdateService' }, effect: { lost: true }, count: 1 },
    ],
    until: 'PT1H',
    expect: { executions: [{ outcome: 'verified' }], account: on('checkout:41') },
  },
  {
    name: 'given a role without ecs:UpdateService, when the alarm starts a rollback, then it needs attention, and the failed execution names the call',
    events: [
      { at: 'PT1M', type: 'removePermission', function: 'RevertService', action: 'ecs:UpdateService' },
      release('PT3M'),
    ],
    until: 'PT30M',
    expect: {
      executions: [{ status: 'FAILED', error: 'needs-attention', reason: 'AccessDenied' }],
      account: on('checkout:42'),
    },
  },
];

describe.each([
  ['one side', join(examples.oneSide, 'scenario.json')],
  ['two sides', join(examples.twoSides, 'scenario.json')],
])('the example with %s', (_what, file) => {
  test('goes as it says', async () => {
    const { document } = await playFile(file);
    expect(document.failures).toEqual([]);
  });
});

test.each(stories)('$name', async (story) => {
  const { document } = await play(story);
  expect(document.failures).toEqual([]);
});

/** Whole rollbacks in a simulated account: the synthesized stack, the bundled Lambdas, and what the account then looks like. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { minutesOf } from '../../bin/commands/demo/traffic.ts';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { played, variation } from '../variations.ts';
import {
  availabilityAlarm,
  behaves,
  confirm,
  examples,
  hostsAlarm,
  play,
  playFile,
  release,
  type Story,
  start,
} from './shop.ts';

const untouched = { 'ecs:UpdateService': 0, 'elasticloadbalancing:ModifyRule': 0 };
const on = (taskDefinition: string) => ({ 'services.shop/checkout.taskDefinition': taskDefinition });
const failing = { errorRate: 0.3 };
/** A third of failed requests raises a second alarm about a minute after the first. */
const joined = { status: 'SUCCEEDED', outcome: 'duplicate' } as const;
const verified = { service: 'checkout', status: 'SUCCEEDED', outcome: 'verified' } as const;

const stories: Story[] = [
  // ------------------------------------------------------------ is a rollback the cure?
  {
    name: 'given a release of six days ago, when a third of the requests fails, then nothing is rolled back, and people are told',
    events: [behaves('PT10M', 'checkout:41', failing)],
    until: 'PT40M',
    expect: {
      executions: [
        { outcome: 'observed', reason: 'began 6 days before' },
        { outcome: 'observed', reason: 'began 6 days before' },
      ],
      timeline: [{ kind: 'observed' }, { kind: 'notification.sent', message: 'Told technical' }],
      account: on('checkout:41'),
      calls: untouched,
    },
  },
  {
    name: 'given a release of two minutes ago, when a third of the requests fails, then it is rolled back',
    events: [release('PT8M'), behaves('PT10M', 'checkout:42', failing)],
    account: (account) => {
      for (const definition of account.taskDefinitions ?? []) definition.behaviour = { errorRate: 0.002 };
    },
    until: 'PT1H',
    expect: { executions: [verified, joined], account: on('checkout:41'), calls: { 'ecs:UpdateService': 1 } },
  },
  {
    name: 'given a slow release, when the alarm asks a person, then the question is put and nothing is changed',
    account: (account) => {
      for (const { revision, behaviour } of account.taskDefinitions ?? [])
        if (revision === 42 && behaviour)
          Object.assign(behaviour, { errorRate: 0.002, latencyMs: { p50: 900, p95: 3000 } });
    },
    events: [release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [{ status: 'RUNNING' }],
      timeline: [{ kind: 'plan.ready' }, { kind: 'approval.requested', message: 'auto_execute is false' }],
      account: on('checkout:42'),
      calls: untouched,
    },
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
    expect: { executions: [verified, joined, joined], account: on('checkout:41'), calls: { 'ecs:UpdateService': 1 } },
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
      ['a list', ['checkout'], 'a JSON object'],
      ['nothing', {}, 'service'],
    ] as const
  ).map(
    ([what, input, reason]): Story => ({
      name: `given a console, when a person starts with ${what}, then it fails at once and names ${reason}`,
      events: [{ at: 'PT5M', type: 'start', input: input as never }],
      until: 'PT6M',
      expect: {
        executions: [{ status: 'FAILED', error: 'InvalidInput', reason }],
        timeline: [],
        // The one item is the installation's: no lock is taken.
        calls: { ...untouched, 'dynamodb:PutItem': 1 },
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
    name: "given a bad release, when the alarm's event is delivered twice, then one execution rolls back, and the others join it",
    events: [
      release('PT3M'),
      { at: 'PT4M', type: 'fault', on: { event: 'CloudWatch Alarm State Change' }, effect: { duplicate: 2 } },
    ],
    until: 'PT1H',
    expect: {
      executions: [verified, joined, joined, joined],
      timeline: [{ kind: 'admitted' }, { kind: 'joined' }],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  {
    variation: true,
    name: 'given a bad release, when two alarms go on in the same second, then one of them rolls back',
    events: [
      release('PT3M'),
      ...[availabilityAlarm, hostsAlarm].map((name) => ({ at: 'PT5M', type: 'alarm', name }) as const),
    ],
    until: 'PT1H',
    expect: {
      // Their next evaluation finds them off, and the ones after that on again: each joins once more.
      executions: [verified, joined, joined, joined],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  // ------------------------------------------------------------ what stops a rollback
  {
    name: 'given a target release whose tasks never become healthy any more, when the alarm starts a rollback to it, then it halts, goes back to what still serves, and calls a person',
    events: [release('PT3M'), behaves('PT6M', 'checkout:41', { healthy: false })],
    until: 'PT1H',
    expect: {
      executions: [
        {
          status: 'FAILED',
          outcome: 'halted',
          error: 'halted',
          reason: 'runs checkout:42 with 3 of 3 tasks, 3 healthy',
        },
        { status: 'SUCCEEDED', outcome: 'duplicate' },
      ],
      account: on('checkout:42'),
      timeline: [
        { kind: 'check.failed' },
        { kind: 'undo.begun', message: 'tasks still serve' },
        { kind: 'compensated' },
      ],
      calls: { 'ecs:UpdateService': 2 },
    },
  },
  {
    name: "given ECS's circuit breaker on the service, when the target release crashes, then ECS takes it back, and the rollback halts without fighting that",
    account: (account) => {
      for (const service of account.services ?? []) service.circuitBreaker = { enable: true, rollback: true };
    },
    events: [release('PT3M'), behaves('PT6M', 'checkout:41', { crashAfterSeconds: 1 })],
    until: 'PT40M',
    expect: {
      executions: [{ status: 'FAILED', outcome: 'halted', reason: 'checkout:42' }, { status: 'SUCCEEDED' }],
      account: on('checkout:42'),
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  {
    name: 'given a rollback under way, when a person stops it and later starts another, then nothing is left to do',
    events: [
      release('PT3M'),
      { at: 'PT6M30S', type: 'stop', cause: 'I will do it' },
      start('PT20M', { service: 'checkout', version: 'v2.14.3', confirm }),
    ],
    until: 'PT21M',
    expect: {
      executions: [
        { status: 'ABORTED', reason: 'I will do it' },
        { outcome: 'observed' },
        { status: 'SUCCEEDED', outcome: 'already-at-target' },
      ],
      account: on('checkout:41'),
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  // ------------------------------------------------------------ faults
  {
    variation: true,
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
    expect: { executions: [verified, joined], account: on('checkout:41'), calls: { 'ecs:UpdateService': 3 } },
  },
  {
    variation: true,
    name: 'given an UpdateService whose answer is lost, when the alarm starts a rollback, then the rollback is verified all the same',
    events: [
      release('PT3M'),
      { at: 'PT4M', type: 'fault', on: { call: 'ecs:UpdateService' }, effect: { lost: true }, count: 1 },
    ],
    until: 'PT1H',
    expect: { executions: [verified, joined], account: on('checkout:41'), calls: { 'ecs:UpdateService': 2 } },
  },
  {
    name: 'given a role without ecs:UpdateService, when the alarm starts a rollback, then it needs attention, and the failed execution names the call',
    events: [
      { at: 'PT1M', type: 'removePermission', function: 'RevertService', action: 'ecs:UpdateService' },
      release('PT3M'),
    ],
    until: 'PT30M',
    expect: {
      executions: [
        {
          status: 'FAILED',
          error: 'needs-attention',
          reason: 'is not authorized to perform: ecs:UpdateService on resource',
        },
        { status: 'SUCCEEDED', outcome: 'observed' },
      ],
      account: on('checkout:42'),
      // It cannot succeed however often it is repeated.
      calls: { 'ecs:UpdateService': 1 },
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

test.each(played(stories))('$name', async (story) => {
  const { document } = await play(story);
  expect(document.failures).toEqual([]);
});

test('given a bad release rolled back, when a customer looks, then the error rate is what it was before', async () => {
  const run = await playFile(join(examples.oneSide, 'scenario.json'));
  const rates = await errorRates(run);
  expect(rates.slice(0, 2)).toEqual([0.2, 0.2].map((rate) => expect.closeTo(rate, 0)));
  expect(Math.max(...rates.slice(3, 7))).toBeCloseTo(30, 0);
  expect(Math.max(...rates.slice(8))).toBeLessThan(0.5);
});

test('given the same seed, when a scenario runs twice, then the documents are the same byte for byte', async () => {
  const [first, second] = [await play(chancy, 7), await play(chancy, 7)];
  expect(JSON.stringify(second.document)).toBe(JSON.stringify(first.document));
  expect(first.document.executions.length).toBeGreaterThan(0);
});

variation('given another seed, when it runs, then chance falls otherwise', async () => {
  const [first, second] = [await play(chancy, 7), await play(chancy, 8)];
  expect(second.document.calls).not.toEqual(first.document.calls);
});

/** One call in twelve fails, so the run is full of chance. */
const chancy: Story = {
  name: 'given calls that fail now and then, when a bad release goes out, then the same seed gives the same run',
  events: [
    release('PT3M'),
    ...['dynamodb:*', 'ecs:*', 's3:*', 'cloudwatch:*'].map(
      (call) =>
        ({
          at: 'PT3M',
          type: 'fault',
          on: { call },
          effect: { error: { code: 'ThrottlingException', message: 'Rate exceeded' }, latency: 'PT0.3S' },
          probability: 0.08,
        }) as const,
    ),
  ],
  until: 'PT45M',
  expect: {},
};

/** Percent of failed requests per minute of the run, as the load balancer counts them. */
async function errorRates(run: FinishedRun): Promise<number[]> {
  const rows = await minutesOf(run, run.startMs, run.endMs - 60_000);
  return rows.map(({ requests, errors }) => (100 * (errors ?? Number.NaN)) / (requests ?? Number.NaN));
}

/** What Admit decides, played through whole: which alarms roll back, which ask, which are only told of. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { killSwitchParameter } from '../../lib/domain/names.ts';
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import { loadScenario, parseScenario } from '../../simulator/scenario/parse.ts';
import { type FinishedRun, runScenario } from '../../simulator/scenario/run.ts';
import { everyStory, played, variation } from '../variations.ts';
import { fleetAccount, fleetConfiguration, fleetNames } from './fleet.ts';
import { behaves, confirm, errorAlarm, examples, play, release, type Story, start } from './shop.ts';

const untouched = { 'ecs:UpdateService': 0, 'elasticloadbalancing:ModifyRule': 0 };
const failing = { errorRate: 0.3 };
const verified = { status: 'SUCCEEDED', outcome: 'verified' } as const;
const rule =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee';
const group = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-${name === 'blue' ? 'blue/73e2d6bc24d8a067' : 'green/09966783158cda59'}`;
const weights = (at: string, blue: number, green: number) =>
  ({ at, type: 'weights', rule, weights: { [group('blue')]: blue, [group('green')]: green } }) as const;
const flip = (at: string, value: string, service?: string) =>
  ({ at, type: 'parameter', name: killSwitchParameter('production', service), value }) as const;
const observed = (reason: string) => ({ status: 'SUCCEEDED', outcome: 'observed', reason }) as const;
const declined = (reason: string) => ({ status: 'SUCCEEDED', outcome: 'declined', reason }) as const;

const outcomes = ({ document }: FinishedRun) => document.executions.map((execution) => summaryOf(execution));

const stories: Story[] = [
  // ------------------------------------------------------------ before the release
  {
    name: 'given a service in trouble, when a release comes in the middle of it, then nothing is rolled back: it was bad before',
    account: (account) => {
      for (const { revision, behaviour } of account.taskDefinitions ?? [])
        if (revision === 42 && behaviour) behaviour.errorRate = 0.3;
    },
    events: [behaves('PT5M', 'checkout:41', failing), release('PT7M30S')],
    until: 'PT20M',
    expect: {
      executions: [observed('it was bad before'), observed('it was bad before')],
      account: { 'services.shop/checkout.taskDefinition': 'checkout:42' },
      calls: untouched,
    },
  },
  // ------------------------------------------------------------ old and new side by side
  {
    name: 'given a released green beside blue, when both fail alike, then nothing is moved: the release is not the cause',
    example: examples.twoSides,
    events: [
      release('PT2M', 'checkout:42', 'checkout-green'),
      behaves('PT2M', 'checkout:42', { errorRate: 0.002 }),
      weights('PT6M', 50, 50),
      behaves('PT12M', 'checkout:41', failing),
      behaves('PT12M', 'checkout:42', failing),
    ],
    until: 'PT25M',
    expect: { calls: untouched },
  },
  {
    name: 'given a released green beside blue, when green alone fails, then the traffic moves to blue',
    example: examples.twoSides,
    events: [release('PT2M', 'checkout:42', 'checkout-green'), weights('PT6M', 50, 50)],
    until: 'PT45M',
    expect: { executions: [verified, { outcome: 'duplicate' }], calls: { 'elasticloadbalancing:ModifyRule': 1 } },
  },
  {
    variation: true,
    name: 'given a released green that drags blue along, when blue’s alarm is on first, then the traffic moves to blue all the same',
    example: examples.twoSides,
    events: [
      release('PT2M', 'checkout:42', 'checkout-green'),
      behaves('PT2M', 'checkout:42', { errorRate: 0.002 }),
      weights('PT6M', 50, 50),
      behaves('PT11M', 'checkout:41', { errorRate: 0.12 }),
      behaves('PT12M', 'checkout:42', { errorRate: 0.6 }),
    ],
    until: 'PT16M',
    expect: {
      timeline: [
        { kind: 'observed', message: 'availability_drop/blue' },
        { kind: 'admitted', message: 'But the one with the release is the worse one' },
      ],
      calls: { 'elasticloadbalancing:ModifyRule': 1 },
    },
  },
  {
    variation: true,
    name: 'given hardly any traffic, when a released green fails a little more than blue, then a person decides',
    example: examples.twoSides,
    account: (account) => {
      for (const traffic of account.traffic ?? [])
        Object.assign(traffic, { requestsPerSecond: 50 / 60, stickyShare: 0 });
    },
    events: [
      release('PT2M', 'checkout:42', 'checkout-green'),
      behaves('PT2M', 'checkout:42', { errorRate: 0.04 }),
      weights('PT6M', 50, 50),
    ],
    until: 'PT20M',
    expect: {
      executions: [{ status: 'RUNNING' }],
      timeline: [
        { kind: 'plan.ready', message: 'does not prove the new release worse' },
        { kind: 'approval.requested' },
      ],
      calls: untouched,
    },
  },
  {
    name: 'given 30 requests a minute, when one of them fails after a release, then no alarm goes on',
    account: (account) => {
      for (const traffic of account.traffic ?? []) traffic.requestsPerSecond = 0.5;
      for (const { behaviour } of account.taskDefinitions ?? []) if (behaviour) behaviour.errorRate = 0;
    },
    events: [
      release('PT3M'),
      behaves('PT10M', 'checkout:42', { errorRate: 1 / 30 }),
      behaves('PT11M', 'checkout:42', { errorRate: 0 }),
    ],
    until: 'PT30M',
    expect: { executions: [], calls: untouched },
  },
  // ------------------------------------------------------------ kill switch
  {
    name: 'given the kill switch, when a bad release raises alarms, then they are declined, with the reason; a person may start',
    events: [
      flip('PT1M', 'on: migration until noon, ask Ann'),
      release('PT3M'),
      start('PT12M', { service: 'checkout', confirm }),
    ],
    until: 'PT1H',
    expect: {
      executions: [declined('"migration until noon, ask Ann"'), declined('is on since'), verified],
      timeline: [
        { kind: 'declined', message: 'A person may still start one by hand' },
        { kind: 'notification.sent' },
        { kind: 'admitted', message: 'Warning: The kill switch' },
      ],
      account: { 'services.shop/checkout.taskDefinition': 'checkout:41' },
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  {
    variation: true,
    name: 'given the kill switch of another service, when a bad release raises alarms, then it is rolled back',
    events: [flip('PT1M', 'on', 'search'), release('PT3M')],
    until: 'PT1H',
    expect: { executions: [verified, { outcome: 'duplicate' }] },
  },
  {
    variation: true,
    name: 'given the kill switch of the service, when a bad release raises alarms, then they are declined',
    events: [flip('PT1M', 'on', 'checkout'), release('PT3M')],
    until: 'PT12M',
    expect: { executions: [declined('kill-switch/checkout'), declined('kill-switch/checkout')], calls: untouched },
  },
  {
    name: 'given a kill switch that cannot be read, when a bad release raises alarms, then they are declined, and a person goes on',
    events: [
      { at: 'PT1M', type: 'removePermission', function: 'Admit', action: 'ssm:GetParameters' },
      release('PT3M'),
      start('PT12M', { service: 'checkout', confirm }),
    ],
    until: 'PT1H',
    expect: {
      executions: [declined('cannot be read (AccessDenied'), declined('cannot be read'), verified],
      timeline: [{ kind: 'admitted', message: 'Warning: The kill switch cannot be read' }],
    },
  },
  {
    variation: true,
    name: 'given a person who starts although the kill switch is on, when it is on all the time, then the rollback is carried out',
    events: [flip('PT1M', 'on'), release('PT3M'), start('PT4M', { service: 'checkout', confirm })],
    until: 'PT1H',
    expect: {
      executions: [verified, declined('is on since')],
      // The release is still being deployed: ECS is told to go back.
      calls: { 'ecs:UpdateService': 0, 'ecs:StopServiceDeployment': 1 },
    },
  },
  {
    variation: true,
    name: 'given a rollback of two steps, when the kill switch is flipped during the first, then that is finished and the second is not begun',
    example: examples.twoSides,
    events: [
      release('PT2M', 'checkout:42', 'checkout-green'),
      release('PT4M', 'checkout:40', 'checkout-blue'),
      weights('PT6M', 0, 100),
      flip('PT9M20S', 'on: I want to look at it'),
    ],
    until: 'PT20M',
    expect: {
      executions: [
        {
          status: 'FAILED',
          error: 'halted',
          outcome: 'halted',
          reason: 'Halted before ShiftTraffic. Nothing was undone.',
        },
        declined('is on since'),
      ],
      account: { 'services.shop/checkout-blue': { taskDefinition: 'checkout:41', rolloutState: 'COMPLETED' } },
      timeline: [{ kind: 'check.done' }, { kind: 'reported', message: '"I want to look at it"' }],
      calls: { 'ecs:UpdateService': 1, 'elasticloadbalancing:ModifyRule': 0 },
    },
  },
  // ------------------------------------------------------------ late
  {
    name: 'given events that take ten minutes, when the trouble is over by then, then a person decides',
    events: [
      release('PT3M'),
      { at: 'PT3M', type: 'fault', on: { event: 'CloudWatch Alarm State Change' }, effect: { latency: 'PT10M' } },
      { at: 'PT3M', type: 'fault', on: { invocation: 'Sweep' }, effect: { error: { code: 'Broken' } } },
      behaves('PT9M', 'checkout:42', { errorRate: 0.002 }),
    ],
    until: 'PT20M',
    expect: {
      executions: [
        { status: 'RUNNING' },
        { status: 'SUCCEEDED', outcome: 'duplicate', reason: "waits for a person's answer" },
      ],
      timeline: [{ kind: 'approval.requested', message: 'whether anything is left to cure' }],
      calls: untouched,
    },
  },
  {
    variation: true,
    name: 'given an alarm whose event comes after a quarter of an hour, when it starts a rollback, then it is only observed',
    events: [
      release('PT3M'),
      { at: 'PT3M', type: 'fault', on: { event: 'CloudWatch Alarm State Change' }, effect: { lost: true } },
      { at: 'PT3M', type: 'fault', on: { invocation: 'Sweep' }, effect: { error: { code: 'Broken' } } },
      start('PT28M', {
        trigger: {
          alarmName: errorAlarm,
          alarmArn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${errorAlarm}`,
          state: 'ALARM',
          time: '2026-01-15T10:11:00Z',
          eventId: 'late',
        },
      }),
    ],
    until: 'PT30M',
    expect: { executions: [observed('17 minutes ago')], calls: untouched },
  },
];

test.each(played(stories))('$name', async (story) => {
  const run = await play(story);
  expect(run.document.failures).toEqual([]);
});

test('what both sides do alike is told with the numbers of both', async () => {
  const story = stories.find(({ name }) => name.includes('both fail alike')) as Story;
  const reasons = outcomes(await play(story)).map(({ outcome, reason }) => `${outcome}: ${reason}`);
  expect(reasons.join(' ')).toMatch(/in the same trouble|are equally bad/);
  for (const reason of reasons)
    expect(reason).toMatch(/^observed: .*(in the same trouble|are equally bad|41 on blue, began 6 days)/);
});

describe('a release that is slower', () => {
  test.each([
    ...(everyStory
      ? ([
          [15, 'observed', '15 % slower'],
          [80, 'verified', '80 % slower'],
        ] as const)
      : []),
    [35, 'asked', '35 % slower'] as const,
  ])('by %d %%: %s', async (percent, outcome, words) => {
    const run = await slower(percent);
    const [first] = outcomes(run);
    expect(first?.outcome ?? 'asked').toBe(outcome);
    expect(run.document.timeline.some(({ kind }) => kind === 'approval.requested')).toBe(outcome === 'asked');
    const told = run.document.timeline.find(({ kind }) => kind === 'admitted' || kind === 'observed');
    expect(told?.message).toContain(words);
    const now = run.document.account.services['shop/checkout']?.taskDefinition;
    expect(now).toBe(outcome === 'verified' ? 'checkout:41' : 'checkout:42');
  });
});

describe('when every service alarms at once', () => {
  /** @param minute when all begin to fail; the releases are of minute 5 */
  const outage = async (released: readonly string[], minute = 14) => {
    const names = fleetNames(5);
    const scenario = parseScenario(
      {
        name: 'given five services, when all begin to fail at once',
        config: fleetConfiguration(5, { bakeMinutes: 1 }) as never,
        account: fleetAccount(5),
        events: [
          ...released.map(
            (service) =>
              ({ at: 'PT5M', type: 'deploy', cluster: 'shop', service, taskDefinition: `${service}:2` }) as const,
          ),
          // The release is as good as the one before: what makes all fail comes later.
          ...released.map((name) => behaves('PT5M', `${name}:2`, { errorRate: 0.002 })),
          ...released.map((name) => behaves(`PT${minute}M`, `${name}:2`, failing)),
          ...names.map((name) => behaves(`PT${minute}M`, `${name}:1`, failing)),
        ],
        until: `PT${minute + 19}M`,
      },
      'an outage',
    );
    return runScenario(scenario, { synthesize, baseDir: examples.oneSide });
  };

  /** Nothing was released. Played once for all who look at it. */
  let undisturbed: Promise<FinishedRun> | undefined;
  const quietly = (): Promise<FinishedRun> => {
    undisturbed ??= outage([]);
    return undisturbed;
  };

  test('and none was released, everything is observed', async () => {
    const run = await quietly();
    expect(new Set(outcomes(run).map(({ outcome }) => outcome))).toEqual(new Set(['observed']));
    expect(run.document.calls['ecs:UpdateService'] ?? 0).toBe(0);
  }, 60_000);

  test('and one was released, its release is not what they have in common', async () => {
    // Alarms are evaluated at seconds of their own; the last one to go on sees the others.
    const quiet = await quietly();
    const firsts = new Map(quiet.document.timeline.toReversed().map(({ service, time }) => [service, time]));
    const [last = ''] = [...firsts].toSorted(([, a], [, b]) => b.localeCompare(a))[0] ?? [];
    const run = await outage([last]);
    const own = run.document.timeline.filter(
      ({ service, kind }) => service === last && ['admitted', 'observed'].includes(kind),
    );
    expect(own.map(({ kind }) => kind)).toContain('observed');
    expect(own.map(({ message }) => message).join('\n')).toMatch(/[45] of 5 services alarm within 5 minutes/);
    expect(run.document.calls['ecs:UpdateService'] ?? 0).toBe(0);
  }, 60_000);

  test('and one was released whose alarm is the first, what the others fail in the same minutes tells', async () => {
    const quiet = await quietly();
    const [first = ''] = quiet.document.timeline.flatMap(({ kind, service }) => (kind === 'observed' ? service : []));
    const run = await outage([first]);
    const own = run.document.timeline.filter(({ service }) => service === first);
    expect(own[0]).toMatchObject({ kind: 'observed' });
    expect(own[0]?.message).toMatch(/5 of 5 services fail in the same minutes/);
    expect(run.document.calls['ecs:UpdateService'] ?? 0).toBe(0);
  }, 60_000);

  variation(
    'right after the release of one, a person decides: what calls it fails with it',
    async () => {
      const quiet = await outage([], 7);
      const [first = ''] = quiet.document.timeline.flatMap(({ kind, service }) => (kind === 'observed' ? service : []));
      const run = await outage([first], 7);
      const asked = run.document.timeline.find(({ kind }) => kind === 'approval.requested');
      expect(asked).toMatchObject({ service: first });
      expect(run.document.timeline.find(({ kind }) => kind === 'admitted')?.message).toContain('a person decides');
      expect(run.document.calls['ecs:UpdateService'] ?? 0).toBe(0);
    },
    60_000,
  );

  test('and each was released, each is rolled back', async () => {
    const run = await outage(fleetNames(5));
    expect(run.document.calls['ecs:UpdateService'] ?? 0).toBe(5);
  }, 60_000);
});

/** The example with a trigger on the p95 response time, which rolls back by itself, and a release so much slower. */
function slower(percent: number): Promise<FinishedRun> {
  const read = (file: string) => JSON.parse(readFileSync(join(examples.oneSide, file), 'utf8'));
  const baseDir = mkdtempSync(join(tmpdir(), 'backstep-slower-'));
  const runbook = read('runbooks/checkout.json');
  runbook.trigger_conditions = [
    {
      trigger_id: 'slow',
      name: 'Checkout is slow',
      condition: 'p95_response_time > 150ms for 5 minutes',
      metric_threshold: { metric: 'p95_response_time', operator: 'greater_than', value: '150ms', duration_minutes: 5 },
      evaluation_window_minutes: 5,
      auto_execute: true,
      escalation_contacts: [],
    },
  ];
  writeFileSync(join(baseDir, 'runbook.json'), JSON.stringify(runbook));
  const { $schema: _schema, ...config } = read('backstep.json');
  config.environments.production.services.checkout.runbook = 'runbook.json';
  const scenario = structuredClone(loadScenario(join(examples.oneSide, 'scenario.json')));
  for (const { revision, behaviour } of scenario.account.taskDefinitions ?? [])
    if (revision === 42 && behaviour) {
      const factor = 1 + percent / 100;
      Object.assign(behaviour, { errorRate: 0.002, latencyMs: { p50: 60 * factor, p95: 140 * factor } });
    }
  return runScenario({ ...scenario, config, expect: {} }, { synthesize, baseDir });
}

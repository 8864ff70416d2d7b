/** Storms: events that come twice, late or never, alarms that come together, and owners of locks that die. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import { parseScenario } from '../../simulator/scenario/parse.ts';
import { type FinishedRun, runScenario } from '../../simulator/scenario/run.ts';
import { everyStory, variation } from '../variations.ts';
import { fleetAccount, fleetConfiguration, fleetNames } from './fleet.ts';
import { confirm, errorAlarm, examples, play, release, type Story, start } from './shop.ts';

const alarmEvent = { event: 'CloudWatch Alarm State Change' } as const;
const on = (taskDefinition: string) => ({ 'services.shop/checkout.taskDefinition': taskDefinition });
const once = { 'ecs:UpdateService': 1 };
const untouched = { 'ecs:UpdateService': 0 };

const outcomes = ({ document }: FinishedRun): (string | undefined)[] =>
  document.executions.map((execution) => summaryOf(execution).outcome);
const kinds = ({ document }: FinishedRun): string[] => document.timeline.map(({ kind }) => kind);
const locks = ({ account, stack }: FinishedRun) =>
  Object.values(stack.resources)
    .filter(({ type }) => type === 'AWS::DynamoDB::Table')
    .flatMap(({ physicalId }) => account.dynamodb.items(physicalId))
    .filter(({ sk }) => sk?.S === 'LOCK');

describe('events', () => {
  test('that come three times, two minutes late, roll back once, and the rest joins', async () => {
    const run = await play({
      name: 'given a bad release, when every event comes three times and two minutes late, then it is rolled back once',
      events: [
        release('PT3M'),
        { at: 'PT3M', type: 'fault', on: alarmEvent, effect: { duplicate: 3, latency: 'PT2M' } },
      ],
      until: 'PT1H',
      expect: { account: on('checkout:41'), calls: once },
    });
    expect(run.document.failures).toEqual([]);
    expect(outcomes(run).filter((outcome) => outcome === 'verified')).toHaveLength(1);
    expect(new Set(outcomes(run))).toEqual(new Set(['verified', 'duplicate']));
    // Each that joined is told on the first one's timeline.
    expect(kinds(run).filter((kind) => kind === 'joined')).toHaveLength(outcomes(run).length - 1);
  });

  test('that never come are made up for by the sweep, once', async () => {
    const run = await play({
      name: 'given a bad release, when every event of its alarms is lost, then the sweep starts what they should have started',
      events: [release('PT3M'), { at: 'PT3M', type: 'fault', on: alarmEvent, effect: { lost: true }, for: 'PT57M' }],
      until: 'PT1H',
      expect: {
        timeline: [
          { kind: 'sweep.started', message: 'its event must have got lost' },
          { kind: 'action.applied' },
          { kind: 'verdict.healthy' },
        ],
        account: on('checkout:41'),
        calls: once,
      },
    });
    expect(run.document.failures).toEqual([]);
    expect(outcomes(run).filter((outcome) => outcome === 'verified')).toHaveLength(1);
    for (const { name, input } of run.document.executions) {
      expect(name).toMatch(/^sweep-checkout-\d{8}-\d{6}-[0-9a-f]{8}$/);
      expect(Object.keys((input as { trigger: object }).trigger)).toEqual(triggerFields);
    }
  });

  variation('that come are not made up for: every start has the name that EventBridge gave it', async () => {
    const run = await play({
      name: 'given a bad release, then',
      events: [release('PT3M')],
      until: 'PT40M',
      expect: {},
    });
    expect(outcomes(run)).toContain('verified');
    expect(run.document.executions.filter(({ name }) => name.startsWith('sweep-'))).toEqual([]);
    expect(kinds(run).filter((kind) => kind.startsWith('sweep.'))).toEqual([]);
    expect(run.document.executions.map(({ input }) => Object.keys((input as { trigger: object }).trigger))).toEqual(
      run.document.executions.map(() => triggerFields),
    );
  });

  variation(
    'that never come, while the sweep fails for a quarter of an hour, start nothing any more, and people are told once',
    async () => {
      const run = await play({
        name: 'given a bad release, when its events are lost and the sweep fails for long, then a person has to decide',
        events: [
          release('PT3M'),
          { at: 'PT3M', type: 'fault', on: alarmEvent, effect: { lost: true } },
          {
            at: 'PT3M',
            type: 'fault',
            on: { invocation: 'Sweep' },
            effect: { error: { code: 'Broken' } },
            for: 'PT20M',
          },
        ],
        until: 'PT55M',
        expect: {
          executions: [],
          timeline: [{ kind: 'sweep.too-late', message: 'A person has to decide' }],
          account: on('checkout:42'),
          calls: untouched,
        },
      });
      expect(run.document.failures).toEqual([]);
      const late = kinds(run).filter((kind) => kind === 'sweep.too-late');
      const told = run.account.sns.published.filter(({ subject }) => subject?.includes('nothing was started for'));
      expect(told).toHaveLength(late.length);
    },
  );
});

const triggerFields = ['alarmName', 'alarmArn', 'state', 'time', 'eventId'];

describe('a dead owner', () => {
  const stopped: Story = {
    name: 'given a rollback that somebody stops before it has changed anything, when a person starts another, then it takes the lock over',
    events: [
      release('PT3M'),
      start('PT5M', { service: 'checkout', confirm }),
      { at: 'PT5M1.2S', type: 'stop', cause: 'a mistake' },
      start('PT5M30S', { service: 'checkout', confirm }),
      start('PT14M', { service: 'checkout', confirm }),
    ],
    until: 'PT1H',
    expect: {},
  };

  test('is asked about: at first its last Lambda may run, then the lock is free for the next token', async () => {
    const run = await play(stopped);
    const manual = run.document.executions.filter(({ input }) => 'service' in (input as object));
    expect(manual.map((execution) => summaryOf(execution))).toMatchObject([
      { status: 'ABORTED' },
      { status: 'SUCCEEDED', outcome: 'observed', reason: expect.stringContaining('its last Lambda may run') },
      { status: 'SUCCEEDED', outcome: 'verified' },
    ]);
    expect(locks(run)).toMatchObject([{ token: { N: '2' } }]);
    expect(locks(run)[0]?.owner).toBeUndefined();
    expect(run.document.account.services['shop/checkout']?.taskDefinition).toBe('checkout:41');
  });

  test('that nobody can take up is told of once, by the sweep', async () => {
    const broken = { on: { invocation: 'Reap' }, effect: { error: { code: 'Broken' } } } as const;
    const events = [{ at: 'PT1M', type: 'fault', ...broken } as const, ...stopped.events.slice(0, 3)];
    const run = await play({ ...stopped, events, until: 'PT40M' });
    const told = run.account.sns.published.filter(({ subject }) => subject?.includes('without giving its lock back'));
    expect(told).toHaveLength(kinds(run).filter((kind) => kind === 'sweep.abandoned').length);
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toContain('ended ABORTED');
  });
});

describe('many alarms', () => {
  test('ten of one service, in the same second, roll back once, and nine join', async () => {
    const { config, baseDir, names } = tenTriggers();
    const scenario = parseScenario(
      {
        name: 'given a bad release, when ten alarms of the service go on in the same second, then one rolls back',
        config: config as never,
        account: (await accountOf(examples.oneSide)) as never,
        // Late enough that what the release does to requests is measured, just before the alarms would go on by themselves.
        events: [release('PT3M'), ...names.map((name) => ({ at: 'PT6M25S', type: 'alarm', name }) as const)],
        until: 'PT7M',
      },
      'ten alarms',
    );
    const run = await runScenario(scenario, { synthesize, baseDir });
    const first = run.document.executions.slice(0, 10);
    expect(
      new Set(first.map(({ input }) => (input as never as { trigger: { alarmName: string } }).trigger.alarmName)),
    ).toEqual(new Set(names));
    const ended = first.map((execution) => summaryOf(execution).outcome);
    expect(ended.filter((outcome) => outcome === 'duplicate')).toHaveLength(9);
    expect(run.document.calls['ecs:UpdateService']).toBe(1);
    const joined = run.document.timeline.filter(({ kind }) => kind === 'joined');
    const joinedAlarms = joined.map(({ data }) => (data as { alarmName: string }).alarmName);
    expect(new Set(joinedAlarms).size).toBeGreaterThanOrEqual(9);
  });

  const fleet = everyStory ? 50 : 15;
  test(`of ${fleet} services, in the same second: each has its own lock, and only what a release broke is rolled back`, async () => {
    const names = fleetNames(fleet);
    const released = names.slice(0, 3);
    const scenario = parseScenario(
      {
        name: 'given many services, three of them with a bad release, when all alarm in the same second, then',
        config: fleetConfiguration(fleet, { bakeMinutes: 1 }) as never,
        account: fleetAccount(fleet),
        events: [
          ...released.map(
            (name) =>
              ({ at: 'PT1M', type: 'deploy', cluster: 'shop', service: name, taskDefinition: `${name}:2` }) as const,
          ),
          ...names.map(
            (name) => ({ at: 'PT3M', type: 'alarm', name: errorAlarm.replace('/checkout/', `/${name}/`) }) as const,
          ),
        ],
        until: 'PT3M20S',
      },
      'many services',
    );
    const run = await runScenario(scenario, { synthesize, baseDir: examples.oneSide });
    expect(run.document.executions).toHaveLength(fleet);
    // An outage of something that all need looks like this, too: nobody is rolled back for what most of them did not do.
    expect(outcomes(run).filter((outcome) => outcome === 'observed').length).toBeGreaterThanOrEqual(
      fleet - released.length,
    );
    expect(run.document.calls['ecs:UpdateService'] ?? 0).toBeLessThanOrEqual(released.length);
    expect(run.document.executions.every(({ error }) => error !== 'needs-attention')).toBe(true);
  }, 120_000);
});

/** The example with a runbook of ten triggers, all of which watch the error rate and roll back by themselves. */
function tenTriggers(): { config: object; baseDir: string; names: string[] } {
  const baseDir = mkdtempSync(join(tmpdir(), 'backstep-storm-'));
  const read = (file: string) => JSON.parse(readFileSync(join(examples.oneSide, file), 'utf8'));
  const runbook = read('runbooks/checkout.json');
  const [template] = runbook.trigger_conditions;
  const ids = Array.from({ length: 10 }, (_, index) => `error_rate_${index + 1}`);
  runbook.trigger_conditions = ids.map((id) => ({ ...template, trigger_id: id }));
  writeFileSync(join(baseDir, 'runbook.json'), JSON.stringify(runbook));
  const config = read('backstep.json');
  config.environments.production.services.checkout.runbook = 'runbook.json';
  delete config.$schema;
  return { config, baseDir, names: ids.map((id) => `backstep/production/checkout/${id}`) };
}

async function accountOf(directory: string): Promise<unknown> {
  return JSON.parse(readFileSync(join(directory, 'scenario.json'), 'utf8')).account;
}

// ---------------------------------------------------------------- what fails in Backstep itself

describe('an alarm on Backstep itself', () => {
  const alarmed = ({ account }: FinishedRun): string[] => [
    ...new Set(
      account.sns.published.flatMap(
        ({ subject }) => /backstep-production-operations\/([^"]+)"/.exec(subject ?? '')?.[1] ?? [],
      ),
    ),
  ];
  const quiet: Story = { name: 'given a service, when nothing happens, then', events: [], until: 'PT30M', expect: {} };

  test('is silent while all is well', async () => {
    expect(alarmed(await play(quiet))).toEqual([]);
  });

  const lambdaError = { error: { code: 'Broken', message: 'broken', status: 400 } };
  const faults: [string, Partial<Story>, string][] = [
    [
      'an event cannot be handed over',
      {
        events: [
          release('PT3M'),
          {
            at: 'PT3M',
            type: 'fault',
            on: { call: 'states:StartExecution', by: 'AlarmRole' },
            effect: { error: { code: 'AccessDeniedException', message: 'no', status: 403 } },
          },
        ],
      },
      'dead-letters/AlarmDeadLetters',
    ],
    [
      'an execution fails',
      { events: [{ at: 'PT5M', type: 'start', input: { service: 'no-such-service' } as never }] },
      'executions/ExecutionsFailed',
    ],
    [
      'somebody stops an execution',
      { events: [release('PT3M'), start('PT5M', { service: 'checkout', confirm }), { at: 'PT5M20S', type: 'stop' }] },
      'executions/ExecutionsAborted',
    ],
    // Twenty-eight hours, and a quota that nobody simulates: what AWS would publish is published by the scenario.
    ...(['ExecutionsTimedOut', 'ExecutionThrottled'] as const).map((metricName): [string, Partial<Story>, string] => [
      `AWS publishes ${metricName}`,
      {
        events: [
          {
            at: 'PT5M',
            type: 'metric',
            namespace: 'AWS/States',
            metricName,
            dimensions: {
              StateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:backstep-production-rollback',
            },
            points: [{ at: 'PT0S', value: 1 }],
          },
        ],
      },
      `executions/${metricName}`,
    ]),
    [
      'a Lambda of the workflow is throttled again and again',
      {
        events: [
          start('PT5M', { service: 'checkout', dryRun: true }),
          {
            at: 'PT4M',
            type: 'fault',
            on: { invocation: 'Plan' },
            effect: { error: { code: 'TooManyRequestsException', message: 'Rate Exceeded.', status: 429 } },
          },
        ],
      },
      'functions/workflow/Throttles',
    ],
    [
      'a Lambda of the workflow fails again and again',
      {
        events: [
          start('PT5M', { service: 'checkout', dryRun: true }),
          { at: 'PT4M', type: 'fault', on: { call: 's3:GetObject', by: 'Plan' }, effect: lambdaError },
        ],
      },
      'functions/workflow/Errors',
    ],
    [
      'the sweep fails',
      {
        events: [
          { at: 'PT1M', type: 'fault', on: { call: 'cloudwatch:DescribeAlarms', by: 'Sweep' }, effect: lambdaError },
        ],
      },
      'functions/background/Errors',
    ],
    [
      'the sweep is throttled',
      {
        events: [
          {
            at: 'PT1M',
            type: 'fault',
            on: { invocation: 'Sweep' },
            effect: { error: { code: 'TooManyRequestsException', message: 'Rate Exceeded.', status: 429 } },
          },
        ],
      },
      'functions/background/Throttles',
    ],
    [
      'the sweep no longer runs',
      {
        events: [{ at: 'PT12M', type: 'fault', on: { event: 'Scheduled Event' }, effect: { lost: true } }],
        until: 'PT1H',
      },
      'sweep-silent',
    ],
  ];

  // One of each kind of alarm.
  const others = /ExecutionThrottled|sweep is throttled|sweep no longer|stops an execution/;
  const chosen = faults.filter(([when]) => everyStory || !others.test(when));
  test.each(chosen)('goes on and tells people when %s', async (_when, story, name) => {
    const run = await play({ ...quiet, ...story });
    expect(alarmed(run)).toContain(name);
    // None of them starts anything: every execution has another origin.
    expect(JSON.stringify(run.document.executions.map(({ input }) => input))).not.toContain('-operations/');
  });
});

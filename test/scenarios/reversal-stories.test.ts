/** What may happen around a reversal: other hands on the service, nothing to serve, scaling, and every step done twice. */
import { describe, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { cells, type Kind, type Position, type State } from '../../lib/domain/reversal/table.ts';
import { type FinishedRun, runScenario, type Synthesize } from '../../simulator/scenario/run.ts';
import type { SuspendedParts } from '../../simulator/services/autoscaling/model.ts';
import { everyStory, variation } from '../variations.ts';
import { withDefinition } from './definition.ts';
import { deploys, directory, rollsBack, scenarioOf, targetOf, type World, worldOf } from './reversal-world.ts';
import type { Input } from './shop.ts';

const play = (name: string, world: World, how: Synthesize = synthesize): Promise<FinishedRun> =>
  runScenario(scenarioOf(name, world), { synthesize: how, baseDir: directory });

type Event = NonNullable<Input['events']>[number];

const endOf = ({ document }: FinishedRun): { outcome: string; reason: string } => {
  // A service that nobody serves raises an alarm of its own.
  const execution = document.executions.find(({ input }) => JSON.stringify(input).includes('a test'));
  return (execution?.output ?? execution?.cause ?? {}) as unknown as { outcome: string; reason: string };
};
const serviceOf = ({ document }: FinishedRun) => document.account.services['shop/shop'];
const told = ({ document }: FinishedRun): string => document.timeline.map(({ message }) => message).join('\n');
const kinds = ({ document }: FinishedRun): string[] => document.timeline.map(({ kind }) => kind);

// ---------------------------------------------------------------- other hands

describe('ECS goes back by itself', () => {
  const breaks = { circuitBreaker: { enable: true, rollback: true, threshold: { type: 'COUNT', value: 1 } } } as const;

  test('its circuit breaker, to the target: joined, and nothing is called', async () => {
    const run = await play('breaker', {
      kind: 'rolling',
      service: breaks,
      behaviour: { startSeconds: 5, crashAfterSeconds: 2 },
      events: [deploys('rolling', 'PT1M'), rollsBack('PT1M16S', 2)],
    });
    expect(endOf(run).outcome).toMatch(/verified|already-at-target/);
    expect(run.document.calls['ecs:UpdateService'] ?? 0).toBe(0);
    expect(run.document.calls['ecs:StopServiceDeployment'] ?? 0).toBe(0);
    expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:2' });
  });

  test.each(['rolling', 'blue/green'] as const)(
    'its deployment alarms, %s, elsewhere: let finish, then updated',
    async (kind) => {
      const run = await play('alarms', {
        kind,
        service: { deploymentAlarms: { names: ['shop-errors'], rollback: true } },
        events: [
          deploys(kind, 'PT1M'),
          { at: 'PT3M', type: 'alarm', name: 'shop-errors', state: 'ALARM', reason: 'a test' },
          rollsBack('PT3M20S', 1, { timeout: 1200 }),
        ],
      });
      expect(endOf(run).outcome).toBe('verified');
      expect(told(run)).toContain('is rolling back to shop:2 (ECS deployment alarm');
      expect(run.document.calls['ecs:UpdateService']).toBe(1);
      expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:1' });
    },
  );
});

describe('the target cannot start, and ECS or CodeDeploy moves the traffic', () => {
  const ends = {
    'blue/green': 'ecs:StopServiceDeployment',
    canary: 'ecs:StopServiceDeployment',
    CodeDeploy: 'codedeploy:StopDeployment',
  } as const;
  test.each(Object.entries(ends) as [keyof typeof ends, string][])(
    '%s: its deployment is ended, and what served all the time is what the service is on again',
    async (kind, call) => {
      const run = await play('broken target', {
        kind,
        events: [
          { at: 'PT30S', type: 'behaviour', taskDefinition: 'shop:1', behaviour: { crashAfterSeconds: 2 } },
          rollsBack('PT1M', 1, { timeout: 240 }),
        ],
        until: 'PT20M',
      });
      expect(endOf(run)).toMatchObject({
        outcome: 'halted',
        reason: expect.stringContaining('was put back on shop:2.'),
      });
      expect(run.document.calls[call]).toBe(1);
      expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:2', runningCount: 2, rolloutState: 'COMPLETED' });
      expect(Object.values(run.document.account.weights)).toEqual([{ 'shop-blue': 100, 'shop-green': 0 }]);
      expect(markedGood(run)).toEqual([]);
      expect(kinds(run)).toContain('undo.begun');
    },
  );
});

test('previous of what CodeDeploy deploys is its last release, not what ran when Backstep was installed', async () => {
  const run = await play('codedeploy ledger', {
    kind: 'CodeDeploy',
    group: { config: 'CodeDeployDefault.ECSAllAtOnce', terminationWaitMinutes: 2 },
    behaviour: { startSeconds: 20 },
    events: [
      deploys('CodeDeploy', 'PT1M', 1),
      deploys('CodeDeploy', 'PT15M', 3),
      rollsBack('PT30M', 1, { version: 'previous' }),
    ],
    until: 'PT45M',
  });
  expect(endOf(run).outcome).toBe('verified');
  expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:1', rolloutState: 'COMPLETED' });
  const deployed = run.account.dynamodb.tables
    .flatMap((table) => run.account.dynamodb.items(table))
    .filter(({ sk }) => sk?.S?.startsWith('RELEASE#'))
    .map(({ taskDefinition, status }) => `${taskDefinition?.S?.split('/').at(-1)} ${status?.S}`);
  expect(deployed).toEqual(['shop:2 assumed-good', 'shop:1 good', 'shop:3 bad']);
});

/** Task definitions that the ledger calls good. */
const markedGood = ({ account }: FinishedRun): string[] =>
  account.dynamodb.tables
    .flatMap((table) => account.dynamodb.items(table).map((item) => JSON.stringify(item)))
    .filter((item) => item.includes('"RELEASE#') && item.includes('"good"'));

describe('somebody deploys in the middle of ours', () => {
  const world = (foreignDeployment: 'halt' | 'adopt'): World => ({
    kind: 'rolling',
    policy: { foreignDeployment },
    behaviour: { startSeconds: 20, stopSeconds: 5 },
    events: [rollsBack('PT1M', 1, { timeout: 900 }), deploys('rolling', 'PT1M15S')],
  });

  test('halt: it is left alone and named', async () => {
    const run = await play('halt', world('halt'));
    expect(endOf(run).outcome).toBe('halted');
    expect(endOf(run).reason).toMatch(/shop:3 \(.*may be the fix/);
    expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:3' });
    expect(run.document.calls['ecs:UpdateService']).toBe(1);
  });

  variation('adopt: it is followed, verified, and no release is called good for it', async () => {
    const run = await play('adopt', world('adopt'));
    expect(endOf(run).outcome).toBe('verified');
    expect(kinds(run)).toContain('deployment.adopted');
    expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:3', rolloutState: 'COMPLETED' });
    expect(run.document.calls['ecs:UpdateService']).toBe(1);
    expect(markedGood(run)).toEqual([]);
  });
});

test('a stack that CloudFormation is changing: a person is asked, also after a start with everything said', async () => {
  const run = await play('stack', {
    kind: 'rolling',
    service: { stack: { name: 'shop', status: 'UPDATE_IN_PROGRESS' } },
    policy: { approvalMinutes: 5 },
    events: [rollsBack('PT1M', 1)],
  });
  expect(endOf(run)).toMatchObject({ outcome: 'declined' });
  expect(told(run)).toContain('CloudFormation is changing the stack shop of shop (UPDATE_IN_PROGRESS)');
  expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:2' });
});

test('no tasks are wanted: the definition goes back at once, and the verdict says that nothing could be measured', async () => {
  const run = await play('nothing', { kind: 'rolling', service: { desiredCount: 0 }, events: [rollsBack('PT1M', 1)] });
  expect(endOf(run).outcome).toBe('needs-attention');
  expect(endOf(run).reason).toContain(
    'shop is on shop:1 and wants no tasks: nothing serves, so nothing could be measured',
  );
  expect(serviceOf(run)).toMatchObject({ taskDefinition: 'shop:1', desiredCount: 0 });
});

variation('capacity providers and the count that somebody set stay', async () => {
  const providers = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];
  const run = await play('providers', {
    kind: 'rolling',
    service: { capacityProviders: providers },
    events: [rollsBack('PT1M', 1), { at: 'PT1M5S', type: 'scale', cluster: 'shop', service: 'shop', desiredCount: 4 }],
  });
  expect(endOf(run).outcome).toBe('verified');
  const service = run.account.ecs.requireService('shop', 'shop');
  expect(service).toMatchObject({ capacityProviders: providers, desiredCount: 4 });
});

// ---------------------------------------------------------------- scaling

describe('Application Auto Scaling', () => {
  const suspended = { in: false, out: true, scheduled: false };
  const before: SuspendedParts = {
    DynamicScalingInSuspended: false,
    DynamicScalingOutSuspended: true,
    ScheduledScalingSuspended: false,
  };
  const kind = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' } as const;
  const scaled: World = { kind: 'rolling', service: { scaling: { min: 2, max: 6, suspended } }, events: [] };
  const state = (run: FinishedRun) => run.account.autoscaling.targets.get('service/shop/shop')?.suspended;
  /** The state that each request asked for. */
  const asked = (run: FinishedRun) => told(run).match(/Of its scaling, [^.]*\./g);

  const stop = (at: string): Event => ({ at, type: 'stop', execution: 1 });
  const refused = (code: string, by: string): Event => ({
    at: 'PT0S',
    type: 'fault',
    on: { call: 'application-autoscaling:RegisterScalableTarget', by },
    effect: { error: { code, message: 'Not now', status: 400 } },
    for: 'PT15M',
  });
  /** While CheckService waits for the tasks. */
  const timedOut = withDefinition((definition) => {
    definition.TimeoutSeconds = 12;
  });
  const paths: [string, Partial<World> & { synthesize?: Synthesize }, string | undefined][] = [
    ['verified', { events: [rollsBack('PT1M', 1)] }, 'verified'],
    ['halted', { events: [rollsBack('PT1M', 1, { timeout: 900 }), deploys('rolling', 'PT1M15S')] }, 'halted'],
    [
      'needs-attention',
      {
        events: [
          rollsBack('PT1M', 1),
          { at: 'PT2M', type: 'behaviour', taskDefinition: 'shop:1', behaviour: { errorRate: 0.5 } },
        ],
      },
      'needs-attention',
    ],
    ['stopped', { events: [rollsBack('PT1M', 1), stop('PT1M12S')] }, undefined],
    [
      'stopped, taken up and redriven',
      {
        events: [
          rollsBack('PT1M', 1, { timeout: 900 }),
          stop('PT1M12S'),
          { at: 'PT8M', type: 'redrive', execution: 1 },
        ],
      },
      'verified',
    ],
    ['timed out', { events: [rollsBack('PT1M', 1)], synthesize: timedOut }, undefined],
    [
      'GiveBack refused for a quarter of an hour',
      { events: [refused('AccessDeniedException', 'GiveBack'), rollsBack('PT1M', 1)] },
      'verified',
    ],
    [
      'a lost answer to the suspension',
      {
        events: [
          {
            at: 'PT0S',
            type: 'fault',
            on: { call: 'application-autoscaling:RegisterScalableTarget' },
            effect: { lost: true },
            count: 1,
          },
          rollsBack('PT1M', 1),
        ],
      },
      'verified',
    ],
    ['a joined deployment', { events: [deploys('rolling', 'PT1M'), rollsBack('PT1M30S', 3)] }, 'verified'],
  ];

  const telling = ['verified', 'stopped, taken up and redriven', 'timed out'];
  const chosen = paths.filter(([name]) => everyStory || telling.includes(name));
  test.each(chosen)('%s: suspended as it was before, exactly', async (name, { synthesize: how, ...more }, outcome) => {
    const run = await play(name, { ...scaled, ...more, until: 'PT40M' }, how);
    if (outcome) expect(endOf(run).outcome).toBe(outcome);
    expect(state(run)).toEqual(before);
    if (!name.includes('joined')) {
      expect(asked(run)?.[0]).toBe(
        'Of its scaling, scaling in and scaling out and scheduled scaling suspended until the rollback ends.',
      );
      expect(kinds(run)).toContain('owed.given-back');
    }
    expect(run.account.ecs.requireService('shop', 'shop').desiredCount).toBe(2);
  });

  test('bounds that a person sets meanwhile stay, and so does what they let go on; the rest is as it was', async () => {
    const scenario = scenarioOf('person', { ...scaled, events: [rollsBack('PT1M', 1)] });
    let done = false;
    const run = await runScenario(scenario, {
      synthesize,
      baseDir: directory,
      watch: {
        everySeconds: 10,
        look({ account }) {
          const target = account.autoscaling.targets.get('service/shop/shop');
          if (done || !target?.suspended.ScheduledScalingSuspended) return;
          done = true;
          const SuspendedState = { DynamicScalingOutSuspended: false };
          account.autoscaling.register({ ...kind, ResourceId: 'service/shop/shop', MaxCapacity: 9, SuspendedState });
        },
      },
    });
    expect(done).toBe(true);
    expect(state(run)).toEqual({ ...before, DynamicScalingOutSuspended: false });
    expect(run.account.autoscaling.targets.get('service/shop/shop')).toMatchObject({ min: 2, max: 9 });
    expect(told(run)).toContain('but for what somebody has let go on');
  });

  variation('the request to suspend is throttled: nothing waits for it, and nothing is left of it', async () => {
    const run = await play('throttled', {
      ...scaled,
      events: [refused('ThrottlingException', 'RevertService'), rollsBack('PT1M', 1)],
    });
    expect(endOf(run).outcome).toBe('verified');
    expect(told(run)).toContain('Scaling of service/shop/shop could not be suspended (ThrottlingException');
    expect(state(run)).toEqual(before);
    const begun = run.account.calls.filter(({ operation }) => /RegisterScalableTarget|UpdateService/.test(operation));
    const at = (index: number): number => Date.parse(begun.at(index)?.time ?? '');
    expect(at(-1) - at(0)).toBeLessThan(5_000);
  });

  variation('that cannot be asked hinders nothing', async () => {
    const fault: Event = {
      at: 'PT0S',
      type: 'fault',
      on: { call: 'application-autoscaling:*' },
      effect: { error: { code: 'InternalServiceException', message: 'Try again', status: 500 } },
    };
    const run = await play('silent', { ...scaled, events: [fault, rollsBack('PT1M', 1)] });
    expect(endOf(run).outcome).toBe('verified');
    expect(told(run)).toContain('Application Auto Scaling could not be asked');
    expect(state(run)).toEqual(before);
  });
});

// ---------------------------------------------------------------- twice, and lost

describe('every step done twice, and answers lost', () => {
  type Done = [Kind, State, Position, string];
  const each: Done[] = [['rolling', 'under way', 'source', 'ecs:StopServiceDeployment']];
  const others: Done[] = [
    ['CodeDeploy', 'under way', 'source', 'codedeploy:StopDeployment'],
    ['rolling', 'finished', 'elsewhere', 'ecs:UpdateService'],
    ['canary', 'paused', 'source', 'ecs:ContinueServiceDeployment'],
    ['blue/green', 'rolling back', 'elsewhere', 'ecs:UpdateService'],
    ['CodeDeploy', 'finished', 'elsewhere', 'codedeploy:CreateDeployment'],
    ['CodeDeploy', 'under way', 'elsewhere', 'codedeploy:CreateDeployment'],
  ];
  const worlds = [...each, ...(everyStory ? others : [])].map(([kind, state, position, call]) => {
    const cell = cells.find((one) => one.kind === kind && one.state === state && one.position === position);
    if (!cell) throw new Error(`There is no ${kind}, ${state}, ${position}.`);
    return { cell, call, world: worldOf(cell) };
  });
  /** Deployments that there have ever been: a second one of ours would be one more. */
  const deploymentsOf = ({ account }: FinishedRun): number =>
    account.ecs.requireService('shop', 'shop').serviceDeployments.length + account.codedeploy.deployments.length;

  test.each(worlds)('$cell.kind, $cell.state, $cell.position', async ({ cell, call, world }) => {
    const fault = (on: object, effect: object, more: object = {}): Event =>
      ({ at: 'PT0S', type: 'fault', on, effect, ...more }) as Event;
    const name = `${cell.kind} ${cell.state} ${cell.position}`;
    const once = await play(name, world);
    const twice = await play(name, {
      ...world,
      events: [
        fault({ invocation: 'RevertService' }, { duplicate: 2 }),
        fault({ invocation: 'CheckService' }, { duplicate: 2 }),
        ...world.events,
      ],
    });
    const lostCall = await play(name, {
      ...world,
      events: [fault({ call }, { lost: true }, { count: 1 }), ...world.events],
    });
    const lostAnswer = await play(name, {
      ...world,
      events: [fault({ invocation: 'RevertService' }, { lost: true }, { count: 1 }), ...world.events],
    });
    for (const run of [twice, lostCall, lostAnswer]) {
      expect(endOf(run).outcome).toBe('verified');
      expect(serviceOf(run)).toMatchObject({ taskDefinition: `shop:${targetOf(cell)}` });
      expect(deploymentsOf(run)).toBe(deploymentsOf(once));
    }
  });
});

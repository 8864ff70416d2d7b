import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whyAsked } from '../../lib/domain/approval/asking.ts';
import type { RollbackContext, RollbackRequest, ServiceConfiguration } from '../../lib/domain/model.ts';
import { decidePlan } from '../../lib/domain/plan.ts';
import type { PlanFacts, SideFacts } from '../../lib/domain/plan-facts.ts';
import {
  at,
  configuration,
  context,
  definition,
  deployment,
  planFacts,
  release,
  rule,
  service,
  side,
  sideFacts,
  targetGroup,
  taskDefinition,
  trigger,
} from './worlds.ts';

const failed = (facts: PlanFacts): string[] =>
  decidePlan(facts)
    .checks.filter((check) => check.status === 'failed')
    .map((check) => check.name);

const statusOf = (facts: PlanFacts, name: string): string | undefined =>
  decidePlan(facts).checks.find((check) => check.name === name)?.status;

/** A start without an alarm. */
const byHand = (more: Partial<RollbackRequest> = {}): RollbackContext => {
  const { request: asked, ...rest } = context(more);
  const { trigger: _alarm, ...request } = asked;
  return { ...rest, request };
};

const withService = (more: Partial<ReturnType<typeof service>>): SideFacts[] => {
  const facts = sideFacts('main', deployment(42, at('02:58:00')));
  return [{ ...facts, service: { ...(facts.service as ReturnType<typeof service>), ...more } }];
};

describe('one side', () => {
  test('is reverted, and the plan says everything', () => {
    const plan = decidePlan(planFacts());
    expect(plan.outcome).toBeNull();
    expect(plan.actions).toEqual([
      {
        id: '1',
        type: 'RevertService',
        side: 'main',
        by: 'update-service',
        description: 'Put ECS service checkout-main from checkout:42 on checkout:41',
        reason: 'v41 (checkout:41) is the target.',
        forward: { taskDefinition: taskDefinition(41) },
        reverse: { taskDefinition: taskDefinition(42) },
      },
    ]);
    expect(plan).toMatchObject({ strategy: 'rolling', suspect: { version: 'v42' }, target: { version: 'v41' } });
    expect(plan.reason).toBe(
      'checkout goes back to v41 (checkout:41): checkout-main has one side, so its task definition is put back and ECS replaces the tasks.',
    );
  });

  test('on the target already is left alone', () => {
    const plan = decidePlan(
      planFacts({
        choice: { kind: 'found', release: release(42, at('02:58:00')), reason: '' },
        targetDefinition: definition(42),
      }),
    );
    expect(plan).toMatchObject({ outcome: 'already-at-target', actions: [] });
    expect(plan.reason).toBe('checkout-main already runs v42 (checkout:42). Nothing is changed.');
  });

  test('on its way to the target is joined', () => {
    const underWay = deployment(41, at('03:00:02'), {
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.',
    });
    const plan = decidePlan(planFacts({ sides: [sideFacts('main', underWay)] }));
    expect(plan.outcome).toBeNull();
    expect(plan.actions[0]?.reason).toBe(
      'Deployment ecs-svc/41 is already bringing v41 (checkout:41): it is joined, not fought.',
    );
    expect(plan.checks).toContainEqual(expect.objectContaining({ name: 'circuit breaker of main', status: 'warning' }));
  });

  test('with unreadable or silent rules is still reverted: they are not ours to change', () => {
    expect(decidePlan(planFacts({ rules: [{ rule, problem: 'gone' }] })).outcome).toBeNull();
    const zero = { rule, weights: { [targetGroup('main')]: 0 }, stickiness: { enabled: false } };
    expect(decidePlan(planFacts({ rules: [{ rule, weights: zero }] })).outcome).toBeNull();
  });
});

describe('whose traffic ECS moves', () => {
  const native = withService({ strategy: 'CANARY', movingSeconds: 1_200, pauses: ['POST_TEST_TRAFFIC_SHIFT'] });

  test('is updated like any other, has the time that ECS takes, and pauses are told beforehand', () => {
    const plan = decidePlan(planFacts({ sides: native }));
    expect(plan).toMatchObject({
      outcome: null,
      strategyReason: expect.stringContaining('ECS moves the traffic itself'),
    });
    expect(plan.actions).toMatchObject([{ by: 'update-service', ownsTraffic: true }]);
    expect(plan.timeoutSeconds).toBeGreaterThan(1_200);
    expect(plan.timeoutReason).toContain('ECS takes 1200 s to move the traffic and to bake');
    expect(plan.checks).toContainEqual({
      name: 'controller of main',
      status: 'warning',
      evidence: expect.stringContaining('waits for an answer at POST_TEST_TRAFFIC_SHIFT, so one that this rollback'),
    });
  });

  test.each([
    ['ECS', { strategy: 'BLUE_GREEN' } as const, 'ECS itself (BLUE_GREEN) moves the traffic of checkout-blue'],
    ['CodeDeploy', { controller: 'CODE_DEPLOY' } as const, 'CodeDeploy moves the traffic of checkout-blue'],
  ])('by %s: its weights are never touched here', (_owner, change, words) => {
    const facts = two();
    const sides = facts.sides.map((one) =>
      one.side.name === 'blue' && one.service ? { ...one, service: { ...one.service, ...change } } : one,
    );
    const plan = decidePlan({ ...facts, sides });
    expect(plan).toMatchObject({ outcome: 'blocked', actions: [] });
    expect(plan.reason).toContain(words);
  });
});

test('a service scaled to nothing gets its definition back, and the plan says what that proves', () => {
  const plan = decidePlan(planFacts({ sides: withService({ desiredCount: 0 }) }));
  expect(plan.outcome).toBeNull();
  expect(plan.checks).toContainEqual({
    name: 'capacity',
    status: 'warning',
    evidence: 'checkout-main wants no tasks: its definition goes back, and nothing can be measured until it has some.',
  });
});

describe('a stack that CloudFormation changes', () => {
  const inStack = (status: string) => sidesWith({ stack: { name: 'shop', status } });
  const sidesWith = (more: Partial<SideFacts>) => [{ ...sideFacts('main', deployment(42, at('02:58:00'))), ...more }];

  test.each(['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'])('%s: a person is asked', (status) => {
    const plan = decidePlan(planFacts({ sides: inStack(status) }));
    expect(plan.outcome).toBeNull();
    expect(plan.asksBecause).toContain(`CloudFormation is changing the stack shop of checkout-main (${status})`);
  });

  test.each(['UPDATE_COMPLETE', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'])('%s: nobody is asked', (status) => {
    expect(decidePlan(planFacts({ sides: inStack(status) })).asksBecause).toBeUndefined();
  });

  test('that cannot be read hinders nothing, and is said', () => {
    const plan = decidePlan(planFacts({ sides: sidesWith({ stack: { name: 'shop', problem: 'AccessDenied' } }) }));
    expect(plan.asksBecause).toBeUndefined();
    expect(plan.checks).toContainEqual(expect.objectContaining({ name: 'stack of main', status: 'not checked' }));
  });
});

describe('blocked', () => {
  const policy = configuration().policy;
  test.each<[string, Partial<PlanFacts>, string]>([
    ['without a target', { choice: { kind: 'none', reason: 'None.' } }, 'target'],
    ['by an INACTIVE definition', { targetDefinition: definition(41, { status: 'INACTIVE' }) }, 'task definition'],
    [
      'by a database that nobody looked at',
      { configuration: configuration({ database: { instance: 'shop-db' } }) },
      'database',
    ],
    ['by CodeDeploy whose group nobody named', { sides: withService({ controller: 'CODE_DEPLOY' }) }, 'mechanism'],
    ['by an external controller', { sides: withService({ controller: 'EXTERNAL' }) }, 'mechanism'],
    ['by a service that drains', { sides: withService({ status: 'DRAINING' }) }, 'controller of main'],
    ['by a missing service', { sides: [{ side: side('main') }] }, 'controller of main'],
    ['by a strategy not built', { context: context({ strategy: 'canary' }) }, 'request'],
    [
      'by the policy’s strategy',
      { configuration: configuration({ policy: { ...policy, strategy: 'blue-green' } }) },
      'request',
    ],
    ['by a scope not built', { context: context({ scope: 'app-db' }) }, 'request'],
  ])('%s, in words', (_name, more, name) => {
    const facts = planFacts(more);
    const plan = decidePlan(facts);
    expect(plan.outcome).toBe('blocked');
    expect(failed(facts)).toContain(name);
    expect(plan.reason.length).toBeGreaterThan(4);
  });

  test('by a definition that ECS does not know', () => {
    const { targetDefinition: _none, ...facts } = planFacts();
    expect(failed(facts)).toEqual(['task definition']);
    expect(decidePlan(facts).reason).toBe('ECS knows no task definition checkout:41.');
  });

  test('asking for too much is answered even when already there', () => {
    const there = {
      choice: { kind: 'found', release: release(42, at('02:58:00')), reason: '' },
      targetDefinition: definition(42),
    } as const;
    expect(decidePlan(planFacts({ ...there, context: context({ scope: 'full' }) })).outcome).toBe('blocked');
  });
});

test('what is not built is not checked, never ok', () => {
  for (const name of ['images', 'configuration', 'migrations']) expect(statusOf(planFacts(), name)).toBe('not checked');
});

describe('ready', () => {
  test.each([
    ['dry run', context({ dryRun: true }), 'Dry run: nothing is changed.'],
    [
      'dry run of an alarm that asks',
      { ...context({ dryRun: true, trigger: trigger({ autoExecute: false }) }), asksBecause: 'Slower by 35 %.' },
      'Dry run: nothing is changed.',
    ],
    ['by hand without the phrase', byHand(), 'A start by hand in production needs "confirm"'],
  ])('%s', (_name, asked, words) => {
    const plan = decidePlan(planFacts({ context: asked }));
    expect(plan.outcome).toBe('ready');
    expect(plan.asksBecause).toBeUndefined();
    expect(plan.reason).toContain(words);
    expect(plan.actions).toHaveLength(1);
  });
});

describe('a person is asked', () => {
  const asked = (more: Partial<PlanFacts>): string => {
    const plan = decidePlan(planFacts(more));
    expect(plan).toMatchObject({
      outcome: null,
      reason: expect.stringContaining('A person is asked. Planned: checkout'),
    });
    return plan.asksBecause ?? '';
  };
  const hotfix = sideFacts('main', deployment(43, at('03:00:30'), { rolloutState: 'IN_PROGRESS' }));

  test('where Admit says so, though the trigger by itself would not', () => {
    expect(asked({ context: { ...context(), asksBecause: 'Slower by 35 %.' } })).toBe('Slower by 35 %.');
  });

  test('where the trigger does not roll back by itself', () => {
    const because = asked({ context: context({ trigger: trigger({ autoExecute: false }) }) });
    expect(because).toBe('Trigger errors asks a person first (auto_execute is false).');
  });

  test('where a deployment is younger than the alarm: it may be the fix', () => {
    expect(asked({ sides: [hotfix] })).toBe(
      'Deployment ecs-svc/43 of main to checkout:43 began at 2026-11-20T03:00:30.000Z, after the alarm of 2026-11-20T03:00:00.000Z: it may be the fix.',
    );
    expect(statusOf(planFacts({ sides: [hotfix] }), 'deployment of main')).toBe('warning');
  });

  test('with every reason that there is', () => {
    expect(asked({ context: { ...context(), asksBecause: 'Slower by 35 %.' }, sides: [hotfix] })).toMatch(
      /^Slower by 35 %\. Deployment ecs-svc\/43 /,
    );
  });

  test('not where the younger deployment goes to the target itself, nor without an alarm', () => {
    const joined = sideFacts('main', deployment(41, at('03:00:30'), { rolloutState: 'IN_PROGRESS' }));
    expect(decidePlan(planFacts({ sides: [joined] })).asksBecause).toBeUndefined();
    expect(
      decidePlan(planFacts({ sides: [hotfix], context: byHand({ confirmed: true }) })).asksBecause,
    ).toBeUndefined();
  });
});

describe('migrations that nobody has looked at', () => {
  const means = (unknownMigrations: 'ask' | 'proceed' | 'block') =>
    planFacts({
      configuration: configuration({
        database: { instance: 'shop-db' },
        policy: { ...configuration().policy, unknownMigrations },
      }),
    });

  test.each([
    ['ask', 'not checked', 'a person is asked'],
    ['proceed', 'warning', 'the rollback goes on'],
    ['block', 'failed', 'the rollback is blocked'],
  ] as const)('policy.unknownMigrations "%s": %s', (policy, status, words) => {
    const check = decidePlan(means(policy)).checks.find(({ name }) => name === 'migrations');
    expect(check).toMatchObject({ status, evidence: expect.stringContaining(words) });
  });

  test('are asked about also where a person started it with the phrase', () => {
    const facts = { ...means('ask'), context: byHand({ confirmed: true }) };
    const checks = [{ name: 'migrations', status: 'not checked', evidence: '' }] as const;
    const because = whyAsked(facts, checks, { may: 'change', reason: '' });
    expect(because).toMatch(/^The service has the database instance shop-db, and nobody has looked at the migrations/);
    expect(
      whyAsked({ ...means('proceed'), context: facts.context }, checks, { may: 'change', reason: '' }),
    ).toBeUndefined();
    expect(whyAsked(facts, [{ ...checks[0], status: 'ok' }], { may: 'change', reason: '' })).toBeUndefined();
  });

  test('are no reason to ask where there is no database', () => {
    expect(decidePlan(planFacts()).asksBecause).toBeUndefined();
  });
});

// ---------------------------------------------------------------- two sides

interface Blueprint {
  readonly blue?: Partial<SideFacts>;
  readonly weights?: Record<string, number>;
  readonly blueRevision?: number;
  readonly sticky?: boolean;
  readonly target?: number;
  readonly more?: Partial<ServiceConfiguration>;
}

const two = ({
  blue = {},
  weights,
  blueRevision = 41,
  sticky = false,
  target = 41,
  more = {},
}: Blueprint = {}): PlanFacts => {
  const live = weights ?? { [targetGroup('blue')]: 0, [targetGroup('green')]: 100 };
  return planFacts({
    configuration: configuration({ sides: [side('blue'), side('green')], ...more }),
    sides: [
      sideFacts('blue', deployment(blueRevision, at('01:00:00')), blue),
      sideFacts('green', deployment(42, at('02:58:00'))),
    ],
    rules: [
      {
        rule,
        weights: {
          rule,
          weights: live,
          stickiness: sticky ? { enabled: true, durationSeconds: 600 } : { enabled: false },
        },
      },
    ],
    suspect: { side: 'green', taskDefinition: taskDefinition(42), version: 'v42', begunAt: at('02:58:00') },
    choice: {
      kind: 'found',
      release: release(target, at('00:30:00'), { side: 'blue' }),
      standing: 'good',
      reason: 'good',
    },
    targetDefinition: definition(target),
  });
};

describe('two sides', () => {
  test('where one runs the target: traffic moves at once, stickiness off, and back as it was', () => {
    const plan = decidePlan(two({ sticky: true }));
    expect(plan.outcome).toBeNull();
    expect(plan.strategy).toBe('instant');
    expect(plan.actions).toEqual([
      expect.objectContaining({
        type: 'ShiftTraffic',
        toSide: 'blue',
        forward: [
          { rule, weights: { [targetGroup('blue')]: 100, [targetGroup('green')]: 0 }, stickiness: { enabled: false } },
        ],
        reverse: [
          {
            rule,
            weights: { [targetGroup('blue')]: 0, [targetGroup('green')]: 100 },
            stickiness: { enabled: true, durationSeconds: 600 },
          },
        ],
      }),
    ]);
  });

  test('where none runs the target: the idle side is reverted first', () => {
    const plan = decidePlan(two({ blueRevision: 40 }));
    expect(plan.outcome).toBeNull();
    expect(plan.actions.map(({ id, type }) => `${id} ${type}`)).toEqual([
      '1 RevertService',
      '2 ShiftTraffic',
      '3 ShiftTraffic',
    ]);
    expect(plan.actions[0]).toMatchObject({ side: 'blue', forward: { taskDefinition: taskDefinition(41) } });
  });

  const underWay = (rolloutState: string) =>
    two({
      blue: {
        service: service(deployment(41, at('02:59:00'), { rolloutState, runningCount: 1 }), { side: 'blue' }),
      },
    });

  test('where the side that gets the target is still being deployed: that is awaited before the traffic moves', () => {
    const plan = decidePlan(underWay('IN_PROGRESS'));
    expect(plan.outcome).toBeNull();
    expect(plan.actions.map(({ id, type }) => `${id} ${type}`)).toEqual([
      '1 RevertService',
      '2 ShiftTraffic',
      '3 ShiftTraffic',
    ]);
    expect(plan.actions[0]).toMatchObject({ side: 'blue', forward: { taskDefinition: taskDefinition(41) } });
  });

  test('where ECS gave that deployment up: blocked, whatever targets are left there', () => {
    const plan = decidePlan(underWay('FAILED'));
    expect(plan).toMatchObject({ outcome: 'blocked', actions: [] });
    expect(plan.reason).toContain('gave the deployment of v41 (checkout:41) on side blue up');
  });

  test('where the only serving side is on its way back already: joined, the traffic stays', () => {
    const facts = underWay('IN_PROGRESS');
    const rules = two({ weights: { [targetGroup('blue')]: 100, [targetGroup('green')]: 0 } }).rules;
    const plan = decidePlan({ ...facts, rules });
    expect(plan.outcome).toBeNull();
    expect(plan.actions.map(({ type }) => type)).toEqual(['RevertService']);
  });

  test('where the rule has other groups: their weights are not ours', () => {
    const weights = { [targetGroup('blue')]: 10, [targetGroup('green')]: 80, 'arn:other': 10 };
    const [action] = decidePlan(two({ weights })).actions;
    expect(action).toMatchObject({ forward: [{ weights: { [targetGroup('blue')]: 90, [targetGroup('green')]: 0 } }] });
    expect(JSON.stringify(action)).not.toContain('arn:other');
  });

  test('where all traffic is on the target already: nothing is done', () => {
    const plan = decidePlan(two({ weights: { [targetGroup('blue')]: 100, [targetGroup('green')]: 0 } }));
    expect(plan).toMatchObject({ outcome: 'already-at-target', actions: [] });
  });

  test('where the target’s side runs the code under a family of its own', () => {
    const arn = taskDefinition(7, 'checkout-blue');
    const own = definition(7, { taskDefinition: arn, family: 'checkout-blue', version: 'v41' });
    const facts = two({
      blue: {
        service: service(deployment(7, at('01:00:00'), { taskDefinition: arn }), { side: 'blue' }),
        definition: own,
      },
    });
    expect(decidePlan(facts).actions).toEqual([expect.objectContaining({ type: 'ShiftTraffic', toSide: 'blue' })]);
  });

  const health = (healthy: number) => ({ targetGroup: targetGroup('blue'), healthy, registered: 4, problems: [] });
  test.each<[string, PlanFacts, string]>([
    ['the target’s side is too weak', two({ blue: { health: health(1) } }), 'capacity'],
    ['all weights are 0', two({ weights: { [targetGroup('blue')]: 0, [targetGroup('green')]: 0 } }), 'mechanism'],
    [
      'both carry traffic and neither runs the target',
      two({ blueRevision: 40, weights: { [targetGroup('blue')]: 50, [targetGroup('green')]: 50 } }),
      'mechanism',
    ],
    [
      'a rule cannot be read',
      { ...two(), rules: [...two().rules, { rule: 'arn:2/x', problem: 'AccessDenied' }] },
      'rule x',
    ],
    ['rolling is asked for', { ...two(), context: context({ strategy: 'rolling' }) }, 'request'],
  ])('blocked where %s', (_name, facts, name) => {
    expect(decidePlan(facts).outcome).toBe('blocked');
    expect(failed(facts)).toContain(name);
  });

  test('a controller that is not touched does not block', () => {
    const facts = two();
    const codeDeploy = facts.sides.map((one) => ({
      ...one,
      service: { ...(one.service as ReturnType<typeof service>), controller: 'EXTERNAL' as const },
    }));
    expect(decidePlan({ ...facts, sides: codeDeploy }).outcome).toBeNull();
  });
});

test('weights: never all zero, never out of range, the share of others untouched, and reversible', () => {
  const weight = fc.integer({ min: 0, max: 999 });
  fc.assert(
    fc.property(weight, weight, weight, fc.boolean(), (blue, green, other, sticky) => {
      const live = { [targetGroup('blue')]: blue, [targetGroup('green')]: green, 'arn:other': other };
      const plan = decidePlan(two({ weights: live, sticky }));
      for (const action of plan.actions) {
        if (action.type !== 'ShiftTraffic') continue;
        for (const [index, forward] of action.forward.entries()) {
          const values = Object.values(forward.weights);
          expect(values.some((value) => value > 0)).toBe(true);
          expect(values.every((value) => Number.isInteger(value) && value >= 0 && value <= 999)).toBe(true);
          expect(Object.keys(forward.weights)).not.toContain('arn:other');
          expect(forward.stickiness.enabled).toBe(false);
          expect(action.reverse[index]?.weights).toEqual({
            [targetGroup('blue')]: blue,
            [targetGroup('green')]: green,
          });
        }
      }
    }),
  );
});

describe('afterwards', () => {
  const with_ = (badSide: 'scale-in' | 'revert', facts: PlanFacts): PlanFacts => ({
    ...facts,
    configuration: { ...facts.configuration, policy: { ...facts.configuration.policy, badSide } },
  });

  test('the side that the traffic left is scaled in last', () => {
    const plan = decidePlan(with_('scale-in', two()));
    expect(plan.actions.at(-1)).toMatchObject({ id: '2', type: 'ScaleIn', side: 'green', afterVerification: true });
    expect(plan.timeoutSeconds).toBe(300);
  });

  test.each([
    ['runs the target', two()],
    ['has to be reverted to the target', two({ blueRevision: 40 })],
  ])('a side that an earlier rollback has scaled in says how it gets its tasks back, where it %s', (_what, before) => {
    const facts = with_('scale-in', before);
    const empty = { targetGroup: targetGroup('blue'), healthy: 0, registered: 0, problems: [] };
    const sides = facts.sides.map((one) =>
      one.side.name === 'blue' && one.service
        ? { ...one, service: { ...one.service, desiredCount: 0, runningCount: 0 }, health: empty }
        : one,
    );
    const plan = decidePlan({ ...facts, sides });
    expect(plan.outcome).toBe('blocked');
    expect(plan.reason).toMatch(
      /Side blue wants 0 tasks, 2 are required: policy\.badSide is "scale-in".*aws ecs update-service --cluster shop --service checkout-blue --desired-count 4/,
    );
  });

  test('what cannot be done afterwards hinders no rollback', () => {
    const facts = with_('revert', two());
    const sides = facts.sides.map((one) =>
      one.side.name === 'green' && one.service
        ? { ...one, service: { ...one.service, controller: 'EXTERNAL' as const } }
        : one,
    );
    const plan = decidePlan({ ...facts, sides });
    expect(plan.outcome).toBeNull();
    expect(plan.actions.map(({ type }) => type)).toEqual(['ShiftTraffic']);
    expect(plan.checks).toContainEqual({
      name: 'afterwards of green',
      status: 'warning',
      evidence:
        'Side green is left as it is: checkout-green is not deployed by ECS rolling (EXTERNAL), so this rollback does not touch it.',
    });
  });

  test('a revert afterwards is judged neither as capacity nor as time before', () => {
    const plan = decidePlan(with_('revert', two()));
    expect(plan.outcome).toBeNull();
    expect(plan.actions.map(({ type }) => type)).toEqual(['ShiftTraffic', 'RevertService']);
    expect(plan.timeoutSeconds).toBe(300);
    expect(plan.checks.filter(({ name }) => name.startsWith('controller of'))).toEqual([]);
    expect(plan.checks.find(({ name }) => name === 'capacity')?.evidence).toContain('4 of 4 targets healthy');
  });
});

describe('time', () => {
  test('is what was asked for, with a warning where that is short', () => {
    const { timeoutSeconds, timeoutReason } = decidePlan(planFacts({ context: context({ timeoutSeconds: 120 }) }));
    expect(timeoutSeconds).toBe(120);
    expect(timeoutReason).toMatch(/^120 s as requested. That may be too short: starting tasks takes about 80 s/);
  });

  test('is what starting, draining and measuring take, where that is more than the default', () => {
    expect(decidePlan(planFacts())).toMatchObject({
      timeoutSeconds: 350,
      timeoutReason:
        '350 s instead of 300: starting tasks takes about 80 s, draining the old ones 90 s, measuring 180 s.',
    });
  });

  test('has room for each step that is held, and for its numbers', () => {
    const plan = decidePlan({ ...two(), context: context({ strategy: 'canary' }) });
    expect(plan).toMatchObject({
      timeoutSeconds: 780,
      timeoutReason: '780 s instead of 300: holding 2 steps 600 s at most, measuring 180 s.',
    });
  });

  test('has room for starting tasks and for steps, where both come', () => {
    expect(decidePlan(two({ blueRevision: 40 })).timeoutReason).toBe(
      '650 s instead of 300: starting tasks takes about 80 s, draining the old ones 90 s, holding 1 step 300 s at most, measuring 180 s.',
    );
  });

  test('is the default where only traffic moves', () => {
    expect(decidePlan(two())).toMatchObject({
      timeoutSeconds: 300,
      timeoutReason: '300 s, the default; measuring takes about 180 s.',
    });
  });
});

test('a plan executes only with actions and without a failed check', () => {
  const drawn = fc.record({
    status: fc.constantFrom('ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS'),
    controller: fc.constantFrom('ECS' as const, 'CODE_DEPLOY' as const, 'EXTERNAL' as const),
    desiredCount: fc.integer({ min: 0, max: 5 }),
    current: fc.integer({ min: 41, max: 43 }),
    rolloutState: fc.constantFrom('COMPLETED', 'IN_PROGRESS', 'FAILED'),
    database: fc.boolean(),
    dryRun: fc.boolean(),
  });
  fc.assert(
    fc.property(drawn, (facts) => {
      const primary = deployment(facts.current, at('02:58:00'), { rolloutState: facts.rolloutState });
      const { controller, desiredCount } = facts;
      const plan = decidePlan(
        planFacts({
          context: context({ dryRun: facts.dryRun }),
          configuration: configuration(facts.database ? { database: { cluster: 'shop' } } : {}),
          sides: [
            { ...sideFacts('main', primary), service: service(primary, { side: 'main', controller, desiredCount }) },
          ],
          targetDefinition: definition(41, { status: facts.status }),
        }),
      );
      const bad = plan.checks.some((check) => check.status === 'failed');
      if (plan.outcome === null) {
        expect(plan.actions.length).toBeGreaterThan(0);
        expect(bad || facts.dryRun || facts.database || facts.status !== 'ACTIVE' || controller !== 'ECS').toBe(false);
      }
      if (plan.outcome === 'ready') expect(bad).toBe(false);
      if (plan.outcome === 'already-at-target') expect(plan.actions).toEqual([]);
      if (plan.outcome === 'blocked') expect(bad).toBe(true);
    }),
  );
});

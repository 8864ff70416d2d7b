/** Plans of services with companions: order, what is refused, and when a person is asked. */
import { describe, expect, test } from 'vitest';
import { recordOf } from '../../../lib/domain/actions.ts';
import type { Companion, CopyOrder, Plan } from '../../../lib/domain/model.ts';
import { decidePlan } from '../../../lib/domain/plan.ts';
import type { CompanionFacts, Goal, PlanFacts, SideFacts } from '../../../lib/domain/plan-facts.ts';
import { policy } from '../../policy.ts';
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
} from '../worlds.ts';

const named = (name: string, dependsOn: readonly string[] = []): Companion => ({
  name,
  cluster: 'shop',
  service: `checkout-${name}`,
  dependsOn,
});

/** On revision 7 of its own family, which goes back to 6. */
function companion(config: Companion, more: Partial<SideFacts> = {}, goal: Partial<Goal> = {}): CompanionFacts {
  const { name } = config;
  const of = (revision: number) => ({ taskDefinition: taskDefinition(revision, name), version: `r${revision}` });
  const primary = deployment(7, at('02:57:00'), of(7));
  const six = release(6, at('00:30:00'), { ...of(6), side: name, images: [] });
  return {
    unit: {
      side: config,
      service: service(primary, { side: name, desiredCount: 2, runningCount: 2 }),
      definition: definition(7, of(7)),
      ...more,
    },
    goal: {
      choice: { kind: 'found', release: six, reason: `r6 (${name}:6) ran beside v41 (checkout:41) last.` },
      targetDefinition: definition(6, of(6)),
      images: [],
      needs: [],
      ...goal,
    },
  };
}

const plan = (companions: readonly CompanionFacts[], more: Partial<PlanFacts> = {}): Plan => {
  const { configuration: given = configuration(), ...rest } = more;
  const configured = companions.map(({ unit }) => unit.side as Companion);
  return decidePlan(planFacts({ companions, configuration: { ...given, companions: configured }, ...rest }));
};
const order = ({ actions }: Plan): string[] =>
  actions.map((action) => ('side' in action ? `${action.type} ${action.side}` : action.type));
const check = ({ checks }: Plan, name: string) => checks.find((one) => one.name === name);

describe('the order of a plan', () => {
  test('the side first, since users are there, and companions after it, dependents first', () => {
    const found = plan([companion(named('api')), companion(named('worker', ['api']))]);
    expect(order(found)).toEqual(['RevertService main', 'RevertService worker', 'RevertService api']);
    expect(found.actions.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(found.reason).toContain('In this order, each awaited: side main, companion worker, companion api.');
  });

  test('a companion that calls the side goes before it', () => {
    const found = plan([companion(named('api')), companion(named('worker', ['main']))]);
    expect(order(found)).toEqual(['RevertService worker', 'RevertService main', 'RevertService api']);
  });

  const green = sideFacts('green', deployment(42, at('02:58:00')));
  const twoSides: Partial<PlanFacts> = {
    configuration: configuration({ sides: [side('blue'), side('green')], policy: { ...policy, badSide: 'revert' } }),
    sides: [sideFacts('blue', deployment(41, at('01:00:00'))), green],
    rules: [
      {
        rule,
        weights: {
          rule,
          weights: { [targetGroup('blue')]: 0, [targetGroup('green')]: 100 },
          stickiness: { enabled: false },
        },
      },
    ],
    suspect: { side: 'green', taskDefinition: taskDefinition(42), version: 'v42', begunAt: at('02:58:00') },
  };

  test('between two sides traffic goes first, and what follows the verification stays last', () => {
    const found = order(plan([companion(named('worker'))], twoSides));
    expect(found.slice(0, -2).every((one) => one === 'ShiftTraffic')).toBe(true);
    expect(found.slice(-2)).toEqual(['RevertService worker', 'RevertService green']);
  });

  test('the time limit leaves room for each', () => {
    const alone = plan([]).timeoutSeconds;
    const two = plan([companion(named('api')), companion(named('worker'))]);
    expect(two.timeoutSeconds).toBeGreaterThanOrEqual(alone + 2 * 60);
    expect(two.timeoutReason).toContain('reverting 2 companions one by one');
  });
});

describe('a companion that', () => {
  test('is at its target already gets no action, and a check that says so', () => {
    const worker = companion(named('worker'));
    const there = companion(named('worker'), {
      ...worker.unit,
      service: service(deployment(6, at('00:30:00'), { taskDefinition: taskDefinition(6, 'worker') })),
    });
    const found = plan([there]);
    expect(order(found)).toEqual(['RevertService main']);
    expect(check(found, 'companion worker')).toMatchObject({
      status: 'ok',
      evidence: expect.stringContaining('checkout-worker runs it already.'),
    });
    expect(found.outcome).toBeNull();
    expect(found.companions).toMatchObject([{ companion: 'worker', target: { version: 'r6' } }]);
    expect(found.companions?.[0]).not.toHaveProperty('suspect');
  });

  const unknown = companion(named('worker'), {}, { choice: { kind: 'none', reason: 'Nothing tells what it ran.' } });

  test('nobody knows the earlier release of stays, and a person is asked', () => {
    const found = plan([unknown]);
    expect(order(found)).toEqual(['RevertService main']);
    expect(check(found, 'companion worker')).toMatchObject({ status: 'warning' });
    expect(found.asksBecause).toContain('Companion worker: Nothing tells what it ran. It stays on worker:7.');
  });

  test('ECS does not know stays as it is, and a person is asked', () => {
    const { unit, goal } = companion(named('worker'));
    const found = plan([{ unit: { side: unit.side }, goal }]);
    expect(found.asksBecause).toContain('ECS knows no service checkout-worker in cluster shop.');
  });

  test.each([
    ['EXTERNAL', 'Tell the controller of checkout-worker to deploy worker:6'],
    ['CODE_DEPLOY', 'companions are deployed by ECS: stop or redeploy it there.'],
  ] as const)(
    '%s deploys cannot be put back from here: the rollback is blocked and says what to do',
    (controller, words) => {
      const { unit, goal } = companion(named('worker'));
      const found = plan([
        { unit: { ...unit, service: service(deployment(7, at('02:57:00')), { controller }) }, goal },
      ]);
      expect(found.outcome).toBe('blocked');
      expect(check(found, 'mechanism of worker')).toMatchObject({ status: 'failed' });
      expect(found.reason).toContain(words);
    },
  );

  test('could not be started blocks, by the same checks as a side', () => {
    const gone = plan([
      companion(named('worker'), {}, { images: [{ container: 'app', kind: 'gone', evidence: 'app: gone.' }] as never }),
    ]);
    expect(gone.outcome).toBe('blocked');
    expect(check(gone, 'images of worker')).toMatchObject({ status: 'failed' });
  });

  test('takes a copy has one of its own, and the ledger remembers what of', () => {
    const copy: CopyOrder = {
      of: taskDefinition(6, 'worker'),
      key: 'k',
      sha256: '0',
      images: {},
      why: 'It is INACTIVE.',
    };
    const found = plan([companion(named('worker'), {}, { copy })]);
    expect(found.actions[0]).toMatchObject({ side: 'main', forward: { taskDefinition: taskDefinition(41) } });
    expect(found.actions[1]).toMatchObject({ side: 'worker', forward: { register: copy } });
    expect(recordOf(found)).toMatchObject({
      reverts: { main: taskDefinition(41), worker: taskDefinition(6, 'worker') },
      copies: { worker: { taskDefinition: taskDefinition(6, 'worker'), images: definition(6).images } },
    });
  });

  const late = (version: string): CompanionFacts => {
    const { unit, goal } = companion(named('worker'));
    const primary = deployment(7, at('03:00:01'), { taskDefinition: taskDefinition(7, 'worker') });
    const after = {
      service: service(primary),
      definition: definition(7, { taskDefinition: taskDefinition(7, 'worker'), version }),
    };
    return { unit: { ...unit, ...after }, goal };
  };
  const alarmed = { context: context({ trigger: trigger() }) };

  test('somebody deployed after the alarm may be the fix: a person is asked', () => {
    expect(plan([late('r7')], alarmed).asksBecause).toContain('it may be the fix');
  });

  test('the pipeline deployed after the alarm, of the version that has to go, is no fix', () => {
    const found = plan([late('v42')], alarmed);
    expect(found.asksBecause).toBeUndefined();
    expect(order(found)).toEqual(['RevertService main', 'RevertService worker']);
  });
});

describe('with the side on the target already', () => {
  const there: Partial<PlanFacts> = { sides: [sideFacts('main', deployment(41, at('02:58:00')))] };

  test('companions are put back all the same, and the side’s release is not what has to go', () => {
    const found = plan([companion(named('worker'))], there);
    expect(order(found)).toEqual(['RevertService worker']);
    expect(found).not.toHaveProperty('suspect');
    expect(found.companions?.[0]?.suspect).toMatchObject({ side: 'worker', version: 'r7' });
    expect(check(found, 'capacity')?.evidence).toBe('Only companions are reverted: who serves stays as it is.');
  });

  test('and every companion as well, nothing is done', () => {
    const worker = companion(named('worker'));
    const primary = deployment(6, at('00:30:00'), { taskDefinition: taskDefinition(6, 'worker') });
    const found = plan([{ ...worker, unit: { ...worker.unit, service: service(primary) } }], there);
    expect(found).toMatchObject({ outcome: 'already-at-target', actions: [] });
  });

  test('a companion that cannot be put back is no "already at target"', () => {
    const { unit, goal } = companion(named('worker'));
    const external = service(deployment(7, at('02:57:00')), { controller: 'EXTERNAL' });
    expect(plan([{ unit: { ...unit, service: external }, goal }], there).outcome).toBe('blocked');
  });
});

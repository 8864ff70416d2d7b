/** What of a stopped rollback is undone, as a table over live facts; and what may never be undone, whatever they are. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideCompensation } from '../../lib/domain/compensation.ts';
import type { DeploymentView } from '../../lib/domain/ecs.ts';
import type {
  Action,
  Plan,
  RevertServiceAction,
  RuleWeights,
  ShiftTrafficAction,
  TimelineEntry,
} from '../../lib/domain/model.ts';
import type { Rollout } from '../../lib/domain/reversal/rollout.ts';
import type { SideStanding } from '../../lib/domain/standing.ts';
import { type CompensationFacts, type Moved, undoSeconds } from '../../lib/domain/undo.ts';
import { at, deployment, rule, service, side, targetGroup, taskDefinition } from './worlds.ts';

const [blue, green] = [targetGroup('blue'), targetGroup('green')];
const weights = (toBlue: number, toGreen: number): RuleWeights => ({
  rule,
  weights: { [blue]: toBlue, [green]: toGreen },
  stickiness: { enabled: false },
});

/** From green, which runs the suspect, to blue. */
const step = (id: string, from: number, to: number, gate?: ShiftTrafficAction['gate']): ShiftTrafficAction => ({
  id,
  type: 'ShiftTraffic',
  toSide: 'blue',
  description: `Give side blue ${to} %`,
  reason: 'A test.',
  forward: [weights(to, 100 - to)],
  reverse: [weights(from, 100 - from)],
  ...(gate && { gate }),
});
const gate = { percent: 10, holdSeconds: 60 };
const revert: RevertServiceAction = {
  id: '1',
  type: 'RevertService',
  by: 'update-service',
  side: 'main',
  description: 'Put ECS service checkout-main from checkout:42 on checkout:41',
  reason: 'A test.',
  forward: { taskDefinition: taskDefinition(41) },
  reverse: { taskDefinition: taskDefinition(42) },
};

const healthy = (name: string, count: number): SideStanding => {
  const one = { ...side(name) };
  return {
    side: one,
    service: service(deployment(name === 'blue' ? 41 : 42, at('02:00:00')), { side: name }),
    targets: { targetGroup: one.targetGroup ?? '', healthy: count, registered: 4, problems: [] },
  };
};

const entry = (kind: string, message: string, data: TimelineEntry['data'] = {}): TimelineEntry => ({
  time: at('03:01:00'),
  service: 'checkout',
  rollbackId: 'r-1',
  kind,
  message,
  data,
});

const facts = (actions: readonly Action[], more: Partial<CompensationFacts> = {}): CompensationFacts => ({
  now: at('03:02:00'),
  since: at('03:02:00'),
  stopped: { outcome: 'halted', reason: 'It stopped.' },
  plan: {
    actions,
    current: [{ side: 'blue', desiredCount: 4, taskDefinition: taskDefinition(41) }],
  } as unknown as Plan,
  checkpoint: null,
  index: actions.length - 1,
  standing: { sides: [healthy('blue', 4), healthy('green', 4)], rules: [weights(100, 0)] },
  timeline: [],
  ...more,
});

const standing = (toBlue: number, blueHealthy: number, greenHealthy: number) => ({
  sides: [healthy('blue', blueHealthy), healthy('green', greenHealthy)],
  rules: [weights(toBlue, 100 - toBlue)],
});

describe('traffic that was moved', () => {
  const moved = [step('1', 0, 100)];
  const back = { kind: 'undo', undo: { kind: 'weights', to: [weights(0, 100)] } };
  const worse = entry('check.failed', 'Side blue with 10 % is not healthy enough to get more: 9 % failed.', {
    actionId: '1',
  });

  test('goes back when what receives it lacks healthy targets and the other side has them', () => {
    const decision = decideCompensation(facts(moved, { standing: standing(100, 1, 4) }));
    expect(decision).toMatchObject(back);
    expect(decision).toMatchObject({ message: expect.stringMatching(/goes back to blue 0, green 100: blue: 1 of 4/) });
  });

  test('goes back when its gate measured it worse', () => {
    const gated = [step('1', 0, 10, gate), step('2', 10, 100)];
    const found = facts(gated, { index: 0, standing: standing(10, 4, 4), timeline: [worse] });
    expect(decideCompensation(found)).toMatchObject({ ...back, message: expect.stringContaining('9 % failed') });
  });

  test('of several steps goes back to where it was before the first, at once', () => {
    const steps = [step('1', 0, 10, gate), step('2', 10, 50, gate), step('3', 50, 100)];
    const failed = entry('check.failed', 'worse', { actionId: '2' });
    const found = facts(steps, { index: 1, standing: standing(50, 4, 4), timeline: [failed] });
    expect(decideCompensation(found)).toMatchObject(back);
  });

  test.each<[string, Partial<CompensationFacts>, RegExp]>([
    ['when nothing measured says so', {}, /nothing measured says that users were better off/],
    [
      'when the other side could not serve either',
      { standing: standing(100, 1, 1) },
      /although.*nobody could serve it: green: 1 of 4/,
    ],
    [
      'when somebody else has set the weights',
      { standing: standing(70, 1, 4) },
      /Somebody else has set the weights to blue 70, green 30/,
    ],
    [
      'when a lost lock forbids it',
      { standing: standing(100, 1, 4), forbidden: 'Nothing was undone.' },
      /Nothing was undone\./,
    ],
  ])('stays %s', (_when, more, words) => {
    expect(decideCompensation(facts(moved, more))).toMatchObject({
      kind: 'done',
      outcome: 'halted',
      reason: expect.stringMatching(words),
    });
  });

  test('stays once the rollback was verified, whatever failed afterwards, and it stays verified', () => {
    const after = { ...revert, id: '2', side: 'green', afterVerification: true } as const;
    const stoppedAfter = { outcome: 'verified', reason: 'Healthy.' } as const;
    const found = facts([step('1', 0, 100), after], { stopped: stoppedAfter, standing: standing(100, 1, 4) });
    expect(decideCompensation(found)).toMatchObject({
      kind: 'done',
      outcome: 'verified',
      reason: expect.stringMatching(/^Healthy\. Not begun: /),
    });
  });

  test('that is back already is said to be, by its name', () => {
    const checkpoint = { sides: [], rules: [weights(0, 100)] };
    const begun = entry('undo.begun', '', { undoes: '1' });
    const found = facts(moved, { checkpoint, standing: standing(0, 1, 4), timeline: [begun] });
    expect(decideCompensation(found)).toMatchObject({
      kind: 'done',
      outcome: 'halted',
      reason: expect.stringMatching(
        /^It stopped\. The traffic was put back\..*All traffic is on side green, as before the rollback/,
      ),
    });
  });

  test('that cannot be put back in time needs a person', () => {
    const late = {
      since: at('02:00:00'),
      now: new Date(Date.parse(at('02:00:00')) + undoSeconds * 1000).toISOString(),
    };
    expect(decideCompensation(facts(moved, { ...late, standing: standing(100, 1, 4) }))).toMatchObject({
      kind: 'done',
      outcome: 'needs-attention',
      reason: expect.stringContaining('did not end within 15 minutes'),
    });
  });

  test('never goes to a side without enough targets, and never at all without evidence', () => {
    const count = fc.integer({ min: 0, max: 4 });
    const kinds = fc.constantFrom('check.failed', 'check.done', 'check.waiting');
    fc.assert(
      fc.property(
        count,
        count,
        fc.constantFrom(0, 10, 50, 70, 100),
        fc.boolean(),
        kinds,
        (blues, greens, live, gated, kind) => {
          const actions = [step('1', 0, 10, gated ? gate : undefined), step('2', 10, 50, gated ? gate : undefined)];
          const timeline = [entry(kind, 'said', { actionId: '2' })];
          const decision = decideCompensation(facts(actions, { standing: standing(live, blues, greens), timeline }));
          if (decision.kind !== 'undo') return;
          expect(greens).toBeGreaterThanOrEqual(2);
          expect([10, 50]).toContain(live);
          expect(blues < 2 || (gated && kind === 'check.failed')).toBe(true);
        },
      ),
    );
  });
});

describe('a service that was reverted', () => {
  const failedCheck = entry('check.failed', 'Not stable by the deadline.', { actionId: '1' });
  const main = (
    deployments: readonly DeploymentView[],
    more: Parameters<typeof service>[1] = {},
    targets = 4,
  ): SideStanding => {
    const one = side('main');
    return {
      side: one,
      service: service(deployments[0] as DeploymentView, { deployments, ...more }),
      targets: { targetGroup: one.targetGroup ?? '', healthy: targets, registered: 8, problems: [] },
    };
  };
  const target = (more: Partial<DeploymentView> = {}) =>
    deployment(41, at('03:00:00'), { runningCount: 0, rolloutState: 'IN_PROGRESS', ...more });
  const old = (more: Partial<DeploymentView> = {}) => deployment(42, at('02:00:00'), { status: 'ACTIVE', ...more });
  const decide = (one: SideStanding, more: Partial<CompensationFacts> = {}) =>
    decideCompensation(facts([revert], { standing: { sides: [one], rules: [] }, ...more }));
  const back = { kind: 'undo', undo: { kind: 'service', taskDefinition: taskDefinition(42) } };

  test.each<[string, SideStanding, Partial<CompensationFacts>]>([
    ['ECS gave its deployment up', main([target({ rolloutState: 'FAILED' }), old()]), {}],
    ['its tasks failed again and again', main([target({ failedTasks: 3 }), old()]), {}],
    ['it did not come up in time', main([target({ runningCount: 4 }), old()]), { timeline: [failedCheck] }],
  ])('goes back when %s while the old tasks still serve', (_why, one, more) => {
    expect(decide(one, more)).toMatchObject(back);
  });

  test.each<[string, SideStanding, Partial<CompensationFacts>]>([
    ['its tasks are still starting', main([target(), old()]), {}],
    ['too few old tasks still serve', main([target({ failedTasks: 3 }), old({ runningCount: 1 })], {}, 1), {}],
    [
      'enough of its tasks serve',
      main([target({ runningCount: 4, failedTasks: 5 }), old({ runningCount: 1 })], {}, 5),
      { timeline: [failedCheck] },
    ],
    [
      "somebody's deployment has replaced it",
      main([deployment(43, at('03:01:00')), old()]),
      { timeline: [failedCheck] },
    ],
    ["ECS's circuit breaker took it back", main([deployment(42, at('03:01:00'))]), { timeline: [failedCheck] }],
    ['CodeDeploy owns it', main([target({ failedTasks: 3 }), old()], { controller: 'CODE_DEPLOY' }), {}],
    ["ECS's own strategy owns it", main([target({ failedTasks: 3 }), old()], { strategy: 'BLUE_GREEN' }), {}],
  ])('stays when %s', (_why, one, more) => {
    expect(decide(one, more)).toMatchObject({ kind: 'done', outcome: 'halted' });
  });

  describe('by a deployment that ECS or CodeDeploy carries out', () => {
    const arn = 'arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/checkout-main/d1';
    const rollout = (more: Partial<Rollout> = {}): Rollout => ({
      id: arn,
      state: 'under way',
      to: taskDefinition(41),
      from: taskDefinition(42),
      begunAt: at('03:00:00'),
      ...more,
    });
    const hook = { id: 'h1', stage: 'POST_SCALE_UP', expiresAt: at('04:00:00') };
    const broken = main([target({ failedTasks: 3 }), old()], { strategy: 'CANARY' });
    const healthy = { targetGroup: 'green', healthy: 4, registered: 4, problems: [] };
    const undo = { kind: 'undo', undo: { kind: 'deployment', taskDefinition: taskDefinition(42) } };
    const left = { kind: 'done', outcome: 'halted' };
    const begun = [entry('undo.begun', '', { undoes: '1' })];
    const failedLate = { timeline: [failedCheck] };

    test.each<[string, SideStanding, Moved, Partial<CompensationFacts>, object]>([
      [
        'is ended while it is under way',
        broken,
        { rollout: rollout() },
        {},
        { ...undo, undo: { ...undo.undo, end: { do: 'stop-service-deployment', id: arn } } },
      ],
      [
        'is answered where it is paused',
        broken,
        { rollout: rollout({ state: 'paused', hook }) },
        {},
        { ...undo, undo: { ...undo.undo, end: { do: 'continue-hook-rollback', id: arn, hookId: 'h1' } } },
      ],
      [
        'is stopped where it is CodeDeploy’s',
        main([target(), old()], { controller: 'CODE_DEPLOY' }),
        { rollout: rollout({ id: 'd-1', state: 'paused' }) },
        failedLate,
        { ...undo, undo: { ...undo.undo, end: { do: 'codedeploy-stop', id: 'd-1' } } },
      ],
      [
        'stays where its way back leads elsewhere',
        broken,
        { rollout: rollout({ from: taskDefinition(40) }) },
        {},
        left,
      ],
      ['stays once it is over', broken, {}, {}, left],
      ['stays where it goes back by itself', broken, { rollout: rollout({ state: 'rolling back' }) }, {}, left],
      [
        'stays while enough of its tasks serve, wherever they are registered',
        main([target({ runningCount: 4 }), old()], { strategy: 'CANARY' }),
        { rollout: rollout(), targets: healthy },
        failedLate,
        left,
      ],
      ['is awaited once it was ended', broken, {}, { timeline: begun }, { kind: 'wait' }],
      [
        'is awaited on its way back',
        broken,
        { rollout: rollout({ state: 'rolling back', to: taskDefinition(42) }) },
        { timeline: begun },
        { kind: 'wait' },
      ],
    ])('%s', (_what, one, moved, more, expected) => {
      expect(decide(one, { ...more, moved: { main: moved } })).toMatchObject(expected);
    });
  });

  test('stays where it serves nobody', () => {
    const idle = { ...revert, side: 'blue' };
    const one = {
      ...healthy('blue', 0),
      service: service(target({ failedTasks: 3 }), { deployments: [target({ failedTasks: 3 }), old()] }),
    };
    const found = facts([idle], { standing: { sides: [one, healthy('green', 4)], rules: [weights(0, 100)] } });
    expect(decideCompensation(found)).toMatchObject({ kind: 'done', reason: expect.stringContaining('serves nobody') });
  });

  const undone = [entry('undo.begun', '', { undoes: '1' })];
  test('is waited for on its way back', () => {
    const one = main([deployment(42, at('03:01:30'), { rolloutState: 'IN_PROGRESS' })]);
    expect(decide(one, { timeline: undone })).toMatchObject({ kind: 'wait', waitSeconds: 2 });
  });

  test('has a name once it is back', () => {
    const checkpoint = { sides: [{ side: 'main', taskDefinition: taskDefinition(42) }], rules: [] } as never;
    const one = main([deployment(42, at('03:01:30'))]);
    expect(decide(one, { timeline: undone, checkpoint })).toMatchObject({
      kind: 'done',
      outcome: 'halted',
      reason: expect.stringMatching(
        /was put back on checkout:42.*checkout-main runs checkout:42 with 4 of 4 tasks, 4 healthy, as before/,
      ),
    });
  });

  test('whose way back fails too needs a person, with both reasons', () => {
    const one = main([deployment(42, at('03:01:30'), { rolloutState: 'FAILED', rolloutStateReason: 'no capacity' })]);
    expect(decide(one, { timeline: undone })).toMatchObject({
      kind: 'done',
      outcome: 'needs-attention',
      reason: expect.stringMatching(/It stopped\. Undoing it failed too: .*no capacity/),
    });
  });
});

test('says which actions were done, which failed and which were never begun', () => {
  const steps = [step('1', 0, 10, gate), step('2', 10, 50, gate), step('3', 50, 100)];
  const timeline = [
    entry('action.applied', '', { actionId: '1' }),
    entry('check.done', '', { actionId: '1' }),
    entry('action.applied', '', { actionId: '2' }),
  ];
  expect(
    decideCompensation(
      facts(steps, { index: 1, forbidden: 'Nothing was undone.', standing: standing(50, 4, 4), timeline }),
    ),
  ).toMatchObject({
    reason:
      'It stopped. Nothing was undone. Done: Give side blue 10 %. Begun and not finished: Give side blue 50 %. Not begun: Give side blue 100 %. ' +
      'The traffic is split: 50 % on side blue, which runs checkout:41 with 4 of 4 tasks, 4 healthy; 50 % on side green, which runs checkout:42 with 4 of 4 tasks, 4 healthy.',
  });
});

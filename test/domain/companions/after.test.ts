/** What becomes of companions after the plan: answers, undoing, verification, and what the ledger keeps. */
import { describe, expect, test } from 'vitest';
import { decideAcceptance } from '../../../lib/domain/approval/acceptance.ts';
import { decideCompensation } from '../../../lib/domain/compensation.ts';
import type { ServiceView } from '../../../lib/domain/ecs.ts';
import type { Companion, Plan, RevertServiceAction, SideState, TimelineEntry } from '../../../lib/domain/model.ts';
import { decidePlan } from '../../../lib/domain/plan.ts';
import { revertedBy } from '../../../lib/domain/reverted.ts';
import { measureCompanion } from '../../../lib/domain/verification/measure.ts';
import { answered, approval, planSha256 } from '../approval/fixture.ts';
import { at, configuration, context, deployment, planFacts, service, sideFacts, taskDefinition } from '../worlds.ts';

const worker: Companion = { name: 'worker', cluster: 'shop', service: 'worker', dependsOn: [] };
const of = (revision: number) => ({ taskDefinition: taskDefinition(revision, 'worker') });
const state: SideState = {
  ...{ side: 'worker', ...of(7), version: 'r7', deploymentStartedAt: at('02:57:00'), desiredCount: 2 },
  ...{ runningCount: 2, healthyTargets: 2, controller: 'ECS', rolloutState: 'COMPLETED' },
};
const revert: RevertServiceAction = {
  ...{ id: '2', type: 'RevertService', side: 'worker', description: 'Put ECS service worker on worker:6', reason: '' },
  ...{ by: 'update-service', forward: of(6), reverse: of(7) },
};
const sides = decidePlan(planFacts());
const plan: Plan = {
  ...sides,
  actions: [...sides.actions, revert],
  companions: [{ companion: 'worker', state, reason: '' }],
};
const onWorker = (revision: number, more: Partial<ServiceView> = {}): ServiceView =>
  service(deployment(revision, at('02:57:00'), of(revision)), {
    side: 'worker',
    desiredCount: 2,
    runningCount: 2,
    ...more,
  });

describe('an answer to a plan with a companion', () => {
  const facts = (views: readonly ServiceView[]) => ({
    ...{ now: at('03:10:01'), context: context(), plan, planSha256, answer: answered(), approval: approval() },
    ...{ policy: configuration().policy, killSwitch: { state: 'off' } as never, rules: [], rollbacks: [] },
    sides: [service(deployment(42, at('02:58:00'))), ...views],
  });

  test('counts while the companion is as it was planned for', () => {
    expect(decideAcceptance(facts([onWorker(7)])).decision).toBe('execute');
  });

  test('is void once somebody has deployed the companion', () => {
    expect(decideAcceptance(facts([onWorker(8)]))).toMatchObject({
      outcome: 'observed',
      reason: expect.stringContaining('worker runs worker:8 since 2026-11-20T02:57:00.000Z, planned on worker:7'),
    });
  });
});

describe('a rollback that stopped at a companion', () => {
  const said = (id: string, kind: string, message = ''): TimelineEntry => ({
    ...{ time: at('03:05:00'), service: 'checkout', rollbackId: plan.rollbackId, kind, message },
    data: { actionId: id },
  });
  const timeline = [said('1', 'action.applied'), said('1', 'check.done'), said('2', 'action.applied')];
  const { service: main } = sideFacts('main', deployment(41, at('03:01:00')));
  const decide = (view: ServiceView) =>
    decideCompensation({
      ...{ now: at('03:10:00'), since: at('03:10:00'), index: 1, plan, checkpoint: null },
      stopped: { outcome: 'halted', reason: 'worker:6 did not come up.' },
      timeline: [...timeline, said('2', 'check.failed', 'Not stable by the deadline.')],
      standing: {
        sides: main ? [{ side: configuration().sides[0] ?? worker, service: main }] : [],
        companions: [{ side: worker, service: view }],
        rules: [],
      },
    });
  const broken = deployment(6, at('03:05:00'), {
    ...of(6),
    desiredCount: 2,
    runningCount: 0,
    rolloutState: 'IN_PROGRESS',
  });
  const old = (runningCount: number) => deployment(7, at('02:57:00'), { ...of(7), status: 'ACTIVE', runningCount });

  test('puts that companion back where its old tasks still run, and nothing else', () => {
    expect(decide(onWorker(6, { deployments: [broken, old(2)] }))).toMatchObject({
      kind: 'undo',
      undo: { kind: 'service', action: { side: 'worker' }, taskDefinition: of(7).taskDefinition },
      message: expect.stringMatching(/^Companion worker goes back to worker:7/),
    });
  });

  test('leaves it where they do not, and names how each stands', () => {
    expect(decide(onWorker(6, { runningCount: 0, deployments: [broken, old(0)] }))).toMatchObject({
      kind: 'done',
      outcome: 'halted',
      reason: expect.stringMatching(/so it is left as it is.* Companion worker runs worker:6 with 0 of 2 tasks/),
    });
  });

  test('leaves to the ledger what it came to, and the step that may have been begun', () => {
    const api: RevertServiceAction = { ...revert, id: '3', side: 'api' };
    const longer: Plan = { ...plan, actions: [...plan.actions, api] };
    const main41 = { main: taskDefinition(41) };
    expect(revertedBy(longer, timeline)).toEqual({});
    expect(revertedBy(longer, timeline.slice(0, 2))).toEqual({
      reverts: { ...main41, worker: of(6).taskDefinition },
    });
    expect(revertedBy(longer, [])).toEqual({ reverts: main41 });
  });
});

describe('the verification of a companion', () => {
  test.each<[string, ServiceView | undefined, boolean | null, RegExp]>([
    ['all tasks run', onWorker(6), true, /^Companion worker runs 2 of 2 tasks\.$/],
    ['one is missing', onWorker(6, { runningCount: 1 }), false, /runs 1 of 2/],
    ['more are just being started', onWorker(6, { desiredCount: 6, runningCount: 3 }), true, /runs 3 of 2/],
    ['none is wanted any more', onWorker(6, { desiredCount: 0, runningCount: 0 }), null, /runs 0 of 0/],
    [
      'ECS gave its deployment up',
      onWorker(6, { deployments: [deployment(6, at('03:05:00'), { ...of(6), rolloutState: 'FAILED' })] }),
      false,
      /ECS gave its deployment of worker:6 up/,
    ],
    ['ECS does not know it any more', undefined, false, /does not know companion worker/],
  ])('%s', (_name, view, ok, evidence) => {
    const measured = measureCompanion('worker', 2, view);
    expect(measured.ok).toBe(ok);
    expect(measured.evidence).toMatch(evidence);
  });
});

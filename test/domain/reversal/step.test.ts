import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceView } from '../../../lib/domain/ecs.ts';
import type { RevertServiceAction } from '../../../lib/domain/model.ts';
import { chooseReversal, kindOf } from '../../../lib/domain/reversal/choose.ts';
import type { Rollout } from '../../../lib/domain/reversal/rollout.ts';
import { decideStep, type RevertStep, type StepFacts } from '../../../lib/domain/reversal/step.ts';
import { at, deployment, service, side, taskDefinition } from '../worlds.ts';

const plannedAt = at('03:05:00');
const now = at('03:05:02');
const id = 'arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/checkout/one';

const action: RevertServiceAction = {
  type: 'RevertService',
  by: 'update-service',
  id: '1',
  description: '',
  reason: '',
  side: 'main',
  forward: { taskDefinition: taskDefinition(41) },
  reverse: { taskDefinition: taskDefinition(42) },
};

const facts = (view: ServiceView | undefined, more: Partial<StepFacts> = {}): StepFacts => ({
  side: { ...side('main'), codeDeploy: { application: 'shop', group: 'checkout' } },
  service: view,
  rollout: undefined,
  action,
  wanted: taskDefinition(41),
  name: 'checkout:41',
  plannedAt,
  now,
  ...more,
});

const rollout = (to: number, more: Partial<Rollout> = {}): Rollout => ({
  id,
  state: 'under way',
  to: taskDefinition(to),
  begunAt: at('03:04:05'),
  ...more,
});

/** `update-service`, `await`, `await, changed`, `leave`, …, and `, follows` where another step does. */
function shown(step: RevertStep): string {
  if (step.kind === 'leave') return 'leave';
  const what = step.kind === 'change' ? step.change.do : step.changed ? 'await, changed' : 'await';
  return step.follows ? `${what}, follows` : what;
}

const bad = (createdAt = at('03:04:05')) => service(deployment(42, createdAt));
const from41 = { from: taskDefinition(41) };
const back = { reason: 'circuit breaker', startedAt: at('03:04:30') };

describe('decideStep', () => {
  test.each<[string, StepFacts, string]>([
    ['the suspect is primary', facts(bad()), 'update-service'],
    ['it is there since before', facts(service(deployment(41, at('03:04:59')))), 'await'],
    ['an earlier attempt of this state did it', facts(service(deployment(41, now))), 'await, changed'],
    ['somebody deployed after the plan', facts(service(deployment(43, at('03:05:01')))), 'leave'],
    ['ECS went back to something older meanwhile', facts(service(deployment(40, at('02:00:00')))), 'update-service'],
    ['the service drains', facts(service(deployment(42, at('03:04:05')), { status: 'DRAINING' })), 'leave'],
    ['the service is gone', facts(undefined), 'leave'],
    ['its way back leads there', facts(bad(), { rollout: rollout(42, from41) }), 'stop-service-deployment'],
    [
      'its way back leads elsewhere',
      facts(bad(), { rollout: rollout(42, { from: taskDefinition(40) }) }),
      'update-service',
    ],
    ['nobody knows where its way back leads', facts(bad(), { rollout: rollout(42) }), 'update-service'],
    [
      'a copy is still to be registered',
      facts(bad(), { rollout: rollout(42, from41), wanted: undefined }),
      'update-service',
    ],
    ['it brings the target', facts(service(deployment(41, at('03:04:05'))), { rollout: rollout(41) }), 'await'],
    [
      'ours brings the target',
      facts(service(deployment(41, now)), { rollout: rollout(41, { begunAt: now }) }),
      'await, changed',
    ],
    [
      'it rolls back to the target',
      facts(bad(), { rollout: rollout(41, { state: 'rolling back', rollback: back }) }),
      'await',
    ],
    [
      'an attempt of this state rolled it back',
      facts(bad(), { rollout: rollout(41, { state: 'rolling back', rollback: { ...back, startedAt: now } }) }),
      'await, changed',
    ],
    [
      'it rolls back elsewhere',
      facts(bad(), { rollout: rollout(40, { state: 'rolling back', rollback: back }) }),
      'await, follows',
    ],
    [
      'somebody’s deployment is under way',
      facts(bad(), { rollout: rollout(43, { begunAt: at('03:05:01') }) }),
      'leave',
    ],
  ])('%s', (_what, given, expected) => {
    expect(shown(decideStep(given))).toBe(expected);
  });

  const native = { strategy: 'CANARY' } as const;
  const hook = { id: 'hook', stage: 'POST_SCALE_UP', expiresAt: at('04:00:00') };
  const codeDeploy = { controller: 'CODE_DEPLOY' } as const;
  const on42 = (more: Partial<ServiceView>) => service(deployment(42, at('03:04:05')), more);

  test.each<[string, StepFacts, string]>([
    [
      'ECS pauses',
      facts(on42(native), { rollout: rollout(42, { ...from41, state: 'paused', hook }) }),
      'continue-hook-rollback',
    ],
    [
      'ECS pauses before the target',
      facts(service(deployment(41, at('03:04:05')), native), { rollout: rollout(41, { state: 'paused', hook }) }),
      'leave',
    ],
    ['CodeDeploy, finished', facts(on42(codeDeploy)), 'codedeploy-create'],
    [
      'CodeDeploy, under way from the target',
      facts(on42(codeDeploy), { rollout: rollout(42, from41) }),
      'codedeploy-stop',
    ],
    [
      'CodeDeploy, under way from elsewhere',
      facts(on42(codeDeploy), { rollout: rollout(42) }),
      'codedeploy-stop, follows',
    ],
    ['an external controller', facts(on42({ controller: 'EXTERNAL' })), 'leave'],
    ['CodeDeploy whose group nobody named', facts(on42(codeDeploy), { side: side('main') }), 'leave'],
  ])('%s', (_what, given, expected) => {
    expect(shown(decideStep(given))).toBe(expected);
  });

  test('what a person may do instead is said with the command', () => {
    const paused = facts(service(deployment(41, at('03:04:05')), native), {
      rollout: rollout(41, { state: 'paused', hook }),
    });
    expect(decideStep(paused).message).toContain(
      `aws ecs continue-service-deployment --service-deployment-arn ${id} --hook-id hook`,
    );
    expect(decideStep(facts(on42({ controller: 'EXTERNAL' }))).message).toContain('create-task-set');
  });
});

test('once a step is taken, deciding again takes no second one', () => {
  const revision = fc.constantFrom(40, 41, 42);
  const strategy = fc.constantFrom<ServiceView['strategy'][]>('ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY');
  const controller = fc.constantFrom<ServiceView['controller'][]>('ECS', 'CODE_DEPLOY', 'EXTERNAL');
  const underWay = fc.option(fc.record({ to: revision, from: fc.option(revision, { nil: undefined }) }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(revision, strategy, controller, underWay, (primary, moves, by, flight) => {
      const owner = { strategy: by === 'ECS' ? moves : 'ROLLING', controller: by } as const;
      const view = service(deployment(flight?.to ?? primary, at('03:04:05')), owner);
      const before = facts(view, {
        ...(flight &&
          by !== 'EXTERNAL' && {
            rollout: rollout(flight.to, flight.from ? { from: taskDefinition(flight.from) } : {}),
          }),
      });
      const step = decideStep(before);
      if (step.kind !== 'change') return;
      const { change } = step;
      const made = change.do === 'update-service' || change.do === 'codedeploy-create';
      const to = made ? taskDefinition(41) : (before.rollout?.from ?? taskDefinition(40));
      const after = made
        ? { rollout: { ...rollout(41), begunAt: now } }
        : { rollout: { ...rollout(41), to, state: 'rolling back' as const, rollback: { reason: '', startedAt: now } } };
      const again = decideStep({ ...before, service: made ? service(deployment(41, now), owner) : view, ...after });
      expect(again.kind).toBe('await');
    }),
  );
});

test('the table knows whatever a service may look like', () => {
  const owners = fc.record({
    controller: fc.constantFrom<ServiceView['controller'][]>('ECS', 'CODE_DEPLOY', 'EXTERNAL'),
    strategy: fc.constantFrom<ServiceView['strategy'][]>('ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'),
    scheduling: fc.constantFrom<ServiceView['scheduling'][]>('REPLICA', 'DAEMON'),
  });
  const rolloutState = fc.constantFrom('COMPLETED', 'FAILED', 'IN_PROGRESS');
  fc.assert(
    fc.property(owners, rolloutState, fc.boolean(), (owner, state, there) => {
      const view = service(deployment(there ? 41 : 42, at('03:04:05'), { rolloutState: state }), owner);
      const { kind, reason } = chooseReversal({ side: side('main'), service: view, wanted: taskDefinition(41), there });
      expect(kind).toBe(kindOf(view));
      expect(reason).toMatch(/\.$/);
    }),
  );
});

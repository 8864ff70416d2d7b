import { describe, expect, test } from 'vitest';
import { decideAfterwards } from '../../lib/domain/bad-side.ts';
import type { ServiceView } from '../../lib/domain/ecs.ts';
import type { Policy } from '../../lib/domain/model.ts';
import { policy } from '../policy.ts';
import { at, configuration, deployment, release, service, sideFacts, taskDefinition } from './worlds.ts';

const blue = sideFacts('blue', deployment(41, at('01:00:00')));
const decide = (badSide: Policy['badSide'], more: Partial<ServiceView> = {}, revision = 42, family = 'checkout') => {
  const primary = deployment(revision, at('02:58:00'), { taskDefinition: taskDefinition(revision, family) });
  const green = { ...sideFacts('green', primary), service: service(primary, { side: 'green', ...more }) };
  const facts = { sides: [blue, green], configuration: configuration({ policy: { ...policy, badSide } }) };
  return decideAfterwards(facts, blue, release(41, at('00:30:00')));
};

describe('the side that the traffic left', () => {
  test('is left as evidence unless the policy says otherwise', () => {
    expect(decide('leave')).toEqual({
      check: {
        name: 'afterwards of green',
        status: 'ok',
        evidence: 'Side green is left as it is: policy.badSide is "leave", so its tasks stay as evidence.',
      },
    });
  });

  test('is scaled in', () => {
    expect(decide('scale-in')?.action).toEqual({
      type: 'ScaleIn',
      side: 'green',
      description: 'Take the 4 tasks of side green out, once the rollback is verified',
      reason: 'policy.badSide is "scale-in".',
      forward: { desiredCount: 0 },
      reverse: { desiredCount: 4 },
      afterVerification: true,
    });
  });

  test('is reverted', () => {
    expect(decide('revert')?.action).toMatchObject({
      type: 'RevertService',
      side: 'green',
      forward: { taskDefinition: taskDefinition(41) },
      reverse: { taskDefinition: taskDefinition(42) },
      afterVerification: true,
    });
  });

  test.each<[string, ReturnType<typeof decide>, string, RegExp]>([
    ['it has no tasks', decide('scale-in', { desiredCount: 0 }), 'ok', /wants no tasks already/],
    ['it is on the target', decide('revert', {}, 41), 'ok', /on v41 \(checkout:41\) already/],
    [
      'it has a family of its own',
      decide('revert', {}, 7, 'checkout-green'),
      'warning',
      /of family checkout-green, and v41 .* family checkout/,
    ],
    ['ECS does not deploy it', decide('revert', { controller: 'CODE_DEPLOY' }), 'warning', /\(CODE_DEPLOY\)/],
    ['ECS moves its traffic', decide('revert', { strategy: 'BLUE_GREEN' }), 'warning', /\(BLUE_GREEN\)/],
  ])('is left where %s, and the plan says so', (_what, decided, status, evidence) => {
    expect(decided).toEqual({
      check: { name: 'afterwards of green', status, evidence: expect.stringMatching(evidence) },
    });
  });

  test('there is none with one side', () => {
    expect(decideAfterwards({ sides: [blue], configuration: configuration() }, blue, release(41, ''))).toBeUndefined();
  });
});

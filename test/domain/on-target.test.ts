import { describe, expect, test } from 'vitest';
import { namedIn, recordOf, revertsOf, wantedOf, withCopies } from '../../lib/domain/actions.ts';
import type { Json, Plan } from '../../lib/domain/model.ts';
import { decidePlan } from '../../lib/domain/plan.ts';
import { isOnTarget, type SideFacts } from '../../lib/domain/plan-facts.ts';
import { at, definition, deployment, planFacts, release, sideFacts, taskDefinition } from './worlds.ts';

const ran = (letter: string | undefined) => [
  { container: 'app', image: 'checkout:live', ...(letter && { digest: `sha256:${letter}` }) },
];
const content = (cpu: string): Json => ({ cpu, containerDefinitions: [{ name: 'app', image: 'checkout:live' }] });
const side = (revision: number, letter: string | undefined, cpu = '256'): SideFacts =>
  sideFacts('main', deployment(revision, at('01:00:00')), {
    images: ran(letter),
    definition: definition(revision, { document: content(cpu), version: 'live' }),
  });
const target = release(41, at('00:00:00'), { version: 'live', images: ran('a') });

describe('on the target is', () => {
  test.each<[string, SideFacts, boolean]>([
    ['its definition with its image', side(41, 'a'), true],
    ['its definition, where the image is not known', side(41, undefined), true],
    ['not its definition with another image', side(41, 'b'), false],
    ['another revision with the same content and image', side(43, 'a'), true],
    ['not another revision whose image is not known', side(43, undefined), false],
    ['not another revision with another image', side(43, 'b'), false],
    ['not another revision with the same image and other content', side(43, 'a', '512'), false],
  ])('%s', (_name, facts, expected) => {
    expect(isOnTarget(facts, target, definition(41, { document: content('256') }))).toBe(expected);
  });

  test('nothing that the target’s content is not known of', () => {
    expect(isOnTarget(side(43, 'a'), target, undefined)).toBe(false);
  });
});

describe('a plan with a copy', () => {
  const copy = { of: taskDefinition(41), key: 'k', sha256: 's', images: { app: 'x@sha256:a' }, why: 'The tag moved.' };
  const plan: Plan = decidePlan(planFacts({ copy, choice: { kind: 'found', release: target, reason: '' } }));
  const [action] = plan.actions;
  if (action?.type !== 'RevertService') throw new Error('It reverts.');

  test('says so in action, reason and check', () => {
    expect(action).toMatchObject({
      description: 'Put ECS service checkout-main from checkout:42 on a copy of checkout:41',
      reason: expect.stringContaining('It takes a copy: The tag moved.'),
      forward: { register: copy },
    });
    expect(plan.checks).toContainEqual({
      name: 'task definition',
      status: 'warning',
      evidence: 'It takes a copy of checkout:41: The tag moved.',
    });
  });

  test('is known by what it is a copy of, and by the copy once there is one', () => {
    expect(namedIn(action)).toBe(taskDefinition(41));
    expect(wantedOf(action, {})).toBeUndefined();
    expect(wantedOf(action, { main: taskDefinition(43) })).toBe(taskDefinition(43));
    expect(revertsOf(plan)).toEqual({ main: taskDefinition(41) });
    expect(revertsOf(plan, { main: taskDefinition(43) })).toEqual({ main: taskDefinition(43) });
    expect(recordOf(plan).copies).toEqual({ main: { taskDefinition: taskDefinition(41), images: ran('a') } });
    expect(withCopies(plan, { main: taskDefinition(43) }).actions).toMatchObject([
      { forward: { taskDefinition: taskDefinition(43) } },
    ]);
    expect(withCopies(plan, {})).toEqual(plan);
  });
});

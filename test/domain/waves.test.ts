import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decidePlan } from '../../lib/domain/plan.ts';
import { wavesOf } from '../../lib/domain/waves.ts';
import { planFacts } from './worlds.ts';

const waves = (desiredCount: number, minimumHealthy: number, maximum: number): number =>
  wavesOf({ controller: 'ECS', strategy: 'ROLLING', desiredCount, percent: { minimumHealthy, maximum } });

describe('a rolling deployment', () => {
  test.each([
    [4, 100, 200, 1],
    [1, 100, 200, 1],
    [4, 50, 100, 2],
    [4, 0, 100, 1],
    [20, 100, 125, 4],
    [100, 100, 110, 10],
    [7, 90, 120, 7],
    [3, 50, 150, 2],
    // No task may be replaced: nothing comes of any number of waves.
    [4, 100, 100, 4],
    [0, 100, 200, 1],
  ])('of %d tasks between %d and %d %% starts tasks %d times', (tasks, minimum, maximum, expected) => {
    expect(waves(tasks, minimum, maximum)).toBe(expected);
  });

  test('never needs more waves than tasks, and no more where more is allowed', () => {
    const count = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(count, fc.integer({ min: 0, max: 99 }), fc.integer({ min: 100, max: 200 }), (tasks, least, most) => {
        expect(waves(tasks, least, most)).toBeLessThanOrEqual(tasks);
        expect(waves(tasks, least, 200)).toBeLessThanOrEqual(waves(tasks, least, most));
      }),
    );
  });
});

test.each([
  ['CODE_DEPLOY', 'ROLLING'],
  ['ECS', 'BLUE_GREEN'],
] as const)('%s %s starts all new tasks at once', (controller, strategy) => {
  const percent = { minimumHealthy: 100, maximum: 110 };
  expect(wavesOf({ controller, strategy, desiredCount: 100, percent })).toBe(1);
});

test('a rollback has time for every wave', () => {
  const facts = planFacts();
  const percent = { minimumHealthy: 100, maximum: 110 };
  const sides = facts.sides.map((side) =>
    side.service ? { ...side, service: { ...side.service, desiredCount: 100, percent } } : side,
  );
  expect(decidePlan({ ...facts, sides })).toMatchObject({
    timeoutSeconds: 10 * 80 + 90 + 180,
    timeoutReason:
      '1070 s instead of 300: starting tasks takes about 80 s in each of 10 waves, draining the old ones 90 s, measuring 180 s.',
  });
});

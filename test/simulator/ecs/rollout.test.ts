import { describe, expect, it } from 'vitest';
import {
  circuitBreakerThreshold,
  nextStep,
  type RolloutTask,
  startDelaySeconds,
} from '../../../simulator/services/ecs/rollout.ts';

/** `o` an old healthy task, `x` an old unhealthy one, `n` a new healthy one, `s` a new one that starts. */
function step(desiredCount: number, [minimum, maximum]: [number, number], picture: string) {
  const tasks = [...picture].map(
    (char, at): RolloutTask => ({
      id: `${char}${at}`,
      deploymentId: char === 'o' || char === 'x' ? 'old' : 'new',
      healthy: char === 'o' || char === 'n',
      createdMs: at,
    }),
  );
  return nextStep({
    desiredCount,
    minimumHealthyPercent: minimum,
    maximumPercent: maximum,
    primaryId: 'new',
    tasks,
  });
}

describe('the next step of a rolling deployment', () => {
  it.each<[string, number, [number, number], string, number, string[]]>([
    ['starts the new tasks beside the old', 2, [100, 200], 'oo', 2, []],
    ['waits while they start', 2, [100, 200], 'ooss', 0, []],
    ['stops one old task for each healthy new one', 2, [100, 200], 'oons', 0, ['o0']],
    ['stops the last old task', 2, [100, 200], 'onn', 0, ['o0']],
    ['is done', 2, [100, 200], 'nn', 0, []],
    ['stops old tasks first where nothing more fits', 4, [50, 100], 'oooo', 2, ['o0', 'o1']],
    ['starts as many as fit', 4, [100, 150], 'oooo', 2, []],
    ['stops unhealthy old tasks first', 2, [100, 200], 'oxn', 1, ['x1']],
    ['does not wait for a fraction of a task', 3, [50, 100], 'ooo', 1, ['o0']],
    ['starts the first tasks of all', 3, [100, 200], '', 3, []],
    ['takes away what is too many', 1, [100, 200], 'nn', 0, ['n0']],
    ['goes down to zero', 0, [100, 200], 'nn', 0, ['n0', 'n1']],
  ])('%s', (_name, desired, percent, picture, start, stop) => {
    expect(step(desired, percent, picture)).toEqual({ start, stop });
  });
});

it('trips the circuit breaker at half the desired count, within 3 and 200', () => {
  expect([1, 6, 7, 10, 1000].map((count) => circuitBreakerThreshold(count))).toEqual([3, 3, 4, 5, 200]);
});

it('waits longer and longer after failed starts, 27 minutes at most', () => {
  expect([0, 2, 3, 5, 50].map(startDelaySeconds)).toEqual([0, 0, 10, 40, 1620]);
});

import { describe, expect, test } from 'vitest';
import { brokenInvariants, storyOf } from './chance.ts';
import { play } from './shop.ts';

/** A few seeds of what `soak.ts` runs by the hundred. */
describe('given faults by chance, when a bad release goes out, then nothing is left undone', () => {
  test.each([1, 2, 3, 4, 5, 6])('seed %i', async (seed) => {
    expect(brokenInvariants(await play(storyOf(seed), seed))).toEqual([]);
  });
});

describe('the invariants notice', () => {
  test('an execution that still runs and the lock that it holds', async () => {
    const run = await play({ ...storyOf(1), events: storyOf(1).events.slice(0, 1), until: 'PT10M' }, 1);
    expect(brokenInvariants(run)).toEqual([
      expect.stringMatching(/ still runs$/),
      expect.stringMatching(/^the lock is still held: /),
    ]);
  });
});

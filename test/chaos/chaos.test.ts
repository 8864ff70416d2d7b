import { describe, expect, test } from 'vitest';
import { chaos } from '../soak/chaos.ts';
import { everyStory } from '../variations.ts';

/** What `test/soak/chaos.ts` runs by the hundred. Every invocation that runs alone is made twice and compared. */
describe('given that everything may fail, when a bad release goes out, then no invariant is broken', () => {
  test.each(everyStory ? [2, 14] : [14])('seed %i', { timeout: 120_000 }, async (seed) => {
    const { wrong, endings } = await chaos(seed);
    expect(wrong).toEqual([]);
    expect(endings.length).toBeGreaterThan(0);
  });
});

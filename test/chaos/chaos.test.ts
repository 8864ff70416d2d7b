import { describe, expect, test } from 'vitest';
import { chaos } from '../soak/chaos.ts';

/** A few seeds of what `test/soak/chaos.ts` runs by the hundred; one of them makes every invocation twice. */
describe('given that everything may fail, when a bad release goes out, then no invariant is broken', () => {
  test.each([2, 14])('seed %i', { timeout: 120_000 }, async (seed) => {
    const { wrong, endings } = await chaos(seed);
    expect(wrong).toEqual([]);
    expect(endings.length).toBeGreaterThan(0);
  });
});

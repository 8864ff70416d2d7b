/** A few storms by chance; `npm run test:soak` plays many more. */
import { expect, test } from 'vitest';
import { storm } from '../soak/storms.ts';
import { everyStory } from '../variations.ts';

test.each(everyStory ? [1, 4, 10] : [4])(
  'storm %i changes nothing with an old token, keeps to the budget, and ends',
  async (seed) => {
    const { wrong, executions } = await storm(seed);
    expect(wrong).toEqual([]);
    expect(executions).toBeGreaterThan(1);
  },
  60_000,
);

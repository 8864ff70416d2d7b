/**
 * `npm test` plays every path of a rollback. What varies one that it plays already (the same failure under the other
 * policy, the same answer lost at another call) is left to `npm run test:soak`, so that the tests end within minutes.
 */
import { test } from 'vitest';

export const everyStory = process.env.EVERY_STORY === '1';

/** The stories to play. */
export function played<T extends { readonly variation?: true }>(stories: readonly T[]): T[] {
  return stories.filter((story) => everyStory || !story.variation);
}

/** A test of a variation. */
export function variation(name: string, run: () => Promise<void>, timeout?: number): void {
  if (everyStory) test(name, run, timeout);
}

/**
 * The long search: whole rollbacks while anything may fail, and storms of alarms on one service, seed by seed. A seed that
 * breaks an invariant is printed, and breaks it again with `npm run test:soak -- 1 <seed>`.
 *
 *   npm run test:soak -- [count] [first seed]
 */
import { spawnSync } from 'node:child_process';
import { chaosSoak } from './chaos.ts';
import { stormSoak } from './storms.ts';

const [count = 50, first = 1] = process.argv.slice(2).map(Number);
if (!(Number.isInteger(count) && count > 0 && Number.isInteger(first) && first >= 0)) {
  console.error('npm run test:soak -- [count] [first seed]: two whole numbers');
  process.exit(64);
}
const tell = (line: string): void => console.log(line);
const broken = (await stormSoak(first, count, tell)) + (await chaosSoak(first, count, tell));
// Every story and every cell of the table of reversals; `npm test` plays those that are no variations.
const stories = spawnSync(
  'npx',
  [
    'vitest',
    'run',
    'test/scenarios',
    'test/lambdas/copies.test.ts',
    'test/cli/direct.test.ts',
    'test/cli/demo.test.ts',
  ],
  {
    env: { ...process.env, EVERY_STORY: '1' },
    stdio: 'inherit',
  },
);
process.exitCode = broken > 0 || stories.status !== 0 ? 1 : 0;

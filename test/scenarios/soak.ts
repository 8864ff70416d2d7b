/**
 * Runs scenarios of many seeds and prints those that break something. Not part of `npm test`:
 *
 *   node --experimental-vm-modules --disable-warning=ExperimentalWarning --import tsx test/scenarios/soak.ts [from] [count]
 */
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import { brokenInvariants, storyOf } from './chance.ts';
import { play } from './shop.ts';

const from = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 50);
const outcomes = new Map<string, number>();
let broken = 0;

for (let seed = from; seed < from + count; seed++) {
  const wrong = await brokenBy(seed);
  if (wrong.length > 0) {
    broken += 1;
    console.log(`seed ${seed}\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  }
}
console.log(
  `${count} seeds, ${broken} of them broke something; outcomes: ${[...outcomes]
    .sort()
    .map((one) => one.join(' '))
    .join(', ')}`,
);
process.exitCode = broken > 0 ? 1 : 0;

async function brokenBy(seed: number): Promise<string[]> {
  try {
    const run = await play(storyOf(seed), seed);
    for (const execution of run.document.executions) {
      const { outcome, error, status } = summaryOf(execution);
      const name = outcome ?? error ?? status;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    }
    return brokenInvariants(run);
  } catch (error) {
    return [`the run failed: ${error instanceof Error ? error.stack : String(error)}`];
  }
}

import type { Scenario } from '../../simulator/scenario/schema.ts';
import { UsageError } from './command.ts';

const largest = 2 ** 32 - 1;

/** The scenario with the seed of `--seed`, where it was given. */
export function withSeed(scenario: Scenario, flag: string | boolean | undefined): Scenario {
  if (flag === undefined) return scenario;
  const seed = Number(flag);
  if (!/^\d+$/.test(String(flag)) || seed > largest)
    throw new UsageError(`--seed: found "${flag}"; allowed: a whole number from 0 to ${largest}.`);
  return { ...scenario, seed };
}

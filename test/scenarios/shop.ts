/** The shop that the scenarios play in: a checkout service on v2.14.3, and a v2.14.4 that fails a third of its requests. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { synthesize } from '../../bin/synthesize.ts';
import { loadScenario, parseScenario } from '../../simulator/scenario/parse.ts';
import { type FinishedRun, runScenario, type Synthesize } from '../../simulator/scenario/run.ts';
import type { Scenario, scenarioSchema } from '../../simulator/scenario/schema.ts';

export type Input = z.input<typeof scenarioSchema>;
type Event = NonNullable<Input['events']>[number];

const root = join(import.meta.dirname, '../..');
export const examples = {
  oneSide: join(root, 'examples/01-checkout'),
  twoSides: join(root, 'examples/02-two-sides'),
} as const;

/** A scenario of its own in the world of an example. */
export interface Story {
  /** Given, when, then. */
  readonly name: string;
  /** Of another story of its file: see test/variations.ts. */
  readonly variation?: true;
  /** Default: the example with one side. */
  readonly example?: string;
  /** Changes the example's configuration. */
  readonly config?: (config: ExampleConfig) => void;
  /** Changes the example's account. */
  readonly account?: (account: Scenario['account']) => void;
  readonly events: readonly Event[];
  readonly until?: string;
  readonly expect: Input['expect'];
}

export interface ExampleConfig {
  environments: { production: { production: boolean; services: { checkout: Record<string, unknown> } } };
}

/** Two sides whose releases are equally good: a rollback moves 10 % of the traffic, and all of it a minute later. */
export const inTwoSteps: Pick<Story, 'example' | 'config' | 'account'> = {
  example: examples.twoSides,
  config: (config) => {
    config.environments.production.services.checkout.policy = {
      ...{ strategy: 'canary', steps: { canary: [10, 100] }, stepSeconds: 60, bakeMinutes: 1 },
    };
  },
  account: (account) => {
    const [good] = account.taskDefinitions ?? [];
    for (const definition of account.taskDefinitions ?? []) definition.behaviour = good?.behaviour;
  },
};

/** @param from synthesizes the stack; another than the usual one may change what it makes */
export function play(story: Story, seed = 1, from: Synthesize = synthesize): Promise<FinishedRun> {
  const directory = story.example ?? examples.oneSide;
  const example = loadScenario(join(directory, 'scenario.json'));
  const config = JSON.parse(readFileSync(join(directory, 'backstep.json'), 'utf8')) as ExampleConfig;
  // Half an hour's bake, which is the default, is half a minute's work of a test: it is looked at every minute.
  config.environments.production.services.checkout.policy = { bakeMinutes: 5 };
  story.config?.(config);
  const account = structuredClone(example.account);
  story.account?.(account);
  const input: Input = {
    name: story.name,
    config: config as never,
    seed,
    account,
    events: [...story.events],
    ...(story.until && { until: story.until }),
    ...(story.expect && { expect: story.expect }),
  };
  return run(parseScenario(input, input.name), directory, from);
}

export function playFile(file: string, change: (scenario: Scenario) => void = () => {}): Promise<FinishedRun> {
  const scenario = structuredClone(loadScenario(file));
  change(scenario);
  return run(scenario, dirname(file));
}

const run = (scenario: Scenario, baseDir: string, from: Synthesize = synthesize): Promise<FinishedRun> =>
  runScenario(scenario, { synthesize: from, baseDir });

// ---------------------------------------------------------------- what happens

export const release = (at: string, taskDefinition = 'checkout:42', service = 'checkout'): Event => ({
  at,
  type: 'deploy',
  cluster: 'shop',
  service,
  taskDefinition,
});

export const start = (at: string, input: Record<string, unknown>): Event => ({
  at,
  type: 'start',
  input: input as never,
});

export const behaves = (at: string, taskDefinition: string, behaviour: object): Event => ({
  at,
  type: 'behaviour',
  taskDefinition,
  behaviour,
});

/** The alarm of the example's runbook that a third of failed requests raises. */
export const errorAlarm = 'backstep/production/checkout/error_rate_spike';
export const availabilityAlarm = 'backstep/production/checkout/availability_drop';
export const hostsAlarm = `${availabilityAlarm}/hosts`;

export const confirm = 'ROLLBACK PRODUCTION';

/**
 * Runs one scenario: a fresh account, its world, the synthesized stack deployed into it, then the events on the
 * account's clock. The run always goes on until `until`: ending it with the last execution would show other alarm
 * states, weights and metrics than an account that lives on.
 */
import { resolve } from 'node:path';
import { SimulatedAccount } from '../account.ts';
import { type DeployedStack, deployAssembly } from '../assembly/deploy.ts';
import { buildWorld } from '../world/spec.ts';
import { collect } from './collect.ts';
import type { ScenarioDocument } from './document.ts';
import { milliseconds } from './duration.ts';
import { unusable } from './issues.ts';
import { schedule } from './schedule.ts';
import type { Scenario } from './schema.ts';
import { chooseStack, type StackChoice } from './stack.ts';

/** Synthesizes a configuration: an absolute path, or its content with paths relative to `baseDir`. */
export type Synthesize = (
  config: string | object,
  options: { readonly baseDir: string },
) => Promise<{ readonly assemblyDir: string; readonly stacks: readonly StackChoice[] }>;

/** A run under way, to look at; nothing in it is a copy. */
export interface LiveRun {
  readonly scenario: Scenario;
  readonly account: SimulatedAccount;
  readonly stack: DeployedStack;
  readonly environment: string;
  /** Milliseconds since the epoch, virtual. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface RunOptions {
  readonly synthesize: Synthesize;
  /** Where a relative `config` starts. */
  readonly baseDir: string;
  /** What is going on, for stderr. */
  readonly onProgress?: (message: string) => void;
  /** Called every so many virtual seconds, and at the end. The account stands still meanwhile, so looking changes nothing. */
  readonly watch?: {
    readonly everySeconds: number;
    /** @param realMs wall-clock milliseconds that the account has run so far, without the looking */
    look(run: LiveRun, realMs: number): void | Promise<void>;
  };
}

export interface FinishedRun extends LiveRun {
  readonly document: ScenarioDocument;
  /** Wall-clock milliseconds that the account ran, from the stack's deployment to the end; loading and looking not counted. */
  readonly realMs: number;
}

/** What a scenario takes before anything happens in it. */
export type PrepareOptions = Pick<RunOptions, 'synthesize' | 'baseDir' | 'onProgress'>;

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<FinishedRun> {
  const watch = new Stopwatch();
  const run = await prepare(scenario, options, watch);
  const { account } = run;
  const progress = options.onProgress ?? (() => {});
  const { length } = scenario.events;
  progress(`running ${length} ${length === 1 ? 'event' : 'events'} over ${scenario.until}`);
  await live(run, watch, options.watch);
  const document = collect(run);
  progress(`${account.lambda.invocations.length} invocations, ${document.stateTransitions} state transitions`);
  return { ...run, document, realMs: watch.ms };
}

/** The scenario's account with its world and the deployed stack, its events on the clock; whoever has it drives the clock. */
export const prepareScenario = (scenario: Scenario, options: PrepareOptions): Promise<LiveRun> =>
  prepare(scenario, options, new Stopwatch());

async function prepare(scenario: Scenario, options: PrepareOptions, watch: Stopwatch): Promise<LiveRun> {
  const progress = options.onProgress ?? (() => {});
  progress('synthesizing the stack');
  const { baseDir } = options;
  const config = typeof scenario.config === 'string' ? resolve(baseDir, scenario.config) : scenario.config;
  const assembly = await options.synthesize(config, { baseDir });
  const chosen = chooseStack(assembly.assemblyDir, assembly.stacks, scenario.environment);
  const startMs = Date.parse(scenario.startTime);
  const endMs = startMs + milliseconds(scenario.until);
  const account = new SimulatedAccount({
    account: chosen.account,
    region: chosen.region,
    startMs,
    seed: scenario.seed,
  });

  progress(`deploying ${chosen.stackName} into the simulated account ${chosen.account}, ${chosen.region}`);
  try {
    buildWorld(account, scenario.account);
  } catch (error) {
    throw unusable(error, 'account', 'resources', 'resources that hang together');
  }
  const stack = await watch.time(() => deploy(account, assembly.assemblyDir, chosen.stackName, endMs));
  const run: LiveRun = { scenario, account, stack, environment: chosen.environment, startMs, endMs };
  schedule(run);
  return run;
}

/** The loader waits for the account's clock (custom resources take time), so the clock has to run meanwhile. */
async function deploy(
  account: SimulatedAccount,
  assemblyDir: string,
  stackName: string,
  endMs: number,
): Promise<DeployedStack> {
  let settled = false;
  const deployment = deployAssembly(account, assemblyDir, stackName).finally(() => {
    settled = true;
  });
  // The clock runs first and may throw: the rejection must not count as unhandled until it is awaited below.
  deployment.catch(() => {});
  await account.clock.runUntil(endMs, () => settled);
  if (!settled) throw new Error(`The stack is not deployed at ${account.clock.iso()}, the end of the run.`);
  return deployment;
}

async function live(run: LiveRun, stopwatch: Stopwatch, watch: RunOptions['watch']): Promise<void> {
  const { clock } = run.account;
  while (watch && clock.now() < run.endMs) {
    await watch.look(run, stopwatch.ms);
    const next = clock.now() + watch.everySeconds * 1000;
    await stopwatch.time(() => clock.runUntil(Math.min(run.endMs, next)));
  }
  await stopwatch.time(() => clock.runUntil(run.endMs));
  await watch?.look(run, stopwatch.ms);
}

/** Adds up the wall-clock time of what it is given to do. */
class Stopwatch {
  ms = 0;

  async time<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.ms += performance.now() - began;
    }
  }
}

/**
 * Runs one scenario: a fresh account, its world, the synthesized stack deployed into it, then the events on the
 * account's clock. The run always goes on until `until`: ending it with the last execution would show other alarm
 * states, weights and metrics than an account that lives on.
 */
import type { Json } from '../../lib/domain/model.ts';
import { SimulatedAccount } from '../account.ts';
import { type DeployedStack, deployAssembly } from '../assembly/deploy.ts';
import { buildWorld } from '../world/spec.ts';
import { collect } from './collect.ts';
import type { ScenarioDocument } from './document.ts';
import { milliseconds } from './duration.ts';
import { schedule } from './schedule.ts';
import type { Scenario } from './schema.ts';
import { chooseStack, type StackChoice } from './stack.ts';

/** Synthesizes a configuration: a path, or its content with paths relative to `baseDir`. */
export type Synthesize = (
  config: string | { [key: string]: Json },
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
  readonly watch?: { readonly everySeconds: number; look(run: LiveRun): void | Promise<void> };
}

export interface FinishedRun extends LiveRun {
  readonly document: ScenarioDocument;
  /** Wall-clock milliseconds from the loaded assembly to the end of the run. */
  readonly realMs: number;
}

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<FinishedRun> {
  const progress = options.onProgress ?? (() => {});
  progress('synthesizing the stack');
  const assembly = await options.synthesize(scenario.config as string | { [key: string]: Json }, options);
  const chosen = chooseStack(assembly.assemblyDir, assembly.stacks, scenario.environment);
  const startMs = Date.parse(scenario.startTime);
  const endMs = startMs + milliseconds(scenario.until);
  const account = new SimulatedAccount({ ...chosen, startMs, seed: scenario.seed });
  const began = performance.now();

  progress(`deploying ${chosen.stackName} into the simulated account ${chosen.account}, ${chosen.region}`);
  buildWorld(account, scenario.account);
  const stack = await deploy(account, assembly.assemblyDir, endMs);
  const run: LiveRun = { scenario, account, stack, environment: chosen.environment, startMs, endMs };
  schedule(run);

  progress(`running ${scenario.events.length} events over ${scenario.until}`);
  await live(run, options.watch);
  const document = collect(run);
  progress(`${account.lambda.invocations.length} invocations, ${document.stateTransitions} state transitions`);
  return { ...run, document, realMs: performance.now() - began };
}

/** The loader waits for the account's clock (custom resources take time), so the clock has to run meanwhile. */
async function deploy(account: SimulatedAccount, assemblyDir: string, endMs: number): Promise<DeployedStack> {
  let settled = false;
  const deployment = deployAssembly(account, assemblyDir).finally(() => {
    settled = true;
  });
  // The clock runs first and may throw: the rejection must not count as unhandled until it is awaited below.
  deployment.catch(() => {});
  await account.clock.runUntil(endMs, () => settled);
  if (!settled) throw new Error(`The stack is not deployed after ${endMs - account.clock.now()} ms of virtual time.`);
  return deployment;
}

async function live(run: LiveRun, watch: RunOptions['watch']): Promise<void> {
  const { clock } = run.account;
  while (watch && clock.now() < run.endMs) {
    await watch.look(run);
    await clock.runUntil(Math.min(run.endMs, clock.now() + watch.everySeconds * 1000));
  }
  await clock.runUntil(run.endMs);
  await watch?.look(run);
}

/**
 * What one whole simulated rollback with its 30-minute bake takes, from the bundles: wall time, whether two runs are the
 * same byte for byte, and how much the rollback costs in transitions, invocations and calls. Then the virtual time from
 * the alarm's event to the first mitigating call, with cold Lambdas and with warm ones.
 *
 * Run with `npm run bench:rollback`. Wall times are of this machine; the rest is the same everywhere.
 */
import { dirname, resolve } from 'node:path';
import { synthesize } from '../bin/synthesize.ts';
import type { ExecutionDocument } from '../simulator/scenario/document.ts';
import { loadScenario } from '../simulator/scenario/parse.ts';
import { type FinishedRun, runScenario } from '../simulator/scenario/run.ts';
import type { Scenario } from '../simulator/scenario/schema.ts';

const file = resolve(import.meta.dirname, '../examples/01-checkout/scenario.json');
const mitigating = new Set([
  'ecs:UpdateService',
  'elasticloadbalancing:ModifyRule',
  'elasticloadbalancing:ModifyListener',
]);
const scenario = loadScenario(file);

const loadedMs = await timed(() => synthesize(resolve(dirname(file), 'backstep.json')));
const first = await run(scenario);
const again: FinishedRun[] = [];
for (let count = 0; count < 5; count += 1) again.push(await run(scenario));
const fastest = Math.min(...again.map(({ realMs }) => realMs));
const text = JSON.stringify(first.document);
const identical = again.every((other) => JSON.stringify(other.document) === text);

line('scenario', scenario.name);
line('virtual time', `${(first.endMs - first.startMs) / 60_000} minutes`);
line('synthesize (cached or not)', `${loadedMs.toFixed(0)} ms`);
line('first run, compiling bundles', `${first.realMs.toFixed(0)} ms`);
line('later runs, fastest of 5', `${fastest.toFixed(0)} ms (aim: under 1000)`);
line('all six runs byte for byte', identical ? `identical (${(text.length / 1_000).toFixed(0)} kB)` : 'DIFFERENT');

const { document } = first;
line('outcome', document.executions.map(({ status, error }) => error ?? status).join(', '));
line('state transitions', document.stateTransitions);
line('Lambda invocations', sum(document.bundles.map(({ invocations }) => invocations)));
line('API calls of Backstep', sum(Object.values(document.calls)));
for (const [call, count] of Object.entries(document.calls)) line(`  ${call}`, count);
console.log('\nbundles');
for (const { functionName, sha256, bytes, invocations } of document.bundles)
  line(`  ${functionName}`, `${sha256.slice(0, 16)}  ${(bytes / 1_000).toFixed(0)} kB  ${invocations} invocations`);

console.log("\nfrom the alarm's event to the first mitigating call, virtual");
const twice = await run(twoIncidents(scenario));
const [cold, warm] = twice.document.executions.filter(isVerified).map((execution) => reaction(twice, execution));
line('  cold Lambdas', `${cold?.toFixed(2)} s`);
line('  warm Lambdas', `${warm?.toFixed(2)} s (aim: under 3)`);

/** The same release again two hours later, by when the first rollback's cooldown is over and its Lambdas are warm. */
function twoIncidents(once: Scenario): Scenario {
  const deploy = once.events.find((event) => event.type === 'deploy');
  if (!deploy) throw new Error('The scenario releases nothing.');
  return { ...once, events: [deploy, { ...deploy, at: 'PT2H' }], until: 'PT3H', expect: {} };
}

/** Other alarms of the same incident start executions too, which end as duplicates. */
function isVerified({ output }: ExecutionDocument): boolean {
  return (output as { outcome?: string } | undefined)?.outcome === 'verified';
}

/** Seconds from the event that started an execution to the first call in it that cures something. */
function reaction(finished: FinishedRun, execution: ExecutionDocument): number {
  const { trigger } = execution.input as { trigger: { time: string } };
  const cure = finished.account.calls.find(
    ({ time, service, operation }) => mitigating.has(`${service}:${operation}`) && time >= execution.startedAt,
  );
  if (!cure) throw new Error('Nothing was mitigated.');
  return (Date.parse(cure.time) - Date.parse(trigger.time)) / 1_000;
}

function run(what: Scenario): Promise<FinishedRun> {
  return runScenario(what, { synthesize, baseDir: dirname(file) });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function line(what: string, value: string | number): void {
  console.log(`${what.padEnd(34)} ${value}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

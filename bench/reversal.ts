/**
 * From RevertService's update to the last task of the earlier release in service, against the least that the fleet needs
 * for it: starting tasks, their health checks, draining the others, in the waves that its deployment configuration allows.
 * What lies above is ECS's own, or wasted by looking too late; a little below may lie what an average of chance says, where
 * the health checks of a fleet fall early. With two sides it ends when the traffic has moved.
 *
 * Run with `npm run bench:reversal -- [seeds]`. Times are virtual: the same seeds give the same table everywhere.
 */
import { resolve } from 'node:path';
import { synthesize } from '../bin/synthesize.ts';
import { type FinishedRun, runScenario } from '../simulator/scenario/run.ts';
import { boundSeconds, type Fleet } from './reversal/bound.ts';
import { scenarioOf } from './reversal/world.ts';

const usual: Fleet = {
  tasks: 4,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  startSeconds: 35,
  warmUpSeconds: 0,
  graceSeconds: 0,
  checkIntervalSeconds: 10,
  drainSeconds: 30,
  stopSeconds: 5,
};

const fleets: readonly (readonly [name: string, fleet: Fleet, sides?: 2])[] = [
  ['1 task', { ...usual, tasks: 1 }],
  ['4 tasks', usual],
  ['20 tasks', { ...usual, tasks: 20 }],
  ['100 tasks', { ...usual, tasks: 100 }],
  ['4 quick tasks that drain for 5 s', { ...usual, startSeconds: 15, drainSeconds: 5 }],
  ['4 tasks, half at a time', { ...usual, minimumHealthyPercent: 50, maximumPercent: 100 }],
  ['20 tasks, a quarter more at a time', { ...usual, tasks: 20, maximumPercent: 125 }],
  ['100 tasks, a tenth more at a time', { ...usual, tasks: 100, maximumPercent: 110 }],
  ['4 tasks, 90 s to start', { ...usual, startSeconds: 90 }],
  ['4 tasks, 60 s to warm up, 120 s grace', { ...usual, warmUpSeconds: 60, graceSeconds: 120 }],
  ['4 tasks that drain for 300 s', { ...usual, drainSeconds: 300 }],
  ['4 tasks on the side without traffic', usual, 2],
  ['20 tasks on the side without traffic', { ...usual, tasks: 20 }, 2],
  ['4 tasks there that drain for 300 s', { ...usual, drainSeconds: 300 }, 2],
];

const seeds = Number(process.argv[2] ?? 1);
const aim = 1.1;
const baseDir = resolve(import.meta.dirname, '../examples/01-checkout');
const began = performance.now();
console.log('seconds from the update                 bound     ECS   noticed   ratio   at worst   looks   calls');
const ratios: number[] = [];
for (const [name, fleet, sides = 1] of fleets) {
  const runs: Reversal[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    runs.push(measure(await runScenario(scenarioOf(name, fleet, sides, seed), { synthesize, baseDir })));
  }
  const bound = boundSeconds(fleet);
  const ratio = mean(runs.map(({ noticed }) => noticed)) / bound;
  ratios.push(ratio);
  const columns = [
    bound.toFixed(1).padStart(7),
    mean(runs.map(({ completed }) => completed))
      .toFixed(1)
      .padStart(7),
    mean(runs.map(({ noticed }) => noticed))
      .toFixed(1)
      .padStart(9),
    ratio.toFixed(2).padStart(7),
    Math.max(...runs.map(({ noticed }) => noticed / bound))
      .toFixed(2)
      .padStart(10),
    mean(runs.map(({ looks }) => looks))
      .toFixed(0)
      .padStart(7),
    mean(runs.map(({ calls }) => calls))
      .toFixed(0)
      .padStart(7),
  ];
  console.log(`${name.padEnd(38)}${columns.join(' ')}`);
}
const worst = Math.max(...ratios);
console.log(
  `\nratio ${mean(ratios).toFixed(2)} on average, ${worst.toFixed(2)} for the worst fleet (aim: ${aim.toFixed(2)}), ${seeds} seeds, in ` +
    `${((performance.now() - began) / 1_000).toFixed(0)} s`,
);

// ---------------------------------------------------------------- one rollback

interface Reversal {
  /** Seconds from the update until ECS calls the deployment completed. */
  readonly completed: number;
  /** Until the rollback goes on to verification: with two sides once the traffic has moved. */
  readonly noticed: number;
  /** Invocations of CheckService, and calls to AWS meanwhile. */
  readonly looks: number;
  readonly calls: number;
}

function measure({ account, document }: FinishedRun): Reversal {
  const [execution] = document.executions;
  if (!execution) throw new Error('No rollback was started.');
  const entered = (state: string): number[] =>
    execution.history
      .filter(({ stateEnteredEventDetails: details }) => details?.name === state)
      .map(({ timestamp }) => new Date(timestamp ?? 0).getTime());
  const [verifying] = entered('VerifyHealth');
  const update = account.calls.find(
    ({ service, operation, time }) => `${service}:${operation}` === 'ecs:UpdateService' && time >= execution.startedAt,
  );
  if (verifying === undefined || !update) {
    const said = document.timeline.map(({ kind, message }) => `${kind}: ${message}`).slice(-6);
    throw new Error(`${document.scenario}: nothing was rolled back.\n${said.join('\n')}`);
  }
  const updated = Date.parse(update.time);
  const done = account.events.received
    .filter(({ detail }) => (detail as { eventName?: string }).eventName === 'SERVICE_DEPLOYMENT_COMPLETED')
    .map(({ time }) => Date.parse(time))
    .find((time) => time > updated);
  if (done === undefined) throw new Error(`${document.scenario}: ECS completed no deployment.`);
  const seconds = (ms: number): number => (ms - updated) / 1_000;
  const during = account.calls.filter(({ time }) => Date.parse(time) > updated && Date.parse(time) <= verifying);
  return {
    completed: seconds(done),
    noticed: seconds(verifying),
    looks: entered('CheckService').length,
    calls: during.length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

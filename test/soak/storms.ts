/**
 * Storms in a simulated account, by a seed: releases that break, events that come twice, late or never, people who start
 * and stop at the worst moment, calls that are slow, throttled or lose their answer. The Lambdas are the bundles, the
 * table and Step Functions are the simulated ones. A seed that breaks something is a bug report:
 *
 *   npm run test:soak -- [count] [first seed]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../../bin/synthesize.ts';
import type { RollbackContext } from '../../lib/domain/model.ts';
import { stateMachineArn as stateMachineArnOf } from '../../lib/domain/names.ts';
import { operator } from '../../simulator/iam.ts';
import { Random } from '../../simulator/random.ts';
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import { loadScenario, parseScenario } from '../../simulator/scenario/parse.ts';
import { type FinishedRun, type LiveRun, runScenario } from '../../simulator/scenario/run.ts';
import { operate } from '../../simulator/scenario/schedule.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { Witness } from './storms/witness.ts';

type Event = Scenario['events'][number];

const example = join(import.meta.dirname, '../../examples/01-checkout');
const rollbacksPerDay = 2;
const cooldownMinutes = 5;

export interface StormResult {
  readonly seed: number;
  /** What was broken, in words; nothing is right. */
  readonly wrong: readonly string[];
  readonly executions: number;
  readonly changes: number;
  readonly largestToken: number;
}

export async function storm(seed: number): Promise<StormResult> {
  let witness: Witness | undefined;
  const run = await runScenario(scenarioOf(seed), {
    synthesize,
    baseDir: example,
    // Looked at before the first event, to stand there when it comes.
    watch: {
      everySeconds: 24 * 3_600,
      look: (live) => {
        witness ??= new Witness(live, ambush(live, new Random(seed).fork('ambush')));
      },
    },
  });
  if (!witness) throw new Error('The run ended before it began.');
  return {
    seed,
    wrong: [...witness.wrong, ...overBudget(run), ...notFinished(run)],
    executions: run.document.executions.length,
    changes: witness.changes,
    largestToken: witness.largestToken,
  };
}

/**
 * The worst moment to stop an execution is while its Lambda stands between proving the lock and the change; and the worst
 * moment to start another one is soon after. By chance alone, stops would hardly ever fall there.
 */
function ambush({ account, environment }: LiveRun, random: Random): (context: RollbackContext) => void {
  const { clock, states } = account;
  const input = JSON.stringify({ service: 'checkout', confirm: 'ROLLBACK PRODUCTION' });
  const stateMachineArn = stateMachineArnOf('aws', account.region, account.id, environment);
  return ({ executionArn }) => {
    if (random.next() >= 0.5) return;
    const stopMs = random.next() * 6_000;
    clock.after(stopMs, () => operate(states, 'StopExecution', { executionArn, cause: 'ambush' }));
    for (let starts = 1 + random.integer(3); starts > 0; starts -= 1)
      clock.after(stopMs + random.next() ** 2 * 90_000, () =>
        states.startExecution({ stateMachineArn, input, principal: operator }),
      );
  };
}

function scenarioOf(seed: number): Scenario {
  const random = new Random(seed).fork('storm');
  const config = JSON.parse(readFileSync(join(example, 'backstep.json'), 'utf8'));
  Object.assign(config.environments.production.services.checkout, {
    policy: { bakeMinutes: 1, cooldownMinutes, rollbacksPerDay },
  });
  const { account } = loadScenario(join(example, 'scenario.json'));
  const events = [...releases(random), ...people(random), ...eventFaults(random), ...callFaults(random)];
  const scenario = { name: `storm ${seed}`, config, seed, account, events, until: 'PT50M' };
  return parseScenario(scenario, scenario.name);
}

/** `PT6M4.217S` */
const at = (seconds: number): string => `PT${Math.floor(seconds / 60)}M${(seconds % 60).toFixed(3)}S`;
const between = (random: Random, from: number, to: number): number => from + random.next() * (to - from);
const chance = <T>(random: Random, share: number, make: () => T): T[] => (random.next() < share ? [make()] : []);

function releases(random: Random): Event[] {
  const deploy = (seconds: number): Event => ({
    at: at(seconds),
    type: 'deploy',
    cluster: 'shop',
    service: 'checkout',
    taskDefinition: 'checkout:42',
  });
  return [deploy(120), ...chance(random, 0.4, () => deploy(between(random, 1_100, 1_500)))];
}

/** Starts in flocks, and stops in the middle of what is going on. */
function people(random: Random): Event[] {
  const start = (seconds: number): Event => ({
    at: at(seconds),
    type: 'start',
    input: { service: 'checkout', confirm: 'ROLLBACK PRODUCTION' },
  });
  const flocks = 1 + random.integer(3);
  const starts = Array.from({ length: flocks }, () => between(random, 200, 1_800)).flatMap((moment) =>
    Array.from({ length: 1 + random.integer(4) }, () => start(moment + random.next() * 2)),
  );
  const moments = starts.map(
    (event) => Number(/M([\d.]+)S/.exec(event.at)?.[1]) + 60 * Number(/PT(\d+)M/.exec(event.at)?.[1]),
  );
  const stops = moments.flatMap((moment) =>
    chance(random, 0.5, (): Event[] => {
      const stopped = moment + between(random, 0.1, 60);
      // Somebody else starts when the owner is long dead, or so it may seem.
      const next = chance(random, 0.7, () => start(stopped + between(random, 60, 90)));
      return [{ at: at(stopped), type: 'stop' }, ...next];
    }).flat(),
  );
  return [...starts, ...stops];
}

function eventFaults(random: Random): Event[] {
  const on = { event: 'CloudWatch Alarm State Change' };
  return [
    ...chance(
      random,
      0.5,
      (): Event => ({
        at: 'PT2M',
        type: 'fault',
        on,
        effect: { duplicate: 2 + random.integer(3), latency: at(between(random, 0, 120)) },
        probability: 0.7,
      }),
    ),
    ...chance(random, 0.3, (): Event => ({ at: 'PT2M', type: 'fault', on, effect: { lost: true }, probability: 0.5 })),
  ];
}

/** Slow and broken calls, and Lambdas that start late, within what Lambda allows a cold start. */
function callFaults(random: Random): Event[] {
  const throttled = { error: { code: 'ThrottlingException', message: 'Rate exceeded', status: 400 } };
  const calls = ['dynamodb:*', 'ecs:*', 'states:*', 's3:*', 'cloudwatch:*'];
  return [
    ...calls.flatMap((call) =>
      chance(
        random,
        0.6,
        (): Event => ({
          at: 'PT2M',
          type: 'fault',
          on: { call },
          effect: { latency: at(between(random, 0.1, 3.5)) },
          probability: between(random, 0.05, 0.4),
        }),
      ),
    ),
    ...calls.flatMap((call) =>
      chance(
        random,
        0.3,
        (): Event => ({
          at: 'PT2M',
          type: 'fault',
          on: { call },
          effect: random.next() < 0.5 ? { lost: true } : throttled,
          probability: 0.05,
        }),
      ),
    ),
    // The gap between proving the lock and changing something, as wide as the client's patience allows.
    ...chance(
      random,
      0.5,
      (): Event => ({
        at: 'PT2M',
        type: 'fault',
        on: { call: 'ecs:UpdateService', by: 'RevertService' },
        effect: { latency: at(between(random, 1, 3.9)) },
      }),
    ),
    ...chance(
      random,
      0.5,
      (): Event => ({
        at: 'PT2M',
        type: 'fault',
        on: { invocation: 'RevertService' },
        effect: { latency: at(between(random, 0.5, 9)) },
        probability: 0.5,
      }),
    ),
  ];
}

// ---------------------------------------------------------------- what must hold at the end

interface LedgerRecord {
  readonly automatic: boolean;
  readonly startedMs: number;
}

/** Automatic rollbacks that went ahead: the whole run is within a day. */
function overBudget({ account, stack }: FinishedRun): string[] {
  const records: LedgerRecord[] = Object.values(stack.resources)
    .filter(({ type }) => type === 'AWS::DynamoDB::Table')
    .flatMap(({ physicalId }) => account.dynamodb.items(physicalId))
    .filter(({ sk, executes }) => sk?.S?.startsWith('ROLLBACK#') && executes?.BOOL)
    .map(({ automatic, startedAt }) => ({
      automatic: automatic?.BOOL === true,
      startedMs: Date.parse(startedAt?.S ?? ''),
    }));
  const automatic = records.filter((record) => record.automatic);
  return automatic.length > rollbacksPerDay
    ? [`${automatic.length} automatic rollbacks went ahead, ${rollbacksPerDay} a day are allowed`]
    : [];
}

function notFinished({ document }: FinishedRun): string[] {
  return document.executions.flatMap((execution) => {
    const { status, outcome, error, reason } = summaryOf(execution);
    if (status === 'RUNNING') return [`${execution.name} still runs`];
    if (status === 'ABORTED' || outcome !== undefined) return [];
    return [`${execution.name} ended ${status} ${error ?? ''} without an outcome: ${reason}`];
  });
}

/** Runs seeds one after the other and tells those that broke something. @returns how many did */
export async function stormSoak(from: number, count: number, tell: (line: string) => void): Promise<number> {
  const broken: number[] = [];
  const total = { executions: 0, changes: 0, takenAgain: 0 };
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await storm(seed);
    total.executions += result.executions;
    total.changes += result.changes;
    total.takenAgain += result.largestToken > 1 ? 1 : 0;
    if (result.wrong.length === 0) continue;
    broken.push(seed);
    tell(`seed ${seed}\n  ${result.wrong.join('\n  ')}`);
  }
  tell(
    `${count} storms from seed ${from}: ${total.executions} executions, ${total.changes} changes, ` +
      `${total.takenAgain} storms in which the lock was taken more than once; ` +
      (broken.length === 0 ? 'nothing broken' : `broken by seeds ${broken.join(', ')}`),
  );
  return broken.length;
}

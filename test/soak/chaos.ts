/**
 * Whole rollbacks while everything that can fail does, by a seed. A seed that breaks something is a bug report:
 *
 *   npm run test:soak -- [count] [first seed]
 */
import { synthesize } from '../../bin/synthesize.ts';
import { collect } from '../../simulator/scenario/collect.ts';
import { type FinishedRun, type LiveRun, runScenario } from '../../simulator/scenario/run.ts';
import { Dice } from './chaos/dice.ts';
import { climateOf, losePermission, weather } from './chaos/faults.ts';
import { answerOf, broken } from './chaos/invariants.ts';
import { answer, redriveSomething, stopSomething } from './chaos/people.ts';
import { storyOf } from './chaos/story.ts';
import { Witness } from './chaos/witness.ts';

export interface ChaosResult {
  readonly seed: number;
  /** What was broken, in words; nothing is right. */
  readonly wrong: readonly string[];
  /** How each execution ended. */
  readonly endings: readonly string[];
  /** Invocations that were made twice and compared. */
  readonly replays: number;
}

export async function chaos(seed: number): Promise<ChaosResult> {
  const { run, witness } = await chaosRun(seed);
  return {
    seed,
    wrong: broken(run, witness),
    endings: run.document.executions.map((one) => answerOf(one).outcome ?? one.error ?? one.status),
    replays: witness.replays,
  };
}

/** The run itself, for whoever looks for the cause. */
export async function chaosRun(seed: number): Promise<{ run: FinishedRun; witness: Witness }> {
  const dice = new Dice(seed, 'chaos');
  const { scenario, baseDir } = storyOf(seed, dice);
  let witness: Witness | undefined;
  const run = await runScenario(scenario, {
    synthesize,
    baseDir,
    watch: {
      everySeconds: 24 * 3_600,
      look: (live) => {
        witness ??= begin(live, dice);
      },
    },
  });
  if (!witness) throw new Error('The run ended before it began.');
  const { account } = run;
  const over = () => account.states.executions.every(({ status }) => status !== 'RUNNING');
  await account.clock.runUntil(run.endMs + 9 * 3_600_000, over);
  return { run: { ...run, document: collect(run) }, witness };
}

function begin(live: LiveRun, dice: Dice): Witness {
  const { account, startMs } = live;
  const witness = new Witness(live, dice.happens(0.4));
  const storm = weather(live, climateOf(dice), dice);
  account.faults.push((point) => {
    const effect = storm(point);
    witness.see(point, effect);
    return effect;
  });
  const at = (minutes: number, work: () => unknown): void => {
    account.clock.at(startMs + minutes * 60_000 + dice.between(0, 59_999), work);
  };
  if (dice.happens(0.35)) {
    const minute = dice.between(5, 40);
    at(minute, () => stopSomething(live));
    if (dice.happens(0.5))
      at(minute + dice.one([0, 1, 2, 3, 10]), () => {
        const arn = redriveSomething(live);
        if (arn !== undefined) witness.redriven.add(arn);
      });
  }
  if (dice.happens(0.6)) at(dice.between(8, 45), () => answer(live, 'approve', 'ann'));
  if (dice.happens(0.3)) at(dice.between(8, 45), () => answer(live, 'approve', 'bob'));
  if (dice.happens(0.3)) at(dice.between(8, 45), () => answer(live, 'decline', 'cid'));
  if (dice.happens(0.15))
    at(dice.between(4, 12), () => {
      witness.permissionLost = true;
      losePermission(live, dice);
    });
  return witness;
}

/** Runs seeds one after the other and tells those that broke something. @returns how many did */
export async function chaosSoak(from: number, count: number, tell: (line: string) => void): Promise<number> {
  const endings = new Map<string, number>();
  let bad = 0;
  let replays = 0;
  for (let seed = from; seed < from + count; seed++) {
    const result = await attempt(seed);
    replays += result.replays;
    for (const ending of result.endings) endings.set(ending, (endings.get(ending) ?? 0) + 1);
    if (result.wrong.length === 0) continue;
    bad += 1;
    tell([`seed ${seed}`, ...result.wrong.map((line) => `  ${line}`)].join('\n'));
  }
  const ended = [...endings].sort().map((one) => one.join(' '));
  tell(`${count} seeds, ${bad} broke something; ${replays} invocations replayed; endings: ${ended.join(', ')}`);
  return bad;
}

async function attempt(seed: number): Promise<ChaosResult> {
  try {
    return await chaos(seed);
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, wrong: [`the run failed: ${words}`], endings: [], replays: 0 };
  }
}

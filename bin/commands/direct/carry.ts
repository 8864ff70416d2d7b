/**
 * A rollback without Step Functions: the states of the very same definition, walked by this process, which calls the deployed
 * Lambdas itself. Code, roles, plan and lock are those of every other rollback.
 */
import { randomBytes } from 'node:crypto';
import { directArn } from '../../../lib/domain/direct.ts';
import type { Json } from '../../../lib/domain/model.ts';
import { judgeEnd, readTraces } from '../../../lib/domain/reap.ts';
import { stamp } from '../../../lib/domain/sweep.ts';
import { Random } from '../../../simulator/random.ts';
import { Execution } from '../../../simulator/states/execution.ts';
import { TaskTokens } from '../../../simulator/states/task-tokens.ts';
import { Failure } from '../command.ts';
import { type Followed, follow } from '../follow/follow.ts';
import { regionOf } from '../installed.ts';
import type { Carry, Session } from '../rollback/execute.ts';
import { wrap } from '../story/text.ts';
import { askAtTerminal } from './approval.ts';
import { ProcessClock } from './clock.ts';
import { type Chosen, chooseDefinition } from './definition.ts';
import { Interruption } from './interruption.ts';
import { SignOfLife, stepOf } from './sign-of-life.ts';
import { changesIn, standing } from './standing.ts';
import { taskResources } from './tasks.ts';

/** @param given the approval that was given on the command line */
export const directly =
  (session: Session, given: { readonly reason: string } | undefined): Carry =>
  async (input, { quiet }) => {
    const run = new DirectRun(session, await prepare(session, input, given));
    return run.carryOut(quiet);
  };

/** What is settled before anything begins. */
interface Prepared {
  readonly input: { [key: string]: Json };
  readonly given: { readonly reason: string } | undefined;
  readonly chosen: Chosen;
  /** Who runs the command, as AWS names them. */
  readonly by: string;
}

async function prepare(
  { account, installation }: Session,
  input: { [key: string]: Json },
  given: { readonly reason: string } | undefined,
): Promise<Prepared> {
  const [chosen, by] = await Promise.all([
    chooseDefinition(account, installation),
    account.identity.arn().catch((error: Error) => `somebody whom STS did not name (${error.message})`),
  ]);
  return { input, given, chosen, by };
}

class DirectRun {
  readonly #session: Session;
  readonly #prepared: Prepared;
  readonly #clock: ProcessClock;
  readonly #execution: Execution;
  readonly #life: SignOfLife;
  readonly #tokens: TaskTokens;
  readonly #interruption: Interruption;
  /** Of the state that asks. */
  readonly #token: Promise<string>;
  #asked: (token: string) => void = () => {};
  #underWay = 0;
  #endTold = false;

  constructor(session: Session, prepared: Prepared) {
    const { account, installation } = session;
    const { by } = prepared;
    this.#session = session;
    this.#prepared = prepared;
    this.#clock = new ProcessClock(account.clock);
    this.#token = new Promise((resolve) => {
      this.#asked = resolve;
    });
    const random = new Random(randomBytes(4).readUInt32BE());
    this.#tokens = new TaskTokens(random);
    this.#execution = this.#executionOf(random);
    this.#interruption = new Interruption({
      underWay: () => (this.#underWay > 0 ? this.#state() : undefined),
      end: (cause) => this.#execution.abort('Interrupted', `${cause} by ${by}`),
      say: (sentences) => this.#say(sentences),
    });
    this.#life = new SignOfLife({
      write: (run) => account.directRuns.write(installation.table, this.#execution.arn, run),
      clock: this.#clock,
      by,
      onSilence: (sentence) => this.#say([sentence]),
    });
  }

  #executionOf(random: Random): Execution {
    const { account, installation } = this.#session;
    const { stateMachineArn } = installation;
    const { input, chosen, by } = this.#prepared;
    const ended = new AbortController();
    const id = randomBytes(4).toString('hex');
    const arn = directArn(stateMachineArn, String(input.service), stamp(this.#clock.iso()), id);
    return new Execution({
      arn,
      name: lastPart(arn),
      stateMachineArn,
      stateMachineName: lastPart(stateMachineArn),
      // Nobody assumes one: the caller's own permissions count.
      roleArn: by,
      definition: chosen.definition,
      input: JSON.stringify(input),
      clock: this.#clock,
      random,
      tokens: this.#tokens,
      resource: taskResources({
        functions: account.functions,
        region: regionOf(installation),
        before: () => this.#before(),
        after: () => this.#after(),
        asked: (token) => this.#asked(token),
        signal: ended.signal,
      }),
      onTransition: () => {},
      onStart: () => {},
      onEnd: () => ended.abort(),
    });
  }

  async carryOut(quiet: boolean): Promise<Followed> {
    const { screen } = this.#session;
    const { arn } = this.#execution;
    await this.#life.write(this.#execution).catch((error: Error) => {
      throw new Failure(
        `Nothing was started: that this command is at work could not be written down (${error.name}: ${error.message}).`,
      );
    });
    if (!quiet) screen.lines([`Direct rollback ${arn}`, ...wrap(`${this.#prepared.chosen.words} ${stays}`, 0)]);
    this.#life.every(this.#execution);
    this.#execution.start();
    try {
      const followed = await Promise.race([this.#follow(quiet), this.#clock.failed]);
      await this.#tellEnd();
      await this.#tellStanding(followed);
      return followed;
    } finally {
      this.#clock.stop();
    }
  }

  #follow(quiet: boolean): Promise<Followed> {
    const { account, installation, io, screen } = this.#session;
    const { given, by } = this.#prepared;
    return follow(account, this.#execution.arn, io, {
      bucket: installation.bucket,
      screen,
      quiet,
      eventsAfter: async (id) => this.#execution.history.slice(id),
      longestPauseMs: 200,
      onInterrupt: () => this.#interruption.press(),
      onAsked: askAtTerminal({
        session: this.#session,
        ...(given && { given }),
        by,
        answer: async (answer) => this.#tokens.succeed(await this.#token, JSON.stringify(answer)),
      }),
    });
  }

  /** What is known so far is written before a change, so that whoever takes it up knows of the change. */
  async #before(): Promise<void> {
    this.#underWay += 1;
    await this.#life.beat(this.#execution);
  }

  #after(): void {
    this.#underWay -= 1;
    // Once the answer is in the history: then it is known what was done.
    this.#clock.after(0, () => this.#interruption.answered());
  }

  async #tellEnd(): Promise<void> {
    await this.#life.write(this.#execution).then(
      () => {
        this.#endTold = true;
      },
      (error: Error) => this.#say([`That it has ended could not be written down: ${error.name}: ${error.message}`]),
    );
  }

  /** Where its own last states did not tell how things are and give the lock back, this does. */
  async #tellStanding({ history }: Followed): Promise<void> {
    const { arn, status, history: events } = this.#execution;
    const traces = readTraces(events.map(stepOf));
    const end = judgeEnd({ executionArn: arn, status, startedAt: '', input: '' }, traces);
    if (end.kind === 'leave') return;
    const { account, installation } = this.#session;
    const service =
      history.context?.service ?? String((JSON.parse(this.#execution.input) as { service: string }).service);
    const lock = await account.table
      .lockOwner(installation.table, service)
      .catch((error: Error) => ({ problem: `${error.name}: ${error.message}` }));
    const facts = { service, executionArn: arn, changes: changesIn(events), lock, endTold: this.#endTold };
    this.#say(['', ...standing(facts), `To come back, start again: npx backstep rollback ${service} --direct`]);
  }

  #state(): string {
    return readTraces(this.#execution.history.map(stepOf)).last?.state ?? 'the call under way';
  }

  #say(sentences: readonly string[]): void {
    const { screen } = this.#session;
    screen.lines(sentences.flatMap((sentence) => (sentence === '' ? [''] : wrap(sentence, 0))));
  }
}

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

const stays = 'It goes on as long as this command does: keep the terminal open.';

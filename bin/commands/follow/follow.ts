/** Follows an execution by its history, as it happens, until it ends or the reader leaves. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Plan } from '../../../lib/domain/model.ts';
import type { Account } from '../../aws/account.ts';
import type { Io } from '../command.ts';
import type { Fact } from '../story/facts.ts';
import { Narrator } from '../story/narrator.ts';
import { HistoryReader } from './history.ts';
import type { Screen } from './screen.ts';
import { statusLine } from './status-line.ts';

export interface Followed {
  readonly history: HistoryReader;
  readonly plan: Plan | undefined;
  readonly planSha256: string | undefined;
  /** The reader pressed Ctrl-C; the execution goes on. */
  readonly left: boolean;
}

export interface FollowOptions {
  readonly bucket: string;
  readonly screen: Screen;
  /**
   * What is known of it already.
   * @default nothing
   */
  readonly history?: HistoryReader;
  /**
   * Where the history is, from the event after this one.
   * @default the execution's, in Step Functions
   */
  readonly eventsAfter?: (id: number) => Promise<HistoryEvent[]>;
  /**
   * Milliseconds between two looks at most.
   * @default 2000
   */
  readonly longestPauseMs?: number;
  /**
   * What Ctrl-C does.
   * @default leaves: the execution goes on
   */
  readonly onInterrupt?: () => void;
  /** Says nothing; the caller shows what came of it. */
  readonly quiet?: boolean;
  /** A person is asked for approval. Ends early when `signal` says that it was answered, or has expired. */
  readonly onAsked?: (
    followed: { readonly plan: Plan | undefined; readonly history: HistoryReader },
    signal: AbortSignal,
  ) => Promise<void>;
}

/** Milliseconds between two looks: short while something happens, long while an execution waits. */
const pause = { shortest: 200, longest: 2_000 } as const;

export async function follow(account: Account, arn: string, io: Io, options: FollowOptions): Promise<Followed> {
  const { history = new HistoryReader(arn) } = options;
  const telling = new Telling(account, history, options);
  const leave = new AbortController();
  const stopListening = io.onInterrupt(options.onInterrupt ?? (() => leave.abort()));
  const eventsAfter = options.eventsAfter ?? ((id: number) => account.executions.eventsAfter(arn, id));
  let seen = 0;
  let pauseMs: number = pause.shortest;
  try {
    while (!leave.signal.aborted) {
      const events = await eventsAfter(seen);
      for (const event of events) {
        seen = event.id ?? seen;
        for (const reading of history.read(event)) await telling.tell(reading);
        telling.moved();
      }
      if (history.ended) break;
      telling.waits(account.clock.now());
      pauseMs = events.length > 0 ? pause.shortest : Math.min(options.longestPauseMs ?? pause.longest, pauseMs * 1.5);
      await sleep(pauseMs, leave.signal);
    }
  } finally {
    stopListening();
    await telling.end();
  }
  return { history, plan: telling.plan, planSha256: history.planned?.planSha256, left: !history.ended };
}

class Telling {
  plan: Plan | undefined;
  readonly #account: Account;
  readonly #history: HistoryReader;
  readonly #options: FollowOptions;
  readonly #narrator: Narrator;
  #question: { readonly abort: AbortController; readonly asked: Promise<void> } | undefined;

  constructor(account: Account, history: HistoryReader, options: FollowOptions) {
    this.#account = account;
    this.#history = history;
    this.#options = options;
    this.#narrator = new Narrator(options.screen.style);
  }

  async tell(reading: Fact | { kind: 'plan-made'; timeMs: number }): Promise<void> {
    if (reading.kind === 'plan-made') return this.#planned(reading.timeMs);
    this.#say(
      reading.kind === 'asked' && this.plan?.asksBecause ? { ...reading, because: this.plan.asksBecause } : reading,
    );
  }

  /** The execution went on: a question about where it was has no point any more. */
  moved(): void {
    if (this.#history.standing?.state !== 'RequestApproval') this.#question?.abort.abort();
  }

  waits(nowMs: number): void {
    if (this.#history.standing?.state === 'RequestApproval') this.#askOnce();
    // A question has the line while it is open.
    if (this.#question && !this.#question.abort.signal.aborted) return;
    if (!this.#options.quiet) this.#options.screen.status(statusLine(this.#history, this.plan, nowMs));
  }

  async end(): Promise<void> {
    this.#question?.abort.abort();
    await this.#question?.asked;
    this.#options.screen.lines([]);
  }

  async #planned(timeMs: number): Promise<void> {
    const { planned, context } = this.#history;
    if (!planned || !context) return;
    const { plan } = await this.#account.documents.plan(this.#options.bucket, context.rollbackId, planned.planKey);
    this.plan = plan;
    this.#say({ kind: 'planned', timeMs, plan });
  }

  #askOnce(): void {
    const { onAsked } = this.#options;
    if (!onAsked || this.#question) return;
    const abort = new AbortController();
    const asked = onAsked({ plan: this.plan, history: this.#history }, abort.signal).finally(() => abort.abort());
    // Awaited at the end; until then a refused answer must not end the process.
    asked.catch(() => {});
    this.#question = { abort, asked };
  }

  #say(fact: Fact): void {
    if (this.#options.quiet) return;
    this.#options.screen.lines(this.#narrator.tell(fact).map(({ text }) => text));
  }
}

/** Ends early when `signal` says so. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

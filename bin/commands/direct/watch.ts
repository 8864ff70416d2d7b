/** Follows from elsewhere what a command carries out itself. It has no history in Step Functions, so its timeline is told. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Plan, RollbackContext, TimelineEntry } from '../../../lib/domain/model.ts';
import { UsageError } from '../command.ts';
import { executionOf, type Known } from '../execution-of.ts';
import { type Followed, sleep } from '../follow/follow.ts';
import { HistoryReader } from '../follow/history.ts';
import type { Session } from '../rollback/execute.ts';
import { Narrator } from '../story/narrator.ts';
import { wrap } from '../story/text.ts';

const pauseMs = 2_000;

export async function watchDirect(session: Session, arn: string): Promise<Followed> {
  const { io } = session;
  const leave = new AbortController();
  const stopListening = io.onInterrupt(() => leave.abort());
  const watching = new Watching(session, arn);
  try {
    while (!(await watching.look()) && !leave.signal.aborted) await sleep(pauseMs, leave.signal);
  } finally {
    stopListening();
  }
  const { history, plan } = watching;
  return { history, plan, planSha256: undefined, left: !history.ended };
}

class Watching {
  readonly history: HistoryReader;
  plan: Plan | undefined;
  readonly #session: Session;
  readonly #narrator: Narrator;
  readonly #told = new Set<string>();
  #begun = false;

  constructor(session: Session, arn: string) {
    this.#session = session;
    this.history = new HistoryReader(arn);
    this.#narrator = new Narrator(session.screen.style);
  }

  /** @returns whether it is over */
  async look(): Promise<boolean> {
    const { arn } = this.history;
    const known = await executionOf(this.#session, arn);
    if (!known?.direct) throw new UsageError(`Nothing is known of ${arn}.`);
    if (!this.#begun) this.#begin(known);
    await this.#tellNews(known);
    if (known.status === 'RUNNING') return false;
    for (const fact of this.history.read(endOf(known)))
      if (fact.kind !== 'plan-made') this.#say(this.#narrator.tell(fact).map(({ text }) => text));
    return true;
  }

  #begin({ direct, startedAt }: Known): void {
    this.#begun = true;
    this.#say(wrap(`Carried out directly, without Step Functions, by ${direct?.by}.`, 0));
    const timestamp = new Date(startedAt);
    const details = { executionStartedEventDetails: { input: direct?.input ?? '{}' } };
    this.history.read({ type: 'ExecutionStarted', timestamp, id: 1, ...details });
  }

  async #tellNews({ direct }: Known): Promise<void> {
    const { account, installation } = this.#session;
    const context = direct?.variables.context as unknown as RollbackContext | undefined;
    if (!context) return;
    this.history.context = context;
    const entries = await account.table.timeline(installation.table, context.service, context.rollbackId);
    const { planKey } = (direct?.variables.plan ?? {}) as { planKey?: string | null };
    for (const entry of entries) {
      const key = JSON.stringify([entry.time, entry.kind, entry.message]);
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      if (planKey && !this.plan) await this.#tellPlan(context, planKey, entry);
      const timeMs = Date.parse(entry.time);
      const told = { ...entry, data: entry.data ?? null };
      this.#say(this.#narrator.tell({ kind: 'entry', timeMs, entry: told }).map(({ text }) => text));
    }
  }

  /** Before the first thing that comes of it. */
  async #tellPlan({ rollbackId }: RollbackContext, planKey: string, { kind, time }: TimelineEntry): Promise<void> {
    if (!kind.startsWith('plan.')) return;
    const { account, installation } = this.#session;
    this.plan = (await account.documents.plan(installation.bucket, rollbackId, planKey)).plan;
    const fact = { kind: 'planned' as const, timeMs: Date.parse(time), plan: this.plan };
    this.#say(this.#narrator.tell(fact).map(({ text }) => text));
  }

  #say(lines: readonly string[]): void {
    this.#session.screen.lines(lines);
  }
}

/** As Step Functions would write it. */
function endOf({ status, stoppedAt, output, error, cause }: Known): HistoryEvent {
  const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
  const timestamp = new Date(stoppedAt ?? 0);
  const event = { timestamp, id: 2 } as const;
  switch (status) {
    case 'SUCCEEDED':
      return { ...event, type: 'ExecutionSucceeded', executionSucceededEventDetails: { output: output ?? 'null' } };
    case 'FAILED':
      return { ...event, type: 'ExecutionFailed', executionFailedEventDetails: failure };
    case 'TIMED_OUT':
      return { ...event, type: 'ExecutionTimedOut', executionTimedOutEventDetails: failure };
    default:
      return { ...event, type: 'ExecutionAborted', executionAbortedEventDetails: failure };
  }
}

/** Writes down that this process lives, and how far it is, so that others can tell, and take up what it leaves. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { type DirectRun, heartbeatSeconds, kept, silenceSeconds } from '../../../lib/domain/direct.ts';
import { type HistoryStep, readTraces } from '../../../lib/domain/reap.ts';
import type { ExecutionClock } from '../../../simulator/states/drive.ts';

/** What of an execution is written down. */
export interface Living {
  readonly status: DirectRun['status'];
  readonly input: string;
  readonly startMs: number;
  readonly stopMs?: number;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly history: readonly HistoryEvent[];
}

export class SignOfLife {
  readonly #write: (run: DirectRun) => Promise<void>;
  readonly #clock: ExecutionClock;
  readonly #by: string;
  readonly #onSilence: (words: string) => void;
  #writtenMs: number;
  #told = false;
  #line: Promise<void> = Promise.resolve();

  /** @param onSilence told once when nothing could be written for so long that others take this process for dead */
  constructor(options: {
    readonly write: (run: DirectRun) => Promise<void>;
    readonly clock: ExecutionClock;
    readonly by: string;
    readonly onSilence: (words: string) => void;
  }) {
    this.#write = options.write;
    this.#clock = options.clock;
    this.#by = options.by;
    this.#onSilence = options.onSilence;
    this.#writtenMs = options.clock.now();
  }

  /** Writes every twenty seconds from now on, until the execution is over. The caller has written once. */
  every(execution: Living): void {
    this.#clock.after(heartbeatSeconds * 1_000, async () => {
      if (execution.status !== 'RUNNING') return;
      await this.beat(execution);
      this.every(execution);
    });
  }

  /** Writes how far it is. What cannot be written stops no rollback: the lock's token is proved before every change. */
  async beat(execution: Living): Promise<void> {
    try {
      await this.write(execution);
      this.#told = false;
    } catch (error) {
      this.#fails(error);
    }
  }

  /** One after the other, so that the newest is what stays. */
  write(execution: Living): Promise<void> {
    const written = this.#line
      .catch(() => {})
      .then(() => this.#write(this.#runOf(execution)))
      .then(() => {
        this.#writtenMs = this.#clock.now();
      });
    this.#line = written.catch(() => {});
    return written;
  }

  #fails(error: unknown): void {
    const silentMs = this.#clock.now() - this.#writtenMs;
    if (this.#told || silentMs < silenceSeconds * 1_000) return;
    this.#told = true;
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#onSilence(
      `No sign of life could be written for ${Math.round(silentMs / 1_000)} s (${why}): another start may take the lock over, ` +
        'and this rollback then halts before its next change.',
    );
  }

  #runOf(execution: Living): DirectRun {
    const { status, input, startMs, stopMs, output, error, cause } = execution;
    const { last, variables } = readTraces(execution.history.map(stepOf));
    return {
      startedAt: new Date(startMs).toISOString(),
      heartbeatAt: this.#clock.iso(),
      status,
      by: this.#by,
      input,
      variables: kept(variables),
      ...(last && { state: last.state, enteredAt: last.enteredAt }),
      ...(stopMs !== undefined && { endedAt: new Date(stopMs).toISOString() }),
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    };
  }
}

/** The part of an event that tells where an execution is, and what it knows. */
export function stepOf({ timestamp, stateEnteredEventDetails, stateExitedEventDetails }: HistoryEvent): HistoryStep {
  const entered = stateEnteredEventDetails?.name;
  const assigned = stateExitedEventDetails?.assignedVariables;
  return {
    time: timestamp?.toISOString() ?? '',
    ...(entered !== undefined && { entered }),
    ...(assigned && { assigned }),
  };
}

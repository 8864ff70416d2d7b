/** Real time for an execution that this process carries out: the account's, by AWS's own clock. */
import type { ExecutionClock, Timer } from '../../../simulator/states/drive.ts';
import type { AccountClock } from '../../aws/client.ts';

/** Node's timers hold no more milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

export class ProcessClock implements ExecutionClock {
  /** Rejects with what went wrong in anything that this clock has run. */
  readonly failed: Promise<never>;
  readonly #account: Pick<AccountClock, 'now' | 'speed'>;
  readonly #timers = new Set<NodeJS.Timeout>();
  #fail: (error: unknown) => void = () => {};
  #latestMs = 0;

  constructor(account: Pick<AccountClock, 'now' | 'speed'>) {
    this.#account = account;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Whoever waits for it hears; a run that nobody waits for any more must not end the process.
    this.failed.catch(() => {});
  }

  /** Never backwards: the header that tells AWS's time has whole seconds. */
  now(): number {
    this.#latestMs = Math.max(this.#latestMs, Math.round(this.#account.now()));
    return this.#latestMs;
  }

  iso(): string {
    return new Date(this.now()).toISOString();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  after(ms: number, run: () => unknown): Timer {
    let left = ms / this.#account.speed;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const wait = Math.min(left, longestTimerMs);
      left -= wait;
      timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (left > 0) arm();
        else this.#start(run);
      }, wait);
      this.#timers.add(timer);
    };
    arm();
    const cancel = (): void => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
    return { cancel };
  }

  /** Nothing that was scheduled happens any more, and nothing keeps the process from ending. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #start(run: () => unknown): void {
    Promise.resolve()
      .then(run)
      .catch((error: unknown) => this.#fail(error));
  }
}

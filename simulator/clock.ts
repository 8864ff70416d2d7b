/**
 * Virtual time. Events run in order of time, then of scheduling; between two events everything that is already
 * under way runs until it waits for the clock again.
 *
 * The invariant that makes a run repeatable: whatever runs in the simulated account waits only for this clock or for
 * promises that settle without real I/O or real timers. One turn of Node's event loop then drains it completely.
 */
export interface Scheduled {
  readonly at: number;
  cancel(): void;
}

interface Entry extends Scheduled {
  readonly order: number;
  readonly run: () => unknown;
  cancelled: boolean;
}

export class Clock {
  #now: number;
  #order = 0;
  #queue: Entry[] = [];
  #failure: { error: unknown } | undefined;

  /** @param startMs milliseconds since the epoch */
  constructor(startMs: number) {
    this.#now = startMs;
  }

  /** Milliseconds since the epoch, virtual. */
  now(): number {
    return this.#now;
  }

  iso(): string {
    return new Date(this.#now).toISOString();
  }

  /** Runs `run` at `at` (or now, if that has passed). A promise it returns is not awaited, but its rejection ends the run. */
  at(at: number, run: () => unknown): Scheduled {
    const entry: Entry = {
      at: Math.max(at, this.#now),
      order: this.#order++,
      run,
      cancelled: false,
      cancel() {
        entry.cancelled = true;
      },
    };
    this.#insert(entry);
    return entry;
  }

  after(ms: number, run: () => unknown): Scheduled {
    return this.at(this.#now + ms, run);
  }

  /** Runs `run` every `ms` from `first` on, until cancelled. */
  every(ms: number, first: number, run: () => unknown): Scheduled {
    let cancelled = false;
    const tick = (): unknown => {
      if (cancelled) return undefined;
      this.after(ms, tick);
      return run();
    };
    this.at(first, tick);
    return {
      at: first,
      cancel: () => {
        cancelled = true;
      },
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs until virtual time `endMs`, or until `done` says so after an event. Leaves `now()` at the end reached. */
  async runUntil(endMs: number, done: () => boolean = () => false): Promise<void> {
    await this.#drain();
    while (!done()) {
      const next = this.#head();
      if (!next || next.at > endMs) {
        this.#now = Math.max(this.#now, endMs);
        return;
      }
      await this.#runHead(next);
    }
  }

  /** Runs the next event; false when none is waiting. For callers that wait for something other than a time. */
  async step(): Promise<boolean> {
    await this.#drain();
    const next = this.#head();
    if (next) await this.#runHead(next);
    return next !== undefined;
  }

  #head(): Entry | undefined {
    while (this.#queue[0]?.cancelled) this.#queue.shift();
    return this.#queue[0];
  }

  async #runHead(entry: Entry): Promise<void> {
    this.#queue.shift();
    this.#now = entry.at;
    this.#start(entry);
    await this.#drain();
  }

  #start(entry: Entry): void {
    try {
      const result = entry.run();
      if (result instanceof Promise) result.catch((error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.#failure) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
  }

  /** Binary insertion: the queue stays sorted by time, then by order. */
  #insert(entry: Entry): void {
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#queue[middle] as Entry;
      if (other.at < entry.at || (other.at === entry.at && other.order < entry.order)) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, entry);
  }
}

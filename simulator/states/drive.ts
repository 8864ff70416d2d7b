/** The time that an execution lives in: virtual in a simulated account, real where a process runs a definition itself. */
export interface ExecutionClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** ISO 8601. */
  iso(): string;
  sleep(ms: number): Promise<void>;
  /** A promise that `run` returns is not awaited; its rejection is the clock's to tell. */
  after(ms: number, run: () => unknown): Timer;
}

export interface Timer {
  cancel(): void;
}

/**
 * One stretch of an execution: from its start, or from a redrive, to its end. Once it is over nothing of it goes on,
 * whatever it was waiting for, even when the execution runs again.
 */
export class Drive {
  readonly #clock: ExecutionClock;
  #running = true;

  constructor(clock: ExecutionClock) {
    this.#clock = clock;
  }

  get running(): boolean {
    return this.#running;
  }

  end(): void {
    this.#running = false;
  }

  sleep(ms: number): Promise<void> {
    return this.whileRunning(this.#clock.sleep(ms));
  }

  /** Runs `run` in `ms`, unless the stretch is over by then. */
  after(ms: number, run: () => void): Timer {
    return this.#clock.after(ms, () => {
      if (this.#running) run();
    });
  }

  /** `promise`, as long as the stretch lasts; it never settles afterwards. */
  whileRunning<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#running && resolve(value),
        (error) => this.#running && reject(error),
      );
    });
  }
}

import type { Clock, Scheduled } from '../clock.ts';

/**
 * One stretch of an execution: from its start, or from a redrive, to its end. Once it is over nothing of it goes on,
 * whatever it was waiting for, even when the execution runs again.
 */
export class Drive {
  readonly #clock: Clock;
  #running = true;

  constructor(clock: Clock) {
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
  after(ms: number, run: () => void): Scheduled {
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

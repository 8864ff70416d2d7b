/** What a deployment that ECS or CodeDeploy leads step by step waits for: time, a condition, or to be called off. */
import type { Clock, Scheduled } from '../../clock.ts';

/** The course was called off: whatever was to follow must not happen. */
export class CalledOff extends Error {
  override readonly name = 'CalledOff';
}

export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

interface Waiting {
  readonly holds: () => boolean;
  readonly timer: Scheduled | undefined;
  resolve(): void;
  reject(error: Error): void;
}

export class Course {
  readonly #clock: Clock;
  #waiting: Waiting | undefined;
  #calledOff = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Begins `steps` soon. Being called off ends it silently; `timedOut` is called when a condition never held.
   * Any other error is the simulation's own and ends the run.
   */
  begin(steps: (course: Course) => Promise<void>, timedOut: () => void): this {
    this.#clock.after(0, async () => {
      try {
        if (!this.#calledOff) await steps(this);
      } catch (error) {
        if (error instanceof TimedOut) timedOut();
        else if (!(error instanceof CalledOff)) throw error;
      }
    });
    return this;
  }

  /** @throws CalledOff */
  sleep(ms: number): Promise<void> {
    return this.#wait(
      () => false,
      ms,
      (waiting) => waiting.resolve(),
    );
  }

  /**
   * Waits until the condition holds, looking now and at every `poke`.
   *
   * @param timeoutMs for ever when absent
   * @throws CalledOff, or TimedOut
   */
  until(holds: () => boolean, timeoutMs?: number): Promise<void> {
    return this.#wait(holds, timeoutMs, (waiting) => waiting.reject(new TimedOut('the condition never held')));
  }

  /** Something changed that a condition may depend on. */
  poke(): void {
    if (this.#waiting?.holds()) this.#settle((waiting) => waiting.resolve());
  }

  callOff(): void {
    this.#calledOff = true;
    this.#settle((waiting) => waiting.reject(new CalledOff('the deployment took another course')));
  }

  #wait(holds: () => boolean, ms: number | undefined, atEnd: (waiting: Waiting) => void): Promise<void> {
    if (this.#calledOff) return Promise.reject(new CalledOff('the deployment took another course'));
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = ms === undefined ? undefined : this.#clock.after(ms, () => this.#settle(atEnd));
      this.#waiting = { holds, timer, resolve, reject };
    });
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.timer?.cancel();
    if (waiting) how(waiting);
  }
}

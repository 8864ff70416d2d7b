import type { Random } from '../random.ts';
import type { Retrier } from './definition.ts';
import { covers, type StateFailure } from './failure.ts';

/** Counts the attempts of one visit to a state, each retrier on its own. */
export class Retries {
  readonly #retriers: readonly Retrier[];
  readonly #random: Random;
  readonly #attempts = new Map<Retrier, number>();

  constructor(retriers: readonly Retrier[], random: Random) {
    this.#retriers = retriers;
    this.#random = random;
  }

  /** Milliseconds to wait before trying again, or undefined when the first retrier that matches has no attempts left. */
  next(failure: StateFailure): number | undefined {
    const retrier = this.#retriers.find((one) => covers(one.ErrorEquals, failure));
    if (!retrier) return undefined;
    const attempt = this.#attempts.get(retrier) ?? 0;
    if (attempt >= (retrier.MaxAttempts ?? 3)) return undefined;
    this.#attempts.set(retrier, attempt + 1);
    const grown = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** attempt;
    const seconds = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
    const share = retrier.JitterStrategy === 'FULL' ? this.#random.next() : 1;
    return Math.round(seconds * share * 1000);
  }
}

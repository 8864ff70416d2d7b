import type { SimulatedAccount } from '../account.ts';
import { offsetMs } from './duration.ts';
import type { SeriesSpec } from './spec.ts';

const minuteMs = 60_000;

/** Custom metrics that somebody outside the account's services publishes. */
export class CustomSeries {
  readonly #account: SimulatedAccount;
  /** When the constant value of a metric stops, by metric: a newer one takes over from the older. */
  readonly #constants = new Map<string, { endMs: number }>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  /** Times of `series` count from now; points of the past are there at once. */
  put(series: SeriesSpec): void {
    const nowMs = this.#account.clock.now();
    for (const { at, value } of series.points ?? []) this.#putAt(series, nowMs + offsetMs(at), value);
    if (series.value !== undefined) this.#putConstant(series, series.value, nowMs);
  }

  #putConstant(series: SeriesSpec, value: number, nowMs: number): void {
    const firstMs = Math.ceil((nowMs + offsetMs(series.from ?? 'PT0S')) / minuteMs) * minuteMs;
    const run = { endMs: series.to === undefined ? Number.POSITIVE_INFINITY : nowMs + offsetMs(series.to) };
    const key = JSON.stringify([series.namespace, series.metricName, series.dimensions ?? {}]);
    const older = this.#constants.get(key);
    if (older) older.endMs = Math.min(older.endMs, firstMs);
    this.#constants.set(key, run);

    const { clock } = this.#account;
    let minute = firstMs;
    for (; minute < nowMs && minute < run.endMs; minute += minuteMs) this.#put(series, minute, value);
    if (minute >= run.endMs) return;
    const scheduled = clock.every(minuteMs, minute, () => {
      if (clock.now() >= run.endMs) scheduled.cancel();
      else this.#put(series, clock.now(), value);
    });
  }

  #putAt(series: SeriesSpec, timeMs: number, value: number): void {
    if (timeMs <= this.#account.clock.now()) this.#put(series, timeMs, value);
    else this.#account.clock.at(timeMs, () => this.#put(series, timeMs, value));
  }

  #put({ namespace, metricName, dimensions = {} }: SeriesSpec, timeMs: number, value: number): void {
    this.#account.cloudwatch.put({ namespace, metricName, dimensions, value, timeMs });
  }
}

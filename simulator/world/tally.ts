import type { SimulatedAccount } from '../account.ts';
import { type Latency, latencyQuantiles } from './latency.ts';

/** Of one target group, or of a whole load balancer, in one minute. */
export interface Tally {
  requests: number;
  failed: number;
  /** By latency, how many requests. */
  readonly latencies: Map<Latency, number>;
  /** 503s that the load balancer made itself; only a load balancer's tally has them. */
  refused: number;
  /** Number of healthy and unhealthy targets to how many milliseconds it was so. */
  readonly healthy: Map<number, number>;
  readonly unhealthy: Map<number, number>;
}

export const emptyTally = (): Tally => ({
  requests: 0,
  failed: 0,
  latencies: new Map(),
  refused: 0,
  healthy: new Map(),
  unhealthy: new Map(),
});

export const addTo = <K>(counts: Map<K, number>, key: K, amount: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + amount);
};

/** Carries fractions of a request from minute to minute, so that sums stay exact. */
export class Carry {
  readonly #rest = new Map<string, number>();

  whole(key: string, amount: number): number {
    const exact = amount + (this.#rest.get(key) ?? 0);
    // Sums of binary fractions fall short of a whole number by less than this.
    const whole = Math.floor(exact + 1e-6);
    this.#rest.set(key, exact - whole);
    return whole;
  }
}

/**
 * Publishes a minute as AWS/ApplicationELB does: counts as that many ones (so that Sum and SampleCount are right),
 * error counts only when there are some, nothing about requests without requests.
 */
export function publishTally(
  account: SimulatedAccount,
  dimensions: Readonly<Record<string, string>>,
  tally: Tally,
  carry: Carry,
  timeMs: number,
): void {
  const put = (metricName: string, values: readonly number[], counts: readonly number[]) =>
    account.cloudwatch.put({ namespace: 'AWS/ApplicationELB', metricName, dimensions, values, counts, timeMs });
  const key = Object.values(dimensions).join(' ');
  const count = (metricName: string, amount: number) => {
    if (amount > 0) put(metricName, [1], [amount]);
  };

  const requests = carry.whole(`${key} requests`, tally.requests);
  const failed = Math.min(requests, carry.whole(`${key} failed`, tally.failed));
  const refused = carry.whole(`${key} refused`, tally.refused);
  count('RequestCount', requests);
  count('HTTPCode_Target_2XX_Count', requests - failed);
  count('HTTPCode_Target_5XX_Count', failed);
  count('HTTPCode_ELB_5XX_Count', refused);
  count('HTTPCode_ELB_503_Count', refused);
  for (const [latency, amount] of requests > 0 ? tally.latencies : []) {
    const quantiles = latencyQuantiles(latency);
    put('TargetResponseTime', quantiles, Array(quantiles.length).fill(amount / quantiles.length));
  }
  const seconds = (times: Map<number, number>) => [...times.values()].map((ms) => ms / 1000);
  if (tally.healthy.size > 0) put('HealthyHostCount', [...tally.healthy.keys()], seconds(tally.healthy));
  if (tally.unhealthy.size > 0) put('UnHealthyHostCount', [...tally.unhealthy.keys()], seconds(tally.unhealthy));
}

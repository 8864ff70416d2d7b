/** A log-normal latency as equally likely values. */

export interface Latency {
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

/** 70 of them: the middle of one lies exactly at 95 %, and p50 and p99 come out within a percent. */
const steps = 70;
/** The standard normal distribution's 95th percentile. */
const z95 = 1.6448536269514722;
const cache = new Map<string, readonly number[]>();

/** Ascending seconds; each stands for the same share of the requests. */
export function latencyQuantiles({ p50, p95 }: Latency): readonly number[] {
  const key = `${p50} ${p95}`;
  let quantiles = cache.get(key);
  if (!quantiles) {
    const sigma = Math.log(Math.max(p95 / p50, 1)) / z95;
    quantiles = Array.from(
      { length: steps },
      (_, at) => (p50 / 1000) * Math.exp(sigma * normalQuantile((at + 0.5) / steps)),
    );
    cache.set(key, quantiles);
  }
  return quantiles;
}

/** Inverse of the standard normal distribution function: Acklam's rational approximation, relative error 1.15e-9. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}

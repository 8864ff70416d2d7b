import type { Points, Range } from './math/values.ts';
import { isStatistic, type Sample, sampleCount, statisticOf } from './statistics.ts';

export interface MetricIdentity {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** All data points that were put, by metric. A metric is its namespace, its name and exactly its dimensions. */
export class MetricStore {
  /** Samples of one metric, in order of time. */
  readonly #series = new Map<string, Sample[]>();
  readonly #identities = new Map<string, MetricIdentity>();

  add(metric: MetricIdentity, sample: Sample): void {
    const key = keyOf(metric);
    let samples = this.#series.get(key);
    if (!samples) {
      samples = [];
      this.#series.set(key, samples);
      this.#identities.set(key, metric);
    }
    samples.splice(firstAfter(samples, sample.timeMs), 0, sample);
  }

  metrics(): MetricIdentity[] {
    return [...this.#identities.values()];
  }

  /** One value for each period of the range that has data, by the period's start. */
  statistics(metric: MetricIdentity, statistic: string, range: Range): Points {
    if (!isStatistic(statistic)) throw new Error(`${statistic} is not a statistic`);
    const points = new Map<number, number>();
    for (const [start, samples] of this.#periods(metric, range)) {
      const value = statisticOf(samples, statistic);
      if (value !== undefined) points.set(start, value);
    }
    return points;
  }

  /** Number of samples in each period of the range that has data. */
  sampleCounts(metric: MetricIdentity, range: Range): Points {
    return new Map([...this.#periods(metric, range)].map(([start, samples]) => [start, sampleCount(samples)]));
  }

  #periods(metric: MetricIdentity, range: Range): Map<number, Sample[]> {
    const samples = this.#series.get(keyOf(metric)) ?? [];
    const periods = new Map<number, Sample[]>();
    for (let at = firstAfter(samples, range.startMs - 1); at < samples.length; at++) {
      const sample = samples[at] as Sample;
      if (sample.timeMs >= range.endMs) break;
      const start = range.startMs + Math.floor((sample.timeMs - range.startMs) / range.periodMs) * range.periodMs;
      const period = periods.get(start);
      if (period) period.push(sample);
      else periods.set(start, [sample]);
    }
    return periods;
  }
}

function keyOf({ namespace, metricName, dimensions }: MetricIdentity): string {
  const pairs = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return [namespace, metricName, ...pairs.sort()].join('\n');
}

/** Index of the first sample later than `timeMs`. */
function firstAfter(samples: readonly Sample[], timeMs: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle] as Sample).timeMs <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { Points, Range } from './math/values.ts';
import { isStatistic, type Sample, sampleCount, statisticOf } from './statistics.ts';

export interface MetricIdentity {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface StoredSeries {
  readonly metric: MetricIdentity;
  /** In order of time. */
  readonly samples: Sample[];
  /** Alarms ask for the same periods again and again; by statistic, start and length of the period. */
  readonly computed: Map<string, { readonly samples: number; readonly value: number | undefined }>;
}

/** All data points that were put, by metric. A metric is its namespace, its name and exactly its dimensions. */
export class MetricStore {
  readonly #series = new Map<string, StoredSeries>();

  add(metric: MetricIdentity, sample: Sample): void {
    const key = keyOf(metric);
    let series = this.#series.get(key);
    if (!series) {
      series = { metric, samples: [], computed: new Map() };
      this.#series.set(key, series);
    }
    const { samples } = series;
    samples.splice(firstAfter(samples, sample.timeMs), 0, sample);
  }

  metrics(): MetricIdentity[] {
    return [...this.#series.values()].map(({ metric }) => metric);
  }

  /** One value for each period of the range that has data, by the period's start. */
  statistics(metric: MetricIdentity, statistic: string, range: Range): Points {
    if (!isStatistic(statistic)) throw new Error(`${statistic} is not a statistic`);
    const points = new Map<number, number>();
    const series = this.#series.get(keyOf(metric));
    if (!series) return points;
    for (const [start, samples] of periodsOf(series.samples, range)) {
      const key = `${statistic} ${start} ${range.periodMs}`;
      let known = series.computed.get(key);
      // Samples are only ever added, so as many samples are the same samples.
      if (known?.samples !== samples.length) {
        known = { samples: samples.length, value: statisticOf(samples, statistic) };
        series.computed.set(key, known);
      }
      if (known.value !== undefined) points.set(start, known.value);
    }
    return points;
  }

  /** Number of samples in each period of the range that has data. */
  sampleCounts(metric: MetricIdentity, range: Range): Points {
    const samples = this.#series.get(keyOf(metric))?.samples ?? [];
    return new Map([...periodsOf(samples, range)].map(([start, own]) => [start, sampleCount(own)]));
  }
}

function periodsOf(samples: readonly Sample[], range: Range): Map<number, Sample[]> {
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

/** What one put adds: values with how often each occurred, at one moment. */
export interface Sample {
  readonly timeMs: number;
  readonly values: readonly number[];
  /** Same length as `values`; each 1 when absent. */
  readonly counts: readonly number[] | undefined;
}

const percentilePattern = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/** 95 for `p95`; undefined when `statistic` is no percentile. */
export function percentileOf(statistic: string): number | undefined {
  const match = percentilePattern.exec(statistic);
  return match ? Number(match[1]) : undefined;
}

export const isStatistic = (statistic: string): boolean =>
  ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'].includes(statistic) || percentileOf(statistic) !== undefined;

export const sampleCount = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { values, counts }) => sum + (counts ? total(counts) : values.length), 0);

/** The statistic of all samples of one period; undefined when there are none, or it is no statistic. */
export function statisticOf(samples: readonly Sample[], statistic: string): number | undefined {
  const count = sampleCount(samples);
  if (count === 0) return undefined;
  switch (statistic) {
    case 'SampleCount':
      return count;
    case 'Sum':
      return sum(samples);
    case 'Average':
      return sum(samples) / count;
    case 'Minimum':
      return Math.min(...samples.flatMap((sample) => sample.values));
    case 'Maximum':
      return Math.max(...samples.flatMap((sample) => sample.values));
    default: {
      const percent = percentileOf(statistic);
      return percent === undefined ? undefined : percentile(samples, percent);
    }
  }
}

const total = (numbers: readonly number[]): number => numbers.reduce((result, number) => result + number, 0);

const sum = (samples: readonly Sample[]): number =>
  samples.reduce((all, { values, counts }) => all + total(values.map((value, at) => value * (counts?.[at] ?? 1))), 0);

/** The value below which `percent` of the weight lies, linear between the middles of neighbouring values. */
function percentile(samples: readonly Sample[], percent: number): number | undefined {
  const weighted = samples
    .flatMap(({ values, counts }) => values.map((value, at) => ({ value, weight: counts?.[at] ?? 1 })))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.value - b.value);
  const wanted = (total(weighted.map(({ weight }) => weight)) * percent) / 100;
  let below = 0;
  let previous: { middle: number; value: number } | undefined;
  for (const { value, weight } of weighted) {
    const middle = below + weight / 2;
    if (middle >= wanted) {
      if (!previous) return value;
      return previous.value + ((wanted - previous.middle) / (middle - previous.middle)) * (value - previous.value);
    }
    previous = { middle, value };
    below += weight;
  }
  return previous?.value;
}

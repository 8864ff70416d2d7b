import { describe, expect, it } from 'vitest';
import { statisticOf } from '../../../simulator/services/cloudwatch/statistics.ts';

const sample = (values: number[], counts?: number[]) => ({ timeMs: 0, values, counts });

describe('a statistic', () => {
  const samples = [sample([1, 2], [3, 1]), sample([10])];

  it.each([
    ['SampleCount', 5],
    ['Sum', 15],
    ['Average', 3],
    ['Minimum', 1],
    ['Maximum', 10],
    ['p100', 10],
    ['p0', 1],
  ])('%s', (statistic, expected) => {
    expect(statisticOf(samples, statistic)).toBe(expected);
  });

  it('of a percentile weighs values by their counts', () => {
    const hundred = [sample(Array.from({ length: 100 }, (_, at) => at + 1))];
    expect(statisticOf(hundred, 'p95')).toBeCloseTo(95.5);
    expect(statisticOf([sample([1, 9], [99, 1])], 'p50')).toBeCloseTo(1, 0);
    expect(statisticOf([sample([1, 9], [1, 99])], 'p50')).toBeCloseTo(9, 0);
  });

  it('of nothing is nothing', () => {
    expect(statisticOf([], 'Sum')).toBeUndefined();
    expect(statisticOf([sample([])], 'Average')).toBeUndefined();
  });
});

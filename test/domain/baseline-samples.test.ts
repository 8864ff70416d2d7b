import { describe, expect, test } from 'vitest';
import { baselineQuestions, metricsPerSide, minutesOf } from '../../lib/domain/baseline-samples.ts';
import { oneSide, twoSides, worker } from './triggers/facts.ts';

const time = '2026-11-20T03:00:00.000Z';
const series = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { points: [{ time, value }] }]));

describe('what is asked', () => {
  test('is four metrics a side, of its target group', () => {
    expect(baselineQuestions(oneSide)).toHaveLength(metricsPerSide);
    const questions = baselineQuestions(twoSides);
    expect(questions).toHaveLength(2 * metricsPerSide);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
    for (const { id, metric, periodSeconds } of questions) {
      expect(id).toMatch(/^[a-z]\w*$/);
      expect(metric?.dimensions).toMatchObject({ LoadBalancer: 'app/shop/50dc6c495c0c9188' });
      expect(periodSeconds).toBe(60);
    }
  });

  test('is nothing of a worker', () => {
    expect(baselineQuestions(worker)).toEqual([]);
  });
});

describe('a minute', () => {
  test('without errors has none: CloudWatch publishes error counts only when they are not zero', () => {
    expect(minutesOf(series({ requests0: 500, p95of0: 0.14, p99of0: 0.3 }))).toEqual([
      { time, requests: 500, errors: 0, p95Ms: 140, p99Ms: 300 },
    ]);
  });

  test('of two sides adds requests and errors, and has the percentiles of the side that served more', () => {
    const both = {
      ...{ requests0: 100, errors0: 3, p95of0: 9, p99of0: 10 },
      ...{ requests1: 900, errors1: 1, p95of1: 0.1, p99of1: 0.2 },
    };
    expect(minutesOf(series(both))).toEqual([{ time, requests: 1000, errors: 4, p95Ms: 100, p99Ms: 200 }]);
  });

  test('without requests or without response time is none', () => {
    expect(minutesOf(series({ errors0: 5, p95of0: 1, p99of0: 2 }))).toEqual([]);
    expect(minutesOf(series({ requests0: 5 }))).toEqual([]);
    expect(minutesOf({})).toEqual([]);
  });
});

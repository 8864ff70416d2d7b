import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BaselineDecision, LearnedBaseline } from '../../lib/domain/baseline.ts';
import { smallestPublished } from '../../lib/domain/baseline-metrics.ts';
import {
  aheadMinutes,
  type BaselinePoint,
  type BaselineRecord,
  nextPublication,
  scheduleMinutes,
} from '../../lib/domain/baseline-points.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 20, 3);
const at = (minutes: number): string => new Date(startMs + minutes * minuteMs).toISOString();
const service = { environment: 'production', service: 'checkout' };

const learned = (errorRatePercent: number): LearnedBaseline => ({
  values: {
    errorRatePercent,
    p95ResponseTimeMs: 140,
    p99ResponseTimeMs: 300,
    availability: 1 - errorRatePercent / 100,
  },
  window: { from: at(-62), to: at(-2) },
  minutes: 60,
  learnedAt: at(0),
});
const learn = (errorRatePercent: number): BaselineDecision => ({
  decision: 'learn',
  baseline: learned(errorRatePercent),
  reasons: ['Learned.'],
});
const freeze: BaselineDecision = { decision: 'freeze', reasons: ['A release is young.'] };
const refuse: BaselineDecision = { decision: 'refuse', reasons: ['Too few.'] };

const errorRates = (points: readonly BaselinePoint[]) =>
  points.filter(({ metric }) => metric.metricName === 'BaselineErrorRate').map(({ time, value }) => [time, value]);

/** One run after another, each `[minute, decision]`. */
function runs(...decisions: [number, BaselineDecision][]) {
  let record: BaselineRecord | undefined;
  return decisions.map(([minutes, decided]) => {
    const result = nextPublication(record, decided, at(minutes), service);
    record = result.record;
    return result;
  });
}

describe('a run', () => {
  test('publishes this minute and those ahead, four values each, with their units', () => {
    const [first] = runs([0.5, learn(0.2)]);
    expect(first?.points).toHaveLength(4 * (aheadMinutes + 1));
    expect(first?.points.filter(({ time }) => time === at(0))).toEqual(
      [
        ['BaselineErrorRate', 'Percent', 0.2],
        ['BaselineP95ResponseTime', 'Milliseconds', 140],
        ['BaselineP99ResponseTime', 'Milliseconds', 300],
        ['BaselineAvailability', 'None', 0.998],
      ].map(([metricName, unit, value]) => ({
        metric: expect.objectContaining({
          namespace: 'Backstep',
          metricName,
          dimensions: { Environment: 'production', Service: 'checkout' },
        }),
        unit,
        time: at(0),
        value,
      })),
    );
    expect(first?.record).toMatchObject({ decision: 'learn', publishedUntil: at(aheadMinutes) });
  });

  test('goes on where the one before stopped, with the new values', () => {
    const [, second] = runs([0, learn(0.2)], [5, learn(0.3)]);
    expect(errorRates(second?.points ?? [])).toEqual([21, 22, 23, 24, 25].map((minutes) => [at(minutes), 0.3]));
  });

  test('that comes twice publishes nothing more', () => {
    const [, again] = runs([0, learn(0.2)], [0.7, learn(0.9)]);
    expect(again?.points).toEqual([]);
    expect(again?.record.publishedUntil).toBe(at(aheadMinutes));
  });

  test.each([
    ['frozen', freeze],
    ['refused', refuse],
  ])('that is %s keeps publishing the last good values', (_what, decided) => {
    const [, second, third] = runs([0, learn(0.2)], [5, decided], [10, decided]);
    expect(errorRates(second?.points ?? []).map(([, value]) => value)).toEqual(Array(5).fill(0.2));
    expect(errorRates(third?.points ?? []).map(([, value]) => value)).toEqual(Array(5).fill(0.2));
    expect(third?.record).toMatchObject({ decision: decided.decision, baseline: learned(0.2) });
  });

  test('publishes nothing as long as nothing was ever learned', () => {
    const results = runs([0, freeze], [5, refuse], [10, freeze]);
    expect(results.flatMap(({ points }) => points)).toEqual([]);
    expect(results.at(-1)?.record).toEqual({ decision: 'freeze', reasons: freeze.reasons, decidedAt: at(10) });
  });

  test('after a silence begins again now: the past cannot be mended', () => {
    const [, late] = runs([0, learn(0.2)], [60, learn(0.2)]);
    expect(errorRates(late?.points ?? [])[0]?.[0]).toBe(at(60));
    expect(errorRates(late?.points ?? [])).toHaveLength(aheadMinutes + 1);
  });

  test('never publishes 0, which stands for "not published"', () => {
    const [first] = runs([0, learn(0)]);
    expect(Math.min(...(first?.points ?? []).map(({ value }) => value))).toBe(smallestPublished);
    expect(first?.record.baseline?.values.errorRatePercent).toBe(0);
  });
});

test('a schedule with two lost runs in a row leaves no minute without a point, and publishes none twice', () => {
  const step = fc.record({
    decided: fc.constantFrom(learn(0.1), learn(0.4), freeze, refuse),
    lost: fc.boolean(),
    lateSeconds: fc.integer({ min: 0, max: 90 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const kept: [number, BaselineDecision][] = [[0, learn(0.1)]];
      let lostInARow = 0;
      steps.forEach(({ decided, lost, lateSeconds }, index) => {
        lostInARow = lost ? lostInARow + 1 : 0;
        if (lost && lostInARow <= 2) return;
        lostInARow = 0;
        kept.push([(index + 1) * scheduleMinutes + lateSeconds / 60, decided]);
      });
      const results = runs(...kept);
      const times = errorRates(results.flatMap(({ points }) => points)).map(([time]) => time);
      const last = Math.floor(kept.at(-1)?.[0] ?? 0) + aheadMinutes;
      expect(times).toEqual(Array.from({ length: last + 1 }, (_, minutes) => at(minutes)));
    }),
  );
});

test('what is published was learned: after freezing and refusing only values of before', () => {
  const decision = fc.oneof(
    fc.integer({ min: 1, max: 400 }).map((value) => learn(value / 100)),
    fc.constantFrom(freeze, refuse),
  );
  fc.assert(
    fc.property(fc.array(decision, { minLength: 1, maxLength: 30 }), (decisions) => {
      let good: number | undefined;
      runs(...decisions.map((decided, index): [number, BaselineDecision] => [index * 5, decided])).forEach(
        ({ points }, index) => {
          const decided = decisions[index];
          if (decided?.decision === 'learn') good = decided.baseline.values.errorRatePercent;
          for (const [, value] of errorRates(points)) expect(value).toBe(good);
          if (good === undefined) expect(points).toEqual([]);
        },
      );
    }),
  );
});

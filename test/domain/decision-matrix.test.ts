import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classes, classify, triggerKind } from '../../lib/domain/decision-matrix.ts';

const normal = {
  errorRatePercent: { value: 1, source: 'published baseline' },
  p95ResponseTimeMs: { value: 200, source: 'configured baseline' },
};

describe('errors', () => {
  test.each([
    [0, 'fix-forward'],
    [1.99, 'fix-forward'],
    [2, 'judgement'],
    [6, 'judgement'],
    [6.01, 'planned'],
    [50.99, 'planned'],
    [51, 'immediate'],
    [100, 'immediate'],
  ])('of %d %% where 1 %% is normal: %s', (errorRatePercent, expected) => {
    expect(classify({ errorRatePercent }, normal)?.class).toBe(expected);
  });

  test('are counted in points, exactly: 0.3 - 0.1 + 1 is no more than its digits say', () => {
    const odd = { ...normal, errorRatePercent: { value: 0.1, source: 'x' } };
    expect(classify({ errorRatePercent: 5.1 }, odd)?.class).toBe('judgement');
  });
});

describe('a p95 response time', () => {
  test.each([
    [100, 'fix-forward'],
    [240, 'fix-forward'],
    [241, 'judgement'],
    [300, 'judgement'],
    [301, 'planned'],
    [60_000, 'planned'],
  ])('of %d ms where 200 ms is normal: %s', (p95ResponseTimeMs, expected) => {
    expect(classify({ p95ResponseTimeMs }, normal)?.class).toBe(expected);
  });
});

test('the reason quotes each number, what is normal and who says so', () => {
  expect(classify({ errorRatePercent: 3.456, p95ResponseTimeMs: 180 }, normal)?.reason).toBe(
    'errors 3.46 % where 1 % is normal (published baseline), 2.46 points more, p95 response time 180 ms where 200 ms is ' +
      'normal (configured baseline), 10 % faster: between fixing forward and rolling back, so a person decides.',
  );
});

test('nothing measured is no class at all', () => {
  expect(classify({}, normal)).toBeUndefined();
  expect(
    classify({ p95ResponseTimeMs: 5 }, { ...normal, p95ResponseTimeMs: { value: 0, source: 'x' } }),
  ).toBeUndefined();
});

test('worse numbers are never a milder class', () => {
  const rank = (errors: number, p95: number) =>
    classes.indexOf(classify({ errorRatePercent: errors, p95ResponseTimeMs: p95 }, normal)?.class ?? 'fix-forward');
  const percent = fc.double({ min: 0, max: 100, noNaN: true });
  const ms = fc.integer({ min: 1, max: 2_000 });
  fc.assert(
    fc.property(percent, percent, ms, ms, (a, b, c, d) => {
      expect(rank(Math.max(a, b), Math.max(c, d))).toBeGreaterThanOrEqual(rank(Math.min(a, b), Math.min(c, d)));
    }),
  );
});

test.each([
  ['availability', 'critical'],
  ['data_validation_failures', 'critical'],
  ['error_rate', 'errors'],
  ['response_time', 'slowness'],
  ['p95_response_time', 'slowness'],
  ['p99_response_time', 'other'],
  ['memory_growth_rate', 'other'],
  ['toString', 'other'],
  [undefined, 'other'],
])('a trigger on %s is %s', (metric, kind) => {
  expect(triggerKind(metric)).toBe(kind);
});

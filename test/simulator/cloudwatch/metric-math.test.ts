import { describe, expect, it } from 'vitest';
import { evaluateExpression } from '../../../simulator/services/cloudwatch/math/evaluate.ts';
import { type MathValue, series } from '../../../simulator/services/cloudwatch/math/values.ts';

const minute = 60_000;
type Column = (number | null)[];

/** Values minute by minute, null where there is none. */
function compute(expression: string, metrics: Record<string, Column>): Column {
  const length = Math.max(...Object.values(metrics).map((column) => column.length));
  const points = (column: Column) =>
    new Map(column.flatMap((value, at): [number, number][] => (value === null ? [] : [[at * minute, value]])));
  const lookup = (id: string): MathValue | undefined => {
    const column = metrics[id];
    return column && series(points(column));
  };
  const value = evaluateExpression(expression, {
    lookup,
    metricIds: Object.keys(metrics),
    range: { startMs: 0, endMs: length * minute, periodMs: minute },
  });
  if (value.kind !== 'series') throw new Error(`${value.kind} and not a series`);
  return Array.from({ length }, (_, at) => value.points.get(at * minute) ?? null);
}

describe('metric math', () => {
  // The expected columns of the first tests are the tables of "Using metric math" in the CloudWatch user guide.
  const metrics = { metric1: [30, 20, 0, 0], metric2: [20, null, 20, null] };

  it.each([
    ['metric1 < metric2', [0, 0, 1, 0]],
    ['metric1 >= 30', [1, 0, 0, 0]],
    ['metric1 > 15 AND metric2 > 15', [1, 0, 0, 0]],
    ['metric1 > 15 && metric2 > 15', [1, 0, 0, 0]],
    ['metric1 > 15 OR metric2 > 15', [1, 1, 1, 0]],
  ])('%s', (expression, expected) => {
    expect(compute(expression, metrics)).toEqual(expected);
  });

  const choices = { c: [1, 1, 0, 0, null], yes: [30, null, 0, 0, 30], no: [0, 0, 20, null, 20] };

  it.each([
    ['IF(c, yes, no)', [30, 0, 20, null, null]],
    ['IF(c, 5, no)', [5, 5, 20, null, null]],
    ['IF(c, yes, 5)', [30, 0, 5, 5, null]],
    ['IF(c == 1, 1, 0)', [1, 1, 0, 0, null]],
    ['IF(c < 1, yes)', [null, null, 0, 0, null]],
  ])('%s', (expression, expected) => {
    expect(compute(expression, choices)).toEqual(expected);
  });

  it('computes an error rate where a missing count of errors is none', () => {
    const counts = { errors: [5, null, 30], requests: [100, 100, 20] };
    expect(compute('IF(requests >= 50, errors / requests * 100, 0)', counts)).toEqual([5, 0, 0]);
  });

  it('drops a point that would divide by zero', () => {
    expect(compute('a / b', { a: [1, 2], b: [0, 4] })).toEqual([null, 0.5]);
  });

  it.each([
    ['FILL(m, 7)', [7, 1, 7, 3, 7]],
    ['FILL(m, REPEAT)', [null, 1, 1, 3, 3]],
    ['FILL(m, LINEAR)', [1, 1, 2, 3, 3]],
    ['FILL(m, other)', [9, 1, 9, 3, 9]],
    ['FILL(m, MAX(m))', [3, 1, 3, 3, 3]],
  ])('%s', (expression, expected) => {
    expect(compute(expression, { m: [null, 1, null, 3, null], other: [9, 9, 9, 9, 9] })).toEqual(expected);
  });

  it.each([
    ['MAX([a, b])', [3, 5, 6]],
    ['MIN([a, b])', [1, 2, 6]],
    ['SUM([a, b])', [4, 7, 6]],
    ['AVG([a, b])', [2, 3.5, 3]],
    ['SUM(METRICS("a"))', [1, 5, null]],
    ['a - MIN(a)', [0, 4, null]],
    ['a + 2 * b ^ 2', [19, 13, 72]],
    ['-a + 10 - 2 - 1', [6, 2, null]],
    ['(a + 1) * 2', [4, 12, null]],
    ['ABS(a - b)', [2, 3, 6]],
    ['CEIL(a / 2)', [1, 3, null]],
    ['FLOOR(a / 2)', [0, 2, null]],
    ['a / PERIOD(a)', [1 / 60, 5 / 60, null]],
    ['MAX([a, TIME_SERIES(4)])', [4, 5, 4]],
  ])('%s', (expression, expected) => {
    const columns = { a: [1, 5, null], b: [3, 2, 6] };
    expect(compute(expression, columns)).toEqual(expected);
  });

  it.each([
    ['MAX(a)', 'the result is a single number, not a time series'],
    ['MAX([a, 4])', 'an array holds time series, not numbers'],
    ['ANOMALY_DETECTION_BAND(a, 2)', 'the function ANOMALY_DETECTION_BAND is unknown or not simulated'],
    ['max([a, b])', 'the function max is unknown'],
    ['m + a', 'no query has the id m'],
    ['a +', 'ends where a value is needed'],
    ['a b', "unexpected 'b' at position 3"],
    ['a ? b', "'?' is not part of metric math"],
    ['(a', "')' expected"],
    ['constructor(a)', 'the function constructor is unknown'],
  ])('refuses %s', (expression, message) => {
    expect(() => compute(expression, { a: [1], b: [2] })).toThrow(message);
    try {
      compute(expression, { a: [1], b: [2] });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ValidationError', message: expect.stringContaining(expression) });
    }
  });
});

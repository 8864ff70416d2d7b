/** Alarms whose limit follows the published baseline, evaluated by the simulated CloudWatch's metric math. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { baselineMetric } from '../../../lib/domain/baseline-metrics.ts';
import type { AlarmDefinition } from '../../../lib/domain/model.ts';
import { limitOf } from '../../../lib/domain/triggers/baseline.ts';
import { compileTrigger } from '../../../lib/domain/triggers/compile.ts';
import { evaluateQueries } from '../../../simulator/services/cloudwatch/queries.ts';
import { MetricStore } from '../../../simulator/services/cloudwatch/store.ts';
import { oneSide, trigger, twoGroups, twoSides } from './facts.ts';

const minuteMs = 60_000;

const compiled = (factor: number, facts = oneSide) =>
  compileTrigger(trigger({ value: `baseline_error_rate * ${factor}` }), facts);

/** One minute of 10,000 requests; undefined for a minute that nothing is published of. */
interface Minute {
  readonly errorPercent?: number;
  readonly baseline?: number;
}

/** The alarm's queries over these minutes, by id; one entry a minute, undefined where there is no point. */
function evaluate(alarm: AlarmDefinition, minutes: readonly Minute[]) {
  const store = new MetricStore();
  const source = (name: string) => {
    const metric = alarm.queries.flatMap((query) => query.metric ?? []).find(({ metricName }) => metricName === name);
    if (!metric) throw new Error(`the alarm has no ${name}`);
    return metric;
  };
  minutes.forEach(({ errorPercent, baseline }, index) => {
    const timeMs = index * minuteMs;
    const put = (name: string, value: number) =>
      store.add(source(name), { timeMs, values: [value], counts: undefined });
    if (baseline !== undefined) put('BaselineErrorRate', baseline);
    if (errorPercent === undefined) return;
    put('RequestCount', 10_000);
    if (errorPercent > 0) put('HTTPCode_Target_5XX_Count', errorPercent * 100);
  });
  const queries = alarm.queries.map(({ id, expression, metric, returnData }) => ({
    Id: id,
    ReturnData: returnData,
    ...(expression !== undefined && { Expression: expression }),
    ...(metric && {
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metricName,
          Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: 60,
        Stat: metric.statistic,
      },
    }),
  }));
  const range = { startMs: 0, endMs: minutes.length * minuteMs, periodMs: minuteMs };
  const values = evaluateQueries(store, queries, () => range);
  return (id: string): (number | undefined)[] => {
    const value = values.get(id);
    if (value?.kind !== 'series') throw new Error(`${id} is no series`);
    return minutes.map((_, index) => value.points.get(index * minuteMs));
  };
}

const only = (factor: number): AlarmDefinition => {
  const [alarm, ...others] = compiled(factor).alarms;
  if (!alarm || others.length > 0) throw new Error('one alarm expected');
  return alarm;
};

const fires = (alarm: AlarmDefinition, minute: Minute): boolean =>
  (evaluate(alarm, [minute])('value')[0] ?? 0) > alarm.threshold;

describe('the limit', () => {
  test('is the fallback while nothing is published, and the baseline from the first point on', () => {
    const series = evaluate(only(5), [
      { errorPercent: 2 },
      { errorPercent: 2, baseline: 0.3 },
      { errorPercent: 2, baseline: 4 },
      { errorPercent: 2 },
    ]);
    expect(series('limit')).toEqual([5, 1.5, 20, 5]);
    expect(series('measured')).toEqual([2, 2, 2, 2]);
    expect(series('value')).toEqual([2, 2 * (5 / 1.5), 2 * (5 / 20), 2]);
  });

  test('has a floor: a service that never fails makes no incident of one error', () => {
    const alarm = only(5);
    expect(evaluate(alarm, [{ errorPercent: 1, baseline: 0.0001 }])('limit')).toEqual([1]);
    expect(fires(alarm, { errorPercent: 1, baseline: 0.0001 })).toBe(false);
    expect(fires(alarm, { errorPercent: 1.01, baseline: 0.0001 })).toBe(true);
  });

  test('is no data: a minute that is not published yet stays missing, however far ahead the baseline is', () => {
    const minutes = [{ errorPercent: 9, baseline: 0.3 }, { baseline: 0.3 }, { baseline: 0.3 }];
    expect(evaluate(only(5), minutes)('value')).toEqual([9 * (5 / 1.5), undefined, undefined]);
  });

  test.each([
    ['above the floor the fallback would not fire at', { errorPercent: 4, baseline: 0.5 }, true],
    ['below four times a high baseline, where the fallback would', { errorPercent: 8, baseline: 3 }, false],
    ['the same without a baseline', { errorPercent: 4 }, false],
    ['the same without a baseline', { errorPercent: 8 }, true],
  ])('%s: %j fires: %s', (_what, minute, expected) => {
    expect(fires(only(5), minute)).toBe(expected);
  });

  test('the alarm agrees with max(floor, factor x baseline) for any baseline, and a larger factor never fires more', () => {
    const positive = (max: number) => fc.integer({ min: 1, max: max * 100 }).map((value) => value / 100);
    fc.assert(
      fc.property(
        positive(20),
        positive(10),
        fc.option(positive(5), { nil: undefined }),
        positive(100),
        (factor, more, baseline, errorPercent) => {
          const minute = { errorPercent, ...(baseline !== undefined && { baseline }) };
          const limit = limitOf(factor, 1, baseline ?? 1);
          // An edge that rounding may move to either side says nothing.
          fc.pre(Math.abs(limit - errorPercent) > 1e-6);
          expect(fires(only(factor), minute)).toBe(errorPercent > limit);
          if (fires(only(factor + more), minute)) expect(fires(only(factor), minute)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the compiled trigger', () => {
  test('keeps to ten metrics and ten expressions, on every side', () => {
    const alarms = [oneSide, twoSides, twoGroups, { ...oneSide, sharedLoadBalancer: true }].flatMap(
      (facts) => compiled(5, facts).alarms,
    );
    expect(alarms).toHaveLength(6);
    for (const { queries, limit } of alarms) {
      expect(limit).toMatchObject({ factor: 5, floor: 1 });
      expect(queries.filter(({ metric }) => metric).length).toBeLessThanOrEqual(10);
      expect(queries.filter(({ expression }) => expression).length).toBeLessThanOrEqual(10);
      expect(queries.filter(({ returnData }) => returnData).map(({ id }) => id)).toEqual(['value']);
    }
  });

  test('reads what is published for its service', () => {
    const sources = only(5).queries.flatMap(({ metric }) => metric ?? []);
    expect(sources).toContainEqual(baselineMetric('errorRatePercent', 'production', 'checkout'));
    const slow = compileTrigger(trigger({ metric: 'p95_response_time', value: 'baseline * 3' }), oneSide);
    expect(slow.alarms[0]?.queries.flatMap(({ metric }) => metric ?? [])).toContainEqual(
      baselineMetric('p95ResponseTimeMs', 'production', 'checkout'),
    );
  });

  test('of a source in the configuration keeps the fallback: nothing is learned from that source', () => {
    const source = { namespace: 'Shop', metricName: 'Failed', dimensions: {}, statistic: 'Average' };
    const { alarms, reason } = compiled(5, { ...oneSide, metrics: { error_rate: source } });
    expect(alarms[0]).not.toHaveProperty('limit');
    expect(alarms[0]?.threshold).toBe(5);
    expect(reason).toContain('none is measured for this source, so 5 %, from the configured fallback of 1 %');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlarmDefinition, Json } from '../../../lib/domain/model.ts';
import { compileTrigger, compileTriggers } from '../../../lib/domain/triggers/compile.ts';
import type { ServiceFacts } from '../../../lib/domain/triggers/trigger.ts';
import { oneSide, trigger, twoGroups, twoSides, worker } from './facts.ts';

const compile = (
  threshold: { [key: string]: Json },
  fields: { [key: string]: Json } = {},
  facts: ServiceFacts = oneSide,
) => compileTrigger(trigger(threshold, fields), facts);

const metric = (alarm: AlarmDefinition | undefined, id: string) =>
  alarm?.queries.find((query) => query.id === id)?.metric;
const returned = (alarm: AlarmDefinition | undefined) => alarm?.queries.filter((query) => query.returnData);

describe('thresholds in the unit of their metric', () => {
  test.each<[string, string, Json, string, number]>([
    // metric, operator, value, condition, threshold
    ['error_rate', 'greater_than', 5, '', 5],
    ['error_rate', 'greater_than', '5', '', 5],
    ['error_rate', 'greater_than', '5%', '', 5],
    ['error_rate', 'greater_than', ' 5 % ', '', 5],
    ['error_rate', 'greater_than', 0.05, '', 5],
    ['error_rate', 'greater_than', '0.29', '', 29],
    ['error_rate', 'greater_than', '0.5%', '', 0.5],
    ['error_rate', 'greater_than', 0.5, 'error_rate > 0.5% for 5 minutes', 0.5],
    ['error_rate', 'greater_than', 1, 'error_rate > 1% for 5 minutes', 1],
    ['error_rate', 'greater_than', 0, '', 0],
    ['error_rate', 'greater_than', 'baseline_error_rate * 5', '', 5],
    ['error_rate', 'greater_than', 'baseline * 3.5', '', 3.5],
    ['error_rate', 'greater_than', '4 x baseline', '', 4],
    ['error_rate', 'greater_than', 'baseline', '', 1],
    ['error_rate', 'greater_than', null, 'error_rate > baseline * 7 for 5 minutes', 7],
    ['error_rate', 'greater_than', null, 'error_rate exceeds 8% for 5 minutes', 8],
    ['availability', 'less_than', 0.95, 'availability < 95% for 2 minutes', 0.95],
    ['availability', 'less_than', '0.95', '', 0.95],
    ['availability', 'less_than', 95, '', 0.95],
    ['availability', 'less_than', '95%', '', 0.95],
    ['availability', 'less_than', 1, '', 1],
    ['cpu_utilization', 'greater_than', 0.9, 'cpu_utilization > 90% for 15 minutes', 90],
    ['cpu_utilization', 'greater_than', 90, '', 90],
    ['memory_utilization', 'at_least', '85%', '', 85],
    ['p95_response_time', 'greater_than', 'baseline_p95 * 3', '', 1500],
    ['p95_response_time', 'greater_than', 1500, '', 1500],
    ['p95_response_time', 'greater_than', '1500ms', '', 1500],
    ['p99_response_time', 'greater_than', '1.5s', '', 1500],
    ['p95_response_time', 'greater_than', 2, 'p95_response_time > 2s for 5 minutes', 2000],
    ['p95_response_time', 'greater_than', 2000, 'p95_response_time > 2s for 5 minutes', 2000],
    ['memory_growth_rate', 'greater_than', '1MB/minute', '', 1_000_000],
    ['memory_growth_rate', 'greater_than', '1 MiB per second', '', 62_914_560],
    ['memory_growth_rate', 'greater_than', '60MB/hour', '', 1_000_000],
    ['memory_growth_rate', 'greater_than', '500 KB/second', '', 30_000_000],
    ['memory_growth_rate', 'greater_than', '2GiB per hour', '', 35_791_394.13],
    ['memory_growth_rate', 'greater_than', '512 b/min', '', 512],
    ['memory_growth_rate', 'greater_than', null, 'memory_usage increasing continuously for 20 minutes', 0],
    ['memory_growth_rate', 'greater_than', '1MB/minute', 'memory_usage increasing continuously for 20 minutes', 1e6],
    ['p95_response_time', 'greater_than', '0.5 seconds', '', 500],
    ['p95_response_time', 'greater_than', '1 minute', '', 60_000],
    ['response_time_p99', 'greater_than', '2s', '', 2000],
    ['Latency', 'greater_than', '2s', '', 2000],
    ['error_rate', 'greater_than', '7 percent', '', 7],
    ['data_validation_failures', 'greater_than', '120/hour', '', 2],
    ['data_validation_failures', 'greater_than', '2 per second', '', 120],
    ['error_rate', 'greater_than', 'BASELINE_ERROR_RATE*5', '', 5],
    ['response_time', 'greater_than', 'baseline_response_time * 2', '', 1000],
    ['p95_response_time', 'greater_than', 'baseline_p95_response_time x 2', '', 1000],
    ['data_validation_failures', 'greater_than', 0, '', 0],
    ['data_validation_failures', 'greater_than', '3', '', 3],
  ])('%s %s %j (%s) is %d', (name, operator, value, condition, threshold) => {
    const compiled = compile({ metric: name, operator, value }, { condition });
    expect(compiled).toMatchObject({ compiled: true });
    expect(compiled.alarms[0]?.threshold).toBe(threshold);
  });

  test('a share means the same however it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 99 }), fc.constantFrom('error_rate', 'availability'), (percent, name) => {
        const operator = name === 'availability' ? 'less_than' : 'greater_than';
        const written: Json[] = [percent, String(percent), `${percent}%`, percent / 100, String(percent / 100)];
        const thresholds = written.map((value) => compile({ metric: name, operator, value }).alarms[0]?.threshold);
        expect(new Set(thresholds).size).toBe(1);
        expect(thresholds[0]).toBeCloseTo(name === 'availability' ? percent / 100 : percent, 9);
      }),
    );
  });

  test("the condition's percent sign settles every bare number, or the trigger is refused", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 }), (stated, other) => {
        const percent = stated / 10;
        const condition = `error_rate > ${percent}% for 5 minutes`;
        const asNumber = compile({ value: percent }, { condition }).alarms[0]?.threshold;
        const asShare = compile({ value: percent / 100 }, { condition }).alarms[0]?.threshold;
        expect([asNumber, asShare]).toEqual([percent, percent]);
        const wrong = other / 10;
        if (Math.abs(wrong - percent) > 1e-9 && Math.abs(wrong * 100 - percent) > 1e-9) {
          expect(compile({ value: wrong }, { condition }).compiled).toBe(false);
        }
      }),
    );
  });

  test('a baseline of zero does not make one error an incident', () => {
    const facts = { ...oneSide, baseline: { errorRatePercent: 0, p95ResponseTimeMs: 3 } };
    const errors = compile({ value: 'baseline_error_rate * 5' }, {}, facts);
    expect(errors.alarms[0]?.threshold).toBe(1);
    expect(errors.reason).toBe(
      'error rate above 5 x baseline for 5 minutes; 5 x the published baseline, at least 1 %; while none is published ' +
        '1 %, from the configured fallback of 0 %. Minutes with fewer than 20 requests do not count.',
    );
    const slow = compile({ metric: 'p95_response_time', value: 'baseline_p95 * 3' }, {}, facts);
    expect(slow.alarms[0]?.threshold).toBe(100);
  });
});

describe('R128: 95% and 0.95 are the same, and neither is 0.95 %', () => {
  test.each<[string, string, Json[], number]>([
    ['availability', 'less_than', ['95%', '0.95', 0.95, 95, '95', '95 percent'], 0.95],
    ['error_rate', 'greater_than', ['95%', '0.95', 0.95, 95, '95', '95 percent'], 95],
    ['cpu_utilization', 'greater_than', ['90%', 0.9, '0.9', 90], 90],
  ])('%s', (name, operator, written, threshold) => {
    for (const value of written) {
      expect([value, compile({ metric: name, operator, value }).alarms[0]?.threshold]).toEqual([value, threshold]);
    }
    // The condition's sign wins over the size, and what agrees with neither is not believed.
    const condition = `${name} is ${operator.replace('_', ' ')} 0.95% for 2 minutes`;
    const percent = (value: Json) => compile({ metric: name, operator, value }, { condition });
    expect(percent(0.95).alarms[0]?.threshold).toBeCloseTo(name === 'availability' ? 0.0095 : 0.95, 9);
    expect(percent('95%').compiled).toBe(false);
    expect(percent(95).compiled).toBe(false);
  });
});

describe('operators and durations', () => {
  test.each<[Json, string, string, number]>([
    ['greater_than', '', 'GreaterThanThreshold', 5],
    ['less_than', '', 'LessThanThreshold', 5],
    ['at_least', '', 'GreaterThanOrEqualToThreshold', 5],
    ['greater_than_or_equal_to', '', 'GreaterThanOrEqualToThreshold', 5],
    ['>=', '', 'GreaterThanOrEqualToThreshold', 5],
    ['at-most', '', 'LessThanOrEqualToThreshold', 5],
    ['≥', '', 'GreaterThanOrEqualToThreshold', 5],
    ['greater than or equal', '', 'GreaterThanOrEqualToThreshold', 5],
    ['LESS_THAN_OR_EQUAL_TO', '', 'LessThanOrEqualToThreshold', 5],
    ['==', '', 'GreaterThanOrEqualToThreshold', 1],
    [null, 'data validation failures are at least 5', 'GreaterThanOrEqualToThreshold', 5],
    [null, 'data_validation_failures is no more than 5', 'LessThanOrEqualToThreshold', 5],
    [null, 'data_validation_failures rises above 5', 'GreaterThanThreshold', 5],
    [null, 'data_validation_failures >= 5 for 1 minute', 'GreaterThanOrEqualToThreshold', 5],
    [null, 'data_validation_failures drops below 5', 'LessThanThreshold', 5],
    ['equals', '', 'GreaterThanOrEqualToThreshold', 1],
  ])('%j (%s) is %s', (operator, condition, comparison, threshold) => {
    const { alarms } = compile({ metric: 'data_validation_failures', operator, value: 5 }, { condition });
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatchObject({ comparison, threshold });
  });

  test('equality is a series of 0 and 1, since CloudWatch knows more and less only', () => {
    const { alarms } = compile({
      metric: 'migration_progress_rate',
      operator: 'equals',
      value: 0,
      duration_minutes: 30,
    });
    expect(alarms[0]?.queries.map(({ id, expression, returnData }) => ({ id, expression, returnData }))).toEqual([
      { id: 'value', expression: undefined, returnData: false },
      { id: 'equal', expression: 'IF(value == 0, 1, 0)', returnData: true },
    ]);
  });

  test('words for standing still mean that the rate is 0', () => {
    const { alarms } = compile(
      { metric: 'migration_progress_rate', operator: null, value: null },
      { condition: 'migration_progress unchanged for 30 minutes' },
    );
    expect(alarms[0]?.queries.at(-1)?.expression).toBe('IF(value == 0, 1, 0)');
  });

  test.each<[Json, Json, string, number, string]>([
    [5, 5, '', 5, ''],
    ['5', 5, '', 5, ''],
    [2.5, null, '', 3, '2.5 minutes are rounded up to 3.'],
    [null, 10, '', 10, ''],
    [null, null, 'error_rate > 5% for 7 minutes', 7, ''],
    [null, null, 'error_rate > 5% for 2 hours', 120, ''],
    [null, null, 'error_rate > 5% for 90 seconds', 2, '1.5 minutes are rounded up to 2.'],
    [null, null, 'error_rate > 5% over the last 15 min', 15, ''],
    ['10 minutes', null, '', 10, ''],
    ['300s', '5m', '', 5, ''],
    [1440, null, '', 1440, ''],
    // Two that contradict each other: the field holds, and the reason says so.
    [5, null, 'error_rate > 5% for 10 minutes', 5, 'The condition says 10 minutes; duration_minutes holds.'],
    [10, 5, '', 10, 'evaluation_window_minutes (5) is not used: 10 minutes do not fit into it.'],
    [5, 'often', '', 5, 'evaluation_window_minutes ("often") is not used: it is no number of minutes.'],
    [5, -1, '', 5, 'evaluation_window_minutes (-1) is not used: it is no number of minutes.'],
  ])(
    '%j minutes, window %j, %s: %d of as many',
    (duration_minutes, evaluation_window_minutes, condition, n, remark) => {
      const compiled = compile({ duration_minutes }, { evaluation_window_minutes, condition });
      expect(compiled.alarms[0]).toMatchObject({ periodSeconds: 60, evaluationPeriods: n, datapointsToAlarm: n });
      expect(compiled.reason).toContain(remark);
    },
  );

  test.each<[Json, Json, string, number, number]>([
    // duration, window, condition, m of n
    [5, 10, '', 5, 10],
    [5, 10, 'error_rate > 5% for 5 minutes', 5, 10],
    [null, 10, 'error_rate > 5% for 5 minutes', 5, 10],
    [null, null, 'error_rate > 5% for 5 minutes within 10 minutes', 5, 10],
    [null, null, 'error_rate > 5% for 3 of the last 5 minutes', 3, 5],
    [null, null, 'error_rate > 5% for 3 out of 5 minutes', 3, 5],
    [2, null, 'error_rate > 5% for 3 of 5 minutes', 2, 5],
  ])('%j minutes, window %j, %s: %d of %d', (duration_minutes, evaluation_window_minutes, condition, m, n) => {
    const { alarms, reason } = compile({ duration_minutes }, { evaluation_window_minutes, condition });
    expect(alarms[0]).toMatchObject({ evaluationPeriods: n, datapointsToAlarm: m });
    expect(reason).toContain(`error rate above 5 % for ${m} of ${n} minutes`);
    expect(alarms[0]?.description).toContain(`Fires when ${m} of the last ${n} periods are bad, one minute each`);
  });

  test('without any duration one failed check of the data is enough, and of nothing else one minute is', () => {
    const none = { duration_minutes: null };
    const check = compile({ ...none, metric: 'data_validation_failures', value: 0 });
    expect(check.alarms[0]).toMatchObject({ evaluationPeriods: 1, datapointsToAlarm: 1 });
    expect(check.reason).toContain('No duration is given: one failure in a minute is enough.');
    expect(compile(none).compiled).toBe(false);
  });

  test.each<[Json | undefined, boolean, string]>([
    [true, true, ''],
    ['TRUE', true, ''],
    [false, false, ''],
    ['no', false, 'auto_execute is "no", not true or false, so a person is asked.'],
    [1, false, 'auto_execute is 1, not true or false, so a person is asked.'],
  ])('auto_execute %j is %j', (auto_execute, autoExecute, remark) => {
    const compiled = compile({}, auto_execute === undefined ? {} : { auto_execute });
    expect(compiled.autoExecute).toBe(autoExecute);
    expect(compiled.reason).toContain(remark);
  });
});

describe('a trigger that has nothing but its condition', () => {
  test.each<[string, string, number, string, number]>([
    // condition, name of the metric that is read, threshold, comparison, minutes
    ['error_rate > baseline * 5 for 5 minutes', 'error rate', 5, 'GreaterThanThreshold', 5],
    ['p95_response_time > baseline * 3 for 10 minutes', 'p95 response time', 1500, 'GreaterThanThreshold', 10],
    ['p95 response time over 500ms over 10 minutes', 'p95 response time', 500, 'GreaterThanThreshold', 10],
    ['availability < 95% for 2 minutes', 'availability', 0.95, 'LessThanThreshold', 2],
    ['The error rate stays above 5% for at least 5 minutes.', 'error rate', 5, 'GreaterThanThreshold', 5],
    ['data_validation_failures > 0', 'data validation failures', 0, 'GreaterThanThreshold', 1],
    ['migration_progress unchanged for 30 minutes', 'migration progress rate', 1, 'GreaterThanOrEqualToThreshold', 30],
    ['cpu_utilization > 90% for 15 minutes', 'CPU utilization', 90, 'GreaterThanThreshold', 15],
    ['memory_usage increasing continuously for 20 minutes', 'memory growth rate', 0, 'GreaterThanThreshold', 20],
    ['memory usage >= 85% for 5m', 'memory utilization', 85, 'GreaterThanOrEqualToThreshold', 5],
  ])('%s', (condition, words, threshold, comparison, minutes) => {
    const fields = { trigger_id: 't', condition, metric_threshold: null, auto_execute: true };
    const { compiled, alarms, reason } = compileTrigger({ index: 0, fields }, oneSide);
    expect({ compiled, reason }).toEqual({ compiled: true, reason: expect.stringContaining(words) });
    expect(alarms[0]).toMatchObject({ threshold, comparison, evaluationPeriods: minutes });
  });

  test.each<[string, string]>([
    ['something feels wrong', 'trigger_conditions[0].metric_threshold.metric: found '],
    ['users complain', 'trigger_conditions[0].metric_threshold.metric: found "users_complain", allowed: error_rate, '],
    ['error_rate is high', 'trigger_conditions[0].metric_threshold.metric: found "error_rate_is_high"'],
    ['error_rate', 'trigger_conditions[0].metric_threshold.operator: found nothing, allowed: greater_than, '],
    ['error_rate > lots for 5 minutes', 'the condition "error_rate > lots for 5 minutes" names none'],
    ['error_rate > 5%', 'trigger_conditions[0].metric_threshold.duration_minutes: found nothing, allowed: a number of'],
    ['queue_depth unchanged for 5 minutes', 'found "queue_depth_rate", allowed: error_rate, '],
  ])('%s is not compiled, and the reason is given', (condition, reason) => {
    const compiled = compileTrigger({ index: 0, fields: { trigger_id: 't', condition } }, oneSide);
    expect(compiled).toMatchObject({ compiled: false, alarms: [] });
    expect(compiled.reason).toContain(reason);
  });

  test('that speaks of standing still says nothing about the level of another metric', () => {
    const source = { namespace: 'Shop', metricName: 'Depth', dimensions: {}, statistic: 'Average' };
    const facts = { ...oneSide, metrics: { queue_depth: source } };
    const { compiled, reason } = compile(
      { metric: 'queue_depth', operator: null, value: null },
      { condition: 'queue_depth unchanged for 5 minutes' },
      facts,
    );
    expect({ compiled, reason }).toMatchObject({
      compiled: false,
      reason: expect.stringContaining('metric_threshold.operator: found null'),
    });
  });
});

describe('minutes that say nothing never fire, whatever the direction', () => {
  test.each<[string, string, Json, string]>([
    ['error_rate', 'greater_than', '5%', 'IF(sample >= 20, 100 * errors / sample, 0)'],
    ['error_rate', 'at_least', '0%', 'IF(sample >= 20, 100 * errors / sample, -1)'],
    ['error_rate', 'less_than', '5%', 'IF(sample >= 20, 100 * errors / sample, 5)'],
    ['error_rate', 'at_most', '5%', 'IF(sample >= 20, 100 * errors / sample, 6)'],
    ['availability', 'less_than', '95%', 'IF(sample >= 20, (sample - errors) / sample, 1)'],
    ['availability', 'greater_than', '95%', 'IF(sample >= 20, (sample - errors) / sample, 0.95)'],
    ['availability', 'at_most', '100%', 'IF(sample >= 20, (sample - errors) / sample, 2)'],
    ['p95_response_time', 'less_than', '50ms', 'IF(requests >= 20, 1000 * latency, 50)'],
  ])('%s %s %j', (name, operator, value, expression) => {
    const { alarms } = compile({ metric: name, operator, value });
    expect(returned(alarms[0])?.[0]?.expression).toBe(expression);
  });

  test('equality is about minutes that count', () => {
    const { alarms } = compile({ operator: 'equals', value: '0%' });
    expect(alarms[0]?.queries.find(({ id }) => id === 'value')?.expression).toBe(
      'IF(sample >= 20, 100 * errors / sample, 1)',
    );
  });
});

describe('what cannot be compiled is named with field, found and allowed', () => {
  const known =
    'error_rate, p50_response_time, p90_response_time, p95_response_time, p99_response_time, response_time, ' +
    'availability, cpu_utilization, memory_utilization, data_validation_failures, migration_progress_rate, memory_growth_rate';
  const values =
    'a number, a percentage such as "95%", a multiple of a baseline such as "baseline * 5", or a number with a unit ' +
    'such as "500ms", "1MB/minute" or "10/minute"';
  const at = (name: string) => `trigger_conditions[0].${name}`;

  test.each<[string, { [key: string]: Json }, { [key: string]: Json }, string]>([
    [
      'unknown metric',
      { metric: 'happiness' },
      {},
      `${at('metric_threshold.metric')}: found "happiness", allowed: ${known}, or a metric that the configuration names under metrics.happiness`,
    ],
    [
      'no metric at all',
      { metric: null },
      {},
      `${at('metric_threshold.metric')}: found null, allowed: the name of a metric, such as error_rate`,
    ],
    [
      'unknown operator',
      { operator: 'resembles' },
      {},
      `${at('metric_threshold.operator')}: found "resembles", allowed: greater_than, less_than, equals, at_least or at_most`,
    ],
    [
      'operator against the condition',
      { operator: 'less_than' },
      { condition: 'error_rate > 5% for 5 minutes' },
      `${at('metric_threshold.operator')}: found "less_than", allowed: what the condition says, ">"`,
    ],
    [
      'no value anywhere',
      { value: null },
      { condition: 'error rate looks bad' },
      `${at('metric_threshold.value')}: found null, allowed: a value, since the condition "error rate looks bad" names none`,
    ],
    [
      'code as value',
      { value: 'process.exit(1)' },
      {},
      `${at('metric_threshold.value')}: found "process.exit(1)", allowed: ${values}`,
    ],
    [
      'an object as value',
      { value: { at: 5 } },
      {},
      `${at('metric_threshold.value')}: found {"at":5}, allowed: ${values}`,
    ],
    [
      'percent or everything',
      { value: 1 },
      {},
      `${at('metric_threshold.value')}: found 1, allowed: a percentage with its sign: "1%" or "100%"`,
    ],
    [
      'value against the condition',
      { value: 0.9 },
      { condition: 'error_rate > 95% for 5 minutes' },
      `${at('metric_threshold.value')}: found 0.9, allowed: what the condition says, 95%`,
    ],
    [
      'another metric’s baseline',
      { value: 'baseline_p95 * 3' },
      {},
      `${at('metric_threshold.value')}: found "baseline_p95 * 3", allowed: "baseline_error_rate * 3" or "baseline * 3"`,
    ],
    [
      'no baseline for this metric',
      { metric: 'cpu_utilization', value: 'baseline * 2' },
      {},
      `${at('metric_threshold.value')}: found "baseline * 2", allowed: a percentage such as "5%"; there is no baseline for cpu_utilization`,
    ],
    [
      'a lower limit that follows a baseline',
      { value: 'baseline * 0.5', operator: 'less_than' },
      {},
      `${at('metric_threshold.operator')}: found "less_than", allowed: greater_than or at_least, since a limit that follows a baseline is an upper one`,
    ],
    [
      'a rate for a level',
      { metric: 'cpu_utilization', value: '5/minute' },
      {},
      `${at('metric_threshold.value')}: found "5/minute", allowed: a percentage such as "5%"`,
    ],
    [
      'a unit that nobody knows',
      { metric: 'memory_growth_rate', value: '1 parsec/minute' },
      {},
      `${at('metric_threshold.value')}: found "1 parsec/minute", allowed: ${values}`,
    ],
    [
      'a negative multiple',
      { value: 'baseline * -2' },
      {},
      `${at('metric_threshold.value')}: found "baseline * -2", allowed: a multiple of the baseline above 0`,
    ],
    [
      'seconds or milliseconds',
      { metric: 'p95_response_time', value: 0.5 },
      {},
      `${at('metric_threshold.value')}: found 0.5, allowed: a response time with its unit, such as "500ms" or "0.5s"`,
    ],
    [
      'a size for a rate',
      { metric: 'memory_growth_rate', value: '1MB' },
      {},
      `${at('metric_threshold.value')}: found "1MB", allowed: a rate such as "1MB/minute"`,
    ],
    [
      'more than all',
      { value: '150%' },
      {},
      `${at('metric_threshold.value')}: found "150%", allowed: a share from 0 to 100 %`,
    ],
    [
      'an alarm that could never fire',
      { value: '100%' },
      {},
      `${at('metric_threshold.value')}: found 100, allowed: less than 100: an alarm above all would never fire`,
    ],
    [
      'no duration',
      { duration_minutes: null },
      {},
      `${at('metric_threshold.duration_minutes')}: found nothing, allowed: a number of minutes above 0 and at most 1440`,
    ],
    [
      'longer than CloudWatch looks back',
      { duration_minutes: 1441 },
      {},
      `${at('metric_threshold.duration_minutes')}: found 1441, allowed: a number of minutes above 0 and at most 1440`,
    ],
    [
      'no identifier',
      {},
      { trigger_id: 'a/b' },
      `${at('trigger_id')}: found "a/b", allowed: an identifier of letters, digits, hyphens, dots and underscores, at most 93`,
    ],
    [
      'threshold of the wrong shape',
      {},
      { metric_threshold: [] },
      `${at('metric_threshold')}: found [], allowed: an object with metric, operator, value and duration_minutes`,
    ],
  ])('%s', (_, threshold, fields, reason) => {
    expect(compile(threshold, fields)).toMatchObject({ compiled: false, reason, alarms: [] });
  });

  test('an entry that is no object', () => {
    const { reason, triggerId } = compileTrigger({ index: 2, fields: undefined }, oneSide);
    expect({ reason, triggerId }).toEqual({
      triggerId: 'trigger-3',
      reason: 'trigger_conditions[2]: found no object, allowed: an object',
    });
  });

  test('a metric of the load balancer for a worker', () => {
    expect(compile({}, {}, worker).reason).toBe(
      'trigger_conditions[0].metric_threshold.metric: found "error_rate", allowed: a metric that a service without ' +
        'load balancer has, or a source for it under metrics.error_rate',
    );
  });

  test('an identifier used twice', () => {
    const second = { ...trigger({}), index: 1 };
    const [first, again] = compileTriggers([trigger({}), second], oneSide);
    expect(first?.compiled).toBe(true);
    expect(again).toMatchObject({
      triggerId: 'trigger-2',
      compiled: false,
      reason: 'trigger_conditions[1].trigger_id: found "tested", allowed: an identifier that no trigger before it has',
    });
  });
});

describe('where the numbers come from', () => {
  test('error rate of one side: its targets, and the load balancer where it is not shared', () => {
    const [alone] = compile({}).alarms;
    const dimensions = {
      LoadBalancer: 'app/shop/50dc6c495c0c9188',
      TargetGroup: 'targetgroup/checkout/943f017f100becff',
    };
    expect(alone?.name).toBe('backstep/production/checkout/tested');
    expect(metric(alone, 'target5xx')).toEqual({
      namespace: 'AWS/ApplicationELB',
      metricName: 'HTTPCode_Target_5XX_Count',
      dimensions,
      statistic: 'Sum',
    });
    expect(metric(alone, 'balancer5xx')).toMatchObject({
      metricName: 'HTTPCode_ELB_5XX_Count',
      dimensions: { LoadBalancer: 'app/shop/50dc6c495c0c9188' },
    });
    const [shared] = compile({}, {}, { ...oneSide, sharedLoadBalancer: true }).alarms;
    expect(metric(shared, 'balancer5xx')).toBeUndefined();
  });

  test('two groups of one side: one alarm that watches both, whichever of them serves', () => {
    const { alarms } = compile({}, {}, twoGroups);
    expect(alarms).toHaveLength(1);
    const groups = alarms[0]?.queries.flatMap(({ metric }) => metric?.dimensions.TargetGroup ?? []);
    expect(new Set(groups)).toEqual(
      new Set(['targetgroup/checkout/943f017f100becff', 'targetgroup/checkout-green/1b2c3d4e5f607182']),
    );
    expect(alarms[0]?.queries.find(({ id }) => id === 'errors')?.expression).toBe(
      'SUM([TIME_SERIES(0), FILL(target5xx0, 0), FILL(target5xx1, 0), FILL(balancer5xx, 0)])',
    );
  });

  test('two sides: an alarm for each, and one for what the load balancer makes itself', () => {
    const { alarms } = compile({}, {}, twoSides);
    expect(alarms.map(({ name, side }) => [name, side])).toEqual([
      ['backstep/production/checkout/tested/blue', 'blue'],
      ['backstep/production/checkout/tested/green', 'green'],
      ['backstep/production/checkout/tested/load-balancer', undefined],
    ]);
    const shared = compile({}, {}, { ...twoSides, sharedLoadBalancer: true }).alarms;
    expect(shared.map(({ side }) => side)).toEqual(['blue', 'green']);
  });

  test('availability is also healthy hosts, and missing data is breaching there', () => {
    const one = compile({ metric: 'availability', operator: 'less_than', value: 0.95 }).alarms;
    expect(one.map(({ name, treatMissingData, threshold }) => ({ name, treatMissingData, threshold }))).toEqual([
      { name: 'backstep/production/checkout/tested', treatMissingData: 'notBreaching', threshold: 0.95 },
      { name: 'backstep/production/checkout/tested/hosts', treatMissingData: 'breaching', threshold: 1 },
    ]);
    const two = compile({ metric: 'availability', operator: 'less_than', value: 0.95 }, {}, twoSides).alarms;
    expect(two.map(({ name }) => name.split('/').at(-1))).toEqual(['blue', 'green', 'hosts']);
  });

  test('response times are percentiles in milliseconds of at least the minimum sample', () => {
    const [alarm] = compile({ metric: 'p99_response_time', value: '2s' }).alarms;
    expect(metric(alarm, 'latency')).toMatchObject({ metricName: 'TargetResponseTime', statistic: 'p99' });
    expect(returned(alarm)?.[0]?.expression).toBe('IF(requests >= 20, 1000 * latency, 0)');
  });

  test('utilization comes from the ECS service of each side', () => {
    const { alarms } = compile({ metric: 'cpu_utilization', value: '90%' }, {}, twoSides);
    expect(alarms.map((alarm) => metric(alarm, 'value'))).toEqual(
      ['blue', 'green'].map((name) => ({
        namespace: 'AWS/ECS',
        metricName: 'CPUUtilization',
        dimensions: { ClusterName: 'shop', ServiceName: `checkout-${name}` },
        statistic: 'Average',
      })),
    );
  });

  test('the configuration extends the table, and brings its unit to the metric’s', () => {
    const source = { namespace: 'Shop', metricName: 'FailedJobs', dimensions: { Queue: 'mail' }, statistic: 'Average' };
    const facts = { ...worker, metrics: { error_rate: { ...source, unit: 'fraction' as const }, backlog: source } };
    const [share] = compile({}, {}, facts).alarms;
    expect(metric(share, 'measured')).toEqual(source);
    expect(returned(share)).toMatchObject([{ expression: 'measured * 100' }]);
    const [plain] = compile({ metric: 'backlog', value: 500 }, {}, facts).alarms;
    expect(plain).toMatchObject({ threshold: 500, queries: [{ id: 'value', metric: source, returnData: true }] });
    expect(compile({ metric: 'backlog', value: '5%' }, {}, facts).reason).toBe(
      'trigger_conditions[0].metric_threshold.value: found "5%", allowed: a plain number; backlog is no share of anything known',
    );
  });

  test('a source that is published less often has longer periods, and its rates are per that period', () => {
    const source = { namespace: 'Shop', metricName: 'Jobs', dimensions: {}, statistic: 'Sum', periodSeconds: 300 };
    const facts = { ...worker, metrics: { failed_jobs: { ...source, unit: 'count' as const } } };
    const jobs = (value: Json, duration: Json = 30) =>
      compile({ metric: 'failed_jobs', value, duration_minutes: duration }, {}, facts).alarms[0];
    expect(jobs(4)).toMatchObject({ threshold: 4, periodSeconds: 300, evaluationPeriods: 6, datapointsToAlarm: 6 });
    expect(jobs('2/minute')?.threshold).toBe(10);
    expect(jobs(4, 7)).toMatchObject({ evaluationPeriods: 2 });
    expect(jobs(4, 1440)).toMatchObject({ evaluationPeriods: 288 });
    expect(jobs(4)?.description).toContain('Fires when 6 of the last 6 periods are bad, 5 minutes each');
  });

  test('what its silence means is configured, and said', () => {
    const source = { namespace: 'Shop', metricName: 'Alive', dimensions: {}, statistic: 'Sum' };
    const facts = { ...worker, metrics: { heartbeat: { ...source, treatMissingData: 'breaching' as const } } };
    const [alarm] = compile({ metric: 'heartbeat', operator: 'less_than', value: 1 }, {}, facts).alarms;
    expect(alarm?.treatMissingData).toBe('breaching');
    expect(alarm?.description).toContain('one without data counts as bad, as configured');
  });

  test('rates per second become rates per minute, seconds milliseconds, and a percentile counts its sample', () => {
    const source = { namespace: 'Shop', metricName: 'X', dimensions: {} };
    const facts = {
      ...worker,
      metrics: {
        memory_growth_rate: { ...source, statistic: 'Average', unit: 'bytes/second' as const },
        queries: { ...source, statistic: 'Average', unit: 'count/second' as const },
        lag: { ...source, statistic: 'p90', unit: 'seconds' as const },
        lag_ms: { ...source, statistic: 'p90', unit: 'milliseconds' as const },
      },
    };
    const of = (name: string, value: Json) => compile({ metric: name, value }, {}, facts).alarms[0];
    expect(returned(of('memory_growth_rate', '1MB/minute'))).toMatchObject([{ expression: 'measured * 60' }]);
    expect(of('queries', '100/second')).toMatchObject({ threshold: 6000 });
    expect(returned(of('lag', '5s'))).toMatchObject([{ expression: 'IF(samples >= 20, measured * 1000, 0)' }]);
    expect(of('lag_ms', '5s')).toMatchObject({ threshold: 5000, queries: [{ metric: { statistic: 'p90' } }] });
  });

  test('a unit that the metric cannot have is refused', () => {
    const source = { namespace: 'Shop', metricName: 'FailedJobs', dimensions: {}, statistic: 'Average' };
    const wrong = { ...worker, metrics: { error_rate: { ...source, unit: 'count' as const } } };
    expect(compile({}, {}, wrong).reason).toBe('metrics.error_rate.unit: found "count", allowed: percent or fraction');
  });
});

describe('the alarm’s description', () => {
  test('says what fires, why so, what Backstep does and what to do', () => {
    const { alarms } = compile(
      { value: 'baseline_error_rate * 5' },
      { condition: 'error_rate > baseline * 5' },
      twoSides,
    );
    expect(alarms[1]?.description).toBe(
      'checkout, side green (production): error rate above 5 x baseline for 5 minutes. Fires when 5 of the last 5 ' +
        'periods are bad, one minute each; one without data counts as good, since nothing is published without ' +
        'requests. Threshold: 5 x the ' +
        'published baseline, at least 1 %; while none is published 5 %, from the configured fallback of 1 %. ' +
        'Minutes with fewer than 20 requests do not count. Backstep rolls back by itself if a release began within 120 minutes before. To do: follow the execution of ' +
        'backstep-production-rollback in Step Functions; without one, start it with {"service":"checkout"}. ' +
        'Runbook trigger tested: error_rate > baseline * 5',
    );
  });

  test('explains missing data where silence is the worst that can happen', () => {
    const { alarms } = compile({ metric: 'availability', operator: 'less_than', value: '95%', duration_minutes: 2 });
    expect(alarms[1]?.description).toContain(
      'healthy hosts below 1 for 2 minutes. Fires when 2 of the last 2 periods are bad, one minute each; no data counts ' +
        'as no healthy host, since a total outage is not low traffic.',
    );
  });

  test('links to what to do, and still fits', () => {
    const runbookUrl = `https://wiki.example.com/${'a'.repeat(275)}`;
    const long = { ...oneSide, runbookUrl };
    const { alarms } = compile({ value: 'baseline * 5' }, { condition: 'c'.repeat(400) }, long);
    expect(alarms[0]?.description).toContain(`To do: ${runbookUrl} ; follow the execution`);
    expect(alarms[0]?.description.length).toBeLessThanOrEqual(1024);
  });

  test('says whom it asks when it must ask', () => {
    expect(compile({}, { auto_execute: false }).alarms[0]?.description).toContain(
      'Backstep changes nothing by itself: it prepares the plan and asks on_call_engineer.',
    );
  });
});

describe('whatever a runbook holds', () => {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<Json>(
      'error_rate',
      'availability',
      'p95_response_time',
      'greater_than',
      'equals',
      '5%',
      'baseline * 5',
    ),
    fc.constantFrom<Json>(
      'NaN',
      'Infinity',
      '1e999',
      '-0',
      '__proto__',
      'constructor',
      '\ud800',
      0,
      -1,
      1e308,
      0.95,
      5,
    ),
  ) as fc.Arbitrary<Json>;
  const fields = fc.dictionary(
    fc.constantFrom(
      'trigger_id',
      'name',
      'condition',
      'evaluation_window_minutes',
      'auto_execute',
      'escalation_contacts',
    ),
    odd,
  );
  const threshold = fc.dictionary(fc.constantFrom('metric', 'operator', 'value', 'duration_minutes'), odd);

  test('compiling never throws, and what compiles is within CloudWatch’s limits', () => {
    fc.assert(
      fc.property(threshold, fields, fc.constantFrom(oneSide, twoSides, worker), (given, others, facts) => {
        const compiled = compileTrigger(trigger(given, others), facts);
        expect(compiled.compiled).toBe(compiled.alarms.length > 0);
        expect(compiled.reason).not.toBe('');
        for (const alarm of compiled.alarms) {
          expect(Number.isFinite(alarm.threshold)).toBe(true);
          expect(alarm.description.length).toBeLessThanOrEqual(1024);
          expect(alarm.name.length).toBeLessThanOrEqual(255);
          expect(alarm.periodSeconds * alarm.evaluationPeriods).toBeLessThanOrEqual(86_400);
          expect(alarm.queries.filter((query) => query.metric).length).toBeLessThanOrEqual(10);
          expect(alarm.queries.filter((query) => query.expression).length).toBeLessThanOrEqual(10);
          expect(returned(alarm)).toHaveLength(1);
          for (const { id } of alarm.queries) expect(id).toMatch(/^[a-z]\w*$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('conditions of any text are read without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (condition) => {
        const compiled = compile({ value: null, operator: null, duration_minutes: null }, { condition });
        expect(typeof compiled.reason).toBe('string');
      }),
    );
  });
});

test('the longest names still make an alarm name that CloudWatch takes', () => {
  const longest: ServiceFacts = {
    ...twoSides,
    environment: 'e'.repeat(24),
    service: 's'.repeat(63),
    sides: twoSides.sides.map((side, i) => ({ ...side, name: String(i).padStart(63, 'n') })),
  };
  const named = (length: number) =>
    compile({ metric: 'error_rate', operator: 'greater_than', value: 5 }, { trigger_id: 't'.repeat(length) }, longest);
  const lengths = named(93).alarms.map(({ name }) => name.length);
  expect(Math.max(...lengths)).toBe(255);
  expect(named(94)).toMatchObject({ compiled: false, alarms: [] });
});

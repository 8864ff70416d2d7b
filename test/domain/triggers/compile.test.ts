import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlarmDefinition, Json } from '../../../lib/domain/model.ts';
import { compileTrigger, compileTriggers } from '../../../lib/domain/triggers/compile.ts';
import type { ServiceFacts } from '../../../lib/domain/triggers/trigger.ts';
import { oneSide, trigger, twoSides, worker } from './facts.ts';

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

describe('operators and durations', () => {
  test.each<[Json, string, string, number]>([
    ['greater_than', '', 'GreaterThanThreshold', 5],
    ['less_than', '', 'LessThanThreshold', 5],
    ['at_least', '', 'GreaterThanOrEqualToThreshold', 5],
    ['greater_than_or_equal_to', '', 'GreaterThanOrEqualToThreshold', 5],
    ['>=', '', 'GreaterThanOrEqualToThreshold', 5],
    ['at-most', '', 'LessThanOrEqualToThreshold', 5],
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
    [5, 10, '', 5, 'evaluation_window_minutes (10) is not used: every minute counts.'],
    [1440, null, '', 1440, ''],
  ])(
    '%j minutes, window %j, %s: %d of as many',
    (duration_minutes, evaluation_window_minutes, condition, n, remark) => {
      const compiled = compile({ duration_minutes }, { evaluation_window_minutes, condition });
      expect(compiled.alarms[0]).toMatchObject({ periodSeconds: 60, evaluationPeriods: n, datapointsToAlarm: n });
      expect(compiled.reason).toContain(remark);
    },
  );

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

describe('what cannot be compiled is named with field, found and allowed', () => {
  const known =
    'error_rate, p50_response_time, p90_response_time, p95_response_time, p99_response_time, response_time, ' +
    'availability, cpu_utilization, memory_utilization, data_validation_failures, migration_progress_rate, memory_growth_rate';
  const values =
    'a number, a percentage such as "95%", a multiple of a baseline such as "baseline * 5", or a number with a unit ' +
    'such as "500ms" or "1MB/minute"';
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
      `${at('trigger_id')}: found "a/b", allowed: an identifier of letters, digits, hyphens, dots and underscores, at most 100`,
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
      'checkout, side green (production): error rate above 5 x baseline for 5 minutes. Threshold: 5 x the ' +
        'published baseline, at least 1 %; while none is published 5 %, from the configured fallback of 1 %. ' +
        'Minutes with fewer than 20 requests do not count. Backstep rolls back by itself if a release began within 120 minutes before. To do: follow the execution of ' +
        'backstep-production-rollback in Step Functions; without one, start it with {"service":"checkout"}. ' +
        'Runbook trigger tested: error_rate > baseline * 5',
    );
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

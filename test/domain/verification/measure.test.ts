import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlarmDefinition, AlarmQuery } from '../../../lib/domain/model.ts';
import {
  measureGauge,
  measureProbe,
  measureTargets,
  measureTasks,
  type Series,
} from '../../../lib/domain/verification/measure.ts';
import { questionsFor } from '../../../lib/domain/verification/queries.ts';
import {
  earliestSample,
  freshSeconds,
  isEmpty,
  publishSeconds,
  sampleWindow,
  secondsToNextSample,
} from '../../../lib/domain/verification/samples.ts';
import { configuration, group } from '../report/fixture.ts';

const dimensions = { LoadBalancer: 'app/shop/1', TargetGroup: 'targetgroup/checkout/0123456789abcdef' };
const metric = (metricName: string) => ({ namespace: 'AWS/ApplicationELB', metricName, dimensions, statistic: 'Sum' });
const errorQueries: AlarmQuery[] = [
  { id: 'requests', metric: metric('RequestCount'), returnData: false },
  { id: 'target5xx', metric: metric('HTTPCode_Target_5XX_Count'), returnData: false },
  {
    id: 'value',
    label: 'error rate, percent',
    expression: 'IF(requests >= 20, 100 * FILL(target5xx, 0) / requests, 0)',
    returnData: true,
  },
];
const alarm = (changes: Partial<AlarmDefinition> = {}): AlarmDefinition => ({
  name: 'backstep/production/checkout/errors',
  description: '',
  queries: errorQueries,
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  periodSeconds: 60,
  evaluationPeriods: 5,
  datapointsToAlarm: 5,
  treatMissingData: 'notBreaching',
  side: 'main',
  ...changes,
});
const asking = (...alarms: AlarmDefinition[]) => {
  const [trigger] = configuration.triggers;
  if (!trigger) throw new Error('The fixture has a trigger.');
  return questionsFor({ ...configuration, triggers: [{ ...trigger, alarms }] }, ['main']);
};

describe('sampleWindow', () => {
  const minute = 60_000;
  test.each([
    ['mitigated at a whole minute', '03:05:00', '03:06:30', '03:05:00', '03:06:00'],
    ['mitigated within one: the next counts', '03:05:01', '03:07:30', '03:06:00', '03:07:00'],
    ['the newest minute is not published yet', '03:05:00', '03:07:29', '03:05:00', '03:06:00'],
  ])('%s', (_what, mitigated, now, from, to) => {
    const iso = (time: string) => `2026-11-20T${time}.000Z`;
    expect(sampleWindow(iso(mitigated), iso(now), 60)).toEqual({ from: iso(from), to: iso(to) });
  });

  test('only whole, published, fresh periods after the mitigation, whenever and for whatever period', () => {
    const time = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(
        time,
        fc.integer({ min: 0, max: 7_200_000 }),
        fc.constantFrom(60, 300),
        (mitigated, later, period) => {
          const now = mitigated + later;
          const window = sampleWindow(new Date(mitigated).toISOString(), new Date(now).toISOString(), period);
          const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
          expect(from % (period * 1000)).toBe(0);
          expect(to % (period * 1000)).toBe(0);
          if (isEmpty(window)) return;
          expect(from).toBeGreaterThanOrEqual(mitigated);
          expect(to).toBeLessThanOrEqual(now - publishSeconds * 1000);
          expect(to - from).toBeLessThanOrEqual(Math.max(freshSeconds, period) * 1000);
        },
      ),
    );
  });

  test('waiting as long as it says, there is a sample', () => {
    const time = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2026, 1) });
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 600_000 }), (mitigated, later) => {
        const mitigatedAt = new Date(mitigated).toISOString();
        const now = new Date(mitigated + later).toISOString();
        const wait = secondsToNextSample(mitigatedAt, now);
        const then = new Date(mitigated + later + wait * 1000).toISOString();
        expect(isEmpty(sampleWindow(mitigatedAt, then, 60))).toBe(false);
        expect(wait).toBeLessThanOrEqual((2 * minute + publishSeconds * 1000) / 1000);
      }),
    );
  });

  test('one window over several periods, none without any', () => {
    expect(earliestSample('2026-11-20T03:00:00.000Z', '2026-11-20T03:05:30.000Z', [60, 300])).toEqual({
      from: '2026-11-20T03:00:00.000Z',
      to: '2026-11-20T03:05:00.000Z',
    });
    expect(earliestSample('2026-11-20T03:00:00.000Z', '2026-11-20T03:00:30.000Z', [60])).toBeUndefined();
  });
});

describe('questionsFor', () => {
  test('asks the alarm’s own queries under ids of their own, and the requests beside them', () => {
    const { gauges, queries } = asking(alarm(), alarm());
    expect(new Set(queries.map(({ id }) => id)).size).toBe(queries.length);
    expect(gauges.map(({ name, unit }) => [name, unit])).toEqual([
      ['error rate', 'percent'],
      ['error rate', 'percent'],
    ]);
    expect(queries.find(({ id }) => id === 'a1_value')?.expression).toBe(
      'IF(a1_requests >= 20, 100 * FILL(a1_target5xx, 0) / a1_requests, 0)',
    );
    expect(queries.find(({ id }) => id === gauges[0]?.requestIds[0])).toMatchObject({
      returnData: true,
      metric: { metricName: 'RequestCount', statistic: 'Sum', dimensions },
    });
  });

  test('an alarm that counts its sample itself is believed', () => {
    const { gauges, queries } = asking(
      alarm({ queries: [...errorQueries, { id: 'sample', expression: 'requests', returnData: false }] }),
    );
    expect(gauges[0]?.requestIds).toEqual(['a0_sample']);
    expect(queries.find(({ id }) => id === 'a0_sample')?.returnData).toBe(true);
  });

  test('hosts count however few requests there are; other sides and other metrics are left out', () => {
    const hosts = alarm({
      queries: [{ id: 'value', label: 'healthy hosts', metric: metric('HealthyHostCount'), returnData: true }],
    });
    const cpu = alarm({
      queries: [{ id: 'value', metric: { ...metric('CPUUtilization'), namespace: 'AWS/ECS' }, returnData: true }],
    });
    const { gauges } = asking(hosts, cpu, alarm({ side: 'other' }));
    expect(gauges.map(({ name, requestIds }) => [name, requestIds])).toEqual([['healthy hosts', []]]);
  });
});

describe('measureGauge', () => {
  const at = (minute: string, value: number) => ({ time: `2026-11-20T03:${minute}:00.000Z`, value });
  const measure = (value: Series, requests: Series, changes: Partial<AlarmDefinition> = {}) => {
    const gauge = asking(alarm(changes)).gauges[0];
    if (!gauge) throw new Error('There is a gauge.');
    return measureGauge(gauge, {
      mitigatedAt: '2026-11-20T03:05:10.000Z',
      now: '2026-11-20T03:08:40.000Z',
      minimumRequestsPerMinute: 20,
      series: { [gauge.resultId]: value, [gauge.requestIds[0] ?? '']: requests },
    });
  };

  test('judges the newest whole minute after the mitigation and quotes the numbers', () => {
    const result = measure(
      { points: [at('05', 80), at('06', 3), at('07', 0.5)] },
      { points: [at('05', 900), at('06', 900), at('07', 1200)] },
    );
    expect(result).toMatchObject({ value: 0.5, ok: true, limit: 5, comparison: 'at most', unit: '%' });
    expect(result.evidence).toBe(
      'Error rate of main 0.5 % over 1200 requests from 03:07 UTC, within the limit of at most 5 %.',
    );
  });

  test('bad numbers from before the mitigation do not count', () => {
    expect(measure({ points: [at('04', 80), at('05', 80)] }, { points: [at('04', 900), at('05', 900)] }).ok).toBeNull();
  });

  test('a minute with too few requests gives way to an earlier one, and alone says nothing', () => {
    const few = { points: [at('06', 900), at('07', 19)] };
    expect(measure({ points: [at('06', 2), at('07', 100)] }, few)).toMatchObject({ value: 2, ok: true });
    expect(measure({ points: [at('07', 100)] }, { points: [at('07', 19)] })).toMatchObject({
      value: null,
      ok: null,
      evidence: expect.stringContaining('20 requests'),
    });
  });

  test('what CloudWatch could not answer is not a number', () => {
    const result = measure({ points: [], problem: 'Forbidden' }, { points: [] });
    expect(result).toMatchObject({ ok: null, evidence: expect.stringContaining('Forbidden') });
  });

  test.each([
    ['GreaterThanThreshold', 5, true],
    ['GreaterThanThreshold', 5.01, false],
    ['GreaterThanOrEqualToThreshold', 5, false],
    ['LessThanThreshold', 5, true],
    ['LessThanThreshold', 4.99, false],
    ['LessThanOrEqualToThreshold', 5, false],
  ] as const)('%s 5 with %d: %s', (comparison, value, ok) => {
    expect(measure({ points: [at('07', value)] }, { points: [at('07', 100)] }, { comparison }).ok).toBe(ok);
  });
});

describe('the other measurements', () => {
  const probe = { url: 'https://shop.example.com/health', expectStatus: 200, milliseconds: 12 };
  test('a probe', () => {
    expect(measureProbe({ ...probe, status: 200 }).ok).toBe(true);
    expect(measureProbe({ ...probe, status: 503 })).toMatchObject({
      ok: false,
      evidence: expect.stringMatching(/503.*200/),
    });
    expect(measureProbe({ ...probe, status: null, problem: 'connect ECONNREFUSED' })).toMatchObject({
      ok: false,
      evidence: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('targets and tasks', () => {
    const health = { targetGroup: group('checkout'), healthy: 1, registered: 4, problems: ['Health checks failed'] };
    expect(measureTargets('main', health, 2)).toMatchObject({
      ok: false,
      evidence: expect.stringMatching(/1 of 4.*at least 2/),
    });
    expect(measureTargets('main', health, 1).ok).toBe(true);
    expect(measureTasks('worker', 2, 2).ok).toBe(true);
    expect(measureTasks('worker', 1, 2)).toMatchObject({ ok: false, value: 1, limit: 2 });
  });
});

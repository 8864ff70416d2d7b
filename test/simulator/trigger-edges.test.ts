/**
 * Every alarm that a runbook compiles into, driven over its edge in the simulated CloudWatch: just below it stays quiet,
 * just above it fires. The limits are written here as the runbooks mean them, not taken from the alarms.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { loadConfiguration, parseConfiguration } from '../../lib/config/load.ts';
import type { AlarmDefinition, ServiceConfiguration } from '../../lib/domain/model.ts';
import { SimulatedAccount } from '../../simulator/account.ts';
import { directoryWith, minimal } from '../config/fixture.ts';

const root = join(import.meta.dirname, '..', '..');
const minuteMs = 60_000;

/** Values of one minute by metric name, the same for both sides unless there are two. Absent: nothing is published. */
type Minute = Readonly<Record<string, number | Sample | readonly [number | undefined, number | undefined]>>;

/** The same value so many times within a minute. */
interface Sample {
  readonly count: number;
  readonly value: number;
}
const times = (count: number, value: number): Sample => ({ count, value });

/** Whether the alarm is on after these minutes, each published when it is over, or so many minutes later. */
async function firesAfter(alarm: AlarmDefinition, minutes: readonly Minute[], delay = 0): Promise<boolean> {
  return (await firing([alarm], minutes, delay)).length > 0;
}

/** Names of the alarms that are on after these minutes. */
async function firing(alarms: readonly AlarmDefinition[], minutes: readonly Minute[], delay = 0): Promise<string[]> {
  const startMs = Date.UTC(2026, 10, 20, 3);
  const account = new SimulatedAccount({ account: '111122223333', region: 'eu-west-1', startMs, seed: 1 });
  for (const alarm of alarms) account.cloudwatch.putAlarm(asInput(alarm));
  for (const [index, minute] of minutes.entries()) {
    const timeMs = startMs + index * minuteMs;
    await account.clock.runUntil(timeMs + (1 + delay) * minuteMs);
    for (const [metricName, value] of Object.entries(minute)) {
      sourcesOf(alarms, metricName).forEach((source, side) => {
        const published = typeof value === 'object' && !('count' in value) ? value[side] : value;
        if (published === undefined) return;
        const { value: one, count } = typeof published === 'number' ? times(1, published) : published;
        account.cloudwatch.put({ ...source, values: [one], counts: [count], timeMs });
      });
    }
  }
  await account.clock.runUntil(startMs + (minutes.length + 1 + delay) * minuteMs - 1);
  return account.cloudwatch.alarms.filter(({ state }) => state.value === 'ALARM').map(({ name }) => name);
}

/** Each metric of that name once, in the order of the sides. */
function sourcesOf(alarms: readonly AlarmDefinition[], metricName: string) {
  const sources = alarms.flatMap(({ queries }) => queries.flatMap(({ metric }) => metric ?? []));
  const named = sources.filter((source) => source.metricName === metricName);
  return [...new Map(named.map((source) => [JSON.stringify(source.dimensions), source])).values()];
}

function asInput(alarm: AlarmDefinition): PutMetricAlarmInput {
  return {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description,
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    TreatMissingData: alarm.treatMissingData,
    Metrics: alarm.queries.map(({ id, metric, expression, returnData }) => ({
      Id: id,
      ReturnData: returnData,
      ...(expression === undefined ? {} : { Expression: expression }),
      ...(metric === undefined
        ? {}
        : {
            MetricStat: {
              Metric: {
                Namespace: metric.namespace,
                MetricName: metric.metricName,
                Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
              },
              Period: alarm.periodSeconds,
              Stat: metric.statistic,
            },
          }),
    })),
  };
}

/** What one alarm must and must not fire at, for as many minutes as the runbook asks. */
interface Edge {
  readonly minutes: number;
  /** Of how many; absent: of as many. */
  readonly of?: number;
  /** A value for each so many minutes only. */
  readonly every?: number;
  readonly within: Minute;
  readonly over: Minute;
  /** Further minutes that must not fire, by what they are. */
  readonly quiet?: Readonly<Record<string, Minute>>;
  /** Further minutes that must. */
  readonly loud?: Readonly<Record<string, Minute>>;
  readonly firesWithoutData?: boolean;
}

interface Limits {
  readonly errorPercent: number;
  readonly errorMinutes: number;
  readonly p95Ms: number;
}

const requests = (count: number, failed: number): Minute => ({
  RequestCount: count,
  ...(failed > 0 ? { HTTPCode_Target_5XX_Count: failed } : {}),
});

function errors({ errorPercent, errorMinutes }: Limits): Edge {
  return {
    minutes: errorMinutes,
    within: requests(1000, errorPercent * 10),
    over: requests(1000, errorPercent * 10 + 1),
    quiet: { 'one request fewer than the minimum sample': requests(19, 19), 'no errors at all': requests(1000, 0) },
    loud: { 'exactly the minimum sample': requests(20, 20) },
  };
}

/** Where the load balancer is not shared, its own answers count, and more so when there is no target left to count. */
const alone = (edge: Edge, failedOf1000: number): Edge => ({
  ...edge,
  quiet: {
    ...edge.quiet,
    'few errors of the load balancer': { RequestCount: 1000, HTTPCode_ELB_5XX_Count: failedOf1000 },
    'errors of the load balancer below the minimum sample': { HTTPCode_ELB_5XX_Count: 19 },
  },
  loud: {
    ...edge.loud,
    'errors of targets and load balancer together': {
      RequestCount: 1000,
      HTTPCode_Target_5XX_Count: failedOf1000,
      HTTPCode_ELB_5XX_Count: 1,
    },
    'nothing but errors of the load balancer': { HTTPCode_ELB_5XX_Count: 20 },
    'hardly a target left': { RequestCount: 5, HTTPCode_ELB_5XX_Count: 500 },
  },
});

const loadBalancer = ({ errorPercent, errorMinutes }: Limits): Edge => ({
  minutes: errorMinutes,
  within: { RequestCount: [400, 600], HTTPCode_ELB_5XX_Count: errorPercent * 10 },
  over: { RequestCount: [400, 600], HTTPCode_ELB_5XX_Count: errorPercent * 10 + 1 },
  quiet: {
    'errors that the targets make': { RequestCount: [400, 600], HTTPCode_Target_5XX_Count: 300 },
    'too few': { HTTPCode_ELB_5XX_Count: 19 },
    'few, beside one silent side': { RequestCount: [undefined, 1000], HTTPCode_ELB_5XX_Count: errorPercent * 10 },
  },
  loud: { 'no requests reach a target': { HTTPCode_ELB_5XX_Count: 20 } },
});

const responseTime = ({ p95Ms }: Limits): Edge => ({
  minutes: 10,
  within: { RequestCount: 1000, TargetResponseTime: p95Ms / 1000 },
  over: { RequestCount: 1000, TargetResponseTime: (p95Ms + 1) / 1000 },
  quiet: { 'fewer requests than the minimum sample': { RequestCount: 19, TargetResponseTime: 30 } },
  loud: { 'exactly the minimum sample': { RequestCount: 20, TargetResponseTime: 30 } },
});

const availability: Edge = {
  minutes: 2,
  within: requests(1000, 50),
  over: requests(1000, 51),
  quiet: { 'one request fewer than the minimum sample': requests(19, 19) },
  loud: { 'exactly the minimum sample': requests(20, 2) },
};

const hosts: Edge = {
  minutes: 2,
  within: { HealthyHostCount: 1 },
  over: { HealthyHostCount: 0 },
  firesWithoutData: true,
};

const hostsOfTwoSides: Edge = {
  ...hosts,
  quiet: {
    'an empty side beside a healthy one': { HealthyHostCount: [0, 1] },
    'a silent side beside a healthy one': { HealthyHostCount: [1, undefined] },
    'the other way round': { HealthyHostCount: [undefined, 1] },
  },
  loud: { 'a silent side beside an empty one': { HealthyHostCount: [undefined, 0] } },
};

const cpu: Edge = { minutes: 15, within: { CPUUtilization: 90 }, over: { CPUUtilization: 90.1 } };

const failures: Edge = {
  minutes: 1,
  within: { data_validation_failures: 0 },
  over: { data_validation_failures: 1 },
};

const stalled: Edge = {
  minutes: 30,
  within: { migration_progress_rate: 0.001 },
  over: { migration_progress_rate: 0 },
  quiet: { 'going backwards': { migration_progress_rate: -1 } },
};

/** Drives every alarm of a service, and fails if one has no edge here. */
function everyAlarm(service: ServiceConfiguration, edges: Readonly<Record<string, Edge>>): void {
  const alarms = service.triggers.flatMap((trigger) => trigger.alarms);
  const shortName = ({ name }: AlarmDefinition) => name.replace(`backstep/production/${service.service}/`, '');

  test('there is an edge for every alarm', () => {
    expect(alarms.map(shortName)).toEqual(Object.keys(edges));
  });

  describe.each(alarms.map((alarm) => [shortName(alarm), alarm] as const))('%s', (name, alarm) => {
    const { minutes, within, over, quiet = {}, loud = {}, firesWithoutData = false, every = 1 } = edges[name] as Edge;
    const { of = minutes } = edges[name] as Edge;
    const lead = 3 * every;
    const repeated = (minute: Minute, length = minutes): Minute[] =>
      Array.from({ length }, (_, index) => (index % every === 0 ? minute : {}));
    const before = repeated(within, lead);

    test('at the limit it stays quiet', async () => {
      expect(await firesAfter(alarm, repeated(within, of + lead))).toBe(false);
    });

    test(`just over it, it fires after ${minutes} of ${of} minutes`, async () => {
      expect(await firesAfter(alarm, [...before, ...repeated(over)])).toBe(true);
    });

    test(`without data it ${firesWithoutData ? 'fires' : 'stays quiet'}`, async () => {
      expect(await firesAfter(alarm, [...before, ...repeated({}, of + 5)])).toBe(firesWithoutData);
    });

    test.each(Object.entries(quiet))('%s: quiet', async (_, minute) => {
      expect(await firesAfter(alarm, [...before, ...repeated(minute, of + lead)])).toBe(false);
    });

    test.each(Object.entries(loud))('%s: fires', async (_, minute) => {
      expect(await firesAfter(alarm, [...before, ...repeated(minute)])).toBe(true);
    });

    test.each([1, 2])('published %d minutes late, it means the same', async (delay) => {
      expect(await firesAfter(alarm, repeated(within, of + lead), delay)).toBe(false);
      expect(await firesAfter(alarm, [...before, ...repeated(over, minutes + delay)], delay)).toBe(true);
    });

    if (minutes === 1) return;

    test(`${every === 1 ? 'one minute' : `${every} minutes`} less does not suffice`, async () => {
      expect(await firesAfter(alarm, [...before, ...repeated(over, minutes - every)])).toBe(false);
    });

    const interrupted = [
      ...repeated(over, minutes - every),
      ...repeated(within, every),
      ...repeated(over, minutes - every),
    ];
    if (of === minutes) {
      test('one good minute in between starts the count again', async () => {
        expect(await firesAfter(alarm, [...before, ...interrupted])).toBe(false);
      });
      return;
    }

    test('good minutes in between do not matter, within the window', async () => {
      expect(await firesAfter(alarm, [...before, ...interrupted])).toBe(true);
    });

    test('too few of the window never fire, however long they go on', async () => {
      const gap = Math.ceil(of / (minutes - 1));
      const sparse = Array.from({ length: 5 * of }, (_, index) => (index % gap === 0 ? over : within));
      expect(await firesAfter(alarm, sparse)).toBe(false);
    });
  });
}

function checkout(example: string): ServiceConfiguration {
  const { environments } = loadConfiguration(join(root, 'examples', example, 'backstep.json'));
  const service = environments.production?.services.checkout;
  if (!service) throw new Error(`example ${example} has no service checkout`);
  return service;
}

describe('the example runbook, one side', () => {
  const limits = { errorPercent: 5, errorMinutes: 3, p95Ms: 1500 };
  everyAlarm(checkout('01-checkout'), {
    error_rate_spike: alone(errors(limits), 50),
    response_time_degradation: responseTime(limits),
    availability_drop: alone(availability, 50),
    'availability_drop/hosts': hosts,
    cpu_saturation: cpu,
  });
});

describe('the example runbook, two sides', () => {
  const limits = { errorPercent: 2.5, errorMinutes: 3, p95Ms: 1200 };
  const service = checkout('02-two-sides');
  everyAlarm(service, {
    'error_rate_spike/blue': errors(limits),
    'error_rate_spike/green': errors(limits),
    'error_rate_spike/load-balancer': loadBalancer(limits),
    'response_time_degradation/blue': responseTime(limits),
    'response_time_degradation/green': responseTime(limits),
    'availability_drop/blue': availability,
    'availability_drop/green': availability,
    'availability_drop/hosts': hostsOfTwoSides,
    'cpu_saturation/blue': cpu,
    'cpu_saturation/green': cpu,
  });

  test('a bad side sets off its own alarms and no others', async () => {
    const minute: Minute = {
      RequestCount: [900, 100],
      HTTPCode_Target_5XX_Count: [1, 30],
      TargetResponseTime: [0.2, 0.3],
      HealthyHostCount: 2,
      CPUUtilization: 40,
    };
    const alarms = service.triggers.flatMap((trigger) => trigger.alarms);
    expect(
      await firing(
        alarms,
        Array.from({ length: 5 }, () => minute),
      ),
    ).toEqual([
      'backstep/production/checkout/availability_drop/green',
      'backstep/production/checkout/error_rate_spike/green',
    ]);
  });
});

/** The rest of the family, with thresholds written as people write them. */
describe('a runbook with every other kind', () => {
  const trigger = (trigger_id: string, condition: string, threshold: object | null, others: object = {}) => ({
    trigger_id,
    condition,
    metric_threshold: threshold,
    auto_execute: true,
    ...others,
  });
  const growth = { metric: 'memory_growth_rate', operator: 'greater_than', value: '1MB/minute', duration_minutes: 20 };
  const runbook = {
    runbook_id: 'rb_edges',
    trigger_conditions: [
      trigger('cpu_utilization_spike', 'cpu_utilization > 90% for 15 minutes', {
        metric: 'cpu_utilization',
        operator: 'greater_than',
        value: 0.9,
        duration_minutes: 15,
      }),
      trigger('memory_leak_detected', 'memory_usage increasing continuously for 20 minutes', growth),
      trigger('memory_leak_in_words', 'memory_usage increasing continuously for 20 minutes', null),
      trigger('availability_in_words', 'availability < 95% for 2 minutes', null),
      trigger('availability_as_percent', '', {
        metric: 'availability',
        operator: 'less_than',
        value: '95%',
        duration_minutes: 2,
      }),
      trigger('availability_at_most', '', {
        metric: 'availability',
        operator: 'at_most',
        value: 95,
        duration_minutes: 2,
      }),
      trigger('slow_in_seconds', 'p99 response time >= 1.5s for 3 minutes', null),
      trigger(
        'errors_in_a_window',
        '',
        {
          metric: 'error_rate',
          operator: 'at_least',
          value: '5%',
          duration_minutes: 3,
        },
        { evaluation_window_minutes: 6 },
      ),
      trigger('traffic_gone', 'heartbeats < 1 for 5 minutes', null),
      trigger('failed_jobs', 'failed_jobs > 2/minute for 20 minutes', null),
      trigger('slow_queries', 'query_time > 2s for 3 minutes', null),
    ],
  };
  const document = minimal((_, service) => {
    service.metrics = {
      heartbeats: { namespace: 'Shop', metricName: 'Heartbeats', statistic: 'Sum', treatMissingData: 'breaching' },
      failed_jobs: { namespace: 'Shop', metricName: 'FailedJobs', statistic: 'Sum', unit: 'count', periodSeconds: 300 },
      query_time: { namespace: 'Shop', metricName: 'QueryTime', statistic: 'p95', unit: 'seconds' },
    };
  });
  const service = parseConfiguration(document, { baseDir: directoryWith({ 'runbook.json': runbook }) }).environments
    .production?.services.checkout;
  const atLimit: Edge = { ...availability, within: requests(1000, 49), over: requests(1000, 50) };
  everyAlarm(service as ServiceConfiguration, {
    cpu_utilization_spike: { ...cpu, loud: { 'all of it': { CPUUtilization: 100 } } },
    memory_leak_detected: {
      minutes: 20,
      within: { memory_growth_rate: 1_000_000 },
      over: { memory_growth_rate: 1_000_001 },
      quiet: {
        shrinking: { memory_growth_rate: -5_000_000 },
        'a unit of bytes, read as megabytes': { memory_growth_rate: 2 },
      },
    },
    memory_leak_in_words: { minutes: 20, within: { memory_growth_rate: 0 }, over: { memory_growth_rate: 1 } },
    availability_in_words: alone(availability, 50),
    'availability_in_words/hosts': hosts,
    availability_as_percent: alone(availability, 50),
    'availability_as_percent/hosts': hosts,
    availability_at_most: atLimit,
    'availability_at_most/hosts': hosts,
    slow_in_seconds: {
      minutes: 3,
      within: { RequestCount: 1000, TargetResponseTime: 1.499 },
      over: { RequestCount: 1000, TargetResponseTime: 1.5 },
      quiet: { 'fewer requests than the minimum sample': { RequestCount: 19, TargetResponseTime: 30 } },
    },
    errors_in_a_window: { minutes: 3, of: 6, within: requests(1000, 49), over: requests(1000, 50) },
    traffic_gone: { minutes: 5, within: { Heartbeats: 1 }, over: { Heartbeats: 0 }, firesWithoutData: true },
    failed_jobs: { minutes: 20, every: 5, within: { FailedJobs: 10 }, over: { FailedJobs: 11 } },
    slow_queries: {
      minutes: 3,
      within: { QueryTime: times(20, 2) },
      over: { QueryTime: times(20, 2.001) },
      quiet: { 'one slow query': { QueryTime: 60 }, 'one fewer than the minimum sample': { QueryTime: times(19, 60) } },
    },
  });
});

const seeds = join(root, '..', 'shared', 'seeds');
const seed = existsSync(seeds) ? readdirSync(seeds).find((name) => name.startsWith('004_')) : undefined;

describe.skipIf(!seed)('the runbook of the original documents (skipped where it is not at hand)', () => {
  if (!seed) return;
  const document = minimal((_, service) => {
    service.runbook = seed;
  });
  const service = parseConfiguration(document, { baseDir: seeds }).environments.production?.services.checkout;
  const limits = { errorPercent: 5, errorMinutes: 5, p95Ms: 1500 };
  everyAlarm(service as ServiceConfiguration, {
    error_rate_spike: alone(errors(limits), 50),
    response_time_degradation: responseTime(limits),
    availability_drop: alone(availability, 50),
    'availability_drop/hosts': hosts,
    data_integrity_failure: failures,
    migration_progress_stalled: stalled,
  });
});

import { describe, expect, it } from 'vitest';
import { describeWorld } from '../../../simulator/world/describe.ts';
import { putSeries, registerTaskDefinition, setBehaviour, setWeights } from '../../../simulator/world/events.ts';
import { accountSpec } from '../../../simulator/world/spec.ts';
import {
  blue,
  blueDimensions,
  checkout,
  green,
  minutes,
  oneSide,
  openShop,
  pass,
  rule,
  startMs,
  twoSides,
} from './shop.ts';

describe('the account spec', () => {
  it.each([
    ['an unknown key', { ...oneSide, databases: [] }, 'databases'],
    ['an unknown behaviour', { taskDefinitions: [{ family: 'a', behaviour: { mood: 'bad' } }] }, 'mood'],
    ['a weight above 999', { ...oneSide, loadBalancers: [withWeight(1000)] }, '999'],
    [
      'a date for a duration',
      { ...oneSide, services: [{ ...checkout, deployedAt: '2026-11-01' }] },
      'ISO 8601 duration',
    ],
    ['an error rate in percent', { taskDefinitions: [{ family: 'a', behaviour: { errorRate: 40 } }] }, '<=1'],
  ])('refuses %s', (_name, spec, message) => {
    const result = accountSpec.safeParse(spec);
    expect(result.success).toBe(false);
    expect(result.error?.message).toContain(message);
  });

  it('takes what the examples of this test use', () => {
    expect(accountSpec.parse(twoSides)).toEqual(twoSides);
  });

  it('refuses a service whose task definition is missing', () => {
    expect(() => openShop({ ...oneSide, taskDefinitions: [] })).toThrow(
      'the task definition checkout:12 is not in the account',
    );
  });
});

function withWeight(weight: number) {
  const [first] = oneSide.loadBalancers ?? [];
  return {
    arn: first?.arn,
    listeners: [{ arn: first?.listeners[0]?.arn, default: { weights: { [blue]: weight } } }],
  };
}

describe('a new account', () => {
  it('stands as the spec says', () => {
    expect(describeWorld(openShop(twoSides))).toEqual({
      taskDefinitions: {
        'checkout:12': { status: 'ACTIVE', images: ['shop/checkout:1.4.0'] },
        'checkout:13': { status: 'ACTIVE', images: ['shop/checkout:1.5.0'] },
      },
      services: {
        'shop/checkout-blue': running('checkout:12'),
        'shop/checkout-green': running('checkout:13'),
      },
      weights: { [rule]: { 'checkout-blue': 100, 'checkout-green': 0 } },
      alarms: {},
      snapshots: [],
    });
  });

  const running = (taskDefinition: string) => ({
    taskDefinition,
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    rolloutState: 'COMPLETED',
    deployments: 1,
  });

  it('changes as the events of a scenario say', () => {
    const account = openShop(twoSides);
    registerTaskDefinition(account, { family: 'checkout', image: 'shop/checkout:1.6.0' });
    setWeights(account, { rule, weights: { [blue]: 1, [green]: 9 } });
    const { taskDefinitions, weights } = describeWorld(account);
    expect(taskDefinitions['checkout:14']).toEqual({ status: 'ACTIVE', images: ['shop/checkout:1.6.0'] });
    expect(weights[rule]).toEqual({ 'checkout-blue': 1, 'checkout-green': 9 });
  });

  it('keeps the behaviour that an event does not mention', () => {
    const account = openShop(oneSide);
    setBehaviour(account, 'checkout:13', { healthy: false });
    expect(account.ecs.definitions.find('checkout:13')?.behaviour).toMatchObject({ errorRate: 0.4, healthy: false });
  });
});

describe('utilization', () => {
  it('is published for every service', async () => {
    const account = openShop(oneSide);
    setBehaviour(account, 'checkout:12', { cpuPercent: 91 });
    await pass(account, 100);
    const dimensions = { ClusterName: 'shop', ServiceName: 'checkout' };
    expect(minutes(account, 'CPUUtilization', dimensions, 'Average', -1, 1)).toEqual([35, 91]);
  });
});

describe('a custom metric', () => {
  const orders = { namespace: 'Shop', metricName: 'Orders' };
  const values = (account: ReturnType<typeof openShop>, from: number, to: number) => {
    const points = account.cloudwatch.store.statistics({ ...orders, dimensions: {} }, 'Sum', {
      startMs: startMs + from * 60_000,
      endMs: startMs + to * 60_000,
      periodMs: 60_000,
    });
    return Array.from({ length: to - from }, (_, at) => points.get(startMs + (from + at) * 60_000) ?? null);
  };

  it('has its value every minute until another takes over, then until its own end', async () => {
    const account = openShop({ ...oneSide, metrics: [{ ...orders, value: 7 }], historyMinutes: 2 });
    expect(values(account, -3, 1)).toEqual([null, 7, 7, null]);
    await pass(account, 150);
    putSeries(account, { ...orders, value: 99, to: 'PT2M' });
    await pass(account, 300);
    expect(values(account, 0, 7)).toEqual([7, 7, 7, 99, 99, null, null]);
  });

  it('has the points that are given', async () => {
    const account = openShop({
      ...oneSide,
      metrics: [
        {
          ...orders,
          points: [
            { at: '-PT1M', value: 1 },
            { at: 'PT2M', value: 2 },
          ],
        },
      ],
    });
    expect(values(account, -1, 3)).toEqual([1, null, null, null]);
    await pass(account, 120);
    expect(values(account, -1, 3)).toEqual([1, null, null, 2]);
  });
});

it('runs two hours of two services, deployments and alarms in well under a second of real time', async () => {
  const account = openShop(twoSides);
  for (let number = 0; number < 10; number++) {
    account.cloudwatch.putAlarm({
      AlarmName: `latency ${number}`,
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'TargetResponseTime',
      Dimensions: Object.entries(blueDimensions).map(([Name, Value]) => ({ Name, Value })),
      ExtendedStatistic: 'p95',
      Period: 60,
      EvaluationPeriods: 5,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  }
  account.ecs.updateService({ cluster: 'shop', service: 'checkout-blue', taskDefinition: 'checkout:13' });
  const before = process.cpuUsage();
  await pass(account, 7200);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(1.5);
  expect(Object.values(describeWorld(account).alarms)).toEqual(Array(10).fill('OK'));
});

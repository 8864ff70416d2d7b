import { describe, expect, it } from 'vitest';
import { setBehaviour, setWeights } from '../../../simulator/world/events.ts';
import {
  blue,
  blueDimensions,
  checkout,
  green,
  greenDimensions,
  host,
  loadBalancerDimensions,
  minutes,
  oneSide,
  openShop,
  pass,
  rule,
  twoSides,
} from './shop.ts';

const column = (account: ReturnType<typeof openShop>, metric: string, dimensions: Record<string, string>) =>
  minutes(account, metric, dimensions, metric === 'TargetResponseTime' ? 'p95' : 'Sum', 0, 4);

describe('metrics of a load balancer', () => {
  it('exist for the past, minute by minute, and go on', async () => {
    const account = openShop({ ...oneSide, historyMinutes: 5 });
    expect(minutes(account, 'RequestCount', blueDimensions, 'Sum', -6, 1)).toEqual([
      null,
      600,
      600,
      600,
      600,
      600,
      null,
    ]);
    await pass(account, 3 * 60);
    expect(column(account, 'RequestCount', blueDimensions)).toEqual([600, 600, null, null]);
    await pass(account, 30);
    expect(column(account, 'RequestCount', blueDimensions)).toEqual([600, 600, 600, null]);
  });

  it('count errors only when there are some, per target group and for the load balancer', async () => {
    const account = openShop(twoSides);
    setWeights(account, { rule, weights: { [blue]: 75, [green]: 25 } });
    await pass(account, 130);
    expect(column(account, 'HTTPCode_Target_5XX_Count', blueDimensions)).toEqual([null, null, null, null]);
    expect(column(account, 'RequestCount', greenDimensions)).toEqual([150, null, null, null]);
    expect(column(account, 'HTTPCode_Target_5XX_Count', greenDimensions)).toEqual([60, null, null, null]);
    expect(column(account, 'HTTPCode_Target_5XX_Count', loadBalancerDimensions)).toEqual([60, null, null, null]);
    expect(column(account, 'RequestCount', loadBalancerDimensions)).toEqual([600, null, null, null]);
  });

  it('publish nothing about requests without traffic, and hosts all the same', async () => {
    const account = openShop({ ...oneSide, traffic: [] });
    await pass(account, 100);
    expect(column(account, 'RequestCount', blueDimensions)).toEqual([null, null, null, null]);
    expect(minutes(account, 'HealthyHostCount', blueDimensions, 'Minimum', 0, 1)).toEqual([2]);
    expect(minutes(account, 'UnHealthyHostCount', blueDimensions, 'Maximum', 0, 1)).toEqual([0]);
  });

  it('have the latency of the behaviour', async () => {
    const account = openShop();
    setBehaviour(account, 'checkout:12', { latencyMs: { p50: 200, p95: 900 } });
    await pass(account, 100);
    const [p95] = column(account, 'TargetResponseTime', blueDimensions);
    const [p50] = minutes(account, 'TargetResponseTime', blueDimensions, 'p50', 0, 1);
    expect(p95).toBeCloseTo(0.9, 6);
    expect(p50).toBeCloseTo(0.2, 2);
  });

  it('keep exact sums with rates that are no whole numbers a minute', async () => {
    const account = openShop({ ...oneSide, traffic: [{ host, requestsPerSecond: 0.11 }], historyMinutes: 0 });
    await pass(account, 10 * 60 + 30);
    const counts = minutes(account, 'RequestCount', blueDimensions, 'Sum', 0, 10);
    expect(counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(66);
  });
});

describe('a behaviour that changes by itself', () => {
  it('counts from the moment it changes', async () => {
    const account = openShop();
    setBehaviour(account, 'checkout:12', { changes: [{ afterSeconds: 7 * 86_400 + 90, errorRate: 0.5 }] });
    await pass(account, 4 * 60);
    expect(column(account, 'HTTPCode_Target_5XX_Count', blueDimensions)).toEqual([null, 150, 300, null]);
  });
});

describe('routing', () => {
  const failures = { HTTPCode_ELB_5XX_Count: [600, null, null, null] };

  it('answers 503 for a target group without targets', async () => {
    const account = openShop({ ...twoSides, services: [{ ...checkout, name: 'checkout-blue' }] });
    setWeights(account, { rule, weights: { [blue]: 0, [green]: 1 } });
    await pass(account, 100);
    expect(column(account, 'HTTPCode_ELB_5XX_Count', loadBalancerDimensions)).toEqual(failures.HTTPCode_ELB_5XX_Count);
    expect(column(account, 'RequestCount', loadBalancerDimensions)).toEqual([null, null, null, null]);
    expect(account.elbv2.respond({ host, path: '/', method: 'GET' })).toMatchObject({ status: 503 });
  });

  it('answers 503 when all weights are zero', async () => {
    const account = openShop(twoSides);
    setWeights(account, { rule, weights: { [blue]: 0, [green]: 0 } });
    await pass(account, 100);
    expect(column(account, 'HTTPCode_ELB_5XX_Count', loadBalancerDimensions)).toEqual(failures.HTTPCode_ELB_5XX_Count);
  });

  it('sends requests to unhealthy targets when there are no others', async () => {
    const account = openShop({ ...oneSide, services: [{ ...checkout, healthCheckGracePeriodSeconds: 8 * 86_400 }] });
    setBehaviour(account, 'checkout:12', { healthy: false });
    await pass(account, 4 * 60 + 30);
    expect(minutes(account, 'HealthyHostCount', blueDimensions, 'Maximum', 2, 3)).toEqual([0]);
    expect(minutes(account, 'RequestCount', blueDimensions, 'Sum', 2, 3)).toEqual([600]);
  });
});

describe('clients with cookies', () => {
  const sticky = { ...twoSides, traffic: [{ host, requestsPerSecond: 10, stickyShare: 0.5 }] };
  const stickiness = { enabled: true, durationSeconds: 600 };

  it('stay with their group against the weights until their cookies expire', async () => {
    const account = openShop(sticky);
    setWeights(account, { rule, weights: { [blue]: 0, [green]: 1 }, stickiness });
    await pass(account, 60);
    setWeights(account, { rule, weights: { [blue]: 1, [green]: 0 }, stickiness });
    await pass(account, 15 * 60);
    const onGreen = minutes(account, 'RequestCount', greenDimensions, 'Sum', 0, 13);
    // Half of the clients hold cookies; of 300 requests a minute a tenth expires every minute.
    expect(onGreen).toEqual([600, 285, 255, 225, 195, 165, 135, 105, 75, 45, 15, null, null]);
  });

  it('follow the weights at once when stickiness is switched off with them', async () => {
    const account = openShop(sticky);
    setWeights(account, { rule, weights: { [blue]: 0, [green]: 1 }, stickiness });
    await pass(account, 60);
    setWeights(account, { rule, weights: { [blue]: 1, [green]: 0 }, stickiness: { enabled: false } });
    await pass(account, 3 * 60);
    expect(minutes(account, 'RequestCount', greenDimensions, 'Sum', 0, 3)).toEqual([600, null, null]);
  });
});

it('counts for targets that belong to no service, as they change', async () => {
  const [group] = oneSide.targetGroups ?? [];
  if (!group) throw new Error('no target group');
  const targets = [{ id: '10.1.1.1', behaviour: { changes: [{ afterSeconds: 60, errorRate: 1 }] } }];
  const account = openShop({ ...oneSide, services: [], targetGroups: [{ ...group, targets }] });
  await pass(account, 4 * 60);
  expect(column(account, 'HTTPCode_Target_5XX_Count', blueDimensions)).toEqual([null, 600, 600, null]);
});

it('refuses traffic to a host that nothing answers for', () => {
  expect(() => openShop({ ...oneSide, traffic: [{ host: 'else.example.com', requestsPerSecond: 1 }] })).toThrow(
    'traffic goes to else.example.com, which no load balancer of the account answers for',
  );
});

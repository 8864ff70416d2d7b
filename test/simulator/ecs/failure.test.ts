/** How deployments fail by themselves: circuit breaker and deployment alarms. */
import { describe, expect, it } from 'vitest';
import { setBehaviour } from '../../../simulator/world/events.ts';
import type { AccountSpec } from '../../../simulator/world/spec.ts';
import { greenDimensions, pass } from '../world/shop.ts';
import { bad, blueGreen, EcsShop, good } from './shop.ts';

const alarm = (name: string, dimensions: Record<string, string>) =>
  ({
    name,
    namespace: 'AWS/ApplicationELB',
    metricName: 'HTTPCode_Target_5XX_Count',
    dimensions,
    statistic: 'Sum',
    comparison: 'GreaterThanThreshold',
    threshold: 10,
    periodSeconds: 60,
    evaluationPeriods: 1,
    treatMissingData: 'notBreaching',
  }) as const;
const whole = alarm('errors', { LoadBalancer: greenDimensions.LoadBalancer });
const account: Partial<AccountSpec> = { alarms: [whole, alarm('green-errors', greenDimensions)] };
const watched = (rollback: boolean, name = 'errors') => ({ deploymentAlarms: { names: [name], rollback } });

describe('the circuit breaker', () => {
  it.each([
    [{ type: 'COUNT', value: 1 }, 1],
    [{ type: 'COUNT', value: 5 }, 5],
    [{ type: 'BOUNDED_PERCENT', value: 100 }, 3],
    [{ type: 'UNBOUNDED_PERCENT', value: 100 }, 2],
    [undefined, 3],
  ] as const)('with threshold %j trips after %i failures', async (threshold, count) => {
    const shop = new EcsShop({ circuitBreaker: { enable: true, rollback: true, ...(threshold && { threshold }) } });
    setBehaviour(shop.account, bad, { crashAfterSeconds: 2 });
    await shop.deploy(bad);
    expect((await shop.newest()).deploymentCircuitBreaker).toMatchObject({ status: 'MONITORING', threshold: count });
    await pass(shop.account, 900);
    const { status, deploymentCircuitBreaker } = await shop.newest();
    expect(status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deploymentCircuitBreaker).toMatchObject({ status: 'TRIGGERED', threshold: count });
    const failed = shop.account.events.received.filter(({ detail }) => JSON.stringify(detail).includes('FAILED'));
    expect(failed).toHaveLength(1);
  });

  it('says that the rollback failed, where the old tasks fail as well', async () => {
    const shop = new EcsShop({ circuitBreaker: { enable: true, rollback: true }, minimumHealthyPercent: 0 });
    setBehaviour(shop.account, bad, { crashAfterSeconds: 2 });
    await shop.deploy(bad);
    await pass(shop.account, 20);
    setBehaviour(shop.account, good, { imageMissing: true });
    await pass(shop.account, 3600);
    expect((await shop.newest()).status).toBe('ROLLBACK_FAILED');
    expect((await shop.service()).deployments?.[0]).toMatchObject({ rolloutState: 'FAILED' });
  });

  it('gives way to a deployment that begins while it rolls back', async () => {
    const shop = new EcsShop({ circuitBreaker: { enable: true, rollback: true } });
    setBehaviour(shop.account, bad, { imageMissing: true });
    setBehaviour(shop.account, good, { stopSeconds: 120 });
    await shop.deploy(bad);
    while ((await shop.newest()).status !== 'ROLLBACK_IN_PROGRESS') await pass(shop.account, 1);
    setBehaviour(shop.account, bad, { imageMissing: false });
    await shop.deploy(bad);
    expect(await shop.deployments()).toMatchObject([{ status: 'IN_PROGRESS' }, { status: 'STOPPED' }, {}]);
    await pass(shop.account, 600);
    expect(await shop.deployments()).toMatchObject([{ status: 'SUCCESSFUL' }, { status: 'STOPPED' }, {}]);
    expect(shop.running()).toEqual({ [bad]: 2 });
  });

  it('does not watch a blue/green deployment', async () => {
    const shop = new EcsShop({ strategy: blueGreen, circuitBreaker: { enable: true, rollback: true } });
    setBehaviour(shop.account, bad, { imageMissing: true });
    await shop.deploy(bad);
    await pass(shop.account, 1800);
    expect(await shop.newest()).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'SCALE_UP',
      deploymentCircuitBreaker: { status: 'DISABLED' },
    });
  });
});

describe('deployment alarms', () => {
  it('keep a rolling deployment in progress for as long as they look back, and roll it back', async () => {
    const shop = new EcsShop(watched(true), account);
    await shop.deploy(bad);
    await pass(shop.account, 100);
    expect(await shop.newest()).toMatchObject({ status: 'IN_PROGRESS', alarms: { status: 'MONITORING' } });
    await pass(shop.account, 120);
    expect(await shop.newest()).toMatchObject({
      alarms: { status: 'TRIGGERED', alarmNames: ['errors'], triggeredAlarmNames: ['errors'] },
      rollback: { reason: /alarm/ },
    });
    await pass(shop.account, 300);
    expect((await shop.newest()).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(shop.running()).toEqual({ [good]: 2 });
    expect(shop.events()).toEqual(['IN_PROGRESS', 'FAILED', 'IN_PROGRESS', 'COMPLETED']);
  });

  it('are ignored when one of them is on already', async () => {
    const shop = new EcsShop(watched(true), account);
    setBehaviour(shop.account, good, { errorRate: 0.4 });
    await pass(shop.account, 300);
    await shop.deploy(bad);
    await pass(shop.account, 300);
    expect(await shop.newest()).toMatchObject({ status: 'SUCCESSFUL', alarms: { status: 'DISABLED' } });
    expect(shop.running()).toEqual({ [bad]: 2 });
  });

  it('that stay quiet let the deployment complete', async () => {
    const shop = new EcsShop(watched(true), account);
    setBehaviour(shop.account, bad, { errorRate: 0 });
    await shop.deploy(bad);
    await pass(shop.account, 300);
    expect(await shop.newest()).toMatchObject({ status: 'SUCCESSFUL', alarms: { status: 'MONITORING_COMPLETE' } });
  });

  it('without rollback stop the deployment where it is', async () => {
    const shop = new EcsShop(watched(false), account);
    await shop.deploy(bad);
    await pass(shop.account, 600);
    expect((await shop.newest()).status).toBe('STOPPED');
    expect((await shop.service()).deployments?.[0]).toMatchObject({ rolloutState: 'FAILED' });
    expect(shop.running()).toEqual({ [bad]: 2 });
  });

  it('on the new target group end a canary before the rest of the traffic moves', async () => {
    const strategy = { ...blueGreen, type: 'CANARY', canaryPercent: 20, canaryBakeMinutes: 10 } as const;
    const shop = new EcsShop({ strategy, ...watched(true, 'green-errors') }, account);
    await shop.deploy(bad);
    await pass(shop.account, 120);
    expect(shop.onGreen()).toBe(20);
    await pass(shop.account, 240);
    expect(shop.onGreen()).toBe(0);
    await pass(shop.account, 120);
    expect(await shop.newest()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      alarms: { triggeredAlarmNames: ['green-errors'] },
    });
    expect(shop.running()).toEqual({ [good]: 2 });
  });
});

import { describe, expect, it } from 'vitest';
import { setBehaviour } from '../../../simulator/world/events.ts';
import { blue, green, host, listener, loadBalancer, pass, rule } from '../world/shop.ts';
import { bad, blueGreen, EcsShop, good } from './shop.ts';

describe('a blue/green deployment', () => {
  it('scales up beside the old tasks, moves all traffic, bakes, and cleans up', async () => {
    const shop = new EcsShop({ strategy: blueGreen });
    await shop.deploy(bad);
    expect(await shop.newest()).toMatchObject({ status: 'IN_PROGRESS', lifecycleStage: 'PRE_SCALE_UP' });
    await pass(shop.account, 30);
    expect(await shop.newest()).toMatchObject({
      lifecycleStage: 'SCALE_UP',
      sourceServiceRevisions: [{ requestedTaskCount: 2, runningTaskCount: 2, requestedProductionTrafficWeight: 100 }],
      targetServiceRevision: { requestedTaskCount: 2, requestedProductionTrafficWeight: 0 },
    });
    await pass(shop.account, 90);
    expect(shop.onGreen()).toBe(100);
    expect(shop.running()).toEqual({ [good]: 2, [bad]: 2 });
    expect(await shop.newest()).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'BAKE_TIME',
      sourceServiceRevisions: [{ requestedProductionTrafficWeight: 0 }],
      targetServiceRevision: { runningTaskCount: 2, requestedProductionTrafficWeight: 100 },
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 },
    });
    expect((await shop.service()).currentServiceRevisions).toHaveLength(2);
    await pass(shop.account, 600);
    expect((await shop.newest()).lifecycleStage).toBe('CLEAN_UP');
    await pass(shop.account, 90);
    expect(shop.running()).toEqual({ [bad]: 2 });
    expect(await shop.newest()).toMatchObject({ status: 'SUCCESSFUL' });
    expect((await shop.service()).deployments).toMatchObject([{ status: 'PRIMARY', rolloutState: 'COMPLETED' }]);
    expect(shop.events()).toEqual(['IN_PROGRESS', 'COMPLETED']);
  });

  it('goes back into the other target group the next time', async () => {
    const shop = new EcsShop({ strategy: { ...blueGreen, bakeMinutes: 0 } });
    await shop.deploy(bad);
    await pass(shop.account, 300);
    expect(shop.onGreen()).toBe(100);
    const revision = await shop.revision((await shop.newest()).targetServiceRevision?.arn);
    expect(revision?.resolvedConfiguration?.loadBalancers).toEqual([
      { targetGroupArn: green, productionListenerRule: rule },
    ]);
    await shop.deploy(good);
    await pass(shop.account, 300);
    expect(shop.onGreen()).toBe(0);
    expect(shop.running()).toEqual({ [good]: 2 });
    const back = await shop.revision((await shop.newest()).targetServiceRevision?.arn);
    expect(back?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn).toBe(blue);
  });

  it('never moves traffic to tasks that do not become healthy, and goes back after a day', async () => {
    const shop = new EcsShop({ strategy: blueGreen });
    setBehaviour(shop.account, bad, { healthy: false });
    await shop.deploy(bad);
    await pass(shop.account, 23 * 3600);
    expect(shop.onGreen()).toBe(0);
    expect(await shop.newest()).toMatchObject({ status: 'IN_PROGRESS', lifecycleStage: 'SCALE_UP' });
    await pass(shop.account, 2 * 3600);
    expect(await shop.newest()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    expect(shop.running()).toEqual({ [good]: 2 });
  });

  it('completes at once where no tasks are wanted', async () => {
    const shop = new EcsShop({ strategy: { ...blueGreen, bakeMinutes: 0 }, desiredCount: 0 });
    await shop.deploy(bad);
    await pass(shop.account, 90);
    expect((await shop.newest()).status).toBe('SUCCESSFUL');
    expect(shop.running()).toEqual({});
  });
});

it('test traffic moves first, and back with the rest', async () => {
  const testRule = `${rule.slice(0, -1)}f`;
  const all = { weights: { [blue]: 1 } };
  const rules = [
    { arn: rule, priority: 10, hosts: [host], forward: all },
    { arn: testRule, priority: 5, hosts: ['test.example.com'], forward: all },
  ];
  const loadBalancers = [{ arn: loadBalancer, listeners: [{ arn: listener, rules }] }];
  const hooks = [{ stages: ['POST_TEST_TRAFFIC_SHIFT' as const] }];
  const shop = new EcsShop({ strategy: { ...blueGreen, testRule, hooks } }, { loadBalancers });
  await shop.deploy(bad);
  await pass(shop.account, 200);
  expect([shop.onGreen(), shop.onGreen(testRule)]).toEqual([0, 100]);
  expect((await shop.newest()).targetServiceRevision).toMatchObject({
    requestedProductionTrafficWeight: 0,
    requestedTestTrafficWeight: 100,
  });
  await shop.stop();
  await pass(shop.account, 10);
  expect([shop.onGreen(), shop.onGreen(testRule)]).toEqual([0, 0]);
});

describe('progressive strategies', () => {
  it('a canary gets its share, holds, and then everything', async () => {
    const strategy = { ...blueGreen, type: 'CANARY', canaryPercent: 12.5, canaryBakeMinutes: 5 } as const;
    const shop = new EcsShop({ strategy });
    await shop.deploy(bad);
    await pass(shop.account, 120);
    expect(shop.onGreen()).toBeCloseTo(12.5);
    expect((await shop.newest()).targetServiceRevision?.requestedProductionTrafficWeight).toBeCloseTo(12.5);
    await pass(shop.account, 240);
    expect(shop.onGreen()).toBeCloseTo(12.5);
    await pass(shop.account, 60);
    expect(shop.onGreen()).toBe(100);
  });

  it('a linear one takes equal steps, each with its bake', async () => {
    const strategy = { ...blueGreen, type: 'LINEAR', stepPercent: 40, stepBakeMinutes: 2 } as const;
    const shop = new EcsShop({ strategy });
    await shop.deploy(bad);
    const seen = new Set<number>();
    for (let minute = 0; minute < 12; minute++) {
      await pass(shop.account, 30);
      seen.add(Math.round(shop.onGreen()));
    }
    expect([...seen]).toEqual([0, 40, 80, 100]);
  });
});

describe('a rollback', () => {
  it('asked for during the bake moves the traffic back before anything stops', async () => {
    const shop = new EcsShop({ strategy: blueGreen });
    await shop.deploy(bad);
    await pass(shop.account, 200);
    expect(shop.onGreen()).toBe(100);
    await shop.stop();
    expect((await shop.newest()).status).toBe('ROLLBACK_REQUESTED');
    await pass(shop.account, 4);
    expect(shop.onGreen()).toBe(0);
    expect(shop.running()).toEqual({ [good]: 2, [bad]: 2 });
    const under = await shop.newest();
    expect(under).toMatchObject({ status: 'ROLLBACK_IN_PROGRESS', lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT' });
    const target = await shop.revision(under.rollback?.serviceRevisionArn);
    expect(target?.taskDefinition).toMatch(/checkout:12$/);
    await pass(shop.account, 120);
    expect(await shop.newest()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    expect(shop.running()).toEqual({ [good]: 2 });
    expect((await shop.service()).taskDefinition).toMatch(/checkout:12$/);
  });

  it('asked for during the clean-up starts the old tasks again first', async () => {
    const shop = new EcsShop({ strategy: { ...blueGreen, bakeMinutes: 0 } });
    await shop.deploy(bad);
    await pass(shop.account, 110);
    expect(shop.running()).toEqual({ [bad]: 2 });
    await shop.stop();
    await pass(shop.account, 5);
    expect(shop.onGreen()).toBe(100);
    await pass(shop.account, 60);
    expect(shop.onGreen()).toBe(0);
    await pass(shop.account, 120);
    expect((await shop.newest()).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(shop.running()).toEqual({ [good]: 2 });
  });
});

describe('UpdateService while a deployment is in flight', () => {
  it('stops it, waits for that, reconciles to one revision and deploys the new one', async () => {
    const shop = new EcsShop({ strategy: blueGreen });
    await shop.deploy(bad);
    await pass(shop.account, 200);
    await shop.deploy(good);
    expect(await shop.deployments()).toMatchObject([
      { status: 'PENDING', sourceServiceRevisions: [{}, {}] },
      { status: 'STOP_REQUESTED' },
      { status: 'SUCCESSFUL' },
    ]);
    expect((await shop.newest()).startedAt).toBeUndefined();
    await pass(shop.account, 7);
    expect(await shop.deployments()).toMatchObject([
      { status: 'IN_PROGRESS', lifecycleStage: 'RECONCILE_SERVICE' },
      { status: 'STOPPED' },
      { status: 'SUCCESSFUL' },
    ]);
    await pass(shop.account, 10);
    expect(shop.onGreen()).toBe(0);
    await pass(shop.account, 900);
    expect(await shop.newest()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(shop.onGreen()).toBe(100);
    expect(shop.running()).toEqual({ [good]: 2 });
  });

  it('a deployment that waits can be replaced as well, and rolled back', async () => {
    const shop = new EcsShop({ strategy: blueGreen });
    await shop.deploy(bad);
    await pass(shop.account, 200);
    await shop.deploy(good);
    await shop.deploy(bad);
    expect(await shop.deployments()).toMatchObject([{ status: 'PENDING' }, { status: 'STOPPED' }, {}, {}]);
    await shop.stop();
    await pass(shop.account, 200);
    expect(await shop.deployments()).toMatchObject([
      { status: 'ROLLBACK_SUCCESSFUL' },
      { status: 'STOPPED' },
      { status: 'STOPPED' },
      { status: 'SUCCESSFUL' },
    ]);
    expect(shop.onGreen()).toBe(0);
    expect(shop.running()).toEqual({ [good]: 2 });
  });
});

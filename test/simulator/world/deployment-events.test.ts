import { describe, expect, it } from 'vitest';
import { scenarioEvent } from '../../../simulator/scenario/events.ts';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import { schedule } from '../../../simulator/scenario/schedule.ts';
import {
  changeImage,
  codeDeploy,
  continueDeployment,
  stopDeployment,
} from '../../../simulator/world/deployment-events.ts';
import { openCodeDeployShop } from '../codedeploy/shop.ts';
import { bad, blueGreen, EcsShop, good } from '../ecs/shop.ts';
import { pass } from './shop.ts';

const checkout = { cluster: 'shop', service: 'checkout' };
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

describe('events of deployments', () => {
  it('answer a pause, either way', async () => {
    for (const action of ['CONTINUE', 'ROLLBACK'] as const) {
      const hooks = [{ stages: ['POST_SCALE_UP' as const] }];
      const shop = new EcsShop({ strategy: { ...blueGreen, bakeMinutes: 0, hooks } });
      expect(() => continueDeployment(shop.account, { ...checkout, action })).toThrow('no deployment of shop/checkout');
      await shop.deploy(bad);
      expect(() => continueDeployment(shop.account, { ...checkout, action })).toThrow('waits at no pause hook');
      await pass(shop.account, 300);
      continueDeployment(shop.account, { ...checkout, action });
      await pass(shop.account, 300);
      expect(shop.running()).toEqual({ [action === 'CONTINUE' ? bad : good]: 2 });
    }
  });

  it('stop what is under way, whoever deploys', async () => {
    const shop = new EcsShop();
    expect(() => stopDeployment(shop.account, checkout)).toThrow('no deployment of shop/checkout is under way');
    await shop.deploy(bad);
    stopDeployment(shop.account, checkout);
    await pass(shop.account, 200);
    expect((await shop.newest()).status).toBe('ROLLBACK_SUCCESSFUL');

    const { account } = openCodeDeployShop({ readyWaitMinutes: 60 });
    const release = { application: 'shop', group: 'checkout', taskDefinition: bad };
    const id = codeDeploy(account, release);
    await pass(account, 60);
    expect(account.codedeploy.find(id)?.status).toBe('Ready');
    continueDeployment(account, { ...checkout, action: 'CONTINUE' });
    await pass(account, 20);
    stopDeployment(account, checkout);
    await pass(account, 200);
    expect(account.codedeploy.deployments.map(({ status }) => status)).toEqual(['Succeeded', 'Stopped']);
    expect(account.ecs.requireService('shop', 'checkout').deployments[0]?.definition.revision).toBe(12);
  });
});

describe('events of images', () => {
  it('push, archive and delete', () => {
    const { account } = new EcsShop();
    const change = (letter: string, status: 'ACTIVE' | 'ARCHIVED' | 'DELETED', tags: string[] = []) =>
      changeImage(account, { repository: 'checkout', digest: digest(letter), tags, status });
    change('a', 'ACTIVE', ['live']);
    change('b', 'ACTIVE', ['live']);
    change('a', 'ARCHIVED');
    const images = () =>
      account.ecr.repository('checkout').images.map((image) => [image.digest[7], image.status, [...image.tags]]);
    expect(images()).toEqual([
      ['a', 'ARCHIVED', []],
      ['b', 'ACTIVE', ['live']],
    ]);
    change('b', 'DELETED');
    change('a', 'ACTIVE', ['live']);
    expect(images()).toEqual([['a', 'ACTIVE', ['live']]]);
    expect(() => change('c', 'ARCHIVED')).toThrow('has no image');
  });
});

it('the scenario format takes them, and schedules them', async () => {
  const hooks = [{ stages: ['PRE_SCALE_UP' as const] }];
  const { account } = new EcsShop({ strategy: { ...blueGreen, hooks } });
  const events = [
    { at: 'PT1M', type: 'image', repository: 'checkout', digest: digest('a'), behaviour: { errorRate: 0.5 } },
    { at: 'PT1M', type: 'scale', ...checkout, desiredCount: 3 },
    { at: 'PT2M', type: 'deploy', ...checkout, taskDefinition: bad },
    { at: 'PT3M', type: 'continueDeployment', ...checkout },
    { at: 'PT4M', type: 'stopDeployment', ...checkout },
    { at: 'PT9M', type: 'deregister', taskDefinition: bad },
  ].map((event) => scenarioEvent.parse(event));
  // Scheduling needs no more of a run than this.
  schedule({ account, startMs: account.clock.now(), scenario: { events } } as unknown as LiveRun);
  await pass(account, 600);
  const service = account.ecs.requireService('shop', 'checkout');
  expect(account.ecr.repository('checkout').images).toHaveLength(1);
  expect(service.desiredCount).toBe(3);
  expect(service.serviceDeployments[0]?.status).toBe('ROLLBACK_SUCCESSFUL');
  expect(account.ecs.definitions.find(bad)?.status).toBe('INACTIVE');

  const { account: other } = openCodeDeployShop();
  const release = { at: 'PT1M', type: 'codeDeploy', application: 'shop', group: 'checkout', taskDefinition: bad };
  const run = { account: other, startMs: other.clock.now(), scenario: { events: [scenarioEvent.parse(release)] } };
  schedule(run as unknown as LiveRun);
  await pass(other, 120);
  expect(other.codedeploy.deployments).toHaveLength(1);
});

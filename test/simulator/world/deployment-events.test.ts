import { describe, expect, it } from 'vitest';
import { scenarioEvent } from '../../../simulator/scenario/events.ts';
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

it('the scenario format takes them', () => {
  const events = [
    { type: 'codeDeploy', application: 'shop', group: 'checkout', taskDefinition: bad },
    { type: 'stopDeployment', ...checkout },
    { type: 'continueDeployment', ...checkout },
    { type: 'scale', ...checkout, desiredCount: 3 },
    { type: 'deregister', taskDefinition: bad },
    { type: 'image', repository: 'checkout', digest: digest('a'), behaviour: { errorRate: 0.5 } },
  ];
  expect(events.map((event) => scenarioEvent.parse({ at: 'PT1M', ...event }).type)).toEqual(
    events.map(({ type }) => type),
  );
});

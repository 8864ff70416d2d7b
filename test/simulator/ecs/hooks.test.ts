import {
  ContinueServiceDeploymentCommand,
  type DeploymentLifecycleHookAction,
  type DeploymentLifecycleHookStage,
  ECSClient,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import type { ServiceSpec } from '../../../simulator/world/spec.ts';
import { addRole } from '../account.ts';
import { pass } from '../world/shop.ts';
import { bad, blueGreen, cluster, EcsShop, good, service } from './shop.ts';

type Hook = NonNullable<NonNullable<ServiceSpec['strategy']>['hooks']>[number];

const withHooks = (...hooks: Hook[]) => new EcsShop({ strategy: { ...blueGreen, bakeMinutes: 1, hooks } });
const pauseAt = (...stages: DeploymentLifecycleHookStage[]): Hook => ({ stages });

async function answer(shop: EcsShop, action: DeploymentLifecycleHookAction | undefined, hookId?: string) {
  const { serviceDeploymentArn, lifecycleHookDetails } = await shop.newest();
  const id = hookId ?? lifecycleHookDetails?.[0]?.hookId;
  const command = new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId: id, ...(action && { action }) });
  return drive(shop.account, shop.ecs.send(command));
}

describe('a pause hook', () => {
  it('holds the deployment until somebody continues it', async () => {
    const shop = withHooks(pauseAt('POST_TEST_TRAFFIC_SHIFT'));
    await shop.deploy(bad);
    await pass(shop.account, 3600);
    const paused = await shop.newest();
    expect(paused).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
      lifecycleHookDetails: [{ targetType: 'PAUSE', status: 'AWAITING_ACTION', timeoutAction: 'ROLLBACK' }],
    });
    const event = shop.account.events.received.find((one) => one['detail-type'] === 'ECS Hook State Change');
    expect(event?.detail).toMatchObject({
      eventName: 'HOOK_AWAITING_ACTION',
      hookId: paused.lifecycleHookDetails?.[0]?.hookId,
    });
    expect(shop.onGreen()).toBe(0);
    await answer(shop, undefined);
    await pass(shop.account, 300);
    expect(shop.onGreen()).toBe(100);
    expect((await shop.newest()).status).toBe('SUCCESSFUL');
  });

  it('rolls back when it is answered so', async () => {
    const shop = withHooks(pauseAt('POST_PRODUCTION_TRAFFIC_SHIFT'));
    await shop.deploy(bad);
    await pass(shop.account, 600);
    expect(shop.onGreen()).toBe(100);
    await answer(shop, 'ROLLBACK');
    await pass(shop.account, 10);
    expect(shop.onGreen()).toBe(0);
    await pass(shop.account, 200);
    expect(await shop.newest()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining('rolled back'),
    });
  });

  it.each([
    ['ROLLBACK', 'ROLLBACK_SUCCESSFUL', { [good]: 2 }],
    ['CONTINUE', 'SUCCESSFUL', { [bad]: 2 }],
  ] as const)('that nobody answers ends with %s', async (timeoutAction, status, running) => {
    const shop = withHooks({ stages: ['POST_SCALE_UP'], timeoutMinutes: 30, timeoutAction });
    await shop.deploy(bad);
    await pass(shop.account, 29 * 60);
    expect((await shop.newest()).status).toBe('IN_PROGRESS');
    await pass(shop.account, 600);
    expect((await shop.newest()).status).toBe(status);
    expect(shop.running()).toEqual(running);
  });

  it('waits before every step of a linear deployment', async () => {
    const strategy = {
      ...blueGreen,
      type: 'LINEAR',
      stepPercent: 50,
      stepBakeMinutes: 0,
      hooks: [pauseAt('PRE_PRODUCTION_TRAFFIC_SHIFT')],
    } as const;
    const shop = new EcsShop({ strategy: { ...strategy, hooks: [...strategy.hooks] } });
    await shop.deploy(bad);
    await pass(shop.account, 300);
    expect(shop.onGreen()).toBe(0);
    await answer(shop, 'CONTINUE');
    await pass(shop.account, 300);
    expect(shop.onGreen()).toBe(50);
    await answer(shop, 'CONTINUE');
    await pass(shop.account, 60);
    expect(shop.onGreen()).toBe(100);
  });

  it('can be stopped while it waits', async () => {
    const shop = withHooks(pauseAt('PRE_SCALE_UP'));
    await shop.deploy(bad);
    await pass(shop.account, 60);
    await shop.stop();
    await pass(shop.account, 120);
    expect(await shop.newest()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    await expect(answer(shop, 'CONTINUE', 'ecs-pause-x')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('takes only its own id, and only once', async () => {
    const shop = withHooks(pauseAt('PRE_SCALE_UP'), pauseAt('PRE_SCALE_UP', 'POST_SCALE_UP'));
    await shop.deploy(bad);
    await pass(shop.account, 60);
    await expect(answer(shop, 'CONTINUE', 'other')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const [first, second] = (await shop.newest()).lifecycleHookDetails ?? [];
    await answer(shop, 'CONTINUE', first?.hookId);
    await expect(answer(shop, 'CONTINUE', first?.hookId)).rejects.toMatchObject({ name: 'ConflictException' });
    await pass(shop.account, 60);
    expect(await shop.newest()).toMatchObject({ lifecycleStage: 'PRE_SCALE_UP' });
    await answer(shop, 'CONTINUE', second?.hookId);
    await pass(shop.account, 60);
    expect(await shop.newest()).toMatchObject({ lifecycleStage: 'POST_SCALE_UP' });
  });

  it('beside another rolls back without waiting for that one', async () => {
    const shop = withHooks(pauseAt('PRE_SCALE_UP'), pauseAt('PRE_SCALE_UP'));
    await shop.deploy(bad);
    await pass(shop.account, 60);
    await answer(shop, 'ROLLBACK', (await shop.newest()).lifecycleHookDetails?.[1]?.hookId);
    await pass(shop.account, 60);
    expect((await shop.newest()).status).toBe('ROLLBACK_SUCCESSFUL');
  });
});

describe('a function hook', () => {
  it('that fails rolls the deployment back', async () => {
    const shop = withHooks({ stages: ['POST_PRODUCTION_TRAFFIC_SHIFT'], type: 'AWS_LAMBDA', answer: 'FAILED' });
    await shop.deploy(bad);
    await pass(shop.account, 600);
    expect(await shop.newest()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    expect(shop.onGreen()).toBe(0);
  });

  it('that succeeds is not noticed; one in progress holds until its time-out', async () => {
    const fine = withHooks({ stages: ['PRE_SCALE_UP'], type: 'AWS_LAMBDA' });
    await fine.deploy(bad);
    await pass(fine.account, 600);
    expect((await fine.newest()).status).toBe('SUCCESSFUL');
    const slow = withHooks({ stages: ['PRE_SCALE_UP'], type: 'AWS_LAMBDA', answer: 'IN_PROGRESS', timeoutMinutes: 60 });
    await slow.deploy(bad);
    await pass(slow.account, 3000);
    expect(await slow.newest()).toMatchObject({
      lifecycleStage: 'PRE_SCALE_UP',
      lifecycleHookDetails: [{ targetType: 'AWS_LAMBDA', status: 'IN_PROGRESS' }],
    });
    await pass(slow.account, 900);
    expect((await slow.newest()).status).toBe('ROLLBACK_SUCCESSFUL');
  });
});

describe('StopServiceDeployment', () => {
  const stop = (shop: EcsShop, serviceDeploymentArn: string, stopType: 'ROLLBACK' | 'ABORT' = 'ROLLBACK') =>
    drive(shop.account, shop.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType })));

  it('rolls a rolling deployment back, although nothing is configured for that', async () => {
    const shop = new EcsShop();
    await shop.deploy(bad);
    await pass(shop.account, 10);
    await shop.stop();
    expect((await shop.newest()).status).toBe('ROLLBACK_REQUESTED');
    await pass(shop.account, 1);
    expect(await shop.newest()).toMatchObject({ status: 'ROLLBACK_IN_PROGRESS', rollback: { reason: /StopService/ } });
    await shop.stop();
    await pass(shop.account, 120);
    expect(await shop.newest()).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    expect(shop.running()).toEqual({ [good]: 2 });
    expect(shop.events()).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'COMPLETED']);
  });

  it('refuses what is over, what does not exist, and ABORT', async () => {
    const shop = new EcsShop();
    const arn = (await shop.newest()).serviceDeploymentArn ?? '';
    await expect(stop(shop, arn)).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(stop(shop, `${arn}x`)).rejects.toMatchObject({ name: 'ServiceDeploymentNotFoundException' });
    await expect(stop(shop, arn, 'ABORT')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(stop(shop, 'checkout')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('needs the permission for the service and for that very service deployment', async () => {
    const shop = new EcsShop();
    await shop.deploy(bad);
    const { serviceDeploymentArn = '' } = await shop.newest();
    const service = 'arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout';
    const deploymentOf = (of: string) => `arn:aws:ecs:eu-west-1:111122223333:service-deployment/shop/${of}/*`;
    const client = (name: string, ...resources: string[]) => {
      const role = addRole(shop.account, name, [['ecs:StopServiceDeployment'], resources]);
      return new ECSClient(clientConfig(shop.account, role));
    };
    const command = new StopServiceDeploymentCommand({ serviceDeploymentArn });
    const other = client('other', service, deploymentOf('payment'));
    await expect(drive(shop.account, other.send(command))).rejects.toThrow(serviceDeploymentArn);
    const half = client('half', deploymentOf('checkout'));
    await expect(drive(shop.account, half.send(command))).rejects.toThrow(service);
    const own = client('own', service, deploymentOf('checkout'));
    const answered = await drive(shop.account, own.send(command));
    expect(answered.serviceDeploymentArn).toBe(serviceDeploymentArn);
  });

  it('does not know deployments that ECS does not make', async () => {
    const shop = new EcsShop({ controller: 'EXTERNAL' });
    const [record] = shop.account.ecs.requireService(cluster, service).serviceDeployments;
    await expect(stop(shop, record?.arn ?? '')).rejects.toMatchObject({ name: 'UnsupportedFeatureException' });
    expect(await shop.deployments()).toEqual([]);
  });
});

import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  RegisterScalableTargetCommand,
  type SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';
import { describe, expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { setBehaviour } from '../../../simulator/world/events.ts';
import type { ServiceSpec } from '../../../simulator/world/spec.ts';
import { addRole } from '../account.ts';
import { bad, EcsShop, good } from '../ecs/shop.ts';
import { pass } from '../world/shop.ts';

const ids = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/shop/checkout',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;
const running = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: false,
};

/** Just below the target, so that nothing scales by itself. */
const taskDefinitions = [12, 13].map((revision) => ({
  family: 'checkout',
  revision,
  behaviour: { startSeconds: 20, cpuPercent: 58 },
}));

class ScalingShop extends EcsShop {
  readonly scaling = new ApplicationAutoScalingClient(clientConfig(this.account));

  constructor(scaling: Partial<NonNullable<ServiceSpec['scaling']>> = {}, change: Partial<ServiceSpec> = {}) {
    super({ scaling: { min: 1, max: 6, targetCpuPercent: 60, ...scaling }, ...change }, { taskDefinitions });
  }

  async target() {
    const { ScalableTargets } = await drive(
      this.account,
      this.scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [ids.ResourceId] })),
    );
    return ScalableTargets?.[0];
  }

  suspend(SuspendedState: SuspendedState) {
    const register = new RegisterScalableTargetCommand({ ...ids, SuspendedState });
    return drive(this.account, this.scaling.send(register));
  }

  async desired() {
    return (await this.service()).desiredCount;
  }
}

describe('a scalable target', () => {
  it('is described with its bounds, its policy and what is suspended', async () => {
    const shop = new ScalingShop();
    expect(await shop.target()).toMatchObject({ ...ids, MinCapacity: 1, MaxCapacity: 6, SuspendedState: running });
    const { ScalingPolicies } = await drive(
      shop.account,
      shop.scaling.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: 'ecs', ResourceId: ids.ResourceId })),
    );
    expect(ScalingPolicies).toMatchObject([
      {
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 60,
          PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        },
      },
    ]);
  });

  it('keeps what a registration leaves out, single suspensions included', async () => {
    const shop = new ScalingShop();
    await shop.suspend({ DynamicScalingInSuspended: true, ScheduledScalingSuspended: true });
    await shop.suspend({ DynamicScalingInSuspended: false });
    expect(await shop.target()).toMatchObject({
      MinCapacity: 1,
      MaxCapacity: 6,
      SuspendedState: { ...running, ScheduledScalingSuspended: true },
    });
  });

  it('needs a service that exists, and bounds in order', async () => {
    const shop = new ScalingShop();
    const register = (change: object) =>
      drive(shop.account, shop.scaling.send(new RegisterScalableTargetCommand({ ...ids, ...change })));
    const name = 'ValidationException';
    await expect(register({ ResourceId: 'service/shop/x', MinCapacity: 1, MaxCapacity: 2 })).rejects.toMatchObject({
      name,
    });
    await expect(register({ ResourceId: 'service/shop/x' })).rejects.toMatchObject({ name });
    await expect(register({ MinCapacity: 9 })).rejects.toMatchObject({ name });
  });

  it('is held to IAM', async () => {
    const shop = new ScalingShop();
    const role = addRole(shop.account, 'reader', [['application-autoscaling:Describe*'], ['*']]);
    const scaling = new ApplicationAutoScalingClient(clientConfig(shop.account, role));
    const register = new RegisterScalableTargetCommand({ ...ids, MinCapacity: 0 });
    await expect(drive(shop.account, scaling.send(register))).rejects.toThrow('RegisterScalableTarget');
  });

  it('is changed by nobody who may not change the service', async () => {
    const shop = new ScalingShop();
    const role = addRole(
      shop.account,
      'scaler',
      [['application-autoscaling:*'], ['*']],
      [['ecs:DescribeServices'], ['*']],
    );
    const scaling = new ApplicationAutoScalingClient(clientConfig(shop.account, role));
    const register = new RegisterScalableTargetCommand({ ...ids, MinCapacity: 0 });
    await expect(drive(shop.account, scaling.send(register))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'User is missing the following permissions: ecs:UpdateService',
    });
  });
});

describe('target tracking', () => {
  it('scales out after three minutes above the target, within the bounds, and then cools down', async () => {
    const shop = new ScalingShop();
    setBehaviour(shop.account, good, { cpuPercent: 90 });
    await pass(shop.account, 120);
    expect(await shop.desired()).toBe(2);
    await pass(shop.account, 180);
    expect(await shop.desired()).toBe(3);
    await pass(shop.account, 180);
    expect(await shop.desired()).toBe(3);
    await pass(shop.account, 1800);
    expect(await shop.desired()).toBe(6);
  });

  it('scales in after fifteen minutes below nine tenths of it', async () => {
    const shop = new ScalingShop({}, { desiredCount: 4 });
    setBehaviour(shop.account, good, { cpuPercent: 30 });
    await pass(shop.account, 14 * 60);
    const early = await shop.desired();
    await pass(shop.account, 4 * 60);
    expect([early, await shop.desired()]).toEqual([4, 2]);
  });

  it('scales out during a deployment, never in', async () => {
    const shop = new ScalingShop();
    setBehaviour(shop.account, good, { cpuPercent: 90 });
    setBehaviour(shop.account, bad, { healthy: false, cpuPercent: 90 });
    await shop.deploy(bad);
    await pass(shop.account, 300);
    expect(await shop.desired()).toBe(3);
    setBehaviour(shop.account, good, { cpuPercent: 10 });
    setBehaviour(shop.account, bad, { cpuPercent: 10 });
    await pass(shop.account, 1800);
    expect((await shop.newest()).status).toBe('IN_PROGRESS');
    expect(await shop.desired()).toBe(3);
  });

  it('does nothing while it is suspended, and goes on afterwards', async () => {
    const shop = new ScalingShop();
    setBehaviour(shop.account, good, { cpuPercent: 90 });
    await shop.suspend({ DynamicScalingOutSuspended: true });
    await pass(shop.account, 1800);
    expect(await shop.desired()).toBe(2);
    await shop.suspend({ DynamicScalingOutSuspended: false });
    await pass(shop.account, 120);
    expect(await shop.desired()).toBe(3);
  });
});

import { SimulatedAccount } from '../../../simulator/account.ts';
import { type AccountSpec, accountSpec, buildWorld } from '../../../simulator/world/spec.ts';

const elb = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
export const startMs = Date.parse('2026-11-20T03:00:00.000Z');
export const loadBalancer = `${elb}:loadbalancer/app/shop/50dc6c495c0c9188`;
export const listener = `${elb}:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2`;
export const rule = `${elb}:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`;
export const blue = `${elb}:targetgroup/checkout-blue/73e2d6bc24d8a067`;
export const green = `${elb}:targetgroup/checkout-green/1b2c3d4e5f607182`;
export const host = 'shop.example.com';

const group = {
  arn: blue,
  deregistrationDelaySeconds: 60,
  healthCheck: { path: '/health', intervalSeconds: 10, healthyThreshold: 3, unhealthyThreshold: 2 },
};

export const checkout = {
  cluster: 'shop',
  name: 'checkout',
  taskDefinition: 'checkout:12',
  desiredCount: 2,
  targetGroup: blue,
};

/** One service behind one target group, with two releases: 12 is good, 13 answers 40 % of the requests with 500. */
export const oneSide: AccountSpec = {
  taskDefinitions: [
    { family: 'checkout', revision: 12, image: 'shop/checkout:1.4.0', behaviour: { startSeconds: 20 } },
    { family: 'checkout', revision: 13, image: 'shop/checkout:1.5.0', behaviour: { startSeconds: 20, errorRate: 0.4 } },
  ],
  targetGroups: [group],
  loadBalancers: [
    {
      arn: loadBalancer,
      listeners: [
        { arn: listener, rules: [{ arn: rule, priority: 10, hosts: [host], forward: { weights: { [blue]: 1 } } }] },
      ],
    },
  ],
  services: [checkout],
  traffic: [{ host, requestsPerSecond: 10 }],
};

/** Two services behind weighted groups: all traffic on blue, which runs 12; green runs 13. */
export const twoSides: AccountSpec = {
  ...oneSide,
  targetGroups: [group, { ...group, arn: green }],
  loadBalancers: [
    {
      arn: loadBalancer,
      listeners: [
        {
          arn: listener,
          rules: [{ arn: rule, priority: 10, hosts: [host], forward: { weights: { [blue]: 100, [green]: 0 } } }],
        },
      ],
    },
  ],
  services: [
    { ...checkout, name: 'checkout-blue' },
    { ...checkout, name: 'checkout-green', taskDefinition: 'checkout:13', targetGroup: green },
  ],
};

export function openShop(spec: AccountSpec = oneSide): SimulatedAccount {
  const account = new SimulatedAccount({ account: '111122223333', region: 'eu-west-1', startMs, seed: 7 });
  buildWorld(account, accountSpec.parse(spec));
  return account;
}

/** Runs the account for so many seconds. */
export const pass = (account: SimulatedAccount, seconds: number): Promise<void> =>
  account.clock.runUntil(account.clock.now() + seconds * 1000);

/** Values of one statistic minute by minute, from `fromMinute` (of the scenario's start) on, null where there is none. */
export function minutes(
  account: SimulatedAccount,
  metricName: string,
  dimensions: Record<string, string>,
  statistic: string,
  fromMinute: number,
  toMinute: number,
): (number | null)[] {
  const namespace = metricName.endsWith('Utilization') ? 'AWS/ECS' : 'AWS/ApplicationELB';
  const at = (minute: number) => startMs + minute * 60_000;
  const points = account.cloudwatch.store.statistics({ namespace, metricName, dimensions }, statistic, {
    startMs: at(fromMinute),
    endMs: at(toMinute),
    periodMs: 60_000,
  });
  return Array.from({ length: toMinute - fromMinute }, (_, index) => points.get(at(fromMinute + index)) ?? null);
}

export const loadBalancerDimensions = { LoadBalancer: 'app/shop/50dc6c495c0c9188' };
export const blueDimensions = { TargetGroup: 'targetgroup/checkout-blue/73e2d6bc24d8a067', ...loadBalancerDimensions };
export const greenDimensions = {
  TargetGroup: 'targetgroup/checkout-green/1b2c3d4e5f607182',
  ...loadBalancerDimensions,
};

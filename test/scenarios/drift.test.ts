/** Whole rollbacks, and what they leave to whoever deploys next. */
import { expect, test } from 'vitest';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { variation } from '../variations.ts';
import { examples, play, release, type Story } from './shop.ts';

const policy =
  (more: object): NonNullable<Story['config']> =>
  (config) => {
    config.environments.production.services.checkout.policy = { bakeMinutes: 1, ...more };
  };

const document = ({ account }: FinishedRun, name: string): string | undefined => {
  for (const bucket of account.s3.buckets) {
    const found = account.s3.list(bucket, 'reports/').find(({ key }) => key.endsWith(`/${name}`));
    const object = found && account.s3.get(bucket, found.key);
    if (object) return Buffer.from(object.body).toString('utf8');
  }
  return undefined;
};
const events = ({ account }: FinishedRun, type: string): unknown[] =>
  account.events.received.filter((event) => event['detail-type'] === type).map(({ detail }) => detail);

const rule =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee';
const blue = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-blue/73e2d6bc24d8a067';
const green = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-green/09966783158cda59';

test('given a service of a CloudFormation stack, when its release is rolled back, then the template that pins the earlier one is at hand, and the fix ends it', async () => {
  const run = await play({
    name: 'drift of one side',
    config: policy({}),
    account: (account) => {
      for (const service of account.services ?? [])
        service.stack = { name: 'shop-production', logicalId: 'CheckoutService' };
    },
    events: [
      release('PT2M'),
      {
        at: 'PT25M',
        type: 'register',
        taskDefinition: {
          family: 'checkout',
          revision: 43,
          image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout:v2.14.5',
        },
      },
      release('PT26M', 'checkout:43'),
    ],
    until: 'PT32M',
    expect: { executions: [{ service: 'checkout', outcome: 'verified' }] },
  });
  const drift = document(run, 'drift.md');
  expect(drift).toContain('CheckoutService (AWS::ECS::Service) in stack shop-production');
  expect(drift).not.toContain('Terraform:');
  expect(events(run, 'Backstep Drift')).toEqual([
    expect.objectContaining({
      service: 'checkout',
      pinned: [expect.objectContaining({ side: 'main', to: expect.stringMatching(/checkout:41$/) })],
    }),
  ]);
  expect(events(run, 'Backstep Drift Ended')).toEqual([
    expect.objectContaining({ by: expect.objectContaining({ version: 'v2.14.5' }), rolledBackIsBack: false }),
  ]);
}, 60_000);

variation(
  'given two sides and rules of Terraform, when the traffic is moved back, then weights and stickiness are told, with their ends',
  async () => {
    const run = await play({
      name: 'drift of two sides',
      example: examples.twoSides,
      config: policy({ strategy: 'instant', badSide: 'scale-in', bakeMinutes: 8 }),
      account: (account) => {
        // Where cookies still lead users to it, green is not scaled in.
        for (const traffic of account.traffic ?? []) traffic.stickyShare = 0;
        const [balancer] = account.loadBalancers ?? [];
        for (const listener of balancer?.listeners ?? [])
          for (const one of listener.rules ?? []) one.tags = { ManagedBy: 'terraform' };
      },
      events: [
        release('PT2M', 'checkout:42', 'checkout-green'),
        {
          at: 'PT6M',
          type: 'weights',
          rule,
          weights: { [blue]: 0, [green]: 100 },
          stickiness: { enabled: true, durationSeconds: 3_600 },
        },
      ],
      until: 'PT25M',
      expect: { executions: [{ service: 'checkout', outcome: 'verified' }] },
    });
    const drift = document(run, 'drift.md') ?? '';
    const [told] = events(run, 'Backstep Drift');
    expect(told).toMatchObject({ kinds: ['weights', 'stickiness', 'desired count'], until: null });
    expect(told).toMatchObject({ pinned: [{ side: 'blue', to: expect.stringMatching(/checkout:41$/) }] });
    expect(drift).toContain(`arn    = "${blue}"\n      weight = 100`);
    expect(drift).toContain('Its tag ManagedBy says terraform');
    expect(drift).toMatch(/Stickiness: rule[\s\S]*by itself, 2026-01-15 11:/);
    // Nothing says who manages green's service, so each tool's change is there.
    expect(drift).toMatch(/Desired count: side green[\s\S]*desired_count = 0/);
    expect(document(run, 'report.md')).toContain('What infrastructure as code disagrees with');
  },
  60_000,
);

test('given a rollback that changes nothing, then there is no drift', async () => {
  const run = await play({
    name: 'no drift',
    events: [release('PT2M'), { at: 'PT4M', type: 'start', input: { service: 'checkout', dryRun: true } }],
    until: 'PT5M',
    expect: {},
  });
  expect(document(run, 'report.json')).toBeDefined();
  expect(document(run, 'drift.md')).toBeUndefined();
  expect(events(run, 'Backstep Drift')).toEqual([]);
}, 60_000);

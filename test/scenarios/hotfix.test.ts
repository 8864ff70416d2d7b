/** Two sides: somebody else's release that begins after the trouble did may be the fix. It is not undone, and not taken for the target. */
import { expect, test } from 'vitest';
import { examples, play, release, type Story } from './shop.ts';

type Event = Story['events'][number];

const rule =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee';
const blue = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-blue/73e2d6bc24d8a067';
const green = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-green/09966783158cda59';
const weights = (at: string, toBlue: number, toGreen: number): Event => ({
  at,
  type: 'weights',
  rule,
  weights: { [blue]: toBlue, [green]: toGreen },
});
const on = (toBlue: number, toGreen: number) => ({ 'checkout-blue': toBlue, 'checkout-green': toGreen });

/** Green's v2.14.4 has all traffic from PT6M on, and fails a third of it: the first alarm is on at PT9M1S, green's own at PT9M33S. */
const badGreen: Event[] = [release('PT2M', 'checkout:42', 'checkout-green'), weights('PT6M', 0, 100)];
const hotfix = (at: string): Event => release(at, 'checkout:43', 'checkout-blue');
const asked = { status: 'SUCCEEDED', outcome: 'declined' } as const;
const asksOnce = { status: 'SUCCEEDED', outcome: 'duplicate' } as const;

const stories: Story[] = [
  {
    name: 'begun on the idle side between two alarms of one incident, then both ask, and it stays',
    events: [...badGreen, hotfix('PT9M2S')],
    expect: {
      executions: [asked, asksOnce],
      timeline: [{ kind: 'plan.ready', message: 'it may be the fix. A person is asked.' }],
      account: { [`weights.${rule}`]: on(0, 100), 'services.shop/checkout-blue.taskDefinition': 'checkout:43' },
    },
  },
  {
    name: 'that has the traffic before a late alarm of the side that it left, then there is nothing to undo, least of all towards the bad release',
    events: [
      ...badGreen,
      {
        at: 'PT8M',
        type: 'fault',
        on: { event: 'CloudWatch Alarm State Change' },
        effect: { latency: 'PT4M' },
      },
      hotfix('PT9M30S'),
      weights('PT10M', 100, 0),
    ],
    expect: {
      account: { [`weights.${rule}`]: on(100, 0), 'services.shop/checkout-blue.taskDefinition': 'checkout:43' },
      calls: { 'elasticloadbalancing:ModifyRule': 0, 'ecs:UpdateService': 0 },
    },
  },
  {
    name: 'begun on the side that a rollback moves the traffic to, then no more traffic follows, and the target is not called good',
    events: [...badGreen, hotfix('PT11M')],
    expect: {
      executions: [{ status: 'FAILED', outcome: 'halted', reason: 'checkout:43 (' }, { service: 'checkout' }],
      timeline: [
        { kind: 'action.applied', message: 'to checkout-blue 10, checkout-green 90' },
        { kind: 'check.failed', message: 'it may be the fix' },
      ],
    },
  },
  {
    name: 'begun on the side that a rollback moves the traffic to, with policy.foreignDeployment adopt, then it gets the traffic',
    config: (config) =>
      Object.assign(config.environments.production.services.checkout.policy as object, { foreignDeployment: 'adopt' }),
    events: [...badGreen, hotfix('PT11M')],
    expect: { account: { [`weights.${rule}`]: on(100, 0) } },
  },
];

test.each(stories)('a hotfix $name', async (story) => {
  const { document } = await play({
    example: examples.twoSides,
    until: 'PT40M',
    ...story,
    config: (config) => {
      config.environments.production.services.checkout.policy = { bakeMinutes: 5, approvalMinutes: 20 };
      story.config?.(config);
    },
    account: (account) => {
      const [good] = account.taskDefinitions ?? [];
      if (good)
        account.taskDefinitions?.push({
          ...good,
          revision: 43,
          image: good.image?.replace('v2.14.2', 'v2.14.5'),
        } as never);
    },
  });
  expect(document.failures).toEqual([]);
});

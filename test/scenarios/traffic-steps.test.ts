/** Two sides behind weighted target groups: how the traffic gets back, and what becomes of the side that it leaves. */
import { describe, expect, test } from 'vitest';
import { played } from '../variations.ts';
import { behaves, confirm, type ExampleConfig, examples, play, release, type Story, start } from './shop.ts';

type Event = Story['events'][number];
type Rules = Record<string, Record<string, number>>;

const rule =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee';
const second = rule.replace('9683b2d02a6cabee', '0123456789abcdef');
const blue = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-blue/73e2d6bc24d8a067';
const green = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-green/09966783158cda59';

const weights = (at: string, toBlue: number, toGreen: number, ofRule = rule): Event => ({
  at,
  type: 'weights',
  rule: ofRule,
  weights: { [blue]: toBlue, [green]: toGreen },
});
const policy =
  (more: Record<string, unknown>) =>
  (config: ExampleConfig): void => {
    config.environments.production.services.checkout.policy = { bakeMinutes: 5, ...more };
  };
const on = (toBlue: number, toGreen: number) => ({ 'checkout-blue': toBlue, 'checkout-green': toGreen });
const moved = (count: number) => ({ 'elasticloadbalancing:ModifyRule': count });

/** Blue's v2.14.3 serves, then green's new v2.14.4 does, which fails a third of its requests. */
const badGreen: Event[] = [release('PT2M', 'checkout:42', 'checkout-green'), weights('PT6M', 0, 100)];
/** Blue gets v2.14.3 in front of everybody, who notice nothing for longer than the bake. */
const provenBlue: Event[] = [
  release('PT1M', 'checkout:41', 'checkout-blue'),
  release('PT12M', 'checkout:42', 'checkout-green'),
  weights('PT15M', 0, 100),
];
const blueWasOn40: NonNullable<Story['account']> = (account) => {
  for (const service of account.services ?? [])
    if (service.name === 'checkout-blue') service.taskDefinition = 'checkout:40';
};

const verified = { status: 'SUCCEEDED', outcome: 'verified' } as const;
const joined = { status: 'SUCCEEDED', outcome: 'duplicate' } as const;

const stories: Story[] = [
  // ------------------------------------------------------------ what auto chooses
  {
    name: 'given a release that was only assumed good, when the side beside it fails, then a canary goes first, and each step that is healthy lets the next begin',
    config: policy({}),
    events: badGreen,
    until: 'PT40M',
    expect: {
      executions: [verified, joined],
      account: { [`weights.${rule}`]: on(100, 0) },
      timeline: [
        { kind: 'plan.ready', message: 'is not proven' },
        {
          kind: 'action.applied',
          message: 'checkout-blue 0, checkout-green 100 to checkout-blue 10, checkout-green 90, group stickiness',
        },
        { kind: 'check.waiting', message: 'Side blue with 10 % is held, ' },
        { kind: 'check.done', message: 'Side blue with 10 % is healthy enough to go on: blue failed' },
        { kind: 'action.applied', message: 'to checkout-blue 50, checkout-green 50' },
        { kind: 'check.done', message: 'Side blue with 50 % is healthy enough to go on' },
        { kind: 'action.applied', message: 'to checkout-blue 100, checkout-green 0' },
        { kind: 'check.done', message: 'read back as planned' },
        { kind: 'verdict.healthy' },
      ],
      calls: moved(3),
    },
  },
  {
    name: 'given a release that served for the whole bake, when the side beside it fails, then all traffic moves back at once',
    config: policy({}),
    account: blueWasOn40,
    events: provenBlue,
    until: 'PT40M',
    expect: {
      executions: [verified, joined],
      timeline: [
        { kind: 'plan.ready', message: 'served without a rollback, and side blue answered' },
        { kind: 'action.applied', message: 'to checkout-blue 100, checkout-green 0' },
        { kind: 'verdict.healthy' },
      ],
      account: { [`weights.${rule}`]: on(100, 0) },
      calls: moved(1),
    },
  },
  {
    variation: true,
    name: 'given a proven release whose side was reverted meanwhile, when the other fails, then it is deployed first and gets half of the traffic before all of it',
    config: policy({}),
    account: blueWasOn40,
    events: [
      ...provenBlue,
      release('PT16M', 'checkout:40', 'checkout-blue'),
      start('PT19M', { service: 'checkout', version: 'v2.14.3', confirm }),
    ],
    until: 'PT50M',
    expect: {
      timeline: [
        { kind: 'plan.ready', message: 'start with this rollback and have answered nobody yet' },
        { kind: 'action.applied', message: 'Side blue goes from checkout:40 to checkout:41' },
        { kind: 'action.applied', message: 'to checkout-blue 50, checkout-green 50' },
        { kind: 'check.done', message: 'Side blue with 50 % is healthy enough' },
        { kind: 'action.applied', message: 'to checkout-blue 100, checkout-green 0' },
        { kind: 'verdict.healthy' },
      ],
      account: { [`weights.${rule}`]: on(100, 0), 'services.shop/checkout-blue.taskDefinition': 'checkout:41' },
      calls: moved(2),
    },
  },
  {
    variation: true,
    name: 'given a proven release with fewer tasks than serve now, when the other side fails, then it gets half of the traffic first',
    config: policy({}),
    account: (account) => {
      blueWasOn40(account);
      for (const service of account.services ?? []) service.desiredCount = service.name === 'checkout-blue' ? 2 : 3;
    },
    events: provenBlue,
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      timeline: [
        { kind: 'plan.ready', message: 'Side blue has 2 targets where 3 serve now' },
        { kind: 'action.applied', message: 'to checkout-blue 50, checkout-green 50' },
        { kind: 'action.applied', message: 'to checkout-blue 100, checkout-green 0' },
      ],
      calls: moved(2),
    },
  },
  {
    variation: true,
    name: 'given a release as a canary with a fifth of the traffic, when it fails, then the canary is removed at once',
    config: policy({ strategy: 'canary' }),
    events: [release('PT2M', 'checkout:42', 'checkout-green'), weights('PT6M', 80, 20)],
    until: 'PT40M',
    expect: {
      executions: [verified, joined],
      timeline: [
        { kind: 'plan.ready', message: 'Canary removed, 100 % to stable: side blue already has 80 % of the traffic' },
        { kind: 'action.applied', message: 'to checkout-blue 100, checkout-green 0' },
      ],
      account: { [`weights.${rule}`]: on(100, 0) },
      calls: moved(1),
    },
  },
  // ------------------------------------------------------------ asked for
  {
    variation: true,
    name: 'given a start that asks for blue-green, when it runs, then half of the traffic goes first',
    config: policy({ steps: { 'blue-green': [50, 100] }, stepSeconds: 60 }),
    events: [...badGreen, start('PT7M', { service: 'checkout', strategy: 'blue-green', confirm })],
    until: 'PT35M',
    expect: {
      timeline: [
        { kind: 'plan.ready', message: 'blue-green is what was asked for' },
        { kind: 'action.applied', message: 'to checkout-blue 50, checkout-green 50' },
        { kind: 'action.applied', message: 'to checkout-blue 100, checkout-green 0' },
        { kind: 'verdict.healthy' },
      ],
      calls: moved(2),
    },
  },
  {
    variation: true,
    name: 'given a policy of instant, when a release that is not proven is gone back to, then it is done at once all the same',
    config: policy({ strategy: 'instant' }),
    events: badGreen,
    until: 'PT30M',
    expect: { executions: [verified, joined], account: { [`weights.${rule}`]: on(100, 0) }, calls: moved(1) },
  },
  {
    name: 'given one side, when a start asks for a canary, then it is blocked and says what there is',
    example: examples.oneSide,
    events: [release('PT3M'), start('PT4M', { service: 'checkout', strategy: 'canary', confirm })],
    until: 'PT5M',
    expect: {
      executions: [
        {
          outcome: 'blocked',
          reason:
            'Strategy canary moves traffic between two sides, and this service has one: allowed are auto, rolling.',
        },
      ],
      calls: moved(0),
    },
  },
  // ------------------------------------------------------------ the gate
  {
    name: 'given a target that is worse than what serves, when it gets its first share, then the gate says by how much it is worse, and the traffic goes back',
    config: policy({}),
    events: [
      ...badGreen,
      start('PT7M', { service: 'checkout', confirm }),
      behaves('PT7M', 'checkout:41', { errorRate: 0.6 }),
    ],
    until: 'PT12M',
    expect: {
      timeline: [
        { kind: 'action.applied', message: 'to checkout-blue 10, checkout-green 90' },
        { kind: 'check.failed', message: 'Side blue with 10 % is not healthy enough to get more: blue failed' },
        { kind: 'reported', message: 'so it is worse' },
      ],
      account: { [`weights.${rule}`]: on(0, 100) },
    },
  },
  {
    variation: true,
    name: 'given a target whose tasks stop answering, when it has its first share, then it goes back before the hold is over',
    config: policy({ stepSeconds: 600 }),
    events: [
      ...badGreen,
      start('PT7M', { service: 'checkout', confirm }),
      behaves('PT8M', 'checkout:41', { healthy: false }),
    ],
    until: 'PT16M',
    expect: {
      timeline: [
        { kind: 'action.applied', message: 'to checkout-blue 10, checkout-green 90' },
        { kind: 'check.failed', message: 'is not healthy enough to get more: checkout-blue: 0 of ' },
      ],
      account: { [`weights.${rule}`]: on(0, 100) },
    },
  },
  {
    name: 'given hardly any traffic, when a step has too few requests, then it is held for longer, and goes on by its targets alone',
    config: policy({}),
    account: (account) => {
      for (const traffic of account.traffic ?? []) Object.assign(traffic, { requestsPerSecond: 0.4, stickyShare: 0 });
    },
    events: [...badGreen, start('PT7M', { service: 'checkout', strategy: 'canary', confirm })],
    until: 'PT30M',
    expect: {
      timeline: [
        { kind: 'check.waiting', message: 'of at most 300 s: Side blue had' },
        {
          kind: 'check.done',
          message: 'Nothing could be measured, so only the targets speak for it: checkout-blue: 3 of 3',
        },
        { kind: 'action.applied', message: 'to checkout-blue 50, checkout-green 50' },
      ],
      account: { [`weights.${rule}`]: on(100, 0) },
    },
  },
  {
    variation: true,
    name: 'given CloudWatch down, when steps are held, then they go on by their targets at last, and say why',
    config: policy({ strategy: 'canary' }),
    events: [
      ...badGreen,
      {
        at: 'PT6M30S',
        type: 'fault',
        on: { call: 'cloudwatch:GetMetricData', by: 'CheckTraffic' },
        effect: { error: { code: 'InternalServiceFault', message: 'Down', status: 500 } },
      },
      start('PT7M', { service: 'checkout', confirm }),
    ],
    until: 'PT35M',
    expect: {
      timeline: [
        { kind: 'check.waiting', message: 'CloudWatch could not be read: Down' },
        { kind: 'check.done', message: 'Nothing could be measured' },
        { kind: 'verdict.healthy' },
      ],
      account: { [`weights.${rule}`]: on(100, 0) },
    },
  },
  {
    variation: true,
    name: 'given a slow first minute of cold tasks, when the step is held, then one slow minute does not send it back',
    config: policy({ strategy: 'canary', stepSeconds: 60 }),
    events: [
      ...badGreen,
      behaves('PT6M', 'checkout:42', { errorRate: 0.002, latencyMs: { p50: 60, p95: 140 } }),
      behaves('PT6M', 'checkout:41', { latencyMs: { p50: 700, p95: 1500 } }),
      start('PT7M', { service: 'checkout', confirm }),
      behaves('PT9M', 'checkout:41', { latencyMs: { p50: 60, p95: 140 } }),
    ],
    until: 'PT35M',
    expect: {
      executions: [verified],
      timeline: [
        { kind: 'check.waiting', message: 'one minute may be chance' },
        { kind: 'check.done', message: 'Side blue with 10 % is healthy enough to go on' },
      ],
    },
  },
  {
    name: 'given somebody who changes the weights, when a step is held, then the rollback stops and does not fight',
    config: policy({ strategy: 'canary' }),
    events: [...badGreen, start('PT7M', { service: 'checkout', confirm }), weights('PT8M', 30, 70)],
    until: 'PT10M',
    expect: {
      executions: [
        { status: 'FAILED', outcome: 'halted', reason: 'Somebody else changed the weights to checkout-blue 30' },
        { service: 'checkout' },
        { service: 'checkout' },
      ],
      account: { [`weights.${rule}`]: on(30, 70) },
      calls: moved(1),
    },
  },
  // ------------------------------------------------------------ afterwards
  {
    name: 'given a policy of scale-in, when the rollback is verified, then the tasks of the bad side go',
    config: policy({ strategy: 'instant', badSide: 'scale-in' }),
    events: badGreen,
    until: 'PT35M',
    expect: {
      executions: [verified, joined],
      timeline: [
        { kind: 'verify.verified' },
        { kind: 'action.applied', message: 'Side green goes from 3 tasks to 0' },
        { kind: 'reported' },
      ],
      account: {
        'services.shop/checkout-green.desiredCount': 0,
        'services.shop/checkout-green.runningCount': 0,
        'services.shop/checkout-blue.runningCount': 3,
      },
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  {
    variation: true,
    name: 'given a policy of scale-in and a minimum that Application Auto Scaling keeps, when the rollback is verified, then the tasks stay, and it is verified all the same',
    config: policy({ strategy: 'instant', badSide: 'scale-in' }),
    account: (account) => {
      for (const service of account.services ?? []) Object.assign(service, { scaling: { min: 2, max: 6 } });
    },
    events: badGreen,
    until: 'PT35M',
    expect: {
      executions: [verified, joined],
      timeline: [
        { kind: 'verify.verified' },
        { kind: 'action.refused', message: 'keeps at least 2 tasks of it' },
        { kind: 'owed.given-back', message: 'nothing suspended' },
        { kind: 'reported', message: 'verified' },
      ],
      account: { 'services.shop/checkout-green.desiredCount': 3 },
      // Both sides rest, and both get back what they had.
      calls: { 'ecs:UpdateService': 0, 'application-autoscaling:RegisterScalableTarget': 4 },
    },
  },
  {
    name: 'given a policy of revert, when the rollback is verified, then the bad side gets the target as well',
    config: policy({ strategy: 'instant', badSide: 'revert' }),
    events: badGreen,
    until: 'PT40M',
    expect: {
      executions: [verified, joined],
      timeline: [
        { kind: 'verify.verified' },
        { kind: 'action.applied', message: 'Side green goes from checkout:42 to checkout:41' },
        { kind: 'check.done' },
        { kind: 'reported' },
      ],
      account: {
        'services.shop/checkout-green.taskDefinition': 'checkout:41',
        'services.shop/checkout-green.rolloutState': 'COMPLETED',
      },
      calls: { 'ecs:UpdateService': 1 },
    },
  },
  {
    variation: true,
    name: 'given a revert afterwards that is not allowed, when it fails, then nothing is undone, and the rollback stays verified with words',
    config: policy({ strategy: 'instant', badSide: 'revert' }),
    events: [
      ...badGreen,
      { at: 'PT1M', type: 'removePermission', function: 'RevertService', action: 'ecs:UpdateService' },
    ],
    until: 'PT40M',
    expect: {
      executions: [{ ...verified, reason: 'Afterwards, not done: RevertService failed with' }, joined],
      account: { [`weights.${rule}`]: on(100, 0), 'services.shop/checkout-green.taskDefinition': 'checkout:42' },
      calls: moved(1),
    },
  },
  {
    variation: true,
    name: 'given a fix deployed to the bad side during the bake, when it should be reverted, then the fix stays',
    config: policy({ strategy: 'instant', badSide: 'revert', bakeMinutes: 10 }),
    events: [...badGreen, release('PT14M', 'checkout:40', 'checkout-green')],
    until: 'PT40M',
    expect: {
      executions: [{ ...verified, reason: 'Afterwards, not done' }, joined],
      account: { 'services.shop/checkout-green.taskDefinition': 'checkout:40' },
      calls: { 'ecs:UpdateService': 0 },
    },
  },
  // ------------------------------------------------------------ killed, repeated, lost
  {
    name: 'given Lambdas that die after what they did, when a canary is carried out and the bad side scaled in, then each change is made once',
    config: policy({ strategy: 'canary', badSide: 'scale-in' }),
    events: [
      ...badGreen,
      start('PT7M', { service: 'checkout', confirm }),
      { at: 'PT6M', type: 'fault', on: { invocation: 'ShiftTraffic' }, effect: { lost: true }, count: 2 },
      { at: 'PT6M', type: 'fault', on: { invocation: 'CheckTraffic' }, effect: { lost: true }, count: 3 },
      { at: 'PT6M', type: 'fault', on: { invocation: 'ScaleIn' }, effect: { lost: true }, count: 1 },
      ...['Admit', 'Plan', 'VerifyHealth', 'GiveBack', 'Report'].map(
        (invocation): Event => ({ at: 'PT6M', type: 'fault', on: { invocation }, effect: { lost: true }, count: 1 }),
      ),
    ],
    until: 'PT40M',
    expect: {
      timeline: [
        { kind: 'action.applied', message: 'to checkout-blue 10, checkout-green 90' },
        { kind: 'action.applied', message: 'to checkout-blue 50, checkout-green 50' },
        { kind: 'action.applied', message: 'to checkout-blue 100, checkout-green 0' },
        { kind: 'verify.verified' },
        { kind: 'action.applied', message: 'Side green wants 0 tasks instead of 3, found so' },
      ],
      account: { [`weights.${rule}`]: on(100, 0), 'services.shop/checkout-green.desiredCount': 0 },
      calls: { ...moved(3), 'ecs:UpdateService': 1 },
    },
  },
  {
    variation: true,
    name: 'given an answer of ModifyRule that gets lost at every step, when a canary is carried out, then it goes on from what it finds',
    config: policy({ strategy: 'canary' }),
    events: [
      ...badGreen,
      start('PT7M', { service: 'checkout', confirm }),
      { at: 'PT6M30S', type: 'fault', on: { call: 'elasticloadbalancing:ModifyRule' }, effect: { lost: true } },
    ],
    until: 'PT40M',
    expect: {
      timeline: [
        { kind: 'check.done', message: 'Side blue with 10 %' },
        { kind: 'check.done', message: 'Side blue with 50 %' },
        { kind: 'verdict.healthy' },
      ],
      account: { [`weights.${rule}`]: on(100, 0) },
    },
  },
  // ------------------------------------------------------------ several rules
  {
    name: 'given two rules with weights of their own, when a canary goes first, then both move in step, each within its own sum',
    config: (config) => {
      policy({ strategy: 'canary' })(config);
      config.environments.production.services.checkout.traffic = { rules: [rule, second] };
    },
    account: (account) => {
      const rules = account.loadBalancers?.[0]?.listeners[0]?.rules;
      const [first] = rules ?? [];
      if (!rules || !first) throw new Error('The example has a rule.');
      rules.push({ ...structuredClone(first), arn: second, priority: 20, hosts: ['api.shop.example.com'] });
    },
    events: [...badGreen, weights('PT6M', 0, 500, second), start('PT7M', { service: 'checkout', confirm })],
    until: 'PT35M',
    expect: {
      timeline: [
        {
          kind: 'action.applied',
          message:
            'to checkout-blue 10, checkout-green 90, group stickiness switched off. Weights set from checkout-blue 0, checkout-green 500 to checkout-blue 50, checkout-green 450',
        },
        { kind: 'action.applied', message: 'to checkout-blue 250, checkout-green 250' },
        { kind: 'verdict.healthy' },
      ],
      account: { weights: { [rule]: on(100, 0), [second]: on(500, 0) } as Rules },
      calls: moved(6),
    },
  },
];

describe('traffic in steps', () => {
  test.each(played(stories))('$name', async (story) => {
    const { document } = await play({ example: examples.twoSides, ...story });
    expect(document.failures).toEqual([]);
  });
});

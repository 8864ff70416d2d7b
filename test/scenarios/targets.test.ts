/** What a rollback goes back to, where tags have moved, definitions are INACTIVE, and images or secrets are gone. */
import { describe, expect, test } from 'vitest';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { played } from '../variations.ts';
import { behaves, confirm, play, release, type Story, start } from './shop.ts';

const registry = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout';
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const broken = { errorRate: 0.3, latencyMs: { p50: 90, p95: 420 }, startSeconds: 35 };
const sound = { errorRate: 0.002, latencyMs: { p50: 60, p95: 140 }, startSeconds: 35 };

/** The shop with a registry that has an image for each of v2.14.2, v2.14.3 and v2.14.4, by that tag. */
function withRegistry(account: Scenario['account'], more: Partial<Scenario['account']> = {}): void {
  account.repositories = [
    {
      name: 'checkout',
      images: [
        { digest: digest('a'), tags: ['v2.14.2'], pushedAt: '-P21D' },
        { digest: digest('b'), tags: ['v2.14.3'], pushedAt: '-P6D' },
        { digest: digest('c'), tags: ['v2.14.4'], pushedAt: '-P1D' },
      ],
    },
  ];
  Object.assign(account, more);
}

const image = (at: string, letter: string, more: object = {}) =>
  ({ at, type: 'image', repository: 'checkout', digest: digest(letter), ...more }) as const;
const deregister = (at: string, revision: number) =>
  ({ at, type: 'deregister', taskDefinition: `checkout:${revision}` }) as const;
const verified = { status: 'SUCCEEDED', outcome: 'verified' } as const;
const joined = { status: 'SUCCEEDED', outcome: 'duplicate' } as const;
const on = (revision: number) => ({ 'services.shop/checkout.taskDefinition': `checkout:${revision}` });
const furtherBack = (config: Parameters<NonNullable<Story['config']>>[0]): void => {
  Object.assign(config.environments.production.services.checkout, { policy: { furtherBack: true } });
};
const lost = (call: string) => ({ at: 'PT3M', type: 'fault', on: { call }, effect: { lost: true }, count: 1 }) as const;

const stories: Story[] = [
  {
    variation: true,
    name: 'given a registry where nothing changed, when the alarm rolls back, then the definition itself comes back and no copy is made',
    account: withRegistry,
    events: [release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: on(41),
      calls: { 'ecs:RegisterTaskDefinition': 0, 'ecs:UpdateService': 1 },
    },
  },
  {
    name: 'given a tag of the target that was pushed again, when the alarm rolls back, then a copy brings back what the target ran',
    account: withRegistry,
    events: [release('PT3M'), image('PT4M', 'd', { tags: ['v2.14.3'], behaviour: broken })],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: { ...on(43), 'taskDefinitions.checkout:43.images.0': `${registry}@${digest('b')}` },
      timeline: [
        { kind: 'plan.ready' },
        { kind: 'definition.registered', message: 'Registered checkout:43, a copy of checkout:41' },
        { kind: 'action.applied', message: 'from checkout:42 to a copy of checkout:41' },
        { kind: 'check.done', message: 'checkout:43 runs 3 of 3 tasks' },
        { kind: 'verify.verified' },
      ],
      calls: { 'ecs:RegisterTaskDefinition': 1, 'ecs:UpdateService': 1 },
    },
  },
  {
    name: 'given a target that CloudFormation deregistered, when the alarm rolls back, then a copy of it serves',
    account: withRegistry,
    events: [release('PT3M'), deregister('PT4M', 41)],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: {
        ...on(43),
        'taskDefinitions.checkout:41.status': 'INACTIVE',
        'taskDefinitions.checkout:43.status': 'ACTIVE',
      },
      calls: { 'ecs:RegisterTaskDefinition': 1, 'ecs:UpdateService': 1 },
    },
  },
  {
    name: 'given a team that pushes one tag again and again, when such a push is bad, then the image that ran before comes back, pinned',
    account: (account) => {
      withRegistry(account);
      const repository = account.repositories?.[0];
      repository?.images?.push({ digest: digest('e'), tags: ['live'], pushedAt: '-P6D' });
      const definition = account.taskDefinitions?.find(({ revision }) => revision === 41);
      if (definition) definition.image = `${registry}:live`;
    },
    events: [
      image('PT2M', 'f', { tags: ['live'], behaviour: broken }),
      { ...release('PT3M', 'checkout:41'), force: true } as ReturnType<typeof release>,
    ],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: { ...on(43), 'taskDefinitions.checkout:43.images.0': `${registry}@${digest('e')}` },
      calls: { 'ecs:RegisterTaskDefinition': 1 },
    },
  },
  {
    name: 'given a target whose image is archived, when the alarm comes, then nothing is changed and the image is named',
    account: withRegistry,
    events: [release('PT3M'), image('PT4M', 'b', { status: 'ARCHIVED' })],
    until: 'PT20M',
    expect: {
      executions: [
        { status: 'SUCCEEDED', outcome: 'blocked', reason: 'v2.14.3, which is ARCHIVED' },
        { outcome: 'blocked' },
      ],
      account: on(42),
      calls: { 'ecs:UpdateService': 0, 'ecs:RegisterTaskDefinition': 0 },
    },
  },
  {
    name: 'given a target whose image is deleted and a policy that allows more, when the alarm comes, then the next older good release comes back and the plan says why',
    config: furtherBack,
    account: withRegistry,
    events: [release('PT3M'), image('PT4M', 'b', { status: 'DELETED' })],
    until: 'PT45M',
    expect: { executions: [verified, joined], account: on(40), calls: { 'ecs:RegisterTaskDefinition': 0 } },
  },
  {
    variation: true,
    name: 'given a policy that allows more, when a person names a release whose image is gone, then no other is taken for it',
    config: furtherBack,
    account: withRegistry,
    events: [
      release('PT3M', 'checkout:40'),
      image('PT4M', 'b', { status: 'DELETED' }),
      start('PT10M', { service: 'checkout', version: 'v2.14.3', confirm }),
    ],
    until: 'PT30M',
    expect: {
      executions: [{ outcome: 'blocked', reason: 'does not exist' }],
      account: on(40),
      calls: { 'ecs:UpdateService': 0 },
    },
  },
  {
    variation: true,
    name: 'given images of another registry, when the alarm rolls back, then that is said and hinders nothing',
    account: (account) => {
      withRegistry(account);
      for (const definition of account.taskDefinitions ?? [])
        definition.image = definition.image?.replace(registry, 'ghcr.io/shop/checkout');
    },
    events: [release('PT3M')],
    until: 'PT45M',
    expect: { executions: [verified, joined], account: on(41), calls: { 'ecr:DescribeImages': 0 } },
  },
  {
    variation: true,
    name: 'given ECR that answers nothing, when the alarm rolls back, then it goes on without the answer',
    account: withRegistry,
    events: [
      release('PT3M'),
      {
        at: 'PT3M',
        type: 'fault',
        on: { call: 'ecr:DescribeImages' },
        effect: { error: { code: 'ServerException', message: 'Unavailable', status: 503 } },
      },
    ],
    until: 'PT45M',
    expect: { executions: [verified, joined], account: on(41) },
  },
  {
    name: 'given a target whose parameter was deleted, when the alarm comes, then nothing is changed and the parameter is named',
    account: (account) => {
      withRegistry(account);
      const definition = account.taskDefinitions?.find(({ revision }) => revision === 41);
      if (!definition) return;
      definition.containers = [{ name: 'app', image: `${registry}:v2.14.3`, secrets: { KEY: '/shop/key' } }];
    },
    events: [release('PT3M')],
    until: 'PT20M',
    expect: {
      executions: [
        { outcome: 'blocked', reason: 'parameter /shop/key, which the target needs, is gone' },
        { outcome: 'blocked' },
      ],
      account: on(42),
    },
  },
  {
    name: 'given a release that was deployed again under another revision, when it is named, then it is there already',
    account: withRegistry,
    events: [
      {
        at: 'PT1M',
        type: 'register',
        taskDefinition: { family: 'checkout', image: `${registry}:v2.14.3`, behaviour: sound },
      },
      release('PT2M', 'checkout:43'),
      start('PT10M', { service: 'checkout', version: 'revision-41', confirm }),
    ],
    until: 'PT20M',
    expect: { executions: [{ outcome: 'already-at-target' }], account: on(43), calls: { 'ecs:UpdateService': 0 } },
  },
  {
    name: 'given no good release, when a person asks for the previous one, then nothing is guessed',
    account: (account) => {
      withRegistry(account);
      for (const service of account.services ?? []) delete service.history;
    },
    events: [start('PT5M', { service: 'checkout', confirm })],
    until: 'PT10M',
    expect: {
      executions: [{ outcome: 'blocked', reason: 'No good release before v2.14.3 (checkout:41) is known' }],
      account: on(41),
      calls: { 'ecs:UpdateService': 0, 'ecs:RegisterTaskDefinition': 0 },
    },
  },
  {
    name: 'given a copy whose tasks do not start, when the rollback stops, then the service goes back to what it was on',
    account: withRegistry,
    events: [release('PT3M'), deregister('PT4M', 41), behaves('PT4M', 'checkout:41', { crashAfterSeconds: 2 })],
    until: 'PT40M',
    expect: {
      executions: [{ status: 'FAILED', error: 'halted', reason: 'checkout:43' }, joined],
      account: on(42),
      timeline: [
        { kind: 'definition.registered' },
        { kind: 'check.failed' },
        { kind: 'undo.begun' },
        { kind: 'compensated' },
      ],
      calls: { 'ecs:RegisterTaskDefinition': 1 },
    },
  },
  ...['ecs:RegisterTaskDefinition', 'ecs:UpdateService', 'ecs:ListTaskDefinitions'].map(
    (call): Story => ({
      variation: true,
      name: `given a target that needs a copy, when the answer of ${call} gets lost, then there is one copy and one deployment of it`,
      account: withRegistry,
      events: [release('PT3M'), deregister('PT4M', 41), lost(call)],
      until: 'PT45M',
      expect: { executions: [verified, joined], account: on(43) },
    }),
  ),
  ...([{ lost: true }, { duplicate: 2 }] as const).map(
    (effect): Story => ({
      variation: true,
      name: `given a target that needs a copy, when RevertService meets ${JSON.stringify(effect)}, then the service is put on one`,
      account: withRegistry,
      events: [
        release('PT3M'),
        deregister('PT4M', 41),
        { at: 'PT3M', type: 'fault', on: { invocation: 'RevertService' }, effect, count: 1 },
      ],
      until: 'PT45M',
      expect: { executions: [verified, joined], calls: { 'ecs:UpdateService': 1 } },
    }),
  ),
];

describe('stories', () => {
  test.each(played(stories).map((story) => [story.name, story] as const))(
    '%s',
    { timeout: 60_000 },
    async (_name, story) => {
      const run = await play(story);
      expect(run.document.failures).toEqual([]);
      expect(inactiveUpdates(run)).toEqual([]);
    },
  );
});

test('a second bad release goes back to the copy that is there, and registers no other', async () => {
  const run = await play({
    name: 'two bad releases, one copy',
    account: (account) => {
      withRegistry(account);
      account.taskDefinitions?.push({
        family: 'checkout',
        revision: 44,
        image: `${registry}:v2.14.4`,
        behaviour: broken,
      });
    },
    config: (config) => {
      Object.assign(config.environments.production.services.checkout, {
        policy: { cooldownMinutes: 0, bakeMinutes: 5 },
      });
    },
    events: [release('PT3M'), deregister('PT4M', 41), release('PT1H', 'checkout:44')],
    until: 'PT2H',
    expect: {},
  });
  const made = Object.keys(run.document.account.taskDefinitions).filter(
    (name) => !['checkout:40', 'checkout:41', 'checkout:42', 'checkout:44'].includes(name),
  );
  expect(made).toHaveLength(1);
  expect(run.document.account.services['shop/checkout']?.taskDefinition).toBe(made[0]);
  expect(
    run.document.executions.filter(({ output }) => JSON.stringify(output ?? '').includes('"verified"')),
  ).toHaveLength(2);
});

/** S5: updates that ECS refused, as it does with an INACTIVE definition. */
const inactiveUpdates = ({ account }: FinishedRun): unknown[] =>
  account.calls.filter(
    ({ operation, error }) =>
      operation === 'UpdateService' && (error === 'InvalidParameterException' || error === 'ClientException'),
  );

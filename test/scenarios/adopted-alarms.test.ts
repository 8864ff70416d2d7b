/** Alarms that somebody else made, metric and composite, start the same rollback as compiled ones. */
import { expect, test } from 'vitest';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { played } from '../variations.ts';
import { type ExampleConfig, type Input, play, release, type Story } from './shop.ts';

type Event = NonNullable<Input['events']>[number];

const payments = { namespace: 'Shop', metricName: 'PaymentsFailed' };
const maintenance = { namespace: 'Shop', metricName: 'Maintenance' };

/** v2.14.4 answers every request well, and yet loses payments: only its makers' own metric shows that. */
function account(suppressor = false) {
  return (account: Scenario['account']): void => {
    for (const { behaviour } of account.taskDefinitions ?? []) if (behaviour) behaviour.errorRate = 0.002;
    account.metrics = [
      { ...payments, value: 0 },
      { ...maintenance, value: suppressor ? 1 : 0 },
    ];
    account.alarms = [
      { name: 'payments', ...payments, comparison: 'GreaterThanThreshold', threshold: 10, evaluationPeriods: 2 },
      { name: 'maintenance', ...maintenance, comparison: 'GreaterThanThreshold', threshold: 0 },
    ];
    account.compositeAlarms = [
      {
        name: 'checkout is broken',
        rule: 'ALARM(payments) AND NOT INSUFFICIENT_DATA(payments)',
        suppressor: { alarm: 'maintenance', waitSeconds: 60, extensionSeconds: 60 },
      },
    ];
  };
}

const adopt = (adoptedAlarms: Record<string, object>) => (config: ExampleConfig) => {
  config.environments.production.services.checkout.adoptedAlarms = adoptedAlarms;
};

const publish = (at: string, value: number, metric = payments): Event => ({ at, type: 'metric', ...metric, value });
const untouched = { 'ecs:UpdateService': 0 };
/** Payments fail from shortly after the release on, and no longer once it is gone. */
const lostPayments = [release('PT3M'), publish('PT5M', 50), publish('PT14M', 0)];

/** A consumer of a queue: nothing routes to it, and nobody can probe it. */
function worker({ environments: { production } }: ExampleConfig): void {
  const { traffic: _traffic, health: _health, ...rest } = production.services.checkout;
  const sides = [{ name: 'main', cluster: 'shop', service: 'checkout' }];
  production.services.checkout = { ...rest, sides, adoptedAlarms: { payments: { autoExecute: true } } };
}

function workersAccount(all: Scenario['account']): void {
  account()(all);
  for (const service of all.services ?? []) delete service.targetGroup;
  Object.assign(all, { targetGroups: [], loadBalancers: [], traffic: [] });
}

const stories: Story[] = [
  {
    name: 'given a worker without load balancer, when its own alarm goes on after a release, then the release is rolled back and proven by its tasks and that alarm',
    config: worker,
    account: workersAccount,
    events: lostPayments,
    until: 'PT1H',
    expect: {
      executions: [{ service: 'checkout', status: 'SUCCEEDED', outcome: 'verified' }],
      account: { 'services.shop/checkout.taskDefinition': 'checkout:41' },
      calls: { 'ecs:UpdateService': 1, 'elasticloadbalancing:ModifyRule': 0 },
    },
  },
  {
    name: 'given an adopted metric alarm, when it goes on after a release, then the release is rolled back',
    config: adopt({ payments: { autoExecute: true } }),
    account: account(),
    events: lostPayments,
    until: 'PT1H',
    expect: {
      executions: [{ service: 'checkout', status: 'SUCCEEDED', outcome: 'verified' }],
      timeline: [{ kind: 'admitted', message: 'payments (adopted) is on' }],
      account: { 'services.shop/checkout.taskDefinition': 'checkout:41' },
    },
  },
  {
    name: 'given an adopted composite alarm, when its wait for a suppressor that stays off is over, then the release is rolled back',
    config: adopt({ 'checkout is broken': { autoExecute: true, triggerId: 'availability_drop' } }),
    account: account(),
    events: lostPayments,
    until: 'PT1H',
    expect: {
      executions: [{ service: 'checkout', status: 'SUCCEEDED', outcome: 'verified' }],
      account: { 'services.shop/checkout.taskDefinition': 'checkout:41' },
    },
  },
  {
    variation: true,
    name: 'given an adopted composite alarm during maintenance, when it goes on after a release, then nothing starts',
    config: adopt({ 'checkout is broken': { autoExecute: true } }),
    account: account(true),
    events: lostPayments.slice(0, 2),
    until: 'PT13M',
    expect: {
      executions: [],
      account: {
        'services.shop/checkout.taskDefinition': 'checkout:42',
        'alarms.checkout is broken': 'ALARM',
      },
      calls: untouched,
    },
  },
  {
    variation: true,
    name: 'given an adopted composite alarm that asks, when it goes on after a release, then the question is put and nothing is changed',
    config: adopt({ 'checkout is broken': { autoExecute: false, triggerId: 'availability_drop' } }),
    account: account(),
    events: lostPayments,
    until: 'PT30M',
    expect: {
      executions: [{ status: 'RUNNING' }],
      timeline: [{ kind: 'approval.requested' }],
      account: { 'services.shop/checkout.taskDefinition': 'checkout:42' },
      calls: untouched,
    },
  },
  {
    name: 'given an alarm that nobody has adopted, when it goes on after a release, then nothing starts',
    account: account(),
    events: lostPayments,
    until: 'PT30M',
    expect: { executions: [], calls: untouched },
  },
];

test.each(played(stories))('$name', async (story) => {
  const { document } = await play(story);
  expect(document.failures).toEqual([]);
});

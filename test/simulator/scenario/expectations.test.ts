import { describe, expect, test } from 'vitest';
import type { Json } from '../../../lib/domain/model.ts';
import { unmet, valueAt } from '../../../simulator/scenario/expectations.ts';
import type { Expectations } from '../../../simulator/scenario/schema.ts';

type Found = Parameters<typeof unmet>[1];

const rolledBack: Found['executions'][number] = {
  arn: 'arn:1',
  name: 'one',
  startedAt: '2026-01-15T10:00:00.000Z',
  input: { trigger: { alarmName: 'a' } },
  status: 'SUCCEEDED',
  output: { service: 'checkout', outcome: 'verified', reason: 'Healthy for 30 minutes.' },
  history: [],
};
const halted: Found['executions'][number] = {
  ...rolledBack,
  status: 'FAILED',
  output: undefined as never,
  error: 'halted',
  cause: { service: 'checkout', outcome: 'halted', reason: 'No task became healthy.' },
};
const refused: Found['executions'][number] = {
  ...rolledBack,
  input: { service: 'chekout' },
  status: 'FAILED',
  output: undefined as never,
  error: 'InvalidInput',
  cause: 'service: "chekout" is not protected.',
};

const found: Found = {
  executions: [rolledBack],
  account: {
    taskDefinitions: {},
    services: {
      'shop/checkout': {
        taskDefinition: 'checkout:41',
        desiredCount: 3,
        runningCount: 3,
        pendingCount: 0,
        rolloutState: 'COMPLETED',
        deployments: 1,
      },
    },
    weights: { 'arn:rule/1.2': { blue: 100, green: 0 } },
    snapshots: [],
    alarms: { 'backstep/production/checkout/errors': 'OK' },
  },
  timeline: ['admitted', 'plan.ready', 'action.applied', 'reported'].map((kind, second) => ({
    time: `2026-01-15T10:00:0${second}.000Z`,
    service: 'checkout',
    kind,
    message: `This is ${kind}.`,
    data: null,
  })),
  calls: { 'ecs:UpdateService': 1 },
};

describe('expectations that are met', () => {
  test.each<[string, Expectations, Partial<Found>]>([
    ['none at all', {}, {}],
    ['an outcome', { executions: [{ service: 'checkout', status: 'SUCCEEDED', outcome: 'verified' }] }, {}],
    ['text of the reason', { executions: [{ reason: '30 minutes' }] }, {}],
    [
      "a failed execution's outcome",
      { executions: [{ outcome: 'halted', error: 'halted' }] },
      { executions: [halted] },
    ],
    [
      'a failure without an outcome, by its cause and the service that was asked for',
      { executions: [{ service: 'chekout', error: 'InvalidInput', reason: 'not protected' }] },
      { executions: [refused] },
    ],
    ['a value in the account', { account: { 'services.shop/checkout.taskDefinition': 'checkout:41' } }, {}],
    ['a path through a key with dots', { account: { 'weights.arn:rule/1.2.green': 0 } }, {}],
    ['some keys of an object', { account: { 'services.shop/checkout': { runningCount: 3, deployments: 1 } } }, {}],
    ['null for nothing there', { account: { 'services.shop/basket': null } }, {}],
    ['entries with others between', { timeline: [{ kind: 'admitted' }, { message: 'reported' }] }, {}],
    ['a number of calls, and none', { calls: { 'ecs:UpdateService': 1, 'rds:CreateDBSnapshot': 0 } }, {}],
  ])('%s', (_what, expected, change) => {
    expect(unmet(expected, { ...found, ...change })).toEqual([]);
  });
});

describe('expectations that are not met say what was found', () => {
  test.each<[string, Expectations, Partial<Found>, { path: string; expected: Json; actual: Json }[]]>([
    [
      'another outcome',
      { executions: [{ outcome: 'verified' }] },
      { executions: [halted] },
      [{ path: 'executions[0].outcome', expected: 'verified', actual: 'halted' }],
    ],
    [
      'an execution too many',
      { executions: [{ outcome: 'verified' }] },
      { executions: [rolledBack, halted] },
      [{ path: 'executions.length', expected: 1, actual: 2 }],
    ],
    ['one too few', { executions: [{}, {}] }, {}, [{ path: 'executions.length', expected: 2, actual: 1 }]],
    [
      'an execution that should not be',
      { executions: [] },
      {},
      [{ path: 'executions.length', expected: 0, actual: 1 }],
    ],
    [
      'another reason',
      { executions: [{ reason: 'quiet' }] },
      {},
      [{ path: 'executions[0].reason', expected: { contains: 'quiet' }, actual: 'Healthy for 30 minutes.' }],
    ],
    [
      'another value',
      { account: { 'services.shop/checkout.taskDefinition': 'checkout:42' } },
      {},
      [{ path: 'account.services.shop/checkout.taskDefinition', expected: 'checkout:42', actual: 'checkout:41' }],
    ],
    [
      'a path to nothing',
      { account: { 'services.shop/basket.taskDefinition': 'x' } },
      {},
      [{ path: 'account.services.shop/basket.taskDefinition', expected: 'x', actual: null }],
    ],
    [
      'entries in another order',
      { timeline: [{ kind: 'reported' }, { kind: 'admitted' }] },
      {},
      [{ path: 'timeline[1]', expected: { kind: 'admitted' }, actual: [] }],
    ],
    [
      'another number of calls',
      { calls: { 'ecs:UpdateService': 0 } },
      {},
      [{ path: 'calls.ecs:UpdateService', expected: 0, actual: 1 }],
    ],
  ])('%s', (_what, expected, change, failures) => {
    expect(unmet(expected, { ...found, ...change })).toEqual(failures);
  });
});

test('a path takes the longest key that fits, and another when that leads nowhere', () => {
  const value = { 'a.b': { c: 1 }, a: { 'b.d': 2, b: { c: 3 } } };
  expect(valueAt(value, 'a.b.c')).toBe(1);
  expect(valueAt(value, 'a.b.d')).toBe(2);
  expect(valueAt(value, 'a.x')).toBeUndefined();
});

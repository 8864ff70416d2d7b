import { describe, expect, test } from 'vitest';
import { Random } from '../../../simulator/random.ts';
import type { EventOf } from '../../../simulator/scenario/events.ts';
import { faultHook } from '../../../simulator/scenario/faults.ts';
import type { FaultPoint } from '../../../simulator/service.ts';

type Fault = EventOf<'fault'>;

const update: FaultPoint = {
  kind: 'call',
  service: 'ecs',
  operation: 'UpdateService',
  principal: 'arn:aws:iam::111122223333:role/RevertServiceRole',
  input: {},
};
const invocation: FaultPoint = { kind: 'invocation', functionName: 'backstep-production-Plan', payload: {} };
const event: FaultPoint = {
  kind: 'event',
  source: 'aws.cloudwatch',
  detailType: 'CloudWatch Alarm State Change',
  event: {},
};
const throttled = { error: { code: 'ThrottlingException', message: 'Rate exceeded', status: 400 } };

describe('a fault hits', () => {
  test.each<[string, Fault['on'], FaultPoint]>([
    ['a call', { call: 'ecs:UpdateService' }, update],
    ['every call of a service', { call: 'ecs:*' }, update],
    ['calls of one role', { call: 'ecs:UpdateService', by: 'RevertService' }, update],
    ['an invocation', { invocation: 'Plan' }, invocation],
    ['an event', { event: 'CloudWatch Alarm State Change' }, event],
  ])('%s', (_what, on, point) => {
    expect(hook({ on, effect: { latency: 'PT2S' } })(point)).toEqual({ delayMs: 2000 });
  });

  test.each<[string, Fault['on'], FaultPoint]>([
    ['another operation', { call: 'ecs:DescribeServices' }, update],
    ['another service', { call: 'rds:*' }, update],
    ['another role', { call: 'ecs:UpdateService', by: 'Plan' }, update],
    ['another function', { invocation: 'Admit' }, invocation],
    ['another event', { event: 'ECS Deployment State Change' }, event],
    ['an invocation by the name of a call', { call: 'ecs:UpdateService' }, invocation],
    ['a call by the name of an event', { event: 'CloudWatch Alarm State Change' }, update],
  ])('not %s', (_what, on, point) => {
    expect(hook({ on, effect: { latency: 'PT2S' } })(point)).toBeUndefined();
  });
});

describe('its effect', () => {
  test('an error comes instead of the call', () => {
    const effect = hook({ on: { call: 'ecs:UpdateService' }, effect: throttled })(update);
    expect(effect?.error).toMatchObject({ code: 'ThrottlingException', message: 'Rate exceeded', status: 400 });
    expect(effect?.errorAfter).toBeUndefined();
  });

  test('a lost answer comes after it', () => {
    const effect = hook({ on: { call: 'ecs:UpdateService' }, effect: { lost: true } })(update);
    expect(effect?.error).toBeUndefined();
    expect(effect?.errorAfter).toMatchObject({ status: 500 });
  });

  test('a lost event is delivered to nobody, a duplicate twice', () => {
    const on = { event: 'CloudWatch Alarm State Change' };
    expect(hook({ on, effect: { lost: true } })(event)).toEqual({ deliveries: 0 });
    expect(hook({ on, effect: { duplicate: 2 } })(event)).toEqual({ deliveries: 2 });
    expect(hook({ on: { invocation: 'Plan' }, effect: { duplicate: 2 } })(invocation)).toEqual({ deliveries: 2 });
  });
});

describe('it ends', () => {
  test('after so many times', () => {
    const ask = hook({ on: { call: 'ecs:UpdateService' }, effect: throttled, count: 2 });
    expect([ask(update), ask(update), ask(update)].map((effect) => effect !== undefined)).toEqual([true, true, false]);
  });

  test('after a while', () => {
    let now = 1000;
    const ask = hook({ on: { call: 'ecs:UpdateService' }, effect: throttled, for: 'PT1M' }, () => now);
    now = 60_999;
    expect(ask(update)).toBeDefined();
    now = 61_000;
    expect(ask(update)).toBeUndefined();
  });
});

test('it comes by chance, the same chance for the same seed', () => {
  const hits = (seed: number): number => {
    const ask = hook({ on: { call: 'ecs:UpdateService' }, effect: throttled, probability: 0.25 }, () => 0, seed);
    return Array.from({ length: 1000 }, () => ask(update)).filter((effect) => effect !== undefined).length;
  };
  expect(hits(1)).toBeGreaterThan(200);
  expect(hits(1)).toBeLessThan(300);
  expect(hits(1)).toBe(hits(1));
});

function hook(fault: Omit<Fault, 'at' | 'type'>, now: () => number = () => 0, seed = 1) {
  return faultHook({ at: 'PT0S', type: 'fault', ...fault }, new Random(seed), now);
}

import { describe, expect, test } from 'vitest';
import type { ScaleInAction } from '../../lib/domain/model.ts';
import { decideScaleIn, type ScaleInFacts } from '../../lib/domain/scale-in.ts';
import { at, deployment, rule, service, targetGroup, taskDefinition } from './worlds.ts';

const action: ScaleInAction = {
  id: '2',
  type: 'ScaleIn',
  side: 'green',
  description: '',
  reason: '',
  forward: { desiredCount: 0 },
  reverse: { desiredCount: 4 },
  afterVerification: true,
};
const green = (revision = 42, desiredCount = 4, status = 'ACTIVE') =>
  service(deployment(revision, at('02:58:00')), { side: 'green', desiredCount, status });
const weights = (weight: number) => ({
  rule,
  weights: { [targetGroup('blue')]: 100, [targetGroup('green')]: weight },
  stickiness: { enabled: false },
});
const facts: ScaleInFacts = {
  action,
  service: green(),
  plannedTaskDefinition: taskDefinition(42),
  targetGroup: targetGroup('green'),
  rules: [weights(0)],
  requests: 0,
  minimumTasks: undefined,
};

describe('decideScaleIn', () => {
  test('takes idle tasks out', () => {
    expect(decideScaleIn(facts)).toEqual({
      kind: 'scale',
      message: 'Side green goes from 4 tasks to 0: no rule gives it weight, and it had no request in 5 minutes.',
    });
    expect(decideScaleIn({ ...facts, minimumTasks: 0 }).kind).toBe('scale');
  });

  test('finds what it did before', () => {
    expect(decideScaleIn({ ...facts, service: green(42, 0), rules: [weights(100)] })).toMatchObject({
      kind: 'scaled',
      message: expect.stringContaining('wants 0 tasks instead of 4, found so'),
    });
  });

  test.each<[string, Partial<ScaleInFacts>, RegExp]>([
    ['the service is gone', { service: undefined }, /its ECS service is gone/],
    ['the service drains', { service: green(42, 4, 'DRAINING') }, /is DRAINING/],
    ['a fix was deployed there', { service: green(43) }, /somebody deployed checkout:43 there since the plan was made/],
    [
      'a rule gives it weight again',
      { rules: [weights(0), weights(5)] },
      /a rule gives it weight again \(blue 100, green 5\)/,
    ],
    [
      'Application Auto Scaling would fight it',
      { minimumTasks: 2 },
      /keeps at least 2 tasks of it.*minimum capacity to 0/,
    ],
    ['requests still reach it', { requests: 3 }, /still had 3 requests in 5 minutes/],
    ['CloudWatch is silent', { requests: { problem: 'Rate exceeded' } }, /CloudWatch could not tell.*Rate exceeded/],
  ])('leaves them where %s', (_what, changes, message) => {
    expect(decideScaleIn({ ...facts, ...changes })).toEqual({
      kind: 'leave',
      message: expect.stringMatching(message),
    });
  });
});

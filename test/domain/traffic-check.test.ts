import { describe, expect, test } from 'vitest';
import type { RuleWeights } from '../../lib/domain/model.ts';
import type { TargetHealth } from '../../lib/domain/traffic.ts';
import { judgeTraffic, type TrafficFacts, tooFewTargets } from '../../lib/domain/traffic-check.ts';

const group = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}/0123456789abcdef`;
const weights = (blue: number, green: number, enabled = false): RuleWeights => ({
  rule: 'rule',
  weights: { [group('blue')]: blue, [group('green')]: green },
  stickiness: { enabled },
});
const health = (healthy: number): TargetHealth => ({
  targetGroup: group('blue'),
  healthy,
  registered: 4,
  problems: healthy < 4 ? ['Health checks failed'] : [],
});
const facts: TrafficFacts = {
  planned: [weights(100, 0)],
  before: [weights(0, 100)],
  live: [weights(100, 0)],
  receiving: [health(4)],
  required: 2,
  appliedAt: '2026-11-20T03:04:55.000Z',
  now: '2026-11-20T03:05:00.000Z',
  deadline: '2026-11-20T03:08:00.000Z',
};

describe('judgeTraffic', () => {
  test('done when the weights hold and enough targets are healthy', () => {
    expect(judgeTraffic(facts)).toMatchObject({ status: 'done', message: expect.stringContaining('4 of 4') });
  });

  test('waits for targets until the deadline, then fails with the numbers', () => {
    const weak = { ...facts, receiving: [health(1)] };
    expect(judgeTraffic(weak)).toMatchObject({ status: 'waiting', waitSeconds: 5 });
    expect(judgeTraffic({ ...weak, now: facts.deadline })).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/1 of 4.*2 healthy/),
    });
  });

  const failures: [string, Partial<TrafficFacts>, RegExp][] = [
    ['somebody set other weights', { live: [weights(50, 50)] }, /Somebody else.*blue 50, green 50/],
    ['somebody switched stickiness on', { live: [weights(100, 0, true)] }, /Somebody else.*stickiness on/],
    ['the move was refused', { live: [weights(0, 100)], receiving: [health(1)] }, /not moved.*1 of 4/],
    ['the old weights are back', { live: [weights(0, 100)] }, /as before this step/],
    ['the rule no longer forwards', { live: [] }, /no longer forwards/],
  ];
  test.each(failures)('fails when %s', (_what, changes, message) => {
    expect(judgeTraffic({ ...facts, ...changes })).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(message),
    });
  });
});

describe('tooFewTargets', () => {
  test('nothing to say with enough', () => expect(tooFewTargets([health(2)], 2)).toBeUndefined());
  test('no receiving group is too few', () => expect(tooFewTargets([], 1)).toMatch(/No target group/));
  test('quotes what AWS says', () =>
    expect(tooFewTargets([health(1)], 2)).toMatch(/blue: 1 of 4.*Health checks failed/));
});

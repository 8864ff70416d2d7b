import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuleWeights } from '../../lib/domain/model.ts';
import { gainingGroups, holds, shareOf } from '../../lib/domain/traffic.ts';
import { type Move, shiftInSteps } from '../../lib/domain/traffic-steps.ts';

const rule = (weights: Record<string, number>, name = 'rule', enabled = true): RuleWeights => ({
  rule: name,
  weights,
  stickiness: enabled ? { enabled, durationSeconds: 600 } : { enabled },
});
const move = (rules: readonly RuleWeights[], percents: readonly number[] = [10, 50, 100]): Move => ({
  side: 'blue',
  to: 'blue',
  groups: ['blue', 'green'],
  rules,
  percents,
  holdSeconds: 120,
  reason: 'It is not proven.',
});
const weightsOf = (given: Move) => shiftInSteps(given).map(({ forward }) => forward.map(({ weights }) => weights));

describe('steps', () => {
  test('each has its weights, the weights before it, and a gate but for the last', () => {
    const before = rule({ blue: 0, green: 100 });
    const off = (blue: number, green: number) => rule({ blue, green }, 'rule', false);
    expect(shiftInSteps(move([before]))).toEqual([
      {
        type: 'ShiftTraffic',
        toSide: 'blue',
        description: "Step 1 of 3: give side blue 10 % of the service's weight on 1 rule",
        reason: 'It is not proven.',
        forward: [off(10, 90)],
        reverse: [before],
        gate: { percent: 10, holdSeconds: 120 },
      },
      expect.objectContaining({
        reason: 'Side blue is healthy with 10 % by then.',
        forward: [off(50, 50)],
        reverse: [off(10, 90)],
        gate: { percent: 50, holdSeconds: 120 },
      }),
      expect.not.objectContaining({ gate: expect.anything() }),
    ]);
  });

  test.each<[string, Move, Record<string, number>[][]]>([
    ['one alone is all at once', move([rule({ blue: 0, green: 100 })], [100]), [[{ blue: 100, green: 0 }]]],
    [
      'a sum too small for percents is widened',
      move([rule({ green: 1 })], [10, 100]),
      [[{ blue: 10, green: 90 }], [{ blue: 100, green: 0 }]],
    ],
    [
      'a sum beyond 999 is narrowed',
      move([rule({ blue: 0, green: 999, other: 1 }), rule({ blue: 999, green: 999 }, 'b')], [60, 100]),
      [
        [
          { blue: 599, green: 400 },
          { blue: 599, green: 400 },
        ],
        [
          { blue: 999, green: 0 },
          { blue: 999, green: 0 },
        ],
      ],
    ],
    [
      'the sum stays beside other groups, coarse as it is',
      move([rule({ blue: 0, green: 5, other: 5 })], [1, 50, 100]),
      [[{ blue: 1, green: 4 }], [{ blue: 3, green: 2 }], [{ blue: 5, green: 0 }]],
    ],
    [
      'a sum of 1 beside other groups has room for the last step only',
      move([rule({ blue: 0, green: 1, other: 9 })]),
      [[{ blue: 1, green: 0 }]],
    ],
    [
      'what the side already has is not taken away',
      move([rule({ blue: 40, green: 60 })]),
      [[{ blue: 50, green: 50 }], [{ blue: 100, green: 0 }]],
    ],
    ['a canary is removed at once', move([rule({ blue: 90, green: 10 })]), [[{ blue: 100, green: 0 }]]],
    [
      'several rules move together',
      move([rule({ blue: 0, green: 100 }), rule({ blue: 60, green: 140 }, 'b')], [10, 100]),
      [
        [
          { blue: 10, green: 90 },
          { blue: 60, green: 140 },
        ],
        [
          { blue: 100, green: 0 },
          { blue: 200, green: 0 },
        ],
      ],
    ],
  ])('%s', (_what, given, expected) => {
    expect(weightsOf(given)).toEqual(expected);
  });
});

test('whatever the weights are: never all zero, never out of range, never less for the target, and each undoes itself', () => {
  const weight = fc.integer({ min: 0, max: 999 });
  const live = fc.record({ blue: weight, green: fc.integer({ min: 1, max: 999 }), other: weight });
  const percents = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 9 });
  fc.assert(
    fc.property(fc.array(live, { minLength: 1, maxLength: 4 }), percents, (lives, drawn) => {
      const rules = lives.map((weights, index) => rule(weights, `rule${index}`));
      const steps = shiftInSteps(move(rules, [...drawn.sort((a, b) => a - b), 100]));
      let before = rules.map((one) => rule({ blue: one.weights.blue ?? 0, green: one.weights.green ?? 0 }, one.rule));
      for (const { forward, reverse } of steps) {
        expect(reverse).toEqual(before);
        for (const [index, one] of forward.entries()) {
          const values = Object.values(one.weights);
          expect(values.every((value) => Number.isInteger(value) && value >= 0 && value <= 999)).toBe(true);
          expect(values.some((value) => value > 0)).toBe(true);
          expect(Object.keys(one.weights)).not.toContain('other');
          expect(one.stickiness).toEqual({ enabled: false });
          expect(shareOf('blue', one) - shareOf('blue', before[index])).toBeGreaterThan(-0.001);
          const sum = (lives[index]?.blue ?? 0) + (lives[index]?.green ?? 0);
          if (lives[index]?.other) expect((one.weights.blue ?? 0) + (one.weights.green ?? 0)).toBe(Math.min(999, sum));
        }
        before = [...forward];
      }
      expect(before.every(({ weights }) => weights.green === 0)).toBe(true);
      expect(steps.at(-1)).not.toHaveProperty('gate');
      expect(steps.slice(0, -1).every(({ gate }) => gate !== undefined && gate.percent < 100)).toBe(true);
    }),
  );
});

test('a step asks only the side that gains for healthy targets', () => {
  const [first, second] = shiftInSteps(move([rule({ blue: 0, green: 1500 / 3, other: 0 })], [10, 100]));
  expect(first && gainingGroups(first)).toEqual(['blue']);
  expect(second && gainingGroups(second)).toEqual(['blue']);
  expect(first && gainingGroups({ forward: first.reverse, reverse: first.forward })).toEqual(['green']);
  expect(first && holds(first.forward[0] as RuleWeights, first.forward[0] as RuleWeights)).toBe(true);
});

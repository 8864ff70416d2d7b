import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, differenceInterval, type Sample, wilson } from '../../lib/domain/comparison.ts';

const judge = (newer: [number, number], older: [number, number], normalPercent = 1) => {
  const sample = ([errors, requests]: [number, number]): Sample => ({ requests, errors });
  const names = { newName: 'green', oldName: 'blue', minimumRequests: 20 };
  return compare({ ...names, newer: sample(newer), older: sample(older), normalPercent });
};

describe('the new release against the old one', () => {
  test.each<[string, [number, number], [number, number], string]>([
    ['a third against next to nothing', [361, 1_203], [2, 1_197], 'worse'],
    ['more than the old one, which is bad too', [600, 1_000], [200, 1_000], 'worse'],
    ['a small new side, clearly bad', [12, 25], [2, 1_000], 'worse'],
    ['both a third', [300, 1_000], [310, 1_000], 'equally-bad'],
    ['the old one worse', [100, 1_000], [300, 1_000], 'equally-bad'],
    ['both well', [2, 1_000], [1, 1_000], 'inconclusive'],
    ['one failing request', [1, 30], [0, 30], 'inconclusive'],
    ['significant, but less than a point', [5_900, 1_000_000], [1_900, 1_000_000], 'inconclusive'],
    ['a few more, of too few', [4, 40], [1, 40], 'inconclusive'],
    ['too few of the new', [19, 19], [0, 1_000], 'inconclusive'],
    ['too few of the old', [300, 1_000], [0, 19], 'inconclusive'],
    ['none of either', [0, 0], [0, 0], 'inconclusive'],
  ])('%s: %j, %j: %s', (_what, newer, older, verdict) => {
    expect(judge(newer, older).verdict).toBe(verdict);
  });

  test('quotes both, the difference and the confidence', () => {
    expect(judge([361, 1_203], [2, 1_197]).reason).toBe(
      'green failed 30 % of 1203 requests, blue 0.167 % of 1197 requests: a difference of 26.5 to 33.3 percentage points ' +
        'with 99 % confidence, so the new release is worse.',
    );
  });

  test('is in the same trouble only where that is worse than normal', () => {
    expect(judge([60, 1_000], [60, 1_000], 1).verdict).toBe('equally-bad');
    expect(judge([60, 1_000], [60, 1_000], 6).verdict).toBe('inconclusive');
  });
});

describe('the intervals', () => {
  // Newcombe, Statistics in Medicine 17 (1998): 857 and 873, both at 95 %.
  test('are the published ones', () => {
    const close = (value: number) => expect.closeTo(value, 4);
    expect(wilson({ errors: 81, requests: 263 }, 1.96)).toEqual([close(0.2553), close(0.3662)]);
    const [least, most] = differenceInterval({ errors: 56, requests: 70 }, { errors: 48, requests: 80 }, 1.96);
    expect([least / 100, most / 100]).toEqual([close(0.0524), close(0.3339)]);
  });

  const sample = fc
    .record({ requests: fc.integer({ min: 1, max: 100_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ requests, share }): Sample => ({ requests, errors: Math.floor(requests * share) }));

  test('hold the measured share and the measured difference', () => {
    fc.assert(
      fc.property(sample, sample, (newer, older) => {
        const [low, high] = wilson(newer);
        expect(low).toBeLessThanOrEqual(newer.errors / newer.requests + 1e-9);
        expect(high).toBeGreaterThanOrEqual(newer.errors / newer.requests - 1e-9);
        const difference = 100 * (newer.errors / newer.requests - older.errors / older.requests);
        const [least, most] = differenceInterval(newer, older);
        expect(least).toBeLessThanOrEqual(difference + 1e-7);
        expect(most).toBeGreaterThanOrEqual(difference - 1e-7);
      }),
    );
  });

  test('are the same seen from the other side', () => {
    fc.assert(
      fc.property(sample, sample, (newer, older) => {
        const [least, most] = differenceInterval(newer, older);
        const [otherLeast, otherMost] = differenceInterval(older, newer);
        expect(least).toBeCloseTo(-otherMost, 6);
        expect(most).toBeCloseTo(-otherLeast, 6);
      }),
    );
  });

  test('find a difference that is not there less than once in a hundred times', () => {
    let found = 0;
    let seed = 12_345;
    const random = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const draw = (requests: number, share: number): Sample => {
      let errors = 0;
      for (let count = 0; count < requests; count++) errors += random() < share ? 1 : 0;
      return { requests, errors };
    };
    const runs = 3_000;
    for (let run = 0; run < runs; run++) {
      const [least] = differenceInterval(draw(150, 0.05), draw(150, 0.05));
      if (least > 0) found += 1;
    }
    expect(found / runs).toBeLessThan(0.01);
  });
});

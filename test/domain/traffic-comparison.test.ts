import { describe, expect, test } from 'vitest';
import type { Minute } from '../../lib/domain/release-counts.ts';
import { type ComparedFacts, compareSides } from '../../lib/domain/traffic-comparison.ts';

interface Counted {
  readonly requests?: number;
  readonly errors?: number;
  readonly p95Ms?: number | undefined;
}
/** The receiving side first. */
const minute = (index: number, to: Counted, from: Counted = {}): Minute => ({
  at: index * 60_000,
  balancer: 0,
  sides: [
    { requests: 120, errors: 0, p95Ms: 140, ...to },
    { requests: 1_080, errors: 300, p95Ms: 150, ...from },
  ],
});
const facts = (minutes: readonly Minute[], more: Partial<ComparedFacts> = {}): ComparedFacts => ({
  minutes,
  to: 0,
  from: 1,
  toName: 'blue',
  fromName: 'green',
  enough: 20,
  normalErrorPercent: 0.5,
  normalP95Ms: 150,
  ...more,
});
const healthy = { errors: 0 };

describe('compareSides', () => {
  test.each<[string, readonly Minute[], string, RegExp]>([
    [
      'fails less',
      [minute(1, {})],
      'better',
      /blue failed 0 % of 120 requests, green 27.8 % of 1080 requests: a difference of .* so it is better/,
    ],
    ['fails more', [minute(1, { errors: 30 }, healthy)], 'worse', /blue failed 25 % of 120.*so it is worse/],
    [
      'fails as much, and much',
      [minute(1, { errors: 33 })],
      'doubtful',
      /more than 5.5 %, 5 points over what is normal, and not better than green/,
    ],
    ['fails as little', [minute(1, {}, healthy)], 'as good', /p95 140 ms against 150 ms of green/],
    [
      'had too few requests',
      [minute(1, { requests: 9 }), minute(2, { requests: 10 })],
      'unmeasured',
      /19 requests in 2 whole minutes, 20 are needed/,
    ],
    [
      'had few a minute but enough in all',
      [minute(1, { requests: 19 }, healthy), minute(2, { requests: 19 }, healthy)],
      'as good',
      /38 requests/,
    ],
    [
      'is alone and fails',
      [minute(1, { errors: 30 }, { requests: 0, errors: 0, p95Ms: undefined })],
      'doubtful',
      /none of no requests/,
    ],
    [
      'is slow in one minute',
      [minute(1, {}, healthy), minute(2, { p95Ms: 400 }, healthy)],
      'slow once',
      /one minute may be chance/,
    ],
    [
      'is slow in two',
      [minute(1, { p95Ms: 400 }, healthy), minute(2, { p95Ms: 400 }, healthy)],
      'worse',
      /p95 400 ms against 150 ms of green: it is slower where 150 ms is normal, two minutes in a row/,
    ],
    [
      'was slow at first, being cold',
      [minute(1, { p95Ms: 900 }, healthy), minute(2, {}, healthy)],
      'as good',
      /p95 140 ms/,
    ],
    [
      'is as slow as the other',
      [1, 2].map((index) => minute(index, { p95Ms: 400 }, { errors: 0, p95Ms: 420 })),
      'as good',
      /./,
    ],
    ['is slower than one that fails fast', [1, 2].map((index) => minute(index, { p95Ms: 400 })), 'better', /better/],
    [
      'is slower than a fast one, and yet normal',
      [1, 2].map((index) => minute(index, { p95Ms: 160 }, { errors: 0, p95Ms: 60 })),
      'as good',
      /./,
    ],
    [
      'is slow and alone',
      [1, 2].map((index) => minute(index, { p95Ms: 230 }, { requests: 0, errors: 0, p95Ms: undefined })),
      'worse',
      /slower/,
    ],
  ])('a side that %s', (_what, minutes, verdict, reason) => {
    expect(compareSides(facts(minutes))).toEqual({ verdict, reason: expect.stringMatching(reason) });
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextDesired } from '../../../simulator/services/autoscaling/decision.ts';

const state = { desired: 4, min: 2, max: 10, targetPercent: 50 };
const minutes = (count: number, value: number | null) => Array.from({ length: count }, () => value);

it.each([
  ['as many as the load needs', [...minutes(12, 40), ...minutes(3, 75)], 6],
  ['no more than it may', minutes(15, 100).map(() => 100), 8],
  ['not for two minutes', [...minutes(13, 40), ...minutes(2, 90)], undefined],
  ['not without data', [...minutes(12, 90), 90, null, 90], undefined],
  ['less after a quiet quarter of an hour', minutes(15, 20), 2],
  ['not just below the target', minutes(15, 46), undefined],
])('scales %s', (_what, cpu, desired) => {
  expect(nextDesired({ ...state, minutes: cpu })).toBe(desired);
});

it('stays within the bounds, and never scales out of too little or in of too much', () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 100 })), { minLength: 15, maxLength: 15 });
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 10 }), (cpu, desired) => {
      const next = nextDesired({ ...state, desired, minutes: cpu });
      if (next === undefined) return true;
      const newest = cpu.at(-1) ?? 0;
      return next >= 2 && next <= 10 && next !== desired && next > desired === newest > state.targetPercent;
    }),
  );
});

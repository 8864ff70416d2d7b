import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideScaling,
  describe as inWords,
  type ScalableTarget,
  type SuspendedState,
  sameState,
  scalingDebt,
  suspendedFor,
} from '../../lib/domain/scaling.ts';

const resource = 'service/shop/checkout';
const target = (suspended: SuspendedState): ScalableTarget => ({ resource, minimum: 2, maximum: 6, suspended });
const owner = (rollbackId: string, now = '2026-11-20T03:05:00.000Z') => ({
  service: 'checkout',
  rollbackId,
  executionArn: `execution:${rollbackId}`,
  now,
});
const none = { dynamicIn: false, dynamicOut: false, scheduled: false };
const states = fc.record({ dynamicIn: fc.boolean(), dynamicOut: fc.boolean(), scheduled: fc.boolean() });

describe('the debt', () => {
  test('scaling in and scheduled scaling rest, scaling out goes on', () => {
    expect(scalingDebt(target(none), undefined, owner('one'))).toMatchObject({
      resource,
      before: none,
      set: { dynamicIn: true, dynamicOut: false, scheduled: true },
    });
  });

  test('none where everything rests already: a person wants it so', () => {
    expect(
      scalingDebt(target({ dynamicIn: true, dynamicOut: false, scheduled: true }), undefined, owner('one')),
    ).toBeUndefined();
  });

  test('written again by the same rollback: the same', () => {
    const first = scalingDebt(target(none), undefined, owner('one'));
    expect(first && scalingDebt(target(first.set), first, owner('one', '2026-11-20T03:05:30.000Z'))).toMatchObject({
      since: first?.since,
      before: none,
    });
  });

  test('of an earlier rollback, not given back: what was before that one is owed', () => {
    const first = scalingDebt(target(none), undefined, owner('one'));
    expect(first && scalingDebt(target(first.set), first, owner('two'))).toMatchObject({
      rollbackId: 'two',
      before: none,
    });
  });

  test('of an earlier rollback, and a person let a part go on since: the rest is owed as it was before', () => {
    const first = scalingDebt(target(none), undefined, owner('one'));
    const theirs = { dynamicIn: true, dynamicOut: false, scheduled: false };
    expect(scalingDebt(target(theirs), first, owner('two'))).toMatchObject({ before: none });
  });

  test('of an earlier rollback, and a person suspended more since: theirs is owed', () => {
    const first = scalingDebt(target(none), undefined, owner('one'));
    const theirs = { dynamicIn: true, dynamicOut: true, scheduled: false };
    expect(scalingDebt(target(theirs), first, owner('two'))).toMatchObject({ before: theirs });
  });
});

describe('giving back', () => {
  const parts = ['dynamicIn', 'dynamicOut', 'scheduled'] as const;

  test('whatever was suspended before is so again, but for what a person let go on; who suspends more keeps it all', () => {
    fc.assert(
      fc.property(states, states, (before, live) => {
        const debt = scalingDebt(target(before), undefined, owner('one'));
        expect(debt === undefined).toBe(sameState(before, suspendedFor(before)));
        if (!debt) return;
        const { kind, state, message } = decideScaling(debt, target(live));
        const suspendedMore = parts.some((part) => live[part] && !debt.set[part]);
        const left = kind === 'give' && state ? state : live;
        for (const part of parts) {
          const theirs = suspendedMore || live[part] !== debt.set[part];
          expect(left[part]).toBe(theirs ? live[part] : before[part]);
        }
        expect(kind).toBe(sameState(left, live) ? 'drop' : 'give');
        if (sameState(live, before)) expect(message).toContain('already');
      }),
    );
  });

  test('nothing is owed to what nobody scales any more', () => {
    const debt = scalingDebt(target(none), undefined, owner('one'));
    expect(debt && decideScaling(debt, undefined)).toMatchObject({ kind: 'drop' });
  });
});

test('in words', () => {
  expect(inWords(none)).toBe('nothing suspended');
  expect(inWords({ dynamicIn: true, dynamicOut: true, scheduled: true })).toBe(
    'scaling in and scaling out and scheduled scaling suspended',
  );
});

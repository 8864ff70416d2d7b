import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuleWeights } from '../../lib/domain/model.ts';
import { decideStickiness, type StickinessDebt, stickinessDebt, withSteps } from '../../lib/domain/owed.ts';
import { at, rule, targetGroup } from './worlds.ts';

const [blue, green] = [targetGroup('blue'), targetGroup('green')];
const live = (toBlue: number, durationSeconds?: number): RuleWeights => ({
  rule,
  weights: { [blue]: toBlue, [green]: 100 - toBlue },
  stickiness: durationSeconds === undefined ? { enabled: false } : { enabled: true, durationSeconds },
});
const who = { service: 'checkout', rollbackId: 'r-1', executionArn: 'execution:1', now: at('03:00:00') };
const steps = [live(10), live(100)];
const debt = stickinessDebt(live(0, 3_600), steps, who) as StickinessDebt;

describe('a debt', () => {
  test('is made where stickiness goes off, due when the last cookie has expired', () => {
    expect(debt).toMatchObject({ kind: 'stickiness', resource: rule, rollbackId: 'r-1', dueAt: at('04:00:00') });
  });

  test('is not made where there is no stickiness, or where it stays on', () => {
    expect(stickinessDebt(live(0), steps, who)).toBeUndefined();
    expect(stickinessDebt(live(0, 60), [live(100, 60)], who)).toBeUndefined();
  });
});

describe('what is done about it', () => {
  const decide = (now: RuleWeights | undefined, time = '03:30:00', rollbackId?: string, owed = debt) =>
    decideStickiness(owed, now, { now: at(time), rollbackId });

  test.each<[string, string, RegExp, ReturnType<typeof decide>]>([
    ['waits while cookies live', 'wait', /comes back at .*04:00:00/, decide(live(100))],
    ['waits in the middle of the steps', 'wait', /comes back/, decide(live(10))],
    [
      'gives when they have expired',
      'give',
      /cookies from before the rollback have expired/,
      decide(live(100), '04:00:00'),
    ],
    [
      'gives at once where its own rollback put the weights back',
      'give',
      /as before the rollback/,
      decide(live(0), '03:30:00', 'r-1'),
    ],
    ['waits where another rollback put the weights back', 'wait', /comes back/, decide(live(0), '03:30:00', 'r-2')],
    ['waits where the schedule finds the weights back', 'wait', /comes back/, decide(live(0))],
    ['is dropped when somebody switched stickiness on', 'drop', /is on already/, decide(live(100, 60))],
    [
      'is dropped when somebody set other weights',
      'drop',
      /Somebody has set the weights of 3 to blue 70, green 30/,
      decide(live(70)),
    ],
    ['is dropped when the rule is gone', 'drop', /is gone/, decide(undefined)],
  ])('%s', (_what, kind, words, decision) => {
    expect(decision).toMatchObject({ kind, message: expect.stringMatching(words) });
  });

  test('knows the weights that a later rollback sets as ours', () => {
    const both = withSteps(debt, [live(42)]);
    expect(decide(live(42), '04:00:00', undefined, both).kind).toBe('give');
    expect(withSteps(both, [live(42)])).toEqual(both);
  });

  test('is never given while cookies live, but to weights put back; and never against weights of somebody else', () => {
    const minutes = fc.integer({ min: 0, max: 180 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100 }),
        minutes,
        fc.constantFrom(undefined, 'r-1', 'r-2'),
        (toBlue, after, by) => {
          const now = new Date(Date.parse(at('03:00:00')) + after * 60_000).toISOString();
          if (decideStickiness(debt, live(toBlue), { now, rollbackId: by }).kind !== 'give') return;
          expect([0, 10, 100]).toContain(toBlue);
          expect(after >= 60 || (toBlue === 0 && by === 'r-1')).toBe(true);
        },
      ),
    );
  });
});

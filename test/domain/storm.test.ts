/** One rollback at a time, whatever the interleaving: properties over a model that decides with the real functions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestLambdaSeconds, settleSeconds } from '../../lib/domain/lock.ts';
import { type Happening, Storm, type Variant } from '../soak/storms/model.ts';

const who = fc.nat(30);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('event'), automatic: fc.boolean() }) },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('step'), who, coldSeconds: fc.nat(10) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stop'), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash'), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redrive'), who }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('wait'),
      seconds: fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, fc.nat(80), fc.nat(1_500)),
    }),
  },
) as fc.Arbitrary<Happening>;

/** Runs of many starts at once, and of long ones: size `max`, or fast-check would keep them short. */
const course = fc.array(happening, { minLength: 40, maxLength: 250, size: 'max' });

function play(happenings: readonly Happening[], variant: Variant = {}): Storm {
  const storm = new Storm(variant);
  for (const one of happenings) storm.happen(one);
  return storm;
}

describe('whatever the order of events, steps, crashes, stops and time', () => {
  const runs = 3_000;

  test('no two hold the lock, nothing is changed with an old token, and the budget holds', () => {
    const seen = { changes: 0, takeovers: 0, joined: 0 };
    fc.assert(
      fc.property(course, (happenings) => {
        const storm = play(happenings);
        expect(storm.wrong).toEqual([]);
        seen.changes += storm.changes;
        seen.takeovers += storm.takeovers;
        seen.joined += storm.joined;
      }),
      { numRuns: runs },
    );
    // The courses are eventful enough to mean something.
    expect(seen.changes).toBeGreaterThan(runs);
    expect(seen.takeovers).toBeGreaterThan(runs / 20);
    expect(seen.joined).toBeGreaterThan(runs);
  });

  test('a Lambda that started late, of an owner stopped meanwhile, is waited for longer than its time-out', () => {
    const step = (who: number): Happening => ({ kind: 'step', who, coldSeconds: 10 });
    const late: Happening[] = [
      { kind: 'event', automatic: false },
      // Admit reads the lock and the ledger and takes the lock, Plan plans, RevertService proves the lock.
      ...Array.from({ length: 5 }, () => step(0)),
      { kind: 'stop', who: 0 },
      { kind: 'wait', seconds: longestLambdaSeconds + 1 },
      { kind: 'event', automatic: false },
      // Another Admit: lock, owner, ledger, taking; then the first one's Lambda makes its change.
      ...Array.from({ length: 4 }, () => step(1)),
      step(0),
    ];
    expect(play(late).wrong).toEqual([]);
    expect(play(late, { hastySeconds: settleSeconds - longestLambdaSeconds }).wrong).toEqual([
      expect.stringContaining('execution:1 changed the service with token 1'),
    ]);
  });

  test.each<[string, Variant]>([
    ['takes the lock of a dead owner over at once', { hastySeconds: settleSeconds }],
    ['changes without proving the lock, when people redrive', { unproved: true, redrives: true }],
    ['keeps the ledger it has read when it loses the race for the lock', { keepsLedger: true }],
    ['reads the ledger before the lock', { ledgerFirst: true }],
  ])('a Backstep that %s would be found out', (_what, variant) => {
    const found = fc.check(
      fc.property(course, (happenings) => play(happenings, variant).wrong.length === 0),
      { numRuns: 40_000, endOnFailure: true, seed: 1 },
    );
    expect(found.failed).toBe(true);
  });
});

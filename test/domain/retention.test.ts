import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Release, RollbackRecord } from '../../lib/domain/model.ts';
import { type Registration, registrationKey, releaseKey } from '../../lib/domain/registration.ts';
import { candidatesFrom, rank } from '../../lib/domain/releases.ts';
import { keptDays, keptReleases, termsOf } from '../../lib/domain/retention.ts';
import { release, rollback, taskDefinition } from './worlds.ts';

const now = '2026-11-20T03:00:00.000Z';
const daysAgo = (days: number): string => new Date(Date.parse(now) - days * 86_400_000).toISOString();

const aged = (revision: number, days: number, status: Release['status'], side = 'main'): Release =>
  release(revision, daysAgo(days), { status, side });

const facts = (
  ledger: readonly Release[],
  more: { rollbacks?: RollbackRecord[]; registrations?: Registration[]; ending?: [string, number][] } = {},
) => ({
  ledger,
  rollbacks: more.rollbacks ?? [],
  registrations: more.registrations ?? [],
  ending: new Map(more.ending),
  bakeMinutes: 30,
  now,
});

const ends = (...given: Parameters<typeof facts>): string[] =>
  termsOf(facts(...given)).map(
    ({ sk, expiresAt }) => `${sk.split('#').at(-1)} ${expiresAt === null ? 'stays' : 'ends'}`,
  );

/** Good ones of the last months, beside which nothing older is needed. */
const good = [1, 2, 3, 4, 5].map((index) => aged(50 + index, 10 * index, 'good'));

describe('an old release', () => {
  test.each<[string, Release[], string[]]>([
    ['ends where five newer good ones are there', [...good, aged(41, 500, 'good')], ['checkout:41 ends']],
    ['stays where it is among the newest five good ones', [...good.slice(1), aged(41, 3_000, 'good')], []],
    ['stays where it was assumed to be good and nothing better came', [aged(41, 900, 'assumed-good')], []],
    ['stays where it is bad, so that nobody goes back to it', [...good, aged(41, 500, 'bad')], []],
    [
      'ends where a newer record of it counts',
      [...good, aged(41, 500, 'bad'), aged(41, 600, 'good')],
      ['checkout:41 ends'],
    ],
    [
      'ends where it never proved itself',
      [...good, aged(42, 500, 'bad'), aged(41, 500.01, 'unverified')],
      ['checkout:41 ends'],
    ],
    ['stays where it is the last that its side got', [...good, aged(7, 700, 'unverified', 'green')], []],
    ['stays within its year', [...good, aged(41, keptDays - 1, 'bad')], []],
  ])('%s', (_story, ledger, expected) => {
    expect(ends(ledger)).toEqual(expected);
  });

  test('stays where a rollback has put it there', () => {
    const rollbacks = [rollback({ startedAt: daysAgo(3), reverts: { main: taskDefinition(41) } })];
    expect(ends([...good, aged(41, 500, 'unverified')], { rollbacks })).toEqual([]);
  });

  test('that is needed again loses its end, and one that has an end keeps it', () => {
    const [one, other] = [aged(41, 500, 'good'), aged(40, 600, 'good')];
    const ending: [string, number][] = [one, other].map((each) => [releaseKey(each), 1_800_000_000]);
    expect(ends([...good.slice(1), one, other], { ending })).toEqual(['checkout:41 stays']);
  });

  test('takes with it what was told of it, and nothing else', () => {
    const told = (revision: number, days: number): Registration => ({
      side: 'main',
      taskDefinition: taskDefinition(revision),
      registeredAt: daysAgo(days),
      by: 'ann',
    });
    const registrations = [told(41, 500), told(55, 500), told(39, 500), told(60, 1)];
    const changed = termsOf(facts([...good, aged(41, 500, 'good')], { registrations })).map(({ sk }) => sk);
    expect(changed).toEqual([
      releaseKey(aged(41, 500, 'good')),
      registrationKey(told(41, 500)),
      registrationKey(told(39, 500)),
    ]);
  });
});

test('the newest record of a release outlives the older ones, whose standing it overrules', () => {
  const [older, newer] = [aged(41, 600, 'good'), aged(41, 500, 'good')];
  const terms = new Map(termsOf(facts([...good, newer, older])).map(({ sk, expiresAt }) => [sk, expiresAt ?? 0]));
  expect((terms.get(releaseKey(newer)) ?? 0) - (terms.get(releaseKey(older)) ?? 0)).toBeGreaterThan(7 * 86_400);
});

test('whatever the ledger has, five good ones of each side stay, as far as there are so many', () => {
  const drawn = fc.record({
    revision: fc.integer({ min: 1, max: 12 }),
    days: fc.integer({ min: 1, max: 2_000 }),
    side: fc.constantFrom('main', 'green'),
    status: fc.constantFrom('good', 'assumed-good', 'bad', 'unverified') as fc.Arbitrary<Release['status']>,
  });
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 30 }), (records) => {
      const ledger = records.map(({ revision, days, side, status }) => aged(revision, days, status, side));
      const given = facts(ledger);
      const ended = new Set(termsOf(given).map(({ sk }) => sk));
      const left = ledger.filter((one) => !ended.has(releaseKey(one)));
      for (const side of ['main', 'green']) {
        const before = goodOf(ledger, side);
        const after = goodOf(left, side);
        expect(after.slice(0, 5)).toEqual(before.slice(0, 5));
      }
      const bad = (ledger: readonly Release[]): Release[] =>
        candidatesOf(ledger).flatMap(({ release: one, standing }) => (standing === 'bad' ? one : []));
      expect(bad(left)).toEqual(bad(ledger));
      expect(keptReleases(facts(left)).map(releaseKey)).toEqual(keptReleases(given).map(releaseKey));
    }),
  );
});

const candidatesOf = (ledger: readonly Release[]) =>
  candidatesFrom({ ...facts(ledger), service: 'checkout', history: [] });

function goodOf(ledger: readonly Release[], side: string): string[] {
  return candidatesOf(ledger)
    .filter(({ release: one, standing }) => one.side === side && rank(standing) <= rank('assumed-good'))
    .map(({ release: one }) => releaseKey(one));
}

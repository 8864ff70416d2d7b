/**
 * How long the ledger remembers. What somebody may want to go back to stays however old it is: the newest good releases of
 * each side, what each side got last, and what a rollback has put there. So does what is bad, or it might be gone back to some
 * day. The rest ends a while after its year.
 */

import { familyRevision } from './ecs.ts';
import type { Release } from './model.ts';
import { type Registration, registrationKey, releaseKey } from './registration.ts';
import { candidatesFrom, type LedgerFacts, rank } from './releases.ts';

/** Good releases of each side that stay. */
export const keptGood = 5;
/** Younger ones stay, good or not. */
export const keptDays = 400;
/**
 * So long after it was found to be needed no more, an item ends: time to change one's mind. The newest record of a release
 * ends as long again after the older ones, whose standing it overrules; DynamoDB deletes within days, in no order.
 */
const graceSeconds = 30 * 86_400;

/** Records of what may be gone back to that stay however old they are, newest first. */
export function keptReleases(facts: LedgerFacts): Release[] {
  const candidates = candidatesFrom({ ...facts, service: '', history: [] });
  const sides = [...new Set(candidates.map(({ release }) => release.side))];
  return sides.flatMap((side) => {
    const own = candidates.filter(({ release }) => release.side === side);
    const good = own.filter(({ standing }) => rank(standing) <= rank('assumed-good')).slice(0, keptGood);
    const put = own.filter(({ release }) => isPutThere(release, facts));
    const all = new Set([...own.slice(0, 1), ...good, ...put].map(({ release }) => release));
    return own.flatMap(({ release }) => (all.has(release) ? [release] : []));
  });
}

function isPutThere({ side, taskDefinition }: Release, { rollbacks }: LedgerFacts): boolean {
  return rollbacks.some(
    ({ reverts, copies }) => reverts?.[side] === taskDefinition || copies?.[side]?.taskDefinition === taskDefinition,
  );
}

/** When an item of the ledger ends, seconds since the epoch; null where it stays. */
export interface Term {
  /** Sort key. */
  readonly sk: string;
  readonly expiresAt: number | null;
}

export interface RetentionFacts extends LedgerFacts {
  readonly registrations: readonly Registration[];
  /** Sort keys of what has an end already. */
  readonly ending: ReadonlyMap<string, number>;
}

/** What changes: releases, and what was told of them, that get an end, or are needed again. */
export function termsOf(facts: RetentionFacts): Term[] {
  const { ledger, registrations, ending, now } = facts;
  const kept = new Set(keptReleases(facts).map(releaseKey));
  const oldest = new Date(Date.parse(now) - keptDays * 86_400_000).toISOString();
  const candidates = candidatesFrom({ ...facts, service: '', history: [] });
  const newest = new Set(candidates.map(({ release }) => releaseKey(release)));
  const bad = new Set(
    candidates.filter(({ standing }) => standing === 'bad').map(({ release }) => releaseKey(release)),
  );
  const stays = (release: Release): boolean =>
    release.deployedAt >= oldest || kept.has(releaseKey(release)) || bad.has(releaseKey(release));
  const ends = Math.floor(Date.parse(now) / 1_000) + graceSeconds;
  const told = registrations.map((registration): Term => {
    const about = ({ side, taskDefinition }: Release): boolean =>
      side === registration.side && familyRevision(taskDefinition) === familyRevision(registration.taskDefinition);
    const needed = registration.registeredAt >= oldest || ledger.some((release) => about(release) && stays(release));
    return { sk: registrationKey(registration), expiresAt: needed ? null : ends };
  });
  const recorded = ledger.map((release): Term => {
    const sk = releaseKey(release);
    return { sk, expiresAt: stays(release) ? null : newest.has(sk) ? ends + graceSeconds : ends };
  });
  return [...recorded, ...told].filter(({ sk, expiresAt }) => ending.has(sk) !== (expiresAt !== null));
}

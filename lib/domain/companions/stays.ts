/** What ran when: the times that a side or a companion was on one release, from the ledger. */
import { changesOf } from '../attribution.ts';
import { familyRevision } from '../ecs.ts';
import type { Release, RollbackRecord } from '../model.ts';
import { otherImages } from '../releases.ts';

export interface Stay {
  readonly release: Release;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
}

export interface StayFacts {
  readonly service: string;
  /** Name of the side, or of the companion. */
  readonly unit: string;
  /** Of every unit. */
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
  /** Its primary deployment, where what came after that cannot be: a rollback that ended before it came to this unit. */
  readonly primary?: { readonly taskDefinition: string; readonly createdAt: string };
  /** Where the last stay ends; what began later is left out. ISO 8601. */
  readonly until: string;
}

/** Oldest first. The same deployed again goes on. */
export function staysOf(facts: StayFacts): Stay[] {
  const stays: Stay[] = [];
  for (const { release, at } of arrivals(facts)) {
    const last = stays.at(-1);
    if (last?.release.taskDefinition === release.taskDefinition && !otherImages(last.release, release)) continue;
    if (last) stays[stays.length - 1] = { ...last, to: at };
    stays.push({ release, from: at, to: facts.until });
  }
  return stays;
}

/** Minutes that both last at the same time, 0 at least. */
export function minutesTogether(a: Pick<Stay, 'from' | 'to'>, b: Pick<Stay, 'from' | 'to'>): number {
  const from = Math.max(Date.parse(a.from), Date.parse(b.from));
  return Math.max(0, Math.min(Date.parse(a.to), Date.parse(b.to)) - from) / 60_000;
}

interface Arrival {
  readonly at: string;
  readonly release: Release;
}

function arrivals(facts: StayFacts): Arrival[] {
  const { unit, releases, rollbacks, primary, until } = facts;
  const known = changesOf(unit, releases, rollbacks)
    .filter(({ at }) => at < until && (!primary || at <= primary.createdAt))
    .toReversed()
    .map(
      ({ at, taskDefinition, release, rollbackId }): Arrival => ({
        at,
        release: release ?? putBack(facts, { at, taskDefinition, rollbackId }),
      }),
    );
  const newest = known.at(-1)?.release.taskDefinition;
  if (!primary || primary.createdAt >= until || primary.taskDefinition === newest) return known;
  const { taskDefinition, createdAt: at } = primary;
  return [...known, { at, release: putBack(facts, { at, taskDefinition }) }];
}

/** What a rollback put there is no release of its own: what it is, the record tells that it, or its original, has. */
function putBack(
  { service, unit, releases, rollbacks }: StayFacts,
  change: { readonly at: string; readonly taskDefinition: string; readonly rollbackId?: string | undefined },
): Release {
  const { taskDefinition } = change;
  const copy = rollbacks.find(({ rollbackId }) => rollbackId === change.rollbackId)?.copies?.[unit];
  const of = copy?.taskDefinition ?? taskDefinition;
  const known = releases.find((release) => release.side === unit && release.taskDefinition === of);
  const blank = { version: familyRevision(taskDefinition), deployedAt: change.at, status: 'unverified' } as const;
  return { service, side: unit, ...blank, ...known, images: copy?.images ?? known?.images ?? [], taskDefinition };
}

/**
 * What a companion goes back to: what last ran beside the release that its service goes back to. Its own "previous" may be
 * of another release of the service altogether. Where nothing tells what ran then, nothing is chosen.
 */
import { inWords } from '../elapsed.ts';
import type { Release, RollbackRecord } from '../model.ts';
import { nameOf } from '../releases.ts';
import type { Suspect, TargetChoice } from '../target.ts';
import { minutesTogether, type Stay, staysOf } from './stays.ts';

export interface CompanionTargetFacts {
  readonly service: string;
  readonly companion: string;
  /** Its primary deployment. */
  readonly primary: { readonly taskDefinition: string; readonly createdAt: string };
  /** What the service goes back to, and what it goes back from. */
  readonly target: Release;
  readonly suspect: Suspect;
  /** A person named the target: then also what was rolled back once may come back with it. */
  readonly named: boolean;
  /** Of sides and companions, newest first. */
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
  readonly bakeMinutes: number;
  readonly now: string;
}

/**
 * Services of one release are deployed one after the other: what met the target for a shorter time only may be the tail
 * of the release before it, or the head of the one after it.
 */
const leastMinutes = 30;

export function chooseCompanionTarget(facts: CompanionTargetFacts): TargetChoice {
  const { companion, target, named } = facts;
  const picked = pick(facts);
  if (!picked) {
    const reason = `Nothing tells what companion ${companion} ran beside ${nameOf(target)}: neither the ledger nor ECS knows it.`;
    return { kind: 'none', reason };
  }
  const { release, why } = picked;
  const status = release.marked?.status ?? release.status;
  if (status === 'bad' && !named) {
    const reason = `${nameOf(release)}, which companion ${companion} ran beside ${nameOf(target)}, was rolled back before.`;
    return { kind: 'none', reason };
  }
  return { kind: 'found', release, reason: `${nameOf(release)} ${why}.` };
}

function pick(facts: CompanionTargetFacts): { readonly release: Release; readonly why: string } | undefined {
  const { companion, target, suspect, releases, bakeMinutes } = facts;
  const goes = (release: Release): boolean => ofOneRelease(release, suspect) && !ofOneRelease(target, suspect);
  const beside = stayedBeside(facts).filter(({ stay }) => !goes(stay.release));
  const ran = ({ stay, minutes }: Beside, how: string) => ({
    release: stay.release,
    why: `ran beside ${nameOf(target)} ${how}, for ${inWords(minutes * 60)}`,
  });
  const last = beside.findLast(({ minutes }) => minutes >= Math.max(leastMinutes, bakeMinutes));
  if (last) return ran(last, 'last');
  const same = releases.find((release) => release.side === companion && ofOneRelease(release, target));
  if (same) return { release: same, why: `has the version or commit of ${nameOf(target)}` };
  const [longest] = [...beside].sort((a, b) => b.minutes - a.minutes);
  return longest && ran(longest, 'the longest');
}

interface Beside {
  readonly stay: Stay;
  readonly minutes: number;
}

function stayedBeside(facts: CompanionTargetFacts): Beside[] {
  const { service, companion, primary, releases, rollbacks, now } = facts;
  const served = lastServed(facts);
  if (!served) return [];
  return staysOf({ service, unit: companion, releases, rollbacks, primary, until: now })
    .map((stay) => ({ stay, minutes: minutesTogether(stay, served) }))
    .filter(({ minutes }) => minutes > 0);
}

/** When the target was in service last; undefined where nobody knows. Where it runs already, the time before this one. */
function lastServed(facts: CompanionTargetFacts): Pick<Stay, 'from' | 'to'> | undefined {
  const { service, target, suspect, releases, rollbacks, now } = facts;
  const there = suspect.taskDefinition === target.taskDefinition;
  const until = there || !suspect.begunAt ? now : suspect.begunAt;
  const stays = staysOf({ service, unit: target.side, releases, rollbacks, until }).filter(
    ({ release }) => release.taskDefinition === target.taskDefinition,
  );
  const before = there ? stays.filter(({ to }) => to < until) : stays;
  const stay = before.at(-1) ?? stays.at(-1);
  if (stay) return stay;
  return target.deployedAt && target.deployedAt < until ? { from: target.deployedAt, to: until } : undefined;
}

type Named = Pick<Release, 'version' | 'registeredVersion' | 'commit'>;

/** They share a commit, or a tag or registered version that names one. */
export function ofOneRelease(a: Named, b: Named): boolean {
  if (a.commit !== undefined && a.commit === b.commit) return true;
  return versionsOf(a).some((version) => versionsOf(b).includes(version));
}

/** `worker:6` is the name of a release without a tag. */
const versionsOf = ({ registeredVersion, version }: Named): string[] =>
  [registeredVersion ?? [], version].flat().filter((one) => one !== 'latest' && !one.includes(':'));

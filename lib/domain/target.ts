/**
 * Which release to go back to. `previous` is the newest good release that is not the current one, never "revision - 1":
 * a revision may be a failed attempt, a test, or deregistered. A person may name any release. Where nothing is known,
 * nothing is chosen.
 */
import { familyRevision, type TaskDefinitionView } from './ecs.ts';
import type { ContainerImage, Release, RollbackRecord } from './model.ts';
import { type Candidate, nameOf, otherImages, rank, type Standing } from './releases.ts';

export type TargetChoice =
  | {
      readonly kind: 'found';
      readonly release: Release;
      /** How far it has proven itself; absent where nothing is known of it. */
      readonly standing?: Standing;
      readonly reason: string;
      /** Why a person should think twice. */
      readonly warning?: string;
    }
  | { readonly kind: 'none'; readonly reason: string };

/** What is to be replaced. */
export interface Suspect {
  readonly side: string;
  readonly taskDefinition: string;
  /** The image tag, or `family:revision`. */
  readonly version: string;
  /** When the deployment that brought it began. */
  readonly begunAt: string;
  /** As they run, where ECS tells: one definition whose tag moves is more than one release. */
  readonly images?: readonly ContainerImage[];
  /** The rollback that was bringing it and ended before anybody had judged it: there is nothing wrong with it so far. */
  readonly broughtBy?: string;
}

/** How many known versions a message lists. */
const listed = 10;

/** How many good releases are looked at before nothing is found that can be started. */
export const mostLooked = 5;

export function chooseTarget(facts: {
  readonly service: string;
  /** As requested. */
  readonly version: string;
  readonly suspect: Suspect;
  readonly candidates: readonly Candidate[];
}): TargetChoice {
  const { suspect, version } = facts;
  if (version === 'previous' && suspect.broughtBy !== undefined) return goneOnWith(facts, suspect.broughtBy);
  return facts.version === 'previous'
    ? (previous(facts.suspect, facts.candidates)[0] ?? nothingGood(facts.suspect, facts.candidates))
    : named(facts);
}

/** After `chooseTarget`'s answer to `previous`, the older good releases, best first. Empty for a named one. */
export function furtherTargets(facts: {
  readonly version: string;
  readonly suspect: Suspect;
  readonly candidates: readonly Candidate[];
}): TargetChoice[] {
  if (facts.version !== 'previous' || facts.suspect.broughtBy !== undefined) return [];
  return previous(facts.suspect, facts.candidates).slice(1, mostLooked);
}

/**
 * True when the ledger alone decides. ECS's own history is asked only when it has no release known to be good, or none
 * of the name that a person gave.
 */
export function settles(version: string, suspect: Suspect, fromLedger: readonly Candidate[]): boolean {
  if (version !== 'previous') return findNamed(version, suspect, fromLedger) !== undefined;
  if (suspect.broughtBy !== undefined) return fromLedger.some(({ release }) => isCurrent(suspect, release));
  return earlier(suspect, fromLedger).some((candidate) => rank(candidate.standing) <= rank('served'));
}

/**
 * A rollback that somebody stopped is gone on with: whoever starts again wants what it was to bring. Anything older would be
 * the answer to a release that nobody has blamed.
 */
function goneOnWith(
  facts: { readonly service: string; readonly suspect: Suspect; readonly candidates: readonly Candidate[] },
  rollbackId: string,
): TargetChoice {
  const { suspect, candidates } = facts;
  const found = candidates.find(({ release }) => isCurrent(suspect, release));
  const reason =
    `${nameOf(suspect)} is what rollback ${rollbackId} was going to when it was broken off, so that is gone on with. To go ` +
    'further back, name a release with "version".';
  if (found) return { kind: 'found', release: found.release, standing: found.standing, reason };
  return { kind: 'found', release: unknownRelease(facts.service, suspect, suspect.taskDefinition), reason };
}

/** Best first. */
function previous(suspect: Suspect, candidates: readonly Candidate[]): Extract<TargetChoice, { kind: 'found' }>[] {
  const eligible = earlier(suspect, candidates).filter(({ standing }) => rank(standing) <= rank('assumed-good'));
  const ranked = eligible.sort((a, b) => tier(a) - tier(b) || b.release.deployedAt.localeCompare(a.release.deployedAt));
  return ranked.map(({ release, standing, evidence }, index) => {
    const which = index === 0 ? 'the newest known good release' : 'a known good release';
    const reason = `${nameOf(release)} is ${which} before ${nameOf(suspect)}: ${evidence}.`;
    return { kind: 'found', release, standing, reason };
  });
}

function nothingGood(suspect: Suspect, candidates: readonly Candidate[]): TargetChoice {
  const others = candidates.filter((candidate) => !isCurrent(suspect, candidate.release));
  const known = others.length > 0 ? `Known are ${list(others)}.` : 'Neither the ledger nor ECS knows another release.';
  return {
    kind: 'none',
    reason: `No good release before ${nameOf(suspect)} is known. ${known} Name one with "version", or roll forward.`,
  };
}

/** Verified and long served releases are equals; then the newest counts. */
const tier = (candidate: Candidate): number => Math.max(rank('served'), rank(candidate.standing));

/** Releases from before the suspect that are not the suspect. */
function earlier(suspect: Suspect, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(
    ({ release }) => !isCurrent(suspect, release) && (!suspect.begunAt || release.deployedAt < suspect.begunAt),
  );
}

/** Two sides may run the same image from task definitions of their own families. */
const isCurrent = (suspect: Suspect, release: Release): boolean =>
  sameCode({ ...suspect, images: suspect.images ?? [] }, release);

/**
 * The same task definition, or the same version in another family; `latest` names no version. Never with images that
 * are known to be others: a tag moves, and then the same name runs other code.
 */
export function sameCode(a: Code, b: Code): boolean {
  if (otherImages(a, b)) return false;
  if (a.taskDefinition === b.taskDefinition) return true;
  return a.version === b.version && a.version !== 'latest' && family(a.taskDefinition) !== family(b.taskDefinition);
}

type Code = Pick<Release, 'taskDefinition' | 'version' | 'images'>;

// ---------------------------------------------------------------- named by a person

function named(facts: {
  readonly service: string;
  readonly version: string;
  readonly suspect: Suspect;
  readonly candidates: readonly Candidate[];
}): TargetChoice {
  const { version, suspect, candidates } = facts;
  const found = findNamed(version, suspect, candidates);
  if (found) return asNamed(version, found);
  const arn = taskDefinitionNamed(version, suspect.taskDefinition);
  if (arn) {
    const release = unknownRelease(facts.service, suspect, arn);
    const warning = `${familyRevision(arn)} is in neither the ledger nor ECS's history: nothing is known of how it served.`;
    return { kind: 'found', release, reason: `${version} was named.`, warning };
  }
  const known = candidates.length > 0 ? `Known are ${list(candidates)}.` : 'No release is known yet.';
  return {
    kind: 'none',
    reason:
      `No known release has the version or commit "${version}". ${known} ` +
      'A version is an image tag; "revision-N" or a task definition ARN names any revision.',
  };
}

const unknownRelease = (service: string, { side }: Suspect, taskDefinition: string): Release => ({
  service,
  side,
  version: familyRevision(taskDefinition),
  taskDefinition,
  images: [],
  deployedAt: '',
  status: 'unverified',
});

/**
 * The newest release that a person means by a version, a commit, `revision-N`, `family:N` or an ARN.
 *
 * @param current a task definition of the family that `revision-N` is of
 * @param candidates newest first
 */
export function findNamed<C extends Named>(
  version: string,
  { taskDefinition: current }: Pick<Suspect, 'taskDefinition'>,
  candidates: readonly C[],
): C | undefined {
  const arn = taskDefinitionNamed(version, current);
  return arn
    ? candidates.find(({ release }) => release.taskDefinition === arn)
    : byVersionOrCommit(version, candidates);
}

type Named = Pick<Candidate, 'release'>;

/** `revision-N`, `family:N` or an ARN as a task definition ARN; undefined for anything else. */
function taskDefinitionNamed(version: string, current: string): string | undefined {
  if (/^arn:[^:]+:ecs:[^:]+:\d+:task-definition\/[^:]+:\d+$/.test(version)) return version;
  const prefix = current.slice(0, current.lastIndexOf('/') + 1);
  const revision = /^revision-([1-9]\d*)$/.exec(version)?.[1];
  if (revision) return `${prefix}${family(current)}:${revision}`;
  return /^[\w-]+:[1-9]\d*$/.test(version) && family(version) === family(current) ? `${prefix}${version}` : undefined;
}

/** The newest release of that version; else of that commit, which a tag may be, end with, or a label name. */
function byVersionOrCommit<C extends Named>(version: string, candidates: readonly C[]): C | undefined {
  const bare = (text: string): string => text.replace(/^v(?=\d)/, '');
  const versions = ({ registeredVersion, version: tag }: Release): string[] =>
    registeredVersion === undefined ? [tag] : [registeredVersion, tag];
  return (
    candidates.find(({ release }) => versions(release).includes(version)) ??
    candidates.find(({ release }) => versions(release).map(bare).includes(bare(version))) ??
    candidates.find(({ release }) => commitsOf(release).some((commit) => sameCommit(commit, version)))
  );
}

function commitsOf(release: Release): string[] {
  const suffix = release.version.split(/[-_.+]/).at(-1) ?? '';
  return [release.commit ?? '', release.version, suffix];
}

/** Abbreviated commits have seven digits at least. */
function sameCommit(a: string, b: string): boolean {
  const hex = /^[0-9a-f]{7,40}$/i;
  if (!hex.test(a) || !hex.test(b)) return false;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return long.toLowerCase().startsWith(short.toLowerCase());
}

function asNamed(version: string, { release, standing, evidence }: Candidate): TargetChoice {
  const reason = `${nameOf(release)} was named as "${version}": ${evidence}.`;
  const found = { kind: 'found', release, standing, reason } as const;
  if (release.marked?.status === 'bad') {
    return { ...found, warning: `${nameOf(release)} is bad, ${evidence}. It is gone to only because it was named.` };
  }
  if (standing === 'bad') {
    return { ...found, warning: `${nameOf(release)} was rolled back before and is gone to only because it was named.` };
  }
  if (standing === 'unproven') {
    return { ...found, warning: `${nameOf(release)} never proved itself: ${evidence}.` };
  }
  return found;
}

function list(candidates: readonly Candidate[]): string {
  const shown = candidates.slice(0, listed).map(({ release, standing }) => `${nameOf(release)}, ${standing}`);
  const more = candidates.length > listed ? `; and ${candidates.length - listed} more` : '';
  return shown.join('; ') + more;
}

/** A release known only by its task definition is completed from that. */
export function completed(release: Release, definition: TaskDefinitionView | undefined): Release {
  if (!definition) return release;
  return {
    ...release,
    version: release.images.length > 0 ? release.version : definition.version,
    images: release.images.length > 0 ? release.images : definition.images,
    deployedAt: release.deployedAt || (definition.registeredAt ?? ''),
    ...(definition.commit && { commit: release.commit ?? definition.commit }),
  };
}

/** `arn:…:task-definition/checkout:42` -> `checkout` */
export const family = (taskDefinition: string): string => familyRevision(taskDefinition).replace(/:\d+$/, '');

/**
 * The newest rollback that changed anything, where it was bringing what is in service and ended before anybody judged that.
 *
 * @param takeOver the one that a person takes the lock from: it is not let end
 */
export function broughtBy(
  suspect: Pick<Suspect, 'side' | 'taskDefinition'>,
  rollbacks: readonly RollbackRecord[],
  takeOver?: string,
): string | undefined {
  const newest = rollbacks
    .filter(({ executes }) => executes === true)
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0];
  if (!newest || (newest.unfinished !== true && newest.rollbackId !== takeOver)) return undefined;
  if (newest.goal?.side !== suspect.side) return undefined;
  const put = newest.reverts?.[suspect.side] ?? newest.goal.taskDefinition;
  return put === suspect.taskDefinition ? newest.rollbackId : undefined;
}

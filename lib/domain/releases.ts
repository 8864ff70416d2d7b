/**
 * The ledger and ECS's own history, put together: every release that a rollback could go to, and how far each has
 * proven itself.
 *
 * A release is recorded `unverified`. It counts as good once it has served for the bake time without being rolled back:
 * that is decided here, whenever the ledger is read, so that nothing has to run at the right moment to say so. A
 * rollback that ends `verified` marks its target `good` and what it replaced `bad`.
 */
import { familyRevision, type ServiceDeploymentView, type ServiceRevisionView, versionOf } from './ecs.ts';
import type { Release, RollbackRecord } from './model.ts';
import { markInWords, neverRecorded, type Registration, withRegistered } from './registration.ts';

/** Best first. `unproven` and `bad` are only gone to when a person names them. */
export const standings = ['good', 'served', 'deployed', 'assumed-good', 'unproven', 'bad'] as const;
export type Standing = (typeof standings)[number];

export interface Candidate {
  readonly release: Release;
  readonly standing: Standing;
  /** Where the standing comes from, as the end of a sentence. */
  readonly evidence: string;
}

export interface LedgerFacts {
  readonly ledger: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
  readonly bakeMinutes: number;
  readonly now: string;
}

/** A service's deployments as ECS remembers them, for one side. */
export interface SideHistory {
  readonly side: string;
  readonly deployments: readonly ServiceDeploymentView[];
  readonly revisions: readonly ServiceRevisionView[];
}

/** One candidate for each release of each side, newest first. */
export function candidatesFrom(facts: {
  readonly service: string;
  readonly ledger: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
  readonly history: readonly SideHistory[];
  /** What pipelines told; what was recorded has it already. */
  readonly registrations?: readonly Registration[];
  readonly bakeMinutes: number;
  readonly now: string;
}): Candidate[] {
  const { registrations = [] } = facts;
  const fromLedger = newestFirst(facts.ledger).map((release) => standingOf(release, facts));
  const fromHistory = facts.history
    .flatMap((side) => arrivals(facts.service, side))
    .map((candidate) => ({ ...candidate, release: withRegistered(candidate.release, registrations) }))
    .map((candidate) => doubted(candidate, facts.rollbacks));
  const merged: Candidate[] = [];
  const knownOf = ({ release }: Candidate): number => merged.findIndex((known) => sameRelease(known.release, release));
  for (const candidate of fromLedger) if (knownOf(candidate) < 0) merged.push(candidate);
  for (const candidate of fromHistory.sort((a, b) => newer(a.release, b.release))) {
    const index = knownOf(candidate);
    const known = merged[index];
    if (!known) merged.push(candidate);
    // That ECS could start it says nothing against what the ledger knows to be bad.
    else if (known.standing !== 'bad' && rank(candidate.standing) < rank(known.standing))
      merged[index] = { ...candidate, release: known.release };
  }
  // Last: whoever has seen it in service knows more of it.
  for (const release of neverRecorded(facts.service, facts.ledger, registrations)) {
    const candidate: Candidate = { release, standing: 'unproven', evidence: 'registered, and not seen in service' };
    const known = merged.some(({ release: { side, taskDefinition } }) => isOf(release, side, taskDefinition));
    if (!known) merged.push(candidate);
  }
  return merged.sort((a, b) => newer(a.release, b.release));
}

const isOf = (release: Release, side: string, taskDefinition: string): boolean =>
  release.side === side && release.taskDefinition === taskDefinition;

/** One definition is more than one release where a tag of it moved between its deployments. */
const sameRelease = (a: Release, b: Release): boolean =>
  a.side === b.side && a.taskDefinition === b.taskDefinition && !otherImages(a, b);

export const rank = (standing: Standing): number => standings.indexOf(standing);

/** What the ledger says that a side runs. */
export function newestOf(releases: readonly Release[], side: string): Release | undefined {
  return newestFirst(releases).find((release) => release.side === side);
}

/** When the first rollback after its deployment put its side on something else; undefined when none did. */
export function rolledBackAt(release: Release, rollbacks: readonly RollbackRecord[]): string | undefined {
  const { side, deployedAt } = release;
  const since = rollbacks.filter(({ reverts, copies, startedAt }) => {
    const put = reverts?.[side];
    const to = copies?.[side] ?? (put === undefined ? undefined : { taskDefinition: put, images: [] });
    if (to === undefined || startedAt <= deployedAt) return false;
    return to.taskDefinition !== release.taskDefinition || otherImages(to, release);
  });
  return since.map(({ startedAt }) => startedAt).sort()[0];
}

/** Known to run other code: digests that are not known on both sides say nothing. */
export function otherImages(a: Pick<Release, 'images'>, b: Pick<Release, 'images'>): boolean {
  return a.images.some((image) => {
    const other = b.images.find((candidate) => candidate.container === image.container);
    return image.digest !== undefined && other?.digest !== undefined && image.digest !== other.digest;
  });
}

/** `v2.7.3 (checkout:41)`, or `checkout:41` where the image has no tag and nobody registered a version. */
export function nameOf(release: Pick<Release, 'version' | 'taskDefinition' | 'registeredVersion'>): string {
  const revision = familyRevision(release.taskDefinition);
  const { registeredVersion: version = release.version } = release;
  return version === revision ? revision : `${version} (${revision})`;
}

/** Of one record of the ledger. */
export function standingOf(release: Release, facts: LedgerFacts): Candidate {
  if (release.marked) return { release, standing: release.marked.status, evidence: markInWords(release.marked) };
  switch (release.status) {
    case 'good':
      return { release, standing: 'good', evidence: 'verified in service' };
    case 'bad':
      return { release, standing: 'bad', evidence: 'rolled back before' };
    case 'assumed-good':
      return { release, standing: 'assumed-good', evidence: 'in service when Backstep was installed' };
    case 'unverified':
      return served(release, facts);
  }
}

function served(release: Release, facts: LedgerFacts): Candidate {
  const successors = facts.ledger.filter(
    (other) => other.side === release.side && other.deployedAt > release.deployedAt,
  );
  const rolledBack = rolledBackAt(release, facts.rollbacks);
  const ends = [...successors.map((other) => other.deployedAt), rolledBack ?? facts.now, facts.now].sort();
  const end = ends[0] ?? facts.now;
  const minutes = Math.floor((Date.parse(end) - Date.parse(release.deployedAt)) / 60_000);
  if (rolledBack === end && end !== facts.now) {
    return { release, standing: 'unproven', evidence: `rolled back after ${minutes} minutes, without a verdict` };
  }
  const long = minutes >= facts.bakeMinutes;
  const evidence = `served ${minutes} minutes without a rollback, the bake is ${facts.bakeMinutes}`;
  return { release, standing: long ? 'served' : 'unproven', evidence };
}

/** Task definitions that ECS brought into service: a rolled-back deployment arrived where it returned to. */
export function arrivals(service: string, { side, deployments, revisions }: SideHistory): Candidate[] {
  return deployments.flatMap((deployment): Candidate[] => {
    const returned = deployment.status === 'ROLLBACK_SUCCESSFUL';
    if (!returned && deployment.status !== 'SUCCESSFUL') return [];
    const arn = returned ? deployment.rollbackRevision : deployment.targetRevision;
    const revision = revisions.find((candidate) => candidate.serviceRevisionArn === arn);
    if (!revision) return [];
    const { taskDefinition, images } = revision;
    const release: Release = {
      service,
      side,
      version: versionOf(taskDefinition, images),
      taskDefinition,
      images,
      deployedAt: deployment.createdAt,
      status: 'unverified',
    };
    const what = returned ? 'ECS rolled back to it' : 'ECS deployed it';
    return [{ release, standing: 'deployed', evidence: `${what} on ${deployment.createdAt}` }];
  });
}

/**
 * That ECS could start it says nothing about how it served. A release that a rollback took out stays out, also where the
 * rollback itself was not proven: the next "previous" would otherwise lead straight back to it.
 */
function doubted(candidate: Candidate, rollbacks: readonly RollbackRecord[]): Candidate {
  const since = rolledBackAt(candidate.release, rollbacks);
  return since === undefined
    ? candidate
    : { ...candidate, standing: 'unproven', evidence: `${candidate.evidence} and a rollback took it out at ${since}` };
}

const newer = (a: Release, b: Release): number => b.deployedAt.localeCompare(a.deployedAt);
const newestFirst = (releases: readonly Release[]): Release[] => [...releases].sort(newer);

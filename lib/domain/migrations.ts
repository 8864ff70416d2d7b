/**
 * Which migrations lie between the release to go back to and now, as far as pipelines told. Code that is gone back to meets
 * the schema as the newest release has left it: also one that was rolled back since, for nothing reverses a migration.
 */
import { primaryDeployment } from './ecs.ts';
import type { Migration, Release } from './model.ts';
import type { SideFacts } from './plan-facts.ts';
import { type Ledger, neverRecorded, withRegistered } from './registration.ts';
import { nameOf, otherImages } from './releases.ts';
import { sameCode } from './target.ts';

export interface MigrationFindings {
  readonly kind: 'destructive' | 'told' | 'unknown';
  /** One or two sentences, with the names. */
  readonly evidence: string;
}

/** @param sides what is being deployed is not in the ledger yet, and its migrations may have run */
export function migrationsSince(target: Release, sides: readonly SideFacts[], ledger: Ledger): MigrationFindings {
  const since = releasesSince(target, sides, ledger);
  const destructive = since.flatMap((release) => ofKind(release, 'destructive').map((name) => ({ release, name })));
  if (destructive.length > 0) {
    const named = destructive.map(({ release, name }) => `${name}, which came with ${nameOf(release)}`).join('; ');
    return {
      kind: 'destructive',
      evidence:
        `Destructive migrations ran since ${nameOf(target)}, whose code may not understand what they left: ${named}. Roll ` +
        'forward; or, if that code can live with it, register the migration again as additive.',
    };
  }
  const recorded = ledger.releases.some(
    ({ taskDefinition, deployedAt }) => taskDefinition === target.taskDefinition && deployedAt === target.deployedAt,
  );
  if (!recorded) return unknown(`The ledger does not have ${nameOf(target)}, so what came after it is not known`);
  const told = new Set(since.flatMap(({ migrations, commit }) => (migrations && commit ? [commit] : [])));
  // A companion has the migrations of the release that it belongs to, which the sides tell.
  const untold = since.filter(
    ({ migrations, commit, side }) =>
      !migrations && !(commit && told.has(commit)) && sides.some((one) => one.side.name === side),
  );
  if (untold.length > 0)
    return unknown(
      `No pipeline told which migrations came with ${listed(untold.map(nameOf))}, since ${nameOf(target)}`,
    );
  const ran = since.flatMap(({ migrations = [] }) => migrations);
  if (ran.length === 0) return { kind: 'told', evidence: `No migrations since ${nameOf(target)}, as pipelines told.` };
  return { kind: 'told', evidence: `Since ${nameOf(target)}, as pipelines told: ${listed(ran.map(words))}.` };
}

/** Recorded, being deployed, or only registered; also what was rolled back. */
function releasesSince(target: Release, sides: readonly SideFacts[], { releases, registrations }: Ledger): Release[] {
  const underWay = sides.flatMap((side) => running(side, target)).map((one) => withRegistered(one, registrations));
  const unrecorded = underWay.filter((one) => !releases.some((release) => isSame(release, one)));
  const alone = neverRecorded(target.service, [...releases, ...unrecorded], registrations);
  return [...releases, ...unrecorded, ...alone].filter(
    (release) => release.deployedAt > target.deployedAt && !isTarget(release, target),
  );
}

/** Also where it came to another side later. */
const isTarget = (release: Release, target: Release): boolean =>
  sameCode(release, target) || (target.commit !== undefined && release.commit === target.commit);

function running({ side, service, images = [] }: SideFacts, { service: name }: Release): Release[] {
  const primary = service && primaryDeployment(service);
  if (!primary) return [];
  const { taskDefinition, createdAt: deployedAt, id: deploymentId } = primary;
  const version = taskDefinition.slice(taskDefinition.lastIndexOf('/') + 1);
  return [
    { service: name, side: side.name, version, taskDefinition, images, deployedAt, deploymentId, status: 'unverified' },
  ];
}

const isSame = (a: Release, b: Release): boolean =>
  a.side === b.side && a.taskDefinition === b.taskDefinition && !otherImages(a, b);

const ofKind = ({ migrations = [] }: Release, kind: Migration['kind']): string[] =>
  migrations.filter((migration) => migration.kind === kind).map(({ name }) => name);

const unknown = (evidence: string): MigrationFindings => ({ kind: 'unknown', evidence });
const words = ({ name, kind }: Migration): string => (kind === 'none' ? `${name} (no schema)` : `${name} (${kind})`);

/** Long lists are cut: a service without a pipeline that tells has them all. */
function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length > 5 ? ` and ${unique.length - 5} more` : '';
  return unique.slice(0, 5).join(', ') + more;
}

/**
 * What a pipeline tells of a release: an item of its own beside what was recorded, and put together with it whenever the
 * ledger is read. So it does not matter which of the two came first, nor how often either came.
 */
import { familyRevision } from './ecs.ts';
import { type ConfigurationVersion, type Migration, migrationKinds, type Release, type ReleaseMark } from './model.ts';
import { bare } from './needs.ts';

/** What is told; what is absent was not told. */
export interface ToldFacts {
  readonly version?: string;
  readonly commit?: string;
  readonly schemaVersion?: string;
  /** Empty: the release brought none. */
  readonly migrations?: readonly Migration[];
  readonly configuration?: readonly ConfigurationVersion[];
}

/** By side and task definition: which build that is, somebody knows before any deployment of it has begun. */
export interface Registration extends ToldFacts {
  readonly side: string;
  /** ARN. */
  readonly taskDefinition: string;
  /** Of one deployment of it only, `ecs-svc/…`; for pipelines that deploy another image under the same definition. */
  readonly deploymentId?: string;
  /** When it was told first, ISO 8601. */
  readonly registeredAt: string;
  /** ARN of who told it last. */
  readonly by: string;
}

/** What a version, a commit, and the version of a schema may look like. */
export const toldForms = {
  version: /^[\w.+-]{1,128}$/,
  commit: /^[0-9a-f]{7,40}$/i,
  schemaVersion: /^[^\p{C}]{1,128}$/u,
} as const;

/**
 * Whether what lies in the table can be used. A pipeline may write there without our command; what it writes
 * must neither break a rollback nor reach a terminal as anything but text.
 */
export function isRegistration(found: unknown): found is Registration {
  if (!isObject(found)) return false;
  const { version, commit, schemaVersion, migrations, configuration, deploymentId } = found;
  return (
    [found.side, found.registeredAt, found.by].every(isText) &&
    /^arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition\/[\w-]+:[1-9]\d*$/.test(String(found.taskDefinition)) &&
    unlessAbsent(deploymentId, isText) &&
    unlessAbsent(version, hasForm(toldForms.version)) &&
    unlessAbsent(commit, hasForm(toldForms.commit)) &&
    unlessAbsent(schemaVersion, hasForm(toldForms.schemaVersion)) &&
    unlessAbsent(migrations, listOf(isMigration)) &&
    unlessAbsent(configuration, listOf(isVersion))
  );
}

const isObject = (found: unknown): found is Readonly<Record<string, unknown>> =>
  typeof found === 'object' && found !== null && !Array.isArray(found);
const isText = (found: unknown): boolean => typeof found === 'string' && found !== '';
const hasForm =
  (form: RegExp) =>
  (found: unknown): boolean =>
    typeof found === 'string' && form.test(found);
const listOf =
  (isOne: (found: unknown) => boolean) =>
  (found: unknown): boolean =>
    Array.isArray(found) && found.every(isOne);
const unlessAbsent = (found: unknown, isRight: (found: unknown) => boolean): boolean =>
  found === undefined || isRight(found);
const isMigration = (found: unknown): boolean =>
  isObject(found) && isText(found.name) && migrationKinds.some((kind) => kind === found.kind);
const isVersion = (found: unknown): boolean => isObject(found) && isText(found.name) && isText(found.versionId);

/** A release as the table has it. */
export interface StoredRelease extends Release {
  /** When what found the status had begun, ISO 8601. */
  readonly statusAt?: string;
}

/** What the table has of a service's releases. */
export interface Ledger {
  /** Newest first, all sides, with what was told of them. */
  readonly releases: readonly Release[];
  /** What pipelines told, recorded or not. */
  readonly registrations: readonly Registration[];
}

/** Sort key of a release's item. Each coming into service is a record of its own. */
export const releaseKey = ({ deployedAt, side, taskDefinition }: Release): string =>
  `RELEASE#${deployedAt}#${side}#${familyRevision(taskDefinition)}`;

/** Sort key of a registration's item. */
export const registrationKey = ({
  side,
  taskDefinition,
  deploymentId,
}: Pick<Registration, 'side' | 'taskDefinition' | 'deploymentId'>): string =>
  `REGISTERED#${side}#${familyRevision(taskDefinition)}${deploymentId === undefined ? '' : `#${deploymentId}`}`;

/** The later word counts, member by member; versions of configuration name by name. */
export function mergeRegistrations(before: Registration | undefined, told: Registration): Registration {
  if (!before) return told;
  const configuration = mergeVersions(before.configuration, told.configuration);
  return { ...before, ...told, registeredAt: before.registeredAt, ...(configuration && { configuration }) };
}

/** Releases as the rest of Backstep knows them: with what was told of them, and with a person's word where it counts. */
export function readLedger(stored: readonly StoredRelease[], registrations: readonly Registration[]): Release[] {
  return stored.map((release) => withRegistered(withMark(release), registrations));
}

/** What was told of one deployment goes before what was told of its task definition. */
export function withRegistered(release: Release, registrations: readonly Registration[]): Release {
  const own = registrations.filter(
    ({ side, taskDefinition }) => side === release.side && taskDefinition === release.taskDefinition,
  );
  const told = [
    ...own.filter(({ deploymentId }) => deploymentId === undefined),
    ...own.filter(({ deploymentId }) => deploymentId !== undefined && deploymentId === release.deploymentId),
  ];
  return told.reduce(complete, release);
}

function complete(release: Release, told: Registration): Release {
  const { version, commit, schemaVersion, migrations } = told;
  const configuration = mergeVersions(release.configuration, told.configuration);
  return {
    ...release,
    ...(version !== undefined && { registeredVersion: version }),
    ...(commit !== undefined && { commit }),
    ...(schemaVersion !== undefined && { schemaVersion }),
    ...(migrations && { migrations }),
    ...(configuration && { configuration }),
  };
}

/** A person's word is newer where it was said after the rollback began that found something else. */
function withMark({ statusAt, marked, ...release }: StoredRelease): Release {
  if (!marked || marked.at <= (statusAt ?? '')) return release;
  return { ...release, status: marked.status, marked };
}

/** `ann said so at 2026-01-15T10:03:00Z: the alarm was wrong` */
export const markInWords = ({ by, at, reason }: ReleaseMark): string =>
  `${by.slice(by.lastIndexOf('/') + 1)} said so at ${at}: ${reason}`;

/** Of those registrations that no record belongs to, the releases that they speak of. */
export function neverRecorded(
  service: string,
  releases: readonly Release[],
  registrations: readonly Registration[],
): Release[] {
  const alone = registrations.filter(
    (told) =>
      !releases.some(
        ({ side, taskDefinition, deploymentId }) =>
          side === told.side &&
          taskDefinition === told.taskDefinition &&
          (told.deploymentId === undefined || told.deploymentId === deploymentId),
      ),
  );
  return alone.map((told) =>
    complete(
      {
        service,
        side: told.side,
        version: familyRevision(told.taskDefinition),
        taskDefinition: told.taskDefinition,
        images: [],
        deployedAt: told.registeredAt,
        status: 'unverified',
      },
      told,
    ),
  );
}

function mergeVersions(
  before: readonly ConfigurationVersion[] | undefined,
  after: readonly ConfigurationVersion[] | undefined,
): readonly ConfigurationVersion[] | undefined {
  if (!before || !after) return after ?? before;
  const kept = before.filter(({ name }) => !after.some((other) => bare(other.name) === bare(name)));
  return [...kept, ...after];
}

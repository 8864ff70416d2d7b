/**
 * What the database means for a plan: whether RDS would take a snapshot of it. It was read beside the rest of the plan's
 * facts, and one that cannot be read is a finding, not an end.
 */
import type { Check, CheckStatus, RollbackContext, ServiceConfiguration } from './model.ts';
import { snapshotName } from './snapshot.ts';

/** What a snapshot is taken of. */
export interface SnapshotSource {
  readonly kind: 'instance' | 'cluster';
  /** The identifier in RDS. */
  readonly id: string;
}

export interface DatabaseFacts {
  /** The configured database; of a member of a cluster, its cluster. */
  readonly source: SnapshotSource;
  /** The configured instance, where it is a member of `source`. */
  readonly member?: string;
  /** Absent where RDS knows no such database, or could not be asked. */
  readonly view?: DatabaseView;
  /** Why RDS could not be asked. Without it and without a view there is no such database. */
  readonly problem?: string;
  /** Manual snapshots of this kind in the account; absent where RDS does not say. */
  readonly quota?: { readonly used: number; readonly limit: number };
}

export interface DatabaseView {
  /** As RDS names it: `available`, `backing-up`, `storage-full`, … */
  readonly status: string;
  readonly engine: string;
  readonly multiAz: boolean;
}

interface Wanted {
  readonly configuration: Pick<ServiceConfiguration, 'database' | 'policy'>;
  readonly context: Pick<RollbackContext, 'rollbackId' | 'request'>;
  /** Absent where no database is configured. */
  readonly database?: DatabaseFacts;
}

/** Whether a snapshot is to be taken at all: configured, asked for, and of a database that there is. */
export function wantsSnapshot(facts: Wanted): facts is Wanted & { readonly database: DatabaseFacts } {
  const { configuration, context, database } = facts;
  return configuration.policy.backup !== 'off' && context.request.backup && database !== undefined && exists(database);
}

export function databaseCheck(facts: Wanted): Check {
  const { configuration, context, database } = facts;
  if (!configuration.database) return check('database', 'ok', 'The service has no database configured.');
  if (!database) return check('database', 'failed', 'Nobody has looked at the configured database.');
  const what = `${database.source.kind} ${database.source.id}`;
  if (configuration.policy.backup === 'off')
    return check('database', 'ok', `No snapshot is taken of ${what}: policy.backup is "off".`);
  if (!context.request.backup)
    return check('database', 'warning', `No snapshot is taken of ${what}: this start says "backup": false.`);
  const required = configuration.policy.backup === 'required';
  const snapshot = snapshotName(context.rollbackId);
  if (database.problem !== undefined) {
    const then = required ? 'Refused, it blocks the rollback.' : 'Refused, the rollback goes on without it.';
    const evidence = `RDS could not be asked about ${what} (${database.problem}). Snapshot ${snapshot} is tried all the same. ${then}`;
    return check('database', 'warning', evidence);
  }
  const obstacle = obstacleOf(database);
  if (obstacle !== undefined) {
    const then = required ? 'A snapshot is required (policy.backup).' : 'The rollback goes on without a snapshot.';
    return check('database', required ? 'failed' : 'warning', `${obstacle} ${then}`);
  }
  return ready(database, snapshot);
}

function ready(database: DatabaseFacts, snapshot: string): Check {
  const { source, member, view, quota } = database;
  const through = member === undefined ? '' : `, the cluster that ${member} is a member of,`;
  const used = quota ? ` ${quota.used} of ${quota.limit} manual snapshots are there.` : '';
  const pause = pauseOf(database);
  return check(
    'database',
    pause.expected ? 'warning' : 'ok',
    `${capital(source.kind)} ${source.id}${through} (${view?.engine}) is ${view?.status}. Snapshot ${snapshot} is taken of it. ${pause.words}${used}`,
  );
}

/** Why RDS would take no snapshot, with what to do; undefined where nothing is known to stand in the way. */
function obstacleOf({ source, view, quota }: DatabaseFacts): string | undefined {
  const what = `${source.kind} ${source.id}`;
  if (!view) return `RDS knows no ${what} in this account and region: correct the service's "database".`;
  if (!snapshotStates.includes(view.status)) {
    return `${capital(what)} is ${view.status}, and RDS takes snapshots only of a database that is available.`;
  }
  if (quota && quota.used >= quota.limit) {
    return `All ${quota.limit} manual ${source.kind} snapshots that the account may have are there: delete some, or have AWS raise the quota.`;
  }
  return undefined;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html */
const snapshotStates: readonly string[] = ['available', 'storage-optimization'];

/** Where a snapshot makes a database stand still: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html */
function pauseOf({ source, view }: DatabaseFacts): { readonly expected: boolean; readonly words: string } {
  if (source.kind === 'cluster') return { expected: false, words: "It is taken from the cluster's storage." };
  const own = view?.multiAz === true && !/^(?:custom-)?(?:sqlserver|db2)/.test(view.engine);
  if (own) return { expected: false, words: 'Multi-AZ: it is taken from the standby, without a pause.' };
  const where = view?.multiAz ? `Multi-AZ does not help with ${view.engine}` : 'Single-AZ';
  return {
    expected: true,
    words: `${where}: reads and writes may stand still for seconds, at worst minutes, as it begins.`,
  };
}

const exists = ({ view, problem }: DatabaseFacts): boolean => view !== undefined || problem !== undefined;

const check = (name: string, status: CheckStatus, evidence: string): Check => ({ name, status, evidence });
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Amazon RDS: the state of a database, and snapshots of it. Nothing here throws because RDS does not answer: a snapshot
 * that cannot be had is a finding, and policy says what it means.
 *
 * Calls: rds:DescribeDBInstances, rds:DescribeDBClusters, rds:DescribeAccountAttributes, rds:CreateDBSnapshot,
 * rds:CreateDBClusterSnapshot, rds:AddTagsToResource, rds:DescribeDBSnapshots, rds:DescribeDBClusterSnapshots
 */
import {
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  type DBClusterSnapshot,
  type DBSnapshot,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import type { DatabaseFacts, DatabaseView, SnapshotSource } from '../../lib/domain/database.ts';
import type { ServiceConfiguration } from '../../lib/domain/model.ts';
import type { SnapshotReading, SnapshotView } from '../../lib/domain/snapshot.ts';
import { type Refusal, refusalOf } from '../../lib/domain/snapshot-refusal.ts';
import { clientOptions, quickOptions } from './client.ts';

/** For what the cure cannot do without. */
const patient = new RDSClient(clientOptions);

/** A cure does not wait long for anything else of RDS: two attempts of at most two seconds instead of three of four. */
const rds = new RDSClient(quickOptions);

// ---------------------------------------------------------------- databases

/** What a snapshot would be taken of, and whether it could be. Two calls behind one another at most. */
export async function readDatabase(configured: NonNullable<ServiceConfiguration['database']>): Promise<DatabaseFacts> {
  const [quotas, found] = await Promise.all([
    readQuotas(),
    'cluster' in configured ? readCluster(configured.cluster) : readInstance(configured.instance),
  ]);
  const quota = quotas[found.source.kind];
  return { ...found, ...(quota && { quota }) };
}

async function readInstance(id: string): Promise<DatabaseFacts> {
  const source: SnapshotSource = { kind: 'instance', id: id.toLowerCase() };
  try {
    const { DBInstances: [instance] = [] } = await rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
    );
    if (instance?.DBClusterIdentifier)
      return { ...(await readCluster(instance.DBClusterIdentifier)), member: source.id };
    const view: DatabaseView | undefined = instance && {
      status: instance.DBInstanceStatus ?? 'unknown',
      engine: instance.Engine ?? 'unknown',
      multiAz: instance.MultiAZ ?? false,
    };
    return { source, ...(view && { view }) };
  } catch (error) {
    return withoutView(source, error);
  }
}

async function readCluster(id: string): Promise<DatabaseFacts> {
  const source: SnapshotSource = { kind: 'cluster', id: id.toLowerCase() };
  try {
    const { DBClusters: [cluster] = [] } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }));
    const view: DatabaseView | undefined = cluster && {
      status: cluster.Status ?? 'unknown',
      engine: cluster.Engine ?? 'unknown',
      multiAz: cluster.MultiAZ ?? false,
    };
    return { source, ...(view && { view }) };
  } catch (error) {
    return withoutView(source, error);
  }
}

function withoutView(source: SnapshotSource, error: unknown): DatabaseFacts {
  const { cause, words } = refusalOf(error);
  return cause === 'missing' ? { source } : { source, problem: words };
}

type Quotas = Partial<Record<SnapshotSource['kind'], { readonly used: number; readonly limit: number }>>;

/** Only a hint: where RDS does not say, the snapshot itself will tell. */
async function readQuotas(): Promise<Quotas> {
  try {
    const { AccountQuotas: quotas = [] } = await rds.send(new DescribeAccountAttributesCommand({}));
    const named = (name: string) => {
      const { Used: used, Max: limit } = quotas.find(({ AccountQuotaName: each }) => each === name) ?? {};
      return used === undefined || limit === undefined ? undefined : { used, limit };
    };
    const [instance, cluster] = [named('ManualSnapshots'), named('ManualClusterSnapshots')];
    return { ...(instance && { instance }), ...(cluster && { cluster }) };
  } catch {
    return {};
  }
}

// ---------------------------------------------------------------- snapshots

/** Undefined once RDS has accepted it; it is being made from then on. */
export async function createSnapshot(
  { kind, id }: SnapshotSource,
  snapshot: string,
  options: { readonly tags: Readonly<Record<string, string>>; readonly patient: boolean },
): Promise<Refusal | undefined> {
  const Tags = Object.entries(options.tags).map(([Key, Value]) => ({ Key, Value }));
  const client = options.patient ? patient : rds;
  try {
    if (kind === 'cluster') {
      const input = { DBClusterIdentifier: id, DBClusterSnapshotIdentifier: snapshot, Tags };
      await client.send(new CreateDBClusterSnapshotCommand(input));
    } else {
      await client.send(
        new CreateDBSnapshotCommand({ DBInstanceIdentifier: id, DBSnapshotIdentifier: snapshot, Tags }),
      );
    }
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

/** How far a snapshot is. */
export async function readSnapshot(source: SnapshotSource, snapshot: string): Promise<SnapshotReading> {
  try {
    const view =
      source.kind === 'cluster' ? await clusterSnapshot(snapshot) : await instanceSnapshot(source.id, snapshot);
    return view ? { kind: 'found', view } : { kind: 'missing' };
  } catch (error) {
    const { name } = error instanceof Error ? error : { name: '' };
    if (/^DB(?:Cluster)?SnapshotNotFound/.test(name)) return { kind: 'missing' };
    return { kind: 'unreadable', problem: refusalOf(error).words };
  }
}

/** The instance is named as well: whoever may read one database's snapshots may not read all. */
async function instanceSnapshot(instance: string, snapshot: string): Promise<SnapshotView | undefined> {
  const { DBSnapshots: [found] = [] } = await rds.send(
    new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: instance, DBSnapshotIdentifier: snapshot }),
  );
  return found && viewOf(found, { kind: 'instance', id: found.DBInstanceIdentifier ?? '' });
}

async function clusterSnapshot(snapshot: string): Promise<SnapshotView | undefined> {
  const { DBClusterSnapshots: [found] = [] } = await rds.send(
    new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: snapshot }),
  );
  return found && viewOf(found, { kind: 'cluster', id: found.DBClusterIdentifier ?? '' });
}

function viewOf(found: DBSnapshot & DBClusterSnapshot, source: SnapshotSource): SnapshotView {
  return {
    id: found.DBSnapshotIdentifier ?? found.DBClusterSnapshotIdentifier ?? '',
    arn: found.DBSnapshotArn ?? found.DBClusterSnapshotArn ?? '',
    source,
    status: found.Status ?? 'unknown',
    percent: found.PercentProgress ?? 0,
    ...(found.SnapshotCreateTime && { takenAt: found.SnapshotCreateTime.toISOString() }),
    ...(found.SnapshotDatabaseTime && { databaseTime: found.SnapshotDatabaseTime.toISOString() }),
  };
}

/** Records as RDS shows them. */
import type { DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot, Tag } from '@aws-sdk/client-rds';
import type { SimulatedAccount } from '../../account.ts';
import type { Rds } from '../rds.ts';
import { type DbCluster, type DbInstance, progressOf, type Snapshot } from './model.ts';

const allocatedGib = 100;

const portOf = (engine: string): number =>
  engine.includes('postgres')
    ? 5432
    : engine.startsWith('sqlserver')
      ? 1433
      : engine.startsWith('oracle')
        ? 1521
        : 3306;

export function showInstance(rds: Rds, account: SimulatedAccount, instance: DbInstance): DBInstance {
  return {
    DBInstanceIdentifier: instance.id,
    DBInstanceArn: account.arn('rds', `db:${instance.id}`),
    DBInstanceStatus: rds.statusOf(instance),
    Engine: instance.engine,
    EngineVersion: instance.engineVersion,
    MultiAZ: instance.multiAz,
    AllocatedStorage: allocatedGib,
    InstanceCreateTime: new Date(instance.createdMs),
    Endpoint: {
      Address: `${instance.id}.${account.region}.rds.amazonaws.com`,
      Port: portOf(instance.engine),
    },
    ...(instance.cluster === undefined ? {} : { DBClusterIdentifier: instance.cluster }),
  };
}

export function showCluster(account: SimulatedAccount, cluster: DbCluster): DBCluster {
  return {
    DBClusterIdentifier: cluster.id,
    DBClusterArn: account.arn('rds', `cluster:${cluster.id}`),
    Status: cluster.status,
    Engine: cluster.engine,
    EngineVersion: cluster.engineVersion,
    ClusterCreateTime: new Date(cluster.createdMs),
    Port: portOf(cluster.engine),
    DBClusterMembers: cluster.members.map((id, index) => ({
      DBInstanceIdentifier: id,
      IsClusterWriter: index === 0,
      DBClusterParameterGroupStatus: 'in-sync',
    })),
  };
}

/** An instance's snapshot has its times only once it is taken; the answer to CreateDBSnapshot has none. */
export function showInstanceSnapshot(rds: Rds, snapshot: Snapshot, nowMs: number): DBSnapshot {
  const { status, percent, takenMs } = progressOf(snapshot, nowMs);
  const instance = rds.instances.get(snapshot.source);
  return {
    DBSnapshotIdentifier: snapshot.id,
    DBSnapshotArn: rds.snapshotArn('instance', snapshot.id),
    DBInstanceIdentifier: snapshot.source,
    ...common(snapshot),
    Status: status,
    PercentProgress: percent,
    ...(instance && { InstanceCreateTime: new Date(instance.createdMs) }),
    ...(takenMs !== undefined && {
      SnapshotCreateTime: new Date(takenMs),
      OriginalSnapshotCreateTime: new Date(takenMs),
      SnapshotDatabaseTime: new Date(takenMs),
    }),
  };
}

/** A cluster's snapshot is a point in the cluster's volume: its time is there from the first answer on. */
export function showClusterSnapshot(rds: Rds, snapshot: Snapshot, nowMs: number): DBClusterSnapshot {
  const { status, percent } = progressOf(snapshot, nowMs);
  return {
    DBClusterSnapshotIdentifier: snapshot.id,
    DBClusterSnapshotArn: rds.snapshotArn('cluster', snapshot.id),
    DBClusterIdentifier: snapshot.source,
    ...common(snapshot),
    Status: status,
    PercentProgress: percent,
    SnapshotCreateTime: new Date(snapshot.requestedMs),
  };
}

const common = (snapshot: Snapshot) => ({
  Engine: snapshot.engine,
  EngineVersion: snapshot.engineVersion,
  AllocatedStorage: allocatedGib,
  Port: portOf(snapshot.engine),
  SnapshotType: 'manual',
  TagList: showTags(snapshot.tags),
});

export const showTags = (tags: ReadonlyMap<string, string>): Tag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

import * as schemas from '@aws-sdk/client-rds';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { refuseUnusable } from './rds/identifiers.ts';
import { type DatabaseKind, type DbCluster, type DbInstance, progressOf, type Snapshot } from './rds/model.ts';
import { rdsOperations } from './rds/operations.ts';

/** Manual snapshots of either kind that an account may have, unless AWS was asked for more. */
const defaultQuota = 100;

/** Databases as far as snapshots of them go: nothing connects to them. */
export class Rds implements SimulatedService {
  readonly endpointPrefix = 'rds';
  readonly iamPrefix = 'rds';
  readonly protocol = 'query';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly instances = new Map<string, DbInstance>();
  readonly clusters = new Map<string, DbCluster>();
  /** By ARN, in the order in which they were made. */
  readonly snapshots = new Map<string, Snapshot>();
  snapshotQuota = defaultQuota;
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.operations = rdsOperations(this, account);
  }

  instance(id: string): DbInstance {
    const found = this.instances.get(id.toLowerCase());
    if (!found) throw new AwsError('DBInstanceNotFoundFault', `DBInstance ${id} not found.`);
    return found;
  }

  cluster(id: string): DbCluster {
    const found = this.clusters.get(id.toLowerCase());
    if (!found) throw new AwsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`);
    return found;
  }

  snapshotsOf(kind: DatabaseKind): Snapshot[] {
    return [...this.snapshots.values()].filter((snapshot) => snapshot.kind === kind);
  }

  snapshot(kind: DatabaseKind, id: string): Snapshot {
    const found = this.snapshots.get(this.snapshotArn(kind, id));
    if (found) return found;
    throw kind === 'instance'
      ? new AwsError('DBSnapshotNotFoundFault', `DBSnapshot ${id} not found.`)
      : new AwsError('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot ${id} not found.`);
  }

  snapshotArn(kind: DatabaseKind, id: string): string {
    return this.#account.arn('rds', `${kind === 'instance' ? 'snapshot' : 'cluster-snapshot'}:${id.toLowerCase()}`);
  }

  /** What RDS shows: an instance is `backing-up` while a snapshot of it is being made. Clusters stay `available`. */
  statusOf(instance: DbInstance): string {
    const nowMs = this.#account.clock.now();
    const busy = this.snapshotsOf('instance').some(
      (snapshot) => snapshot.source === instance.id && progressOf(snapshot, nowMs).status === 'creating',
    );
    return busy && instance.status === 'available' ? 'backing-up' : instance.status;
  }

  /**
   * AWS does not document which refusal comes first. The state does here, which is the harder order for whoever repeats
   * a call: the second one does not learn that its snapshot exists.
   */
  createInstanceSnapshot(id: string, instanceId: string, tags: ReadonlyMap<string, string>): Snapshot {
    refuseUnusable('DBSnapshotIdentifier', id, 'instance');
    const instance = this.instance(instanceId);
    if (instance.cluster !== undefined) {
      throw new AwsError(
        'InvalidParameterValue',
        'The specified instance is a member of a cluster and a snapshot cannot be created directly. Please use the ' +
          'CreateDBClusterSnapshot API instead.',
      );
    }
    if (!['available', 'storage-optimization'].includes(this.statusOf(instance))) {
      throw new AwsError(
        'InvalidDBInstanceStateFault',
        `Cannot create a snapshot because the database instance ${instance.id} is not currently in the available state.`,
      );
    }
    return this.#create(instance, id, tags);
  }

  createClusterSnapshot(id: string, clusterId: string, tags: ReadonlyMap<string, string>): Snapshot {
    refuseUnusable('DBClusterSnapshotIdentifier', id, 'cluster');
    const cluster = this.cluster(clusterId);
    if (cluster.status !== 'available') {
      throw new AwsError(
        'InvalidDBClusterStateFault',
        `Cannot create a snapshot because the database cluster ${cluster.id} is not currently in the available state.`,
      );
    }
    return this.#create(cluster, id, tags);
  }

  /** Adds one without any check: what the scenario says existed before. */
  addSnapshot(snapshot: Snapshot): void {
    this.snapshots.set(this.snapshotArn(snapshot.kind, snapshot.id), snapshot);
  }

  deleteSnapshot(id: string): Snapshot {
    const snapshot = this.snapshot('instance', id);
    if (progressOf(snapshot, this.#account.clock.now()).status === 'creating') {
      throw new AwsError('InvalidDBSnapshotStateFault', `Cannot delete the snapshot ${id}: its status is creating.`);
    }
    this.snapshots.delete(this.snapshotArn('instance', id));
    return snapshot;
  }

  #create(database: DbInstance | DbCluster, id: string, tags: ReadonlyMap<string, string>): Snapshot {
    const { kind } = database;
    const name = id.toLowerCase();
    if (this.snapshots.has(this.snapshotArn(kind, name))) {
      throw new AwsError(
        kind === 'instance' ? 'DBSnapshotAlreadyExistsFault' : 'DBClusterSnapshotAlreadyExistsFault',
        `Cannot create the snapshot because a snapshot with the identifier ${name} already exists.`,
      );
    }
    if (this.snapshotsOf(kind).length >= this.snapshotQuota) {
      throw new AwsError(
        'SnapshotQuotaExceededFault',
        `Cannot create more than ${this.snapshotQuota} manual snapshots`,
      );
    }
    const snapshot: Snapshot = {
      kind,
      id: name,
      source: database.id,
      engine: database.engine,
      engineVersion: database.engineVersion,
      requestedMs: this.#account.clock.now(),
      seconds: database.snapshotSeconds,
      fails: database.snapshotFails,
      tags,
    };
    this.addSnapshot(snapshot);
    return snapshot;
  }
}

import type {
  AccountAttributesMessage,
  AddTagsToResourceMessage,
  CreateDBClusterSnapshotMessage,
  CreateDBClusterSnapshotResult,
  CreateDBSnapshotMessage,
  CreateDBSnapshotResult,
  DBClusterMessage,
  DBClusterSnapshotMessage,
  DBInstanceMessage,
  DBSnapshotMessage,
  DeleteDBSnapshotMessage,
  DeleteDBSnapshotResult,
  DescribeDBClusterSnapshotsMessage,
  DescribeDBClustersMessage,
  DescribeDBInstancesMessage,
  DescribeDBSnapshotsMessage,
  Filter,
  ListTagsForResourceMessage,
  Tag,
  TagListMessage,
} from '@aws-sdk/client-rds';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation, type Principal } from '../../service.ts';
import { pageOf } from '../paging.ts';
import type { Rds } from '../rds.ts';
import type { DatabaseKind, Snapshot } from './model.ts';
import { showCluster, showClusterSnapshot, showInstance, showInstanceSnapshot, showTags } from './show.ts';

/**
 * Operations by name. A call is authorized against each type of resource that the Service Authorization Reference lists
 * for it, `*` where the call names none of that type:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
 */
export function rdsOperations(rds: Rds, account: SimulatedAccount): Record<string, Operation> {
  const now = () => account.clock.now();
  const databaseArn = (kind: DatabaseKind, id = '*') =>
    account.arn('rds', `${kind === 'instance' ? 'db' : 'cluster'}:${id.toLowerCase()}`);
  const arns = (kind: DatabaseKind, id?: string, snapshot = '*') => [
    databaseArn(kind, id),
    rds.snapshotArn(kind, snapshot),
  ];
  /** Giving tags needs a permission of its own, on the resource that is made. */
  const authorizeTags = (principal: Principal, arn: string, tags: ReadonlyMap<string, string>) => {
    if (tags.size > 0) account.iam.authorize(principal, 'rds:AddTagsToResource', [arn], requestTags(tags));
  };

  const describeInstances: Operation<DescribeDBInstancesMessage, DBInstanceMessage> = {
    resources: ({ DBInstanceIdentifier: id }) => [databaseArn('instance', id)],
    run({ DBInstanceIdentifier: id, Filters, MaxRecords, Marker }) {
      refuseFilters(Filters);
      const found = id === undefined ? [...rds.instances.values()] : [rds.instance(id)];
      const { page, next } = pageOf(found, Marker, MaxRecords ?? 100);
      return { DBInstances: page.map((one) => showInstance(rds, account, one)), ...marker(next) };
    },
  };

  const describeClusters: Operation<DescribeDBClustersMessage, DBClusterMessage> = {
    resources: ({ DBClusterIdentifier: id }) => [databaseArn('cluster', id)],
    run({ DBClusterIdentifier: id, Filters, MaxRecords, Marker }) {
      refuseFilters(Filters);
      const found = id === undefined ? [...rds.clusters.values()] : [rds.cluster(id)];
      const { page, next } = pageOf(found, Marker, MaxRecords ?? 100);
      return { DBClusters: page.map((one) => showCluster(account, one)), ...marker(next) };
    },
  };

  const createSnapshot: Operation<CreateDBSnapshotMessage, CreateDBSnapshotResult> = {
    resources: ({ DBInstanceIdentifier: id, DBSnapshotIdentifier: snapshot }) => arns('instance', id, snapshot),
    conditions: ({ Tags }) => requestTags(tagsOf(Tags)),
    latencyMs: 800,
    run({ DBInstanceIdentifier: id = '', DBSnapshotIdentifier: snapshot = '', Tags }, { principal }) {
      const tags = tagsOf(Tags);
      authorizeTags(principal, rds.snapshotArn('instance', snapshot), tags);
      return { DBSnapshot: showInstanceSnapshot(rds, rds.createInstanceSnapshot(snapshot, id, tags), now()) };
    },
  };

  const createClusterSnapshot: Operation<CreateDBClusterSnapshotMessage, CreateDBClusterSnapshotResult> = {
    resources: ({ DBClusterIdentifier: id, DBClusterSnapshotIdentifier: snapshot }) => arns('cluster', id, snapshot),
    conditions: ({ Tags }) => requestTags(tagsOf(Tags)),
    latencyMs: 800,
    run({ DBClusterIdentifier: id = '', DBClusterSnapshotIdentifier: snapshot = '', Tags }, { principal }) {
      const tags = tagsOf(Tags);
      authorizeTags(principal, rds.snapshotArn('cluster', snapshot), tags);
      return { DBClusterSnapshot: showClusterSnapshot(rds, rds.createClusterSnapshot(snapshot, id, tags), now()) };
    },
  };

  const describeSnapshots: Operation<DescribeDBSnapshotsMessage, DBSnapshotMessage> = {
    resources: ({ DBInstanceIdentifier: id, DBSnapshotIdentifier: snapshot }) => arns('instance', id, snapshot),
    run({ DBInstanceIdentifier: source, DBSnapshotIdentifier: id, Filters, MaxRecords, Marker, SnapshotType }) {
      refuseFilters(Filters);
      const found = select(rds, 'instance', { id, source, type: SnapshotType });
      const { page, next } = pageOf(found, Marker, MaxRecords ?? 100);
      return { DBSnapshots: page.map((one) => showInstanceSnapshot(rds, one, now())), ...marker(next) };
    },
  };

  const describeClusterSnapshots: Operation<DescribeDBClusterSnapshotsMessage, DBClusterSnapshotMessage> = {
    resources: ({ DBClusterIdentifier: id, DBClusterSnapshotIdentifier: snapshot }) => arns('cluster', id, snapshot),
    run({ DBClusterIdentifier: source, DBClusterSnapshotIdentifier: id, Filters, MaxRecords, Marker, SnapshotType }) {
      refuseFilters(Filters);
      if (source !== undefined && id !== undefined) {
        throw new AwsError(
          'InvalidParameterCombination',
          'DBClusterIdentifier cannot be used with DBClusterSnapshotIdentifier.',
        );
      }
      const found = select(rds, 'cluster', { id, source, type: SnapshotType });
      const { page, next } = pageOf(found, Marker, MaxRecords ?? 100);
      return { DBClusterSnapshots: page.map((one) => showClusterSnapshot(rds, one, now())), ...marker(next) };
    },
  };

  /** Only the quotas of what is simulated. */
  const describeAccount: Operation<object, AccountAttributesMessage> = {
    resources: () => ['*'],
    run: () => ({
      AccountQuotas: [
        { AccountQuotaName: 'DBInstances', Used: rds.instances.size, Max: 40 },
        { AccountQuotaName: 'DBClusters', Used: rds.clusters.size, Max: 40 },
        { AccountQuotaName: 'ManualSnapshots', Used: rds.snapshotsOf('instance').length, Max: rds.snapshotQuota },
        { AccountQuotaName: 'ManualClusterSnapshots', Used: rds.snapshotsOf('cluster').length, Max: rds.snapshotQuota },
      ],
    }),
  };

  const addTags: Operation<AddTagsToResourceMessage, object> = {
    resources: ({ ResourceName: arn }) => [arn ?? '*'],
    conditions: ({ Tags }) => requestTags(tagsOf(Tags)),
    run({ ResourceName: arn = '', Tags }) {
      const snapshot = tagged(rds, arn);
      snapshot.tags = new Map([...snapshot.tags, ...tagsOf(Tags)]);
      return {};
    },
  };

  const listTags: Operation<ListTagsForResourceMessage, TagListMessage> = {
    resources: ({ ResourceName: arn }) => [arn ?? '*'],
    run: ({ ResourceName: arn = '' }) => ({ TagList: showTags(tagged(rds, arn).tags) }),
  };

  const deleteSnapshot: Operation<DeleteDBSnapshotMessage, DeleteDBSnapshotResult> = {
    resources: ({ DBSnapshotIdentifier: id = '' }) => [rds.snapshotArn('instance', id)],
    run({ DBSnapshotIdentifier: id = '' }) {
      return { DBSnapshot: { ...showInstanceSnapshot(rds, rds.deleteSnapshot(id), now()), Status: 'deleted' } };
    },
  };

  return {
    DescribeDBInstances: describeInstances,
    DescribeDBClusters: describeClusters,
    CreateDBSnapshot: createSnapshot,
    CreateDBClusterSnapshot: createClusterSnapshot,
    DescribeDBSnapshots: describeSnapshots,
    DescribeDBClusterSnapshots: describeClusterSnapshots,
    DescribeAccountAttributes: describeAccount,
    AddTagsToResource: addTags,
    ListTagsForResource: listTags,
    DeleteDBSnapshot: deleteSnapshot,
  };
}

interface Wanted {
  readonly id: string | undefined;
  readonly source: string | undefined;
  readonly type: string | undefined;
}

/** All snapshots here are manual ones. A name that is asked for has to exist; a database's list may be empty. */
function select(rds: Rds, kind: DatabaseKind, { id, source, type }: Wanted): Snapshot[] {
  const named = id === undefined ? rds.snapshotsOf(kind) : [rds.snapshot(kind, id)];
  return named
    .filter((snapshot) => source === undefined || snapshot.source === source.toLowerCase())
    .filter(() => type === undefined || type === 'manual');
}

function tagged(rds: Rds, arn: string): Snapshot {
  const snapshot = rds.snapshots.get(arn);
  if (snapshot) return snapshot;
  const [kind, id] = arn.split(':').slice(-2);
  if (kind !== 'snapshot' && kind !== 'cluster-snapshot') {
    throw new AwsError(
      'InvalidParameterValue',
      `Unexpected ARN ${arn}: only snapshots have tags in the simulated account`,
    );
  }
  return rds.snapshot(kind === 'snapshot' ? 'instance' : 'cluster', id ?? '');
}

/** A filter that is passed over would answer with too much. */
function refuseFilters(filters: readonly Filter[] | undefined): void {
  if (!filters?.length) return;
  throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${filters[0]?.Name} (none are simulated)`);
}

const tagsOf = (tags: readonly Tag[] = []): Map<string, string> =>
  new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

const requestTags = (tags: ReadonlyMap<string, string>): Record<string, string | readonly string[]> =>
  tags.size === 0
    ? {}
    : {
        'aws:TagKeys': [...tags.keys()],
        ...Object.fromEntries([...tags].map(([key, value]) => [`aws:RequestTag/${key}`, value])),
      };

const marker = (next: string | undefined) => (next === undefined ? {} : { Marker: next });

import {
  AddTagsToResourceCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { describe, expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { describeWorld } from '../../../simulator/world/describe.ts';
import { setDatabase } from '../../../simulator/world/events.ts';
import { accountSpec, buildWorld, type DatabasesSpec } from '../../../simulator/world/spec.ts';
import { accountId, addRole, newAccount } from '../account.ts';

const both: DatabasesSpec = {
  instances: [{ id: 'shop-db', multiAz: true, snapshotSeconds: 100 }],
  clusters: [{ id: 'orders', members: ['orders-1', 'orders-2'], snapshotSeconds: 60 }],
};
const arn = (rest: string) => `arn:aws:rds:eu-west-1:${accountId}:${rest}`;

function open(databases: DatabasesSpec = both) {
  const account = newAccount();
  buildWorld(account, accountSpec.parse({ databases, historyMinutes: 0 }));
  const as = (role?: string) => {
    const client = new RDSClient(clientConfig(account, role));
    return {
      create: (DBSnapshotIdentifier: string, DBInstanceIdentifier = 'shop-db', tags: Record<string, string> = {}) => {
        const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        const input = { DBSnapshotIdentifier, DBInstanceIdentifier, Tags };
        return drive(account, client.send(new CreateDBSnapshotCommand(input)));
      },
      createCluster: (DBClusterSnapshotIdentifier: string, DBClusterIdentifier = 'orders') =>
        drive(
          account,
          client.send(new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier, DBClusterIdentifier })),
        ),
      show: async (DBSnapshotIdentifier: string) => {
        const found = await drive(account, client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier })));
        return found.DBSnapshots?.[0];
      },
      showCluster: async (DBClusterSnapshotIdentifier: string) => {
        const command = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier });
        return (await drive(account, client.send(command))).DBClusterSnapshots?.[0];
      },
      send: client.send.bind(client) as RDSClient['send'],
    };
  };
  const pass = (seconds: number) => account.clock.runUntil(account.clock.now() + seconds * 1000);
  return { account, as, pass, ...as() };
}

describe('a snapshot of an instance', () => {
  it('is creating, gets on, and is available when its seconds are over', async () => {
    const { create, show, pass } = open();
    const { DBSnapshot: begun } = await create('before', 'shop-db', { 'backstep:service': 'checkout' });
    expect(begun).toMatchObject({
      DBSnapshotIdentifier: 'before',
      DBSnapshotArn: arn('snapshot:before'),
      DBInstanceIdentifier: 'shop-db',
      Engine: 'postgres',
      SnapshotType: 'manual',
      Status: 'creating',
      PercentProgress: 0,
      TagList: [{ Key: 'backstep:service', Value: 'checkout' }],
    });
    expect(begun?.SnapshotCreateTime).toBeUndefined();

    await pass(50);
    const halfWay = await show('before');
    expect(halfWay).toMatchObject({ Status: 'creating', PercentProgress: 50 });
    expect(halfWay?.SnapshotCreateTime?.toISOString()).toBe('2026-11-20T03:00:04.800Z');
    expect(halfWay?.SnapshotDatabaseTime).toEqual(halfWay?.SnapshotCreateTime);

    await pass(50);
    expect(await show('before')).toMatchObject({
      Status: 'available',
      PercentProgress: 100,
      SnapshotCreateTime: halfWay?.SnapshotCreateTime,
    });
  });

  it('fails half way where the scenario says so, and is then no obstacle to another', async () => {
    const { create, show, pass, account } = open();
    setDatabase(account, { instance: 'shop-db', snapshotFails: true });
    await create('before');
    await pass(40);
    expect(await show('before')).toMatchObject({ Status: 'creating' });
    await pass(20);
    expect(await show('before')).toMatchObject({ Status: 'failed', PercentProgress: 50 });
    await expect(create('again')).resolves.toMatchObject({ DBSnapshot: { Status: 'creating' } });
  });

  it('keeps the instance backing-up, and a second one is refused meanwhile, whatever its name', async () => {
    const { create, send, pass, account } = open();
    const status = async () => {
      const found = await drive(account, send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'SHOP-DB' })));
      return found.DBInstances?.[0]?.DBInstanceStatus;
    };
    expect(await status()).toBe('available');
    await create('before');
    expect(await status()).toBe('backing-up');
    for (const name of ['before', 'other'])
      await expect(create(name)).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    await pass(100);
    expect(await status()).toBe('available');
    await expect(create('before')).rejects.toMatchObject({
      name: 'DBSnapshotAlreadyExistsFault',
      message: 'Cannot create the snapshot because a snapshot with the identifier before already exists.',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each([
    ['storage-full', 'InvalidDBInstanceStateFault'],
    ['stopped', 'InvalidDBInstanceStateFault'],
    ['storage-optimization', undefined],
  ])('of an instance that is %s: %s', async (status, refusal) => {
    const { create, account } = open();
    setDatabase(account, { instance: 'shop-db', status });
    const made = create('before');
    if (refusal === undefined) await expect(made).resolves.toBeDefined();
    else await expect(made).rejects.toMatchObject({ name: refusal });
  });

  it('is refused for a member of a cluster, an unknown instance and an unusable name', async () => {
    const { create } = open();
    await expect(create('before', 'orders-1')).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('Please use the CreateDBClusterSnapshot API instead.'),
    });
    await expect(create('before', 'nobody')).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
      message: 'DBInstance nobody not found.',
      $metadata: { httpStatusCode: 404 },
    });
    for (const name of ['', '1st', 'a--b', 'ends-', 'under_score', 'x'.repeat(256)])
      await expect(create(name), name).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('has lower-case names, can be tagged later and deleted once it is there', async () => {
    const { create, show, send, pass, account } = open();
    await create('BeFore');
    await expect(
      drive(account, send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'before' }))),
    ).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
    await pass(100);
    const ResourceName = arn('snapshot:before');
    await drive(account, send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'keep', Value: 'yes' }] })));
    const { TagList } = await drive(account, send(new ListTagsForResourceCommand({ ResourceName })));
    expect(TagList).toEqual([{ Key: 'keep', Value: 'yes' }]);
    await drive(account, send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'BEFORE' })));
    await expect(show('before')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
  });
});

describe('a snapshot of a cluster', () => {
  it('has its time at once; the cluster stays available, so that a repeated call learns that it exists', async () => {
    const { createCluster, showCluster, send, pass, account } = open();
    const { DBClusterSnapshot: begun } = await createCluster('before');
    expect(begun).toMatchObject({
      DBClusterSnapshotArn: arn('cluster-snapshot:before'),
      DBClusterIdentifier: 'orders',
      Engine: 'aurora-postgresql',
      Status: 'creating',
      SnapshotCreateTime: expect.any(Date),
    });
    const found = await drive(account, send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'orders' })));
    expect(found.DBClusters?.[0]).toMatchObject({
      Status: 'available',
      DBClusterMembers: [
        { DBInstanceIdentifier: 'orders-1', IsClusterWriter: true },
        { DBInstanceIdentifier: 'orders-2', IsClusterWriter: false },
      ],
    });
    await expect(createCluster('before')).rejects.toMatchObject({ name: 'DBClusterSnapshotAlreadyExistsFault' });
    await pass(60);
    expect(await showCluster('before')).toMatchObject({ Status: 'available', PercentProgress: 100 });
  });

  it('is refused in the wrong state, of an unknown cluster and by too long a name', async () => {
    const { createCluster, account } = open();
    await expect(createCluster('x'.repeat(64))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(createCluster('before', 'nobody')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    setDatabase(account, { cluster: 'orders', status: 'failing-over' });
    await expect(createCluster('before')).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });
});

describe('the quota of manual snapshots', () => {
  const full: DatabasesSpec = {
    ...both,
    snapshots: [{ id: 'old', instance: 'shop-db', at: '-P30D' }],
    manualSnapshotQuota: 1,
  };

  it('is counted by kind, told, and refuses one more', async () => {
    const { account, create, createCluster, send } = open(full);
    const { AccountQuotas } = await drive(account, send(new DescribeAccountAttributesCommand({})));
    expect(AccountQuotas).toEqual(
      expect.arrayContaining([
        { AccountQuotaName: 'ManualSnapshots', Used: 1, Max: 1 },
        { AccountQuotaName: 'ManualClusterSnapshots', Used: 0, Max: 1 },
      ]),
    );
    await expect(create('one-more')).rejects.toMatchObject({
      name: 'SnapshotQuotaExceededFault',
      message: 'Cannot create more than 1 manual snapshots',
    });
    await expect(createCluster('first')).resolves.toBeDefined();
  });

  it('shows all of them in the document of a run', async () => {
    const { account, createCluster } = open(full);
    await createCluster('first');
    expect(describeWorld(account).snapshots).toEqual([
      {
        id: 'old',
        source: 'instance shop-db',
        status: 'available',
        percent: 100,
        createdAt: '2026-10-21T03:00:00.000Z',
        tags: {},
      },
      expect.objectContaining({ id: 'first', source: 'cluster orders', status: 'creating' }),
    ]);
  });
});

describe('who may take a snapshot', () => {
  const make = ['rds:CreateDBSnapshot'];
  const tag = ['rds:AddTagsToResource'];
  const database = arn('db:shop-db');
  const ours = arn('snapshot:ours-*');

  it.each([
    ['whoever may for database and snapshot', [[make, [database, ours]]] as const, {}, undefined],
    [
      'not whoever may only for the database',
      [[make, [database]]] as const,
      {},
      `on resource: ${arn('snapshot:ours-1')}`,
    ],
    ['not whoever may only for the snapshot', [[make, [ours]]] as const, {}, `on resource: ${database}`],
    ['tags need a permission more', [[make, [database, ours]]] as const, { a: 'b' }, 'perform: rds:AddTagsToResource'],
    [
      'tags, with it',
      [
        [make, [database, ours]],
        [tag, [ours]],
      ] as const,
      { a: 'b' },
      undefined,
    ],
  ])('%s', async (_, grants, tags, refusal) => {
    const { account, as } = open();
    const { create } = as(addRole(account, 'snapshots', ...grants));
    const made = create('ours-1', 'shop-db', tags);
    if (refusal === undefined) await expect(made).resolves.toBeDefined();
    else {
      await expect(made).rejects.toMatchObject({ name: 'AccessDenied', message: expect.stringContaining(refusal) });
      expect(account.rds.snapshots.size).toBe(0);
    }
  });
});

it('refuses databases that contradict each other', () => {
  const twice: DatabasesSpec = { ...both, instances: [{ id: 'orders-1' }] };
  expect(() => open(twice)).toThrow('there are two database instances orders-1');
});

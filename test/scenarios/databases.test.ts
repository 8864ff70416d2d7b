/** Rollbacks of a service with a database: what its snapshot delays, what it blocks, and what it leaves behind. */
import { describe, expect, test } from 'vitest';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import type { Scenario } from '../../simulator/scenario/schema.ts';
import { played, variation } from '../variations.ts';
import { play, release, type Story, start } from './shop.ts';

const policyOf = (policy: object) => ({ unknownMigrations: 'proceed', ...policy });

/** A shop whose orders lie in an RDS instance, unless told otherwise. */
function shopWith(
  databases: NonNullable<Scenario['account']['databases']>,
  policy: object = {},
  database: object = { instance: 'shop-db' },
): Pick<Story, 'config' | 'account'> {
  return {
    config: (config) => {
      Object.assign(config.environments.production.services.checkout, { database, policy: policyOf(policy) });
    },
    account: (account) => {
      account.databases = databases;
    },
  };
}

const postgres = { id: 'shop-db', engine: 'postgres', multiAz: true, snapshotSeconds: 240 };
const aurora = { clusters: [{ id: 'orders', members: ['orders-1', 'orders-2'], snapshotSeconds: 120 }] };
const verified = { status: 'SUCCEEDED', outcome: 'verified' } as const;
const joined = { status: 'SUCCEEDED', outcome: 'duplicate' } as const;
const back = { 'services.shop/checkout.taskDefinition': 'checkout:41' };
const stays = { 'services.shop/checkout.taskDefinition': 'checkout:42' };
const none = { snapshots: [] };
const refusing = (code: string, message: string) =>
  ({
    at: 'PT2M',
    type: 'fault',
    on: { call: 'rds:CreateDBSnapshot' },
    effect: { error: { code, message } },
  }) as const;

const breaking = (invocation: string) =>
  ({
    type: 'fault',
    on: { invocation },
    effect: { error: { code: 'Runtime.ExitError', message: 'Runtime exited with error: exit status 1' } },
  }) as const;

const stories: Story[] = [
  {
    name: 'given a database, when the alarm rolls back, then a snapshot is accepted before the first change and is there at the end',
    ...shopWith({ instances: [postgres] }),
    events: [release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: {
        ...back,
        'snapshots.0.source': 'instance shop-db',
        'snapshots.0.status': 'available',
        'snapshots.0.tags.backstep:service': 'checkout',
      },
      timeline: [
        { kind: 'plan.ready' },
        { kind: 'action.applied', message: 'RDS is taking snapshot backstep-checkout-' },
        { kind: 'action.applied', message: 'checkout:41' },
        { kind: 'check.done', message: 'is available' },
        { kind: 'verify.verified' },
      ],
      // Its progress is looked at until it is there, and once more for the report.
      calls: { 'rds:CreateDBSnapshot': 1, 'rds:DescribeDBSnapshots': 4, 'ecs:UpdateService': 1 },
    },
  },
  {
    variation: true,
    name: 'given a snapshot that takes longer than the bake, when it is required, then its end is waited for, and nothing else is',
    ...shopWith({ instances: [{ ...postgres, snapshotSeconds: 3600 }] }),
    events: [release('PT3M')],
    until: 'PT90M',
    expect: {
      executions: [verified, joined],
      account: { ...back, 'snapshots.0.status': 'available' },
      timeline: [
        { kind: 'action.applied', message: 'checkout:41' },
        { kind: 'check.done', message: 'is available' },
        { kind: 'verify.verified' },
      ],
    },
  },
  {
    name: 'given a snapshot that takes longer than policy.snapshotMinutes, when it is required, then the rollback stays and a person is called',
    ...shopWith({ instances: [{ ...postgres, snapshotSeconds: 7200 }] }, { snapshotMinutes: 40 }),
    events: [release('PT3M')],
    until: 'PT90M',
    expect: {
      executions: [{ status: 'FAILED', error: 'needs-attention', reason: 'longer than the 40 min' }, joined],
      account: { ...back, 'snapshots.0.status': 'creating' },
      timeline: [{ kind: 'snapshot.late' }, { kind: 'verify.needs-attention' }],
    },
  },
  {
    variation: true,
    name: 'given a snapshot that takes longer than the bake, when it is preferred, then the rollback is verified with a warning',
    ...shopWith({ instances: [{ ...postgres, snapshotSeconds: 3600 }] }, { backup: 'preferred' }),
    events: [release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [{ ...verified, reason: 'so this is a warning' }, joined],
      account: { ...back, 'snapshots.0.status': 'creating' },
    },
  },
  {
    name: 'given a snapshot that fails during the bake, when it is required, then the rollback stays and a person is called once the bake is over',
    ...shopWith({ instances: [{ ...postgres, snapshotFails: true }] }),
    events: [release('PT3M')],
    until: 'PT60M',
    expect: {
      executions: [{ status: 'FAILED', error: 'needs-attention', reason: 'is failed, at 50 %' }, joined],
      account: { ...back, 'snapshots.0.status': 'failed' },
      timeline: [{ kind: 'check.failed', message: 'is failed' }, { kind: 'verify.needs-attention' }],
    },
  },
  {
    variation: true,
    name: 'given a snapshot that fails during the bake, when it is preferred, then the rollback is verified with a warning',
    ...shopWith({ instances: [{ ...postgres, snapshotFails: true }] }, { backup: 'preferred' }),
    events: [release('PT3M')],
    until: 'PT60M',
    expect: { executions: [{ ...verified, reason: 'is failed' }, joined], account: back },
  },

  // ------------------------------------------------------------ refused
  {
    name: 'given a full quota of manual snapshots, when one is required, then the plan blocks and says what to do',
    ...shopWith({
      instances: [postgres],
      snapshots: [{ id: 'old', instance: 'shop-db', at: '-P30D' }],
      manualSnapshotQuota: 1,
    }),
    events: [release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [
        { status: 'SUCCEEDED', outcome: 'blocked', reason: 'All 1 manual instance snapshots' },
        { outcome: 'blocked' },
      ],
      account: stays,
      calls: { 'rds:CreateDBSnapshot': 0, 'ecs:UpdateService': 0 },
    },
  },
  {
    variation: true,
    name: 'given a quota that fills up between plan and snapshot, when one is required, then nothing is changed',
    ...shopWith({ instances: [postgres] }),
    events: [release('PT3M'), refusing('SnapshotQuotaExceeded', 'Cannot create more than 100 manual snapshots')],
    until: 'PT30M',
    expect: {
      executions: [
        { status: 'SUCCEEDED', outcome: 'blocked', reason: 'as many manual instance snapshots as it may have' },
        { outcome: 'blocked' },
      ],
      account: { ...stays, ...none },
      timeline: [{ kind: 'action.refused', message: 'start with "backup": false' }],
      calls: { 'ecs:UpdateService': 0 },
    },
  },
  {
    variation: true,
    name: 'given a full quota, when a snapshot is preferred, then the rollback goes on without one',
    ...shopWith(
      {
        instances: [postgres],
        snapshots: [{ id: 'old', instance: 'shop-db', at: '-P30D' }],
        manualSnapshotQuota: 1,
      },
      { backup: 'preferred' },
    ),
    events: [release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [{ ...verified, reason: 'RDS has no snapshot' }, joined],
      account: { ...back, 'snapshots.0.id': 'old', 'snapshots.1': null },
      timeline: [{ kind: 'action.refused', message: 'the rollback goes on without it' }, { kind: 'verify.verified' }],
    },
  },
  {
    variation: true,
    name: 'given an instance in its nightly backup, when a snapshot is required, then the plan blocks',
    ...shopWith({ instances: [{ ...postgres, status: 'backing-up' }] }),
    events: [release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [
        { status: 'SUCCEEDED', outcome: 'blocked', reason: 'Instance shop-db is backing-up' },
        { outcome: 'blocked' },
      ],
      account: stays,
    },
  },
  {
    variation: true,
    name: 'given an instance whose storage is full, when a snapshot is preferred, then the rollback goes on without one',
    ...shopWith({ instances: [postgres] }, { backup: 'preferred' }),
    events: [{ at: 'PT1M', type: 'database', instance: 'shop-db', status: 'storage-full' }, release('PT3M')],
    until: 'PT45M',
    expect: { executions: [verified, joined], account: { ...back, ...none } },
  },
  {
    variation: true,
    name: 'given a database that RDS does not know, when a snapshot is required, then the plan blocks and names the setting',
    ...shopWith({}),
    events: [release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [
        { outcome: 'blocked', reason: 'RDS knows no instance shop-db in this account and region' },
        { outcome: 'blocked' },
      ],
      account: stays,
    },
  },
  {
    variation: true,
    name: 'given a policy that denies the snapshot, when it is required, then nothing is changed, and the missing permission is named',
    ...shopWith({ instances: [postgres] }),
    events: [
      { at: 'PT1M', type: 'removePermission', function: 'StartSnapshot', action: 'rds:CreateDBSnapshot' },
      release('PT3M'),
    ],
    until: 'PT30M',
    expect: {
      executions: [{ outcome: 'blocked', reason: 'perform: rds:CreateDBSnapshot' }, { outcome: 'blocked' }],
      account: { ...stays, ...none },
    },
  },
  {
    variation: true,
    name: 'given RDS out of reach, when a snapshot is required, then nothing is changed',
    ...shopWith({ instances: [postgres] }),
    events: [release('PT3M'), { at: 'PT2M', type: 'fault', on: { call: 'rds:*' }, effect: { latency: 'PT30S' } }],
    until: 'PT30M',
    expect: {
      executions: [{ outcome: 'blocked', reason: 'RDS did not answer in time' }, { outcome: 'blocked' }],
      account: stays,
      calls: { 'ecs:UpdateService': 0 },
    },
  },
  {
    name: 'given a StartSnapshot that breaks off every time, when the snapshot is required, then it is blocked, and says that nothing was changed',
    ...shopWith({ instances: [postgres] }),
    events: [{ at: 'PT2M', ...breaking('StartSnapshot') }, release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [
        { status: 'SUCCEEDED', outcome: 'blocked', reason: 'policy.backup is "required", so nothing was changed' },
        { outcome: 'blocked' },
      ],
      account: { ...stays, ...none },
      calls: { 'ecs:UpdateService': 0 },
    },
  },
  {
    variation: true,
    name: 'given a StartSnapshot that breaks off every time, when the snapshot is preferred, then the rollback goes on without one',
    ...shopWith({ instances: [postgres] }, { backup: 'preferred' }),
    events: [{ at: 'PT2M', ...breaking('StartSnapshot') }, release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [{ ...verified, reason: 'RDS has no snapshot backstep-checkout-' }, joined],
      account: { ...back, ...none },
    },
  },
  {
    variation: true,
    name: 'given a CheckSnapshot that breaks off every time, when the snapshot is awaited, then it is blocked before the first change',
    ...shopWith({ instances: [postgres] }, { awaitBackup: true }),
    events: [{ at: 'PT2M', ...breaking('CheckSnapshot') }, release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [{ outcome: 'blocked', reason: 'CheckSnapshot failed with' }, { outcome: 'blocked' }],
      account: stays,
      calls: { 'ecs:UpdateService': 0 },
    },
  },

  // ------------------------------------------------------------ awaited, clusters, off
  {
    name: 'given policy.awaitBackup, when the snapshot takes ten minutes, then nothing changes before it is available, and the cure still has its time',
    ...shopWith({ instances: [{ ...postgres, snapshotSeconds: 600 }] }, { awaitBackup: true }),
    events: [release('PT3M')],
    until: 'PT75M',
    expect: {
      executions: [verified, joined],
      account: { ...back, 'snapshots.0.status': 'available' },
      timeline: [
        { kind: 'action.applied', message: 'RDS is taking snapshot' },
        { kind: 'check.done', message: 'is available' },
        { kind: 'action.applied', message: 'checkout:41' },
        { kind: 'verify.verified' },
      ],
    },
  },
  {
    variation: true,
    name: 'given policy.awaitBackup, when the snapshot fails, then nothing is changed',
    ...shopWith({ instances: [{ ...postgres, snapshotFails: true }] }, { awaitBackup: true }),
    events: [release('PT3M')],
    until: 'PT30M',
    expect: {
      executions: [{ outcome: 'blocked', reason: 'policy.awaitBackup is set' }, joined],
      account: stays,
    },
  },
  {
    variation: true,
    name: 'given an Aurora cluster by its name, when the alarm rolls back, then the cluster is snapshot',
    ...shopWith(aurora, {}, { cluster: 'orders' }),
    events: [release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: { ...back, 'snapshots.0.source': 'cluster orders', 'snapshots.0.status': 'available' },
      calls: { 'rds:CreateDBClusterSnapshot': 1, 'rds:CreateDBSnapshot': 0 },
    },
  },
  {
    name: 'given an instance that is a member of a cluster, when the alarm rolls back, then its cluster is snapshot',
    ...shopWith(aurora, {}, { instance: 'orders-2' }),
    events: [release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: { ...back, 'snapshots.0.source': 'cluster orders' },
      timeline: [{ kind: 'plan.checked' }, { kind: 'action.applied', message: 'of cluster orders' }],
      calls: { 'rds:CreateDBClusterSnapshot': 1, 'rds:CreateDBSnapshot': 0 },
    },
  },
  {
    name: 'given policy.backup off, when the alarm rolls back, then no snapshot is taken and RDS is asked for none',
    ...shopWith({ instances: [postgres] }, { backup: 'off' }),
    events: [release('PT3M')],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: { ...back, ...none },
      calls: { 'rds:CreateDBSnapshot': 0, 'rds:DescribeDBSnapshots': 0 },
    },
  },
  {
    variation: true,
    name: 'given a person who leaves the backup out, when they start a rollback, then no snapshot is taken',
    ...shopWith({ instances: [{ ...postgres, status: 'storage-full' }] }),
    events: [
      release('PT3M'),
      { at: 'PT2M', type: 'parameter', name: '/backstep/production/kill-switch', value: 'on' },
      start('PT10M', { service: 'checkout', backup: false, confirm: 'ROLLBACK PRODUCTION' }),
    ],
    until: 'PT60M',
    expect: {
      executions: [{ outcome: 'declined' }, { outcome: 'declined' }, verified],
      account: { ...back, ...none },
    },
  },

  // ------------------------------------------------------------ twice
  {
    variation: true,
    name: 'given an answer of RDS that gets lost, when the call is repeated, then there is one snapshot, and it counts',
    ...shopWith({ instances: [postgres] }),
    events: [
      release('PT3M'),
      { at: 'PT2M', type: 'fault', on: { call: 'rds:CreateDBSnapshot' }, effect: { lost: true }, count: 1 },
    ],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: { ...back, 'snapshots.0.status': 'available', 'snapshots.1': null },
      timeline: [{ kind: 'action.applied', message: 'RDS already has snapshot' }, { kind: 'verify.verified' }],
      calls: { 'rds:CreateDBSnapshot': 2 },
    },
  },
  {
    variation: true,
    name: 'given a StartSnapshot that is lost after its side effect, when Step Functions repeats it, then there is one snapshot',
    ...shopWith(aurora, {}, { cluster: 'orders' }),
    events: [
      release('PT3M'),
      { at: 'PT2M', type: 'fault', on: { invocation: 'StartSnapshot' }, effect: { lost: true }, count: 1 },
    ],
    until: 'PT45M',
    expect: {
      executions: [verified, joined],
      account: { ...back, 'snapshots.0.status': 'available', 'snapshots.1': null },
      calls: { 'rds:CreateDBClusterSnapshot': 2 },
    },
  },
];

describe('a database', () => {
  test.each(played(stories))('$name', async (story) => {
    const { document } = await play(story);
    expect(document.failures).toEqual([]);
  });
});

/** From the alarm's execution to its first UpdateService, seconds. */
function secondsToCure({ document, account }: FinishedRun): number {
  const started = Date.parse(document.executions[0]?.startedAt ?? '');
  const call = account.calls.find(
    ({ operation, principal }) => operation === 'UpdateService' && principal !== 'operator',
  );
  return (Date.parse(call?.time ?? '') - started) / 1000;
}

describe('the cure', () => {
  const cured = async (snapshotSeconds: number, more: Partial<Story> = {}): Promise<number> =>
    secondsToCure(
      await play({
        name: 'how long the cure takes',
        ...shopWith({ instances: [{ ...postgres, snapshotSeconds }] }, { backup: 'preferred' }),
        events: [release('PT3M')],
        until: 'PT8M',
        expect: {},
        ...more,
      }),
    );

  test('comes no later for a snapshot of two hours than for one of a minute, and within two seconds of none', async () => {
    const [without, short, long] = [
      await cured(60, shopWith({ instances: [postgres] }, { backup: 'off' })),
      await cured(60),
      await cured(7200),
    ];
    expect(long).toBe(short);
    expect(long - without).toBeLessThan(2);
  }, 90_000);

  variation(
    'waits at most ten seconds for an RDS that does not answer, where the snapshot is preferred',
    async () => {
      const without = await cured(60, shopWith({ instances: [postgres] }, { backup: 'off' }));
      const silent = await cured(60, {
        events: [{ at: 'PT2M', type: 'fault', on: { call: 'rds:*' }, effect: { latency: 'PT30S' } }, release('PT3M')],
      });
      expect(silent - without).toBeLessThan(10);
    },
    60_000,
  );
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { StartSnapshotAction } from '../../lib/domain/model.ts';
import { snapshotName } from '../../lib/domain/snapshot.ts';
import type { ActionInput, CheckSnapshotResult, StartSnapshotResult } from '../../lib/domain/states.ts';
import { AwsError } from '../../simulator/service.ts';
import { setDatabase } from '../../simulator/world/events.ts';
import { Deployed, examples, rollbackId } from './deployed.ts';

let stack: Deployed;
const snapshot = snapshotName(rollbackId);
const database = { instance: 'shop-db' };
const databases = {
  instances: [{ id: 'shop-db', snapshotSeconds: 400 }],
  clusters: [{ id: 'orders', members: ['orders-1'] }],
};

beforeEach(async () => {
  stack = await Deployed.from(examples.oneSide, { service: { database }, account: { databases } });
});

const take = (change: Partial<StartSnapshotAction> = {}): StartSnapshotAction => ({
  id: '1',
  type: 'StartSnapshot',
  description: 'Take a snapshot.',
  reason: 'A test.',
  forward: { kind: 'instance', source: 'shop-db', snapshot },
  reverse: null,
  required: true,
  awaits: false,
  ...change,
});
const start = (input: ActionInput) => stack.invoke<StartSnapshotResult>('StartSnapshot', input);
const check = (input: ActionInput) =>
  stack.invoke<CheckSnapshotResult>('CheckSnapshot', { ...input, now: stack.account.clock.iso() });
const snapshots = () => [...stack.account.rds.snapshots.values()];

/** The calls of an operation fail, or seem to: they take effect where `after` says so. */
function fails(operation: string, error: AwsError, options: { after?: boolean; times?: number } = {}): void {
  let left = options.times ?? Number.POSITIVE_INFINITY;
  stack.account.faults.push((point) => {
    if (left <= 0 || point.kind !== 'call' || point.operation !== operation) return undefined;
    left -= 1;
    return options.after ? { errorAfter: error } : { error };
  });
}

describe('StartSnapshot', () => {
  test('asks for the snapshot of the plan, with tags that say whose it is, and goes on', async () => {
    expect(await start(stack.actionInput(take()))).toMatchObject({ status: 'done' });
    expect(snapshots()).toMatchObject([{ id: snapshot, source: 'shop-db', kind: 'instance' }]);
    expect(Object.fromEntries(snapshots()[0]?.tags ?? [])).toEqual({
      'backstep:rollback': rollbackId,
      'backstep:service': 'checkout',
      'backstep:environment': 'production',
    });
    expect(await stack.timeline()).toEqual(['action.applied']);
  });

  test.each([
    ['an instance, busy with the first', take()],
    ['a cluster', take({ forward: { kind: 'cluster', source: 'orders', snapshot } })],
  ])('twice takes one snapshot of %s', async (_, action) => {
    const input = stack.actionInput(action);
    await start(input);
    await stack.wait(1);
    const again = await start({ ...input, now: stack.account.clock.iso() });
    expect(again).toMatchObject({ status: 'done', message: expect.stringContaining('RDS already has snapshot') });
    expect(snapshots()).toHaveLength(1);
    expect(await stack.timeline()).toEqual(['action.applied', 'action.applied']);
  });

  test('an answer that gets lost counts as taken', async () => {
    const lost = new AwsError('InternalFailure', 'Try again', { status: 500 });
    fails('CreateDBSnapshot', lost, { after: true, times: 1 });
    expect(await start(stack.actionInput(take()))).toMatchObject({ status: 'done' });
    expect(snapshots()).toHaveLength(1);
  });

  test('one that is awaited is waited for', async () => {
    expect(await start(stack.actionInput(take({ awaits: true })))).toMatchObject({ status: 'waiting' });
  });

  const refusals: [string, string, string, string][] = [
    ['quota', 'SnapshotQuotaExceeded', 'Cannot create more than 100 manual snapshots', 'Delete some'],
    ['state', 'InvalidDBInstanceState', 'It is not currently in the available state.', 'Wait until it is'],
    ['database', 'DBInstanceNotFound', 'DBInstance shop-db not found.', 'Correct the service\'s "database"'],
    ['permission', 'AccessDenied', 'User is not authorized', 'a policy that denies it'],
    ['outage', 'ServiceUnavailable', 'Unavailable', 'RDS did not answer in time'],
  ];
  test.each(refusals)(
    'refused for its %s: blocks where required, is told where preferred',
    async (_, code, message, advice) => {
      fails('CreateDBSnapshot', new AwsError(code, message, { status: code === 'ServiceUnavailable' ? 503 : 400 }));
      const blocked = await start(stack.actionInput(take()));
      expect(blocked.status).toBe('blocked');
      expect(blocked.message).toContain(message);
      expect(blocked.message).toContain(advice);
      expect(blocked.message).toContain('start with "backup": false');
      await stack.wait(1);
      const goesOn = await start(stack.actionInput(take({ required: false, awaits: true })));
      expect(goesOn).toMatchObject({ status: 'done', message: expect.stringContaining('goes on without it') });
      expect(snapshots()).toEqual([]);
      expect(await stack.timeline()).toEqual(['action.refused', 'action.refused']);
    },
  );

  test('a member of a cluster that the plan took for an instance is refused, and the setting named', async () => {
    // The role may take snapshots of the configured instance only, so the plan names that.
    fails(
      'CreateDBSnapshot',
      new AwsError('InvalidParameterValue', 'The specified instance is a member of a cluster.'),
    );
    expect((await start(stack.actionInput(take()))).message).toContain('Name the cluster in the service\'s "database"');
  });

  test('takes nothing without the lock, and nothing while the kill switch is on', async () => {
    await stack.lock('arn:aws:states:eu-west-1:111122223333:execution:other:e2', 2);
    await expect(start(stack.actionInput(take()))).rejects.toMatchObject({ name: 'LockLost' });
    expect(snapshots()).toEqual([]);
  });

  test('takes no snapshot of what the configuration does not name, and none under another name', async () => {
    stack.account.rds.instances.set('other', { ...stack.account.rds.instance('shop-db'), id: 'other' });
    const other = take({ forward: { kind: 'instance', source: 'other', snapshot } });
    expect(await start(stack.actionInput(other))).toMatchObject({
      status: 'blocked',
      message: expect.stringContaining('not authorized to perform: rds:CreateDBSnapshot on resource'),
    });
    const named = take({ forward: { kind: 'instance', source: 'shop-db', snapshot: 'theirs' } });
    expect(await start(stack.actionInput(named))).toMatchObject({ status: 'blocked' });
    expect(snapshots()).toEqual([]);
  });
});

describe('CheckSnapshot', () => {
  test('waits until it is available, and gives the cure the time back that this took', async () => {
    const input = stack.actionInput(take({ awaits: true }));
    await start(input);
    const waits: number[] = [];
    for (;;) {
      const result = await check({ ...input, appliedAt: input.now });
      if (result.status !== 'waiting') {
        const seconds = (Date.parse(result.deadline) - Date.parse(input.deadline)) / 1000;
        expect(result).toMatchObject({ status: 'done', message: `Snapshot ${snapshot} is available.` });
        expect(seconds).toBeCloseTo((stack.account.clock.now() - Date.parse(input.now)) / 1000, 0);
        expect(seconds).toBeGreaterThan(400);
        break;
      }
      expect(result.deadline).toBe(input.deadline);
      waits.push(result.waitSeconds);
      await stack.wait(result.waitSeconds);
    }
    expect(waits[0]).toBe(15);
    // The longer it takes, the less often it is looked at.
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(-1)).toBeLessThanOrEqual(60);
  });

  test.each([
    [true, 'failed', 'so nothing was changed'],
    [false, 'done', 'so the rollback goes on'],
  ])('one that fails, required %s, is %s', async (required, status, words) => {
    setDatabase(stack.account, { instance: 'shop-db', snapshotFails: true });
    const input = stack.actionInput(take({ required, awaits: true }));
    await start(input);
    await stack.wait(300);
    const result = await check({ ...input, appliedAt: input.now });
    expect(result).toMatchObject({ status, message: expect.stringContaining(words) });
  });

  test('RDS out of reach is waited out', async () => {
    const input = stack.actionInput(take({ awaits: true }));
    await start(input);
    fails('DescribeDBSnapshots', new AwsError('ServiceUnavailable', 'Down', { status: 503 }));
    expect(await check({ ...input, appliedAt: input.now })).toMatchObject({
      status: 'waiting',
      message: expect.stringContaining('RDS could not be asked'),
    });
  });
});

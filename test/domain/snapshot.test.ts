import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StartSnapshotAction } from '../../lib/domain/model.ts';
import { judgeSnapshot, type SnapshotReading, snapshotAction, snapshotName } from '../../lib/domain/snapshot.ts';
import { judgeAwaited, laterBy, snapshotWaitSeconds } from '../../lib/domain/snapshot-awaited.ts';
import { isOurs, refusalMessage, refusalOf } from '../../lib/domain/snapshot-refusal.ts';
import { at } from './worlds.ts';

const named = (name: string, message = 'Words of AWS.') => Object.assign(new Error(message), { name });
const action = (change: Partial<StartSnapshotAction> = {}): StartSnapshotAction => ({
  id: '1',
  ...snapshotAction({ source: { kind: 'instance', id: 'shop-db' } }, 'checkout-20261120-030405-1f2e3d', {
    backup: 'required',
    awaitBackup: false,
  }),
  ...change,
});
const snapshot = 'backstep-checkout-20261120-030405-1f2e3d';
const found = (status: string, percent = 40, takenAt: string | undefined = at('03:00:00')): SnapshotReading => ({
  kind: 'found',
  view: {
    id: snapshot,
    arn: `arn:aws:rds:eu-west-1:111122223333:snapshot:${snapshot}`,
    source: { kind: 'instance', id: 'shop-db' },
    status,
    percent,
    ...(takenAt && { takenAt }),
  },
});

describe('the name', () => {
  test('says whose it is', () => {
    expect(snapshotName('checkout-20261120-030405-1f2e3d')).toBe(snapshot);
    expect(snapshotName('Order_Desk--EU-20261120-030405-1f2e3d')).toBe('backstep-order-desk-eu-20261120-030405-1f2e3d');
  });

  test('of any service is one that RDS takes for instances and clusters, and ends in what makes it unique', () => {
    const service = fc.stringMatching(/^[A-Za-z][\w-]{0,62}$/);
    const hash = fc.stringMatching(/^[0-9a-f]{6}$/);
    fc.assert(
      fc.property(service, hash, (service, hash) => {
        const name = snapshotName(`${service}-20261120-030405-${hash}`);
        expect(name).toMatch(/^backstep(?:-[a-z0-9]+)+$/);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name.endsWith(`-20261120-030405-${hash}`)).toBe(true);
        expect(snapshotName(`${service}-20261120-030405-${hash}`)).toBe(name);
      }),
    );
  });
});

describe('the action', () => {
  test.each([
    ['required', false, { required: true, awaits: false }, 'RDS must accept it before anything changes'],
    ['required', true, { required: true, awaits: true }, 'nothing changes before it is available'],
    ['preferred', false, { required: false, awaits: false }, 'if it refuses, the rollback goes on'],
  ] as const)('backup %s, awaited %s', (backup, awaitBackup, expected, reason) => {
    const policy = { backup, awaitBackup };
    const made = snapshotAction(
      { source: { kind: 'cluster', id: 'orders' } },
      'checkout-20261120-030405-1f2e3d',
      policy,
    );
    expect(made).toMatchObject({
      ...expected,
      forward: { kind: 'cluster', source: 'orders', snapshot },
      reverse: null,
    });
    expect(made.description).toBe(`Take snapshot ${snapshot} of cluster orders`);
    expect(made.reason).toContain(reason);
  });
});

describe('a refusal', () => {
  test.each([
    ['SnapshotQuotaExceededFault', 'quota'],
    ['InvalidDBInstanceStateFault', 'state'],
    ['InvalidDBClusterStateFault', 'state'],
    ['InvalidDBClusterSnapshotStateFault', 'state'],
    ['DBInstanceNotFoundFault', 'missing'],
    ['DBClusterNotFoundFault', 'missing'],
    ['DBSnapshotAlreadyExistsFault', 'exists'],
    ['DBClusterSnapshotAlreadyExistsFault', 'exists'],
    ['AccessDenied', 'not-allowed'],
    ['AccessDeniedException', 'not-allowed'],
    ['TimeoutError', 'unreachable'],
    ['Throttling', 'unreachable'],
    ['ServiceUnavailable', 'unreachable'],
    ['InternalFailure', 'unreachable'],
    ['InvalidParameterValue', 'other'],
    ['SomethingNew', 'other'],
  ])('%s is %s', (name, cause) => {
    expect(refusalOf(named(name))).toEqual({ cause, words: `${name}: Words of AWS.` });
  });

  test('of a member of a cluster is told by its words, since its name says nothing', () => {
    const words = 'The specified instance is a member of a cluster and a snapshot cannot be created directly.';
    expect(refusalOf(named('InvalidParameterValue', words)).cause).toBe('member');
  });

  test('says what was refused, why, what to do, and what follows', () => {
    const refusal = refusalOf(named('SnapshotQuotaExceededFault', 'Cannot create more than 100 manual snapshots'));
    expect(refusalMessage(action(), refusal)).toBe(
      `Snapshot ${snapshot} of instance shop-db was refused: the account has as many manual instance snapshots as it may have. ` +
        'Delete some, or have AWS raise the quota. policy.backup is "required", so nothing was changed. To roll back without a ' +
        'snapshot, start with "backup": false. RDS: SnapshotQuotaExceededFault: Cannot create more than 100 manual snapshots',
    );
    expect(refusalMessage(action({ required: false }), refusal)).toContain('so the rollback goes on without it');
  });

  const exists = refusalOf(named('DBSnapshotAlreadyExistsFault'));
  const state = refusalOf(named('InvalidDBInstanceStateFault'));
  const other = { ...(found('creating') as Extract<SnapshotReading, { kind: 'found' }>) };
  const unreadable: SnapshotReading = { kind: 'unreadable', problem: 'down' };
  test.each([
    ['a taken name, and it is ours', found('creating'), exists, true],
    ['a busy database, and the snapshot is ours', found('creating'), state, true],
    [
      'a taken name, by another database',
      { ...other, view: { ...other.view, source: { kind: 'instance', id: 'b' } } },
      exists,
      false,
    ],
    ['a busy database, and no snapshot', { kind: 'missing' }, state, false],
    ['a taken name, and nobody can look', unreadable, exists, true],
    ['a busy database, and nobody can look', unreadable, state, false],
  ] as const)('%s', (_, reading, refusal, ours) => {
    expect(isOurs(action(), reading, refusal)).toBe(ours);
  });
});

describe('progress', () => {
  const judge = (reading: SnapshotReading, now: string) =>
    judgeSnapshot(action(), reading, { since: at('02:59:00'), now, snapshotMinutes: 30 });

  test.each([
    [
      'creating',
      found('creating'),
      at('03:10:00'),
      { status: 'creating', late: false },
      'is creating, 40 % after 10 min.',
    ],
    [
      'creating for too long',
      found('creating'),
      at('03:30:00'),
      { status: 'creating', late: true },
      'longer than the 30 min',
    ],
    ['not taken yet, for too long', found('creating', 0, ''), at('03:29:00'), { late: true }, '0 % after 30 min'],
    [
      'available, however late',
      found('available', 100),
      at('04:00:00'),
      { status: 'available', late: false },
      'is available',
    ],
    ['failed', found('failed', 50), at('03:10:00'), { status: 'failed' }, 'is failed, at 50 %.'],
    [
      'incompatible-restore',
      found('incompatible-restore'),
      at('03:10:00'),
      { status: 'failed' },
      'incompatible-restore',
    ],
    ['not there', { kind: 'missing' }, at('03:10:00'), { status: 'failed', late: false }, 'RDS has no snapshot'],
    [
      'out of reach',
      { kind: 'unreadable', problem: 'down' },
      at('03:10:00'),
      { status: 'unknown', late: false },
      '(down)',
    ],
    [
      'out of reach for too long',
      { kind: 'unreadable', problem: 'down' },
      at('03:29:00'),
      { status: 'unknown', late: true },
      'begun 30 min ago',
    ],
  ] as const)('%s', (_, reading, now, expected, words) => {
    const progress = judge(reading, now);
    expect(progress).toMatchObject(expected);
    expect(progress.message).toContain(words);
  });
});

describe('awaited', () => {
  const progress = (status: 'creating' | 'available' | 'failed' | 'unknown', late = false) => ({
    status,
    late,
    message: 'It is.',
  });
  test.each([
    [progress('available'), true, 'done'],
    [progress('available'), false, 'done'],
    [progress('creating'), true, 'waiting'],
    [progress('unknown'), false, 'waiting'],
    [progress('creating', true), true, 'failed'],
    [progress('creating', true), false, 'done'],
    [progress('failed'), true, 'failed'],
    [progress('failed'), false, 'done'],
    [progress('unknown', true), true, 'failed'],
  ])('%o, required %s: %s', (given, required, status) => {
    expect(judgeAwaited({ required }, given).status).toBe(status);
  });

  test('looks often at first, then once a minute', () => {
    expect(snapshotWaitSeconds(at('03:00:00'), at('03:00:00'))).toBe(15);
    expect(snapshotWaitSeconds(at('03:00:00'), at('03:04:59'))).toBe(15);
    expect(snapshotWaitSeconds(at('03:00:00'), at('03:20:00'))).toBe(60);
    expect(snapshotWaitSeconds(at('03:00:00'), at('09:00:00'))).toBe(300);
  });

  test('moves the deadline by what it took, never back', () => {
    expect(laterBy(at('03:05:00'), at('03:00:00'), at('03:10:30'))).toBe(at('03:15:30'));
    expect(laterBy(at('03:05:00'), at('03:00:00'), at('02:59:00'))).toBe(at('03:05:00'));
  });
});

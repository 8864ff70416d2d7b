import { describe, expect, test } from 'vitest';
import { type DatabaseFacts, databaseCheck, wantsSnapshot } from '../../lib/domain/database.ts';
import type { Policy, RollbackContext } from '../../lib/domain/model.ts';
import { configuration } from './worlds.ts';

const context = (backup = true) =>
  ({ rollbackId: 'checkout-20261120-030405-1f2e3d', request: { backup } }) as Pick<
    RollbackContext,
    'rollbackId' | 'request'
  >;
const instance = (status = 'available', more: Partial<NonNullable<DatabaseFacts['view']>> = {}): DatabaseFacts => ({
  source: { kind: 'instance', id: 'shop-db' },
  view: { status, engine: 'postgres', multiAz: true, ...more },
});
const cluster: DatabaseFacts = {
  source: { kind: 'cluster', id: 'orders' },
  member: 'orders-2',
  view: { status: 'available', engine: 'aurora-postgresql', multiAz: true },
};
const gone: DatabaseFacts = { source: { kind: 'instance', id: 'shop-db' } };
const silent: DatabaseFacts = { ...gone, problem: 'TimeoutError: none' };
const full: DatabaseFacts = { ...instance(), quota: { used: 100, limit: 100 } };

const facts = (database: DatabaseFacts | undefined, backup: Policy['backup'] = 'required', asked = true) => ({
  configuration: configuration({
    database: { instance: 'shop-db' },
    policy: { ...configuration().policy, backup },
  }),
  context: context(asked),
  ...(database && { database }),
});

describe('the check of the database', () => {
  test.each<[string, DatabaseFacts | undefined, Policy['backup'], string, RegExp]>([
    [
      'Multi-AZ',
      { ...instance(), quota: { used: 3, limit: 100 } },
      'required',
      'ok',
      /is available\. Snapshot backstep-checkout-.* standby, without a pause\. 3 of 100/,
    ],
    [
      'Single-AZ',
      instance('available', { multiAz: false }),
      'required',
      'warning',
      /Single-AZ: reads and writes may stand still/,
    ],
    [
      'SQL Server',
      instance('available', { engine: 'sqlserver-se' }),
      'required',
      'warning',
      /Multi-AZ does not help with sqlserver-se/,
    ],
    [
      'a cluster through its member',
      cluster,
      'required',
      'ok',
      /^Cluster orders, the cluster that orders-2 is a member of, .*cluster's storage/,
    ],
    ['storage optimization', instance('storage-optimization'), 'required', 'ok', /storage-optimization/],
    [
      'the wrong state, required',
      instance('storage-full'),
      'required',
      'failed',
      /is storage-full.*A snapshot is required/,
    ],
    [
      'the wrong state, preferred',
      instance('backing-up'),
      'preferred',
      'warning',
      /is backing-up.*goes on without a snapshot/,
    ],
    ['a full quota', full, 'required', 'failed', /All 100 manual instance snapshots.*raise the quota/],
    ['no such database', gone, 'required', 'failed', /knows no instance shop-db/],
    ['no such database, preferred', gone, 'preferred', 'warning', /goes on without a snapshot/],
    ['out of reach', silent, 'required', 'warning', /could not be asked.*tried all the same\. Refused, it blocks/],
    ['out of reach, preferred', silent, 'preferred', 'warning', /Refused, the rollback goes on/],
    ['off', instance('storage-full'), 'off', 'ok', /policy\.backup is "off"/],
    ['never looked at', undefined, 'preferred', 'failed', /Nobody has looked/],
  ])('%s', (_, database, backup, status, evidence) => {
    const check = databaseCheck(facts(database, backup));
    expect(check).toEqual({ name: 'database', status, evidence: expect.stringMatching(evidence) });
  });

  test('a start that leaves the backup out is told so', () => {
    expect(databaseCheck(facts(full, 'required', false))).toMatchObject({
      status: 'warning',
      evidence: 'No snapshot is taken of instance shop-db: this start says "backup": false.',
    });
  });
});

test.each<[string, DatabaseFacts | undefined, Policy['backup'], boolean, boolean]>([
  ['of a database that is there', instance(), 'required', true, true],
  ['preferred, in the wrong state: it may have changed by then', instance('backing-up'), 'preferred', true, true],
  ['out of reach: it is tried', silent, 'required', true, true],
  ['of no database', gone, 'preferred', true, false],
  ['off', instance(), 'off', true, false],
  ['left out by the start', instance(), 'required', false, false],
  ['without a database', undefined, 'required', true, false],
])('a snapshot %s', (_, database, backup, asked, wanted) => {
  expect(wantsSnapshot(facts(database, backup, asked))).toBe(wanted);
});

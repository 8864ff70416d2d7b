import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Plan, StartSnapshotAction } from '../../lib/domain/model.ts';
import { scriptsFor } from '../../lib/domain/scripts.ts';
import { snapshotAction } from '../../lib/domain/snapshot.ts';
import { configuration, plan } from './report/fixture.ts';

const snapshot = 'backstep-checkout-20261120-030405-1f2e3d';
const take = (kind: 'instance' | 'cluster', id: string): StartSnapshotAction => ({
  id: '1',
  ...snapshotAction({ source: { kind, id } }, plan.rollbackId, { backup: 'required', awaitBackup: false }),
});
const scriptOf = (action: StartSnapshotAction): string => {
  const withDatabase: Plan = { ...plan, actions: [action, ...plan.actions] };
  return scriptsFor(configuration, withDatabase).database;
};

/** Runs the script with an `aws` that only writes down how it was called. */
function run(script: string, options: { readonly exists: boolean; readonly arguments?: readonly string[] }) {
  const folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  writeFileSync(
    join(folder, 'aws'),
    [
      '#!/usr/bin/env bash',
      `echo "$*" >> ${calls}`,
      'case "$*" in',
      '  *get-caller-identity*) echo 111122223333 ;;',
      `  *describe-db-*snapshots*) ${options.exists ? 'echo available' : `grep -q create-db ${calls}`} ;;`,
      '  *SecurityGroups*) printf "sg-1\\tsg-2\\n" ;;',
      '  *--query*) echo asked ;;',
      'esac',
    ].join('\n'),
  );
  chmodSync(join(folder, 'aws'), 0o755);
  writeFileSync(join(folder, 'database.sh'), script);
  const { status, stderr, stdout } = spawnSync('bash', [join(folder, 'database.sh'), ...(options.arguments ?? [])], {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env.PATH}` },
  });
  const made = readFileSync(calls, 'utf8').split('\n');
  return { status, stderr, stdout, calls: made.filter((call) => /^rds (?:create|restore|wait)/.test(call)) };
}

describe('scripts/database.sh', () => {
  test('takes the snapshot of the plan, and restores nothing', () => {
    const { status, stderr, stdout, calls } = run(scriptOf(take('instance', 'shop-db')), { exists: false });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(calls).toEqual([
      `rds create-db-snapshot --db-snapshot-identifier ${snapshot} --db-instance-identifier shop-db`,
    ]);
    expect(stdout).toMatch(/To restore from it: .*database\.sh restore/);
  });

  test('takes none where there is one', () => {
    expect(run(scriptOf(take('cluster', 'orders')), { exists: true }).calls).toEqual([]);
  });

  test('restores an instance into a new one, with the network and parameters of the old', () => {
    const { status, stderr, calls } = run(scriptOf(take('instance', 'shop-db')), {
      exists: true,
      arguments: ['restore'],
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(calls[0]).toBe(`rds wait db-snapshot-available --db-snapshot-identifier ${snapshot}`);
    expect(calls[1]).toMatch(
      new RegExp(
        `^rds restore-db-instance-from-db-snapshot --db-instance-identifier shop-db-restored-\\d{6} --db-snapshot-identifier ${snapshot} ` +
          '--db-instance-class asked --db-subnet-group-name asked --db-parameter-group-name asked --vpc-security-group-ids sg-1 sg-2$',
      ),
    );
    expect(calls[2]).toMatch(/^rds wait db-instance-available --db-instance-identifier shop-db-restored-\d{6}$/);
  });

  test('restores a cluster into a new one, and gives it an instance', () => {
    const { status, stderr, calls } = run(scriptOf(take('cluster', 'orders')), {
      exists: true,
      arguments: ['restore'],
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(calls.map((call) => call.split(' ').slice(1, 3).join(' '))).toEqual([
      'wait db-cluster-snapshot-available',
      'restore-db-cluster-from-snapshot --db-cluster-identifier',
      'wait db-cluster-available',
      'create-db-instance --db-instance-identifier',
      'wait db-instance-available',
    ]);
    expect(calls.join('\n')).not.toMatch(/--db-(?:cluster|instance)-identifier orders(?: |$)/m);
  });

  test('is not part of the way back: a snapshot is kept', () => {
    const withDatabase: Plan = { ...plan, actions: [take('instance', 'shop-db'), ...plan.actions] };
    expect(scriptsFor(configuration, withDatabase).undo).not.toContain('rds');
  });
});

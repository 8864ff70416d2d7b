import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import { newAccount } from './account.ts';

test('a driven client reads nothing from the disk, so the clock runs for its call and no further', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-'));
  process.env.AWS_CONFIG_FILE = join(folder, 'config');
  // Large enough that reading it takes many turns of the event loop.
  writeFileSync(process.env.AWS_CONFIG_FILE, '# nothing\n'.repeat(3_000_000));
  try {
    const account = newAccount();
    const before = account.clock.now();
    account.clock.every(1, before, () => {});
    await drive(account, new CloudWatchClient(clientConfig(account)).send(new DescribeAlarmsCommand({})));
    expect(account.clock.now() - before).toBeLessThan(100);
  } finally {
    delete process.env.AWS_CONFIG_FILE;
    rmSync(folder, { recursive: true });
  }
});

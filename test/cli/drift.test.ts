/** What a pipeline sees that asks instead of listening: a rollback that is over, and code that does not know of it. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examples } from '../scenarios/shop.ts';
import { Served } from './served.ts';

let served: Served;

beforeAll(async () => {
  served = await Served.from(join(examples.oneSide, 'scenario.json'), 'PT44M', 1);
});
afterAll(() => served?.stop());

test('status --json has the drift of a rollback until a later release ends it', async () => {
  const { code, out } = await served.command(['status', 'checkout', '--json']);
  expect(code).toBe(0);
  const [{ drift, lastRollback }] = JSON.parse(out()).services;
  expect(lastRollback.outcome).toBe('verified');
  expect(drift).toMatchObject({
    rollbackId: lastRollback.rollbackId,
    pinned: [{ side: 'main', from: expect.stringMatching(/checkout:42$/), to: expect.stringMatching(/checkout:41$/) }],
    until: null,
  });
  expect(drift).not.toHaveProperty('pk');
});

test('status says it in words', async () => {
  const words = (await served.command(['status', 'checkout'])).out().replace(/\s+/g, ' ');
  expect(words).toContain('Drift Infrastructure as code disagrees with checkout until a later release');
});

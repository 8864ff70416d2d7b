import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changed, Served, slower, until } from './served.ts';

/** A database whose migrations nobody has looked at: Plan asks a person, also of who gave the phrase. */
const asking = changed(
  join(import.meta.dirname, '../../examples/01-checkout/scenario.json'),
  (text) =>
    text
      .replaceAll('"errorRate":0.3', '"errorRate":0.002')
      .replace(
        '"account":{',
        '"account":{"databases":{"instances":[{"id":"shop-db","engine":"postgres","snapshotSeconds":60}]},',
      ),
  (text) => text.replace('"health":', '"database":{"instance":"shop-db"},"policy":{"bakeMinutes":3},"health":'),
);
const start = ['rollback', 'checkout', '--confirm', 'ROLLBACK PRODUCTION'];

describe('a rollback that asks', () => {
  let served: Served;
  beforeAll(async () => {
    served = await Served.from(asking, 'PT6M', slower);
  });
  afterAll(() => served.stop());

  test('is declined by another terminal, and ends with exit code 1', async () => {
    const begun = served.begin([...start, '--json']);
    await until(begun.err, 'A person is asked, until ');
    await until(begun.err, 'npx backstep decline checkout --reason');

    const status = await served.command(['status', 'checkout']);
    expect(status.out()).toMatch(/Under way +nothing is changed: a person is asked/);
    expect(status.out()).toContain('npx backstep approve checkout --reason "..."');

    const silent = await served.command(['decline', 'checkout']);
    expect(silent.err()).toBe('Say why with --reason "...": it goes into the report. Nothing was answered.\n');
    expect(silent.code).toBe(64);

    const declined = await served.command(['decline', 'checkout', '--reason', 'the fix is on its way', '--json']);
    const answer = JSON.parse(declined.out());
    expect(answer).toMatchObject({ service: 'checkout', decision: 'decline', reason: 'the fix is on its way' });
    expect(answer.message).toContain(`Rollback ${answer.rollbackId} is declined by `);
    expect(declined.err()).toContain('Rollback Target:  v2.14.3');
    expect(declined.err()).toContain(`Plan SHA-256 ${answer.planSha256}`);
    expect(declined.code).toBe(0);

    const { out, code } = await begun.ended;
    expect(JSON.parse(out())).toMatchObject({
      rollbackId: answer.rollbackId,
      outcome: 'declined',
      planSha256: answer.planSha256,
      reason: expect.stringContaining('the fix is on its way'),
      asksBecause: expect.stringContaining('migrations'),
    });
    expect(code).toBe(1);
    expect(served.updates()).toBe(0);

    const again = await served.command(['approve', answer.rollbackId, '--reason', 'too late']);
    expect(again.err()).toContain(`${answer.rollbackId} is answered already. Declined by `);
    expect(again.code).toBe(64);
  });

  test('can be answered where it is watched', async () => {
    const begun = served.begin(start, { tty: true });
    await until(begun.out, 'Type approve or decline; Enter leaves it to somebody else:');
    begun.type('approve\n');
    await until(begun.out, 'Why? (for the report)');
    begun.type('looked at the migrations\n');
    const { out, code } = await begun.ended;
    expect(out()).toContain('is approved by ');
    expect(out()).toContain('"looked at the migrations"');
    expect(out()).toContain('[1/2] StartSnapshot');
    expect(out()).toContain('[2/2] RevertService');
    expect(out()).toContain('Rollback to v2.14.3 verified');
    expect(code).toBe(0);
  });
});

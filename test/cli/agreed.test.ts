/** Between the phrase and the first look: Ctrl-C, and what was agreed to. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changed, Served, slower, until } from './served.ts';

const scenario = join(import.meta.dirname, '../../examples/01-checkout/scenario.json');
/** A release like the one before it: no alarm starts anything. */
const harmless = changed(scenario, (text) => text.replaceAll('"errorRate":0.3', '"errorRate":0.002'));

let served: Served;
beforeAll(async () => {
  served = await Served.from(harmless, 'PT6M', slower);
});
afterAll(() => served.stop());

test('Ctrl-C before Step Functions has answered says how to come back, and what was started goes on', async () => {
  const begun = served.begin(['rollback', 'checkout'], { tty: true });
  await until(begun.out, 'Type ROLLBACK PRODUCTION to start it:');
  const { faults } = served.run.account;
  faults.push((point) => {
    if (point.kind === 'call' && point.operation === 'StartExecution') begun.interrupt();
    return undefined;
  });
  begun.type('ROLLBACK PRODUCTION\n');
  const { code } = await begun.ended;
  faults.pop();
  expect(code).toBe(1);
  const arn = /npx backstep watch (arn:\S+)/.exec(begun.out())?.[1] ?? '';
  expect(begun.out()).toContain('It is being started, and then goes on without you. Come back:');
  expect(begun.out()).toContain('npx backstep pause checkout --reason');
  expect(served.executions.at(-1)).toBe('RUNNING');

  // It is the release that was shown, whatever became of the ledger since.
  const watched = served.begin(['watch', arn, '--json']);
  await until(watched.err, '[1/1] RevertService');
  expect(watched.err()).toContain(
    'target: v2.14.3 (checkout:41) was named as\n    "arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:41"',
  );
  served.stopNewest();
  expect((await watched.ended).code).toBe(2);
});

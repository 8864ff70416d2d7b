/** `rollback --direct`: the same plan, carried out by the command, on an account whose Step Functions answers nobody. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Ending } from '../../bin/commands/follow/ending.ts';
import { changed, Served } from './served.ts';

const scenario = join(import.meta.dirname, '../../examples/01-checkout/scenario.json');
/** Fast enough for a bake of half an hour, slow enough that a Lambda's ninety seconds are not over before it answers. */
const speed = 250;
const outage = {
  at: 'PT1M',
  type: 'fault',
  on: { call: 'states:*' },
  effect: { error: { code: 'InternalServerException', message: 'Step Functions is down', status: 500 } },
};
const phrase = ['--confirm', 'ROLLBACK PRODUCTION'];

/** The release is bad, and no alarm starts anything: Step Functions is down. */
const broken = (): string =>
  changed(scenario, (text) => {
    const { events, ...rest } = JSON.parse(text);
    return JSON.stringify({ ...rest, events: [...events, outage] });
  });

let served: Served;
afterEach(() => served.stop());

describe('while Step Functions is down', () => {
  test('ends verified, with the same report, timeline and ledger', async () => {
    served = await Served.from(broken(), 'PT5M', speed);
    const { code, out, err } = await served.command([
      'rollback',
      'checkout',
      '--direct',
      ...phrase,
      '--reason',
      'Step Functions is down',
      '--json',
    ]);
    expect(err()).toContain('The installed state machine cannot be read');
    expect(err()).toContain('keep the terminal open');
    const ending: Ending = JSON.parse(out());
    expect(ending).toMatchObject({ status: 'SUCCEEDED', outcome: 'verified', target: 'v2.14.3' });
    expect(ending.executionArn).toMatch(/:execution:backstep-production-rollback:direct-checkout-/);
    expect(code).toBe(0);
  }, 60_000);
});

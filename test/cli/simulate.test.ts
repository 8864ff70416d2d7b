import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../bin/cli.ts';
import { functionNames } from '../../lib/constructs/function-names.ts';
import type { ScenarioDocument } from '../../simulator/scenario/document.ts';
import { recorded } from './io.ts';

const example = join(import.meta.dirname, '../../examples/01-checkout');
const { account } = JSON.parse(readFileSync(join(example, 'scenario.json'), 'utf8'));
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('backstep simulate', () => {
  test('prints the document and nothing else with --json; progress goes to stderr', async () => {
    const { code, out, err } = await simulate({ until: 'PT4M', expect: {} }, ['--json']);
    const document = JSON.parse(out) as ScenarioDocument;
    expect(Object.keys(document)).toEqual([
      'scenario',
      'seed',
      'passed',
      'failures',
      'executions',
      'account',
      'timeline',
      'calls',
      'stateTransitions',
      'bundles',
    ]);
    expect(document.account.services['shop/checkout']?.taskDefinition).toBe('checkout:42');
    expect(document.bundles).toEqual(
      functionNames.map(() => expect.objectContaining({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })),
    );
    expect(err).toContain('deploying Backstep-production into the simulated account 111122223333, eu-west-1\n');
    expect(code).toBe(0);
  });

  test('exits 1 for an unmet expectation, and says what was expected and what came', async () => {
    const { code, out } = await simulate({ until: 'PT4M', expect: { executions: [{ outcome: 'verified' }] } }, []);
    expect(code).toBe(1);
    expect(out).toContain('Not as expected:\n  executions.length\n    expected 1\n    actual   0\n');
  });

  test('exits 64 for an event that cannot happen, and names it without a stack', async () => {
    const events = [{ at: 'PT1M', type: 'deploy', cluster: 'shop', service: 'basket', taskDefinition: 'checkout:42' }];
    const { code, err } = await simulate({ until: 'PT4M', events, expect: {} }, []);
    expect(code).toBe(64);
    expect(err).toContain(
      'events[0]: found deploy at PT1M, which failed: ServiceNotFoundException: Service not found.',
    );
    expect(err).not.toMatch(/^ +at /m);
  });

  test.each([
    [
      'an account that names what it does not have',
      { account: { ...account, loadBalancers: [] } },
      'account: found resources, which failed: Error: traffic goes to shop.example.com',
    ],
    ['a run of centuries', { until: 'PT99999999H' }, 'until: found "PT99999999H"; allowed: at most P31D'],
    ['a configuration that is a directory', { config: '.' }, 'found no readable file'],
    [
      'a document nested without end',
      { description: nested(1_000) },
      '(top): found more levels of nesting; allowed: at most 200 levels of nesting',
    ],
  ])('exits 64 for %s, without a stack', async (_what, changes, words) => {
    const { code, err } = await simulate(changes, []);
    expect(err).toContain(words);
    expect(err).not.toMatch(/^ +at /m);
    expect(code).toBe(64);
  });

  test('exits 64 for a configuration that cannot be used, with its own message', async () => {
    const { code, err } = await simulate({ config: { environments: {} } }, []);
    expect(code).toBe(64);
    expect(err).toContain('cannot be used');
  });

  test('shows no control characters that a name or a reason holds', async () => {
    const evil = 'evil \u001b]0;title\u0007\u001b[2J \u202e';
    const start = { at: 'PT2M', type: 'start', input: { service: 'checkout', reason: evil } };
    const { out, err } = await simulate({ name: evil, until: 'PT4M', addEvents: [start], expect: {} }, []);
    expect(out + err).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect((await simulate({ name: evil, [evil]: 1 }, [])).err).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });

  test('exits 64 for an environment that the configuration does not have', async () => {
    const { code, err } = await simulate({ environment: 'staging' }, []);
    expect(code).toBe(64);
    expect(err).toContain('environment: found "staging"; allowed: one environment of its configuration: production');
  });

  test('writes document, plan and reports with --out', async () => {
    const start = { at: 'PT5M', type: 'start', input: { service: 'checkout', dryRun: true } };
    const { code, cwd } = await simulate({ until: 'PT6M', addEvents: [start], expect: {} }, ['--out', 'found']);
    expect(code).toBe(0);
    const document = JSON.parse(readFileSync(join(cwd, 'found/run.json'), 'utf8')) as ScenarioDocument;
    const rollbackId = (document.executions[0]?.output as { rollbackId: string } | undefined)?.rollbackId;
    for (const file of [
      `plans/${rollbackId}.json`,
      `reports/${rollbackId}/report.json`,
      `reports/${rollbackId}/report.md`,
    ])
      expect([file, existsSync(join(cwd, 'found', file))]).toEqual([file, true]);
  });
});

async function simulate(change: { [key: string]: unknown; addEvents?: object[] }, flags: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'backstep-simulate-'));
  const scenario = JSON.parse(readFileSync(join(example, 'scenario.json'), 'utf8'));
  const { addEvents = [], ...rest } = change;
  const changed = { ...scenario, config: join(example, 'backstep.json'), ...rest };
  changed.events = [...changed.events, ...addEvents];
  writeFileSync(join(cwd, 'scenario.json'), JSON.stringify(changed));
  const { io, out, err } = recorded({ cwd });
  return { code: await main(['simulate', 'scenario.json', ...flags], io), out: out(), err: err(), cwd };
}

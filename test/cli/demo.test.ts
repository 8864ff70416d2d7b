/** The demo tells what happened in the account: another scenario, other lines. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { main } from '../../bin/cli.ts';
import { readReport } from '../../bin/commands/report-document.ts';
import { variation } from '../variations.ts';
import { recorded } from './io.ts';

const example = join(import.meta.dirname, '../../examples/01-checkout');

/** The demo as a log shows it; several tests read it. */
const plainly = show();

describe('the demo', () => {
  test('shows release, alarm, checks, steps and validation, and ends with the report', async () => {
    const { code, text, cwd } = await plainly;
    expect(code).toBe(0);
    expect(
      inOrder(text, [
        'shop/checkout runs checkout:41 (v2.14.3), 3 of 3 tasks.',
        'shop/checkout goes from checkout:41 to checkout:42 (v2.14.4).',
        'ALARM backstep/production/checkout/',
        'The state machine is started by',
        'Rollback Target:  v2.14.3 (checkout:41)',
        'Current Version:  v2.14.4 (checkout:42), 3 of 3 tasks',
        'Strategy:         rolling',
        'Pre-rollback checks:',
        '  [OK] ',
        'Executing rollback:',
        '  [1/1] RevertService',
        'Post-rollback validation:',
        '  [OK] https://shop.example.com/health answered 200',
        'Rollback to v2.14.3 verified',
        /^Report of checkout-20260115-100604-\w{6}: verified after 33m 28s$/m,
        'report.json',
        'report.md',
        'Everything went as the scenario expects.',
      ]),
    ).toEqual([]);
    expect(text).toContain('[NOT CHECKED]');

    // The last one is what the reader is left with: that of the rollback, not of the alarm that joined it.
    const report = text.match(/\.backstep\/demo\/\S+\/report\.json/g)?.at(-1) ?? '';
    expect(readReport(readFileSync(join(cwd, report), 'utf8'), report)).toMatchObject({ outcome: 'verified' });
    expect(existsSync(join(cwd, report.replace('.json', '.md')))).toBe(true);
  });

  test('follows the scenario: image, number of tasks and start time', async () => {
    const { code, text } = await show({
      change: (json) =>
        json
          .replaceAll('v2.14.3', 'v7.0.1')
          .replace('"desiredCount": 3', '"desiredCount": 5')
          .replace('"seed": 1', '"seed": 1, "startTime": "2027-03-01T22:30:00Z"'),
    });
    expect(code).toBe(0);
    expect(
      inOrder(text, [
        /^22:3\d:\d\d {2}shop\/checkout runs checkout:41 \(v7\.0\.1\), 5 of 5 tasks\.$/m,
        /^22:33:00 {2}ECS: shop\/checkout goes from checkout:41/m,
        'Rollback Target:  v7.0.1 (checkout:41)',
        'Current Version:  v2.14.4 (checkout:42), 5 of 5 tasks',
        'Rollback to v7.0.1 verified',
      ]),
    ).toEqual([]);
    expect(text).not.toContain('v2.14.3');
    expect(text).not.toMatch(/\b3 of 3\b/);
  });

  variation(
    'shows the other example as well: somebody moves the weights, and the rollback moves them back',
    async () => {
      const { io, out } = recorded({ cwd: mkdtempSync(join(tmpdir(), 'backstep-demo-')) });
      expect(await main(['demo', '--scenario', join(example, '../02-two-sides/scenario.json')], io)).toBe(0);
      expect(
        inOrder(out(), [
          '10:06:00  Weights of rule 9683b2d02a6cabee: checkout-blue 100, checkout-green 0',
          'Rollback Target:  v2.14.3 (checkout:41)',
          'Strategy:         instant',
          '  [1/1] ShiftTraffic Weights set from checkout-blue 0, checkout-green 100 to',
          'Post-rollback validation:',
          'Rollback to v2.14.3 verified',
        ]),
      ).toEqual([]);
    },
  );

  test('shows the whole workflow: a question, its answer, steps with their gates, a snapshot slower than the cure, scale-in', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'backstep-demo-'));
    const { io, out } = recorded({ cwd });
    expect(await main(['demo', '--scenario', join(example, '../04-whole-workflow/scenario.json')], io)).toBe(0);
    expect(
      inOrder(out(), [
        /ALARM backstep\/production\/orders\/error_rate_spike\/green/,
        /^10:09:\d\d {2}Admitted as orders-20260115-1009\d\d-\w{6}:\n {10}- CloudWatch confirms/m,
        'Rollback Target:  v5.2.0 (orders:18)',
        'Strategy:         canary. ',
        '  [OK] database: Cluster orders',
        'Actions, once a person has said yes:',
        '  [1/5] StartSnapshot: Take snapshot backstep-orders-',
        '  [5/5] ScaleIn: Take the 3 tasks of side green out',
        /^10:09:\d\d {2}A person is asked, until 10:39:\d\d\. No answer means no\./m,
        '          Asked: on_call_engineer (oncall@example.com), database_owner',
        '            npx backstep approve orders --reason "..."',
        // Users go on failing while it waits.
        /10:13-10:14 .* 1\d\.\d % failed/,
        /^10:16:00 {2}ann says yes, 6m 2\ds after the question: "v5\.3\.0 changes no table, I/m,
        'assumed-role/backstep-approvers/ann',
        'Executing rollback:',
        '  [1/5] StartSnapshot RDS is taking snapshot',
        '        Accepted: the cure goes on',
        '  [2/5] ShiftTraffic Weights set from orders-blue 0, orders-green 100 to',
        /done after 2m 3\ds \(really \S+\): Side blue with 10 % is/,
        '  [3/5] ShiftTraffic Weights set from orders-blue 10, orders-green 90 to',
        /done after 2m 0\ds \(really \S+\): Side blue with 50 % is/,
        '  [4/5] ShiftTraffic Weights set from orders-blue 50, orders-green 50 to',
        /^10:2\d:\d\d {2}Snapshot backstep-orders-\S+ is creating, 1\d %/m,
        'Post-rollback validation:',
        /^10:3\d:\d\d {2}Snapshot backstep-orders-\S+ is creating, [678]\d %/m,
        /^10:41:\d\d {2}Snapshot backstep-orders-\S+ is available, 25m \d\ds\n {10}after/m,
        '  [5/5] ScaleIn Side green goes from 3 tasks to 0',
        'Given back: Group stickiness',
        'Rollback to v5.2.0 verified',
        '  of that, waiting for a person   6m 2',
        'report.md',
        'Everything went as the scenario expects.',
      ]),
    ).toEqual([]);
    expect(
      out()
        .split('\n')
        .filter((line) => line.length > 80 && !/^ {2}\.backstep\/|arn:|seed 1\./.test(line)),
    ).toEqual([]);
    const [path = ''] = out().match(/\.backstep\/demo\/\S+\/report\.json/) ?? [];
    const report = JSON.parse(readFileSync(join(cwd, path), 'utf8'));
    expect(report.snapshot).toMatchObject({ id: expect.stringMatching(/^backstep-orders-/) });
  });

  test('shows no rollback where none happens, and says that it was expected', async () => {
    const { code, text } = await show({
      change: (json) => json.replaceAll('"errorRate": 0.3', '"errorRate": 0.002'),
    });
    expect(text).not.toContain('Rollback Target');
    expect(text).toContain('Not as the scenario expects: executions.length');
    expect(code).toBe(1);
  });
});

describe('the text', () => {
  test('is plain and fits 80 columns without a terminal, and with NO_COLOR', async () => {
    const { text } = await plainly;
    expect([...text].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
    expect(text.split('\n').filter((line) => line.length > 80 && !line.startsWith('  .backstep/'))).toEqual([]);
    const { text: uncoloured } = await show({ tty: true, env: { NO_COLOR: '1' } });
    expect([...uncoloured].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
  });

  test('says the same in a terminal, in colours', async () => {
    const [{ text: plain }, { text: colours }] = [await plainly, await show({ tty: true })];
    expect(colours).not.toBe(stripVTControlCharacters(colours));
    const bare = stripVTControlCharacters(colours).replaceAll('█', '#').replaceAll('·', '.');
    expect(withoutRealTime(bare)).toBe(withoutRealTime(plain));
  });
});

interface Options {
  readonly change?: (scenario: string) => string;
  readonly tty?: boolean;
  readonly env?: Record<string, string>;
}

async function show({ change = (json) => json, tty = false, env = {} }: Options = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'backstep-demo-'));
  const scenario = JSON.parse(change(readFileSync(join(example, 'scenario.json'), 'utf8')));
  writeFileSync(join(cwd, 'scenario.json'), JSON.stringify({ ...scenario, config: join(example, 'backstep.json') }));
  const { io, out, err } = recorded({ cwd, tty, env });
  const code = await main(['demo', '--fast', '--scenario', 'scenario.json'], io);
  return { code, text: out() + err(), cwd };
}

/** Those that are not found after the ones before them. */
function inOrder(text: string, parts: readonly (string | RegExp)[]): (string | RegExp)[] {
  let rest = text;
  return parts.filter((part) => {
    const at = typeof part === 'string' ? rest.indexOf(part) : rest.search(part);
    if (at < 0) return true;
    rest = rest.slice(at + 1);
    return false;
  });
}

/** Without what the wall clock says, and with what it wraps. */
const withoutRealTime = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/\(really [^)]*\)/g, '')
    .replace(/Real time .*? for/, '');

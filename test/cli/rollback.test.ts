import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ending } from '../../bin/commands/follow/ending.ts';
import { changed, type Ended, Served, slower, until } from './served.ts';

const scenario = join(import.meta.dirname, '../../examples/01-checkout/scenario.json');
/** A release like the one before it: no alarm starts anything. */
const harmless = changed(scenario, (text) => text.replaceAll('"errorRate":0.3', '"errorRate":0.002'));
const tooWide = (text: string): string[] =>
  text.split('\n').filter((line) => line.length > 80 && !/arn:|s3:\/\//.test(line));

describe('a rollback from start to end', () => {
  let served: Served;
  let ended: Ended;
  let ending: Ending;

  beforeAll(async () => {
    served = await Served.from(harmless, 'PT6M');
    ended = await served.command([
      'rollback',
      'checkout',
      '--confirm',
      'ROLLBACK PRODUCTION',
      '--reason',
      '5XX since the release',
      '--json',
    ]);
    ending = JSON.parse(ended.out());
  });
  afterAll(() => served.stop());

  test('ends verified, with one document on stdout', () => {
    expect(ending).toMatchObject({
      environment: 'production',
      service: 'checkout',
      status: 'SUCCEEDED',
      outcome: 'verified',
      strategy: 'rolling',
      current: { main: 'v2.14.4' },
      target: 'v2.14.3',
      actions: [{ id: '1', type: 'RevertService' }],
      verdict: { result: 'healthy' },
    });
    expect(ending.rollbackId).toMatch(/^checkout-20260115-10\d{4}-[0-9a-f]{6}$/);
    const [bucket] = served.run.account.s3.buckets.filter((name) => ending.report?.includes(name));
    expect(ending.report).toBe(`s3://${bucket}/reports/${ending.rollbackId}/report.json`);
    expect(ending.duration).toMatch(/^PT3\dM\d+S$/);
    expect(ended.code).toBe(0);
  });

  test('shows steps, checks, verdict and bake meanwhile, on stderr', () => {
    const text = ended.err();
    for (const part of [
      'Rollback Target:  v2.14.3 (checkout:41)',
      'Pre-rollback checks:',
      '  [1/1] RevertService',
      'done after',
      'Post-rollback validation:',
      '  [OK] https://shop.example.com/health answered 200',
      /Healthy \S+ \S+ after the start, watched until/,
      /Healthy, \d+ s of the 30 min bake to go/,
      'Rollback to v2.14.3 verified',
      /^Duration +3\dm/m,
      'npx backstep history checkout',
    ])
      expect(text).toMatch(part);
    expect(text).not.toContain('really');
    expect(tooWide(text)).toEqual([]);
  });

  test('can be watched again by its id, with the same end', async () => {
    const again = await served.command(['watch', ending.rollbackId ?? '', '--json']);
    expect(JSON.parse(again.out())).toEqual(ending);
    expect(again.code).toBe(0);
  });

  test('stands in the history, and the release it replaced is bad', async () => {
    const { out, code } = await served.command(['history', 'checkout']);
    expect(out()).toMatch(/ v2\.14\.4 {2}bad {11}checkout:42\n/);
    expect(out()).toMatch(/ v2\.14\.3 {2}good {10}checkout:41\n/);
    expect(out()).toContain(`person  ${ending.rollbackId}`);
    expect(code).toBe(0);
    const document = JSON.parse((await served.command(['history', 'checkout', '--json'])).out());
    expect(document.releases[0]).toMatchObject({ version: 'v2.14.4', status: 'bad' });
  });

  test('is what status shows last, with what runs now', async () => {
    const { out, code } = await served.command(['status']);
    expect(out()).toMatch(/main +checkout:41 \(v2\.14\.3, good\), 3 of 3 tasks/);
    expect(out()).toMatch(/Under way +nothing/);
    expect(out()).toContain(`${ending.rollbackId} verified`);
    expect(code).toBe(0);
    const document = JSON.parse((await served.command(['status', 'checkout', '--json'])).out());
    expect(document).toMatchObject({
      environment: 'production',
      services: [{ service: 'checkout', running: null, question: null, alarmsOn: [], killSwitch: { state: 'off' } }],
    });
    expect(Date.parse(document.time)).toBeGreaterThan(Date.parse('2026-01-15T10:30:00Z'));
  });
});

describe('what is asked before, and what a person may do meanwhile', () => {
  let served: Served;
  beforeAll(async () => {
    served = await Served.from(harmless, 'PT6M', slower);
  });
  afterAll(() => served.stop());

  test('a plan changes nothing and says how to do it', async () => {
    const { out, code } = await served.command(['plan', 'checkout', '--reason', "it's broken"]);
    expect(out()).toContain('Rollback Target:  v2.14.3 (checkout:41)');
    expect(out()).toContain('  [1/1] RevertService: ');
    expect(out()).toContain(
      `npx backstep rollback checkout --reason 'it'\\''s broken' --confirm "ROLLBACK PRODUCTION"`,
    );
    expect(code).toBe(0);
    expect(served.updates()).toBe(0);
  });

  test('in production nothing is changed without the phrase', async () => {
    const { out, code } = await served.command(['rollback', 'checkout', '--json']);
    expect(JSON.parse(out())).toMatchObject({
      outcome: 'ready',
      startWith: { service: 'checkout', confirm: 'ROLLBACK PRODUCTION' },
    });
    expect(code).toBe(0);
    expect(served.updates()).toBe(0);
  });

  test.each([
    [
      'a service that is misspelt',
      ['rollback', 'chekout'],
      'production has no service "chekout". Did you mean checkout? It has: checkout.',
    ],
    [
      'another phrase',
      ['rollback', 'checkout', '--confirm', 'yes'],
      '"confirm" is "yes": only "ROLLBACK PRODUCTION" is allowed',
    ],
    ['a yes without the phrase', ['rollback', 'checkout', '--yes'], '--yes does not stand in for the phrase'],
    ['a strategy that is none', ['plan', 'checkout', '--strategy', 'canari'], '(did you mean "canary"?)'],
    ['a timeout that is none', ['plan', 'checkout', '--timeout', '5m'], 'whole seconds from 60 to 7200'],
    [
      'another environment',
      ['status', '--environment', 'prodution'],
      'No environment "prodution" is installed here. Did you mean production?',
    ],
    [
      'a rollback that is not known',
      ['watch', 'checkout-20200101-000000-abcdef'],
      'No rollback checkout-20200101-000000-abcdef of checkout is known.',
    ],
    ['an approval of nothing', ['approve', 'checkout', '--reason', 'x'], 'checkout asks nothing.'],
  ])('exits 64 for %s, and starts nothing', async (_what, words, message) => {
    const before = served.executions.length;
    const { err, out, code } = await served.command(words);
    expect(err()).toContain(message);
    expect(err()).not.toMatch(/^ +at /m);
    expect(out()).toBe('');
    expect(code).toBe(64);
    expect(served.executions.length).toBe(before);
  });

  test('a version that the ledger does not know ends blocked, with exit code 1', async () => {
    const { out, code } = await served.command(['plan', 'checkout', '--to', 'v9.9.9']);
    expect(out()).toContain('blocked: ');
    expect(code).toBe(1);
  });

  test('at a terminal the plan is shown and the phrase asked for; anything else starts nothing', async () => {
    const wrong = served.begin(['rollback', 'checkout'], { tty: true });
    await until(wrong.out, 'Type ROLLBACK PRODUCTION to start it:');
    expect(wrong.out()).toContain('Pre-rollback checks:');
    wrong.type('rollback production\n');
    expect((await wrong.ended).code).toBe(1);
    expect(wrong.out()).toContain('Nothing was started, nothing was changed.');
    expect(served.updates()).toBe(0);
  });

  test('Ctrl-C leaves a rollback running and says how to come back; pause and resume; stopped, it ends with 2', async () => {
    const begun = served.begin(['rollback', 'checkout'], { tty: true });
    await until(begun.out, 'Type ROLLBACK PRODUCTION to start it:');
    begun.type('ROLLBACK PRODUCTION\n');
    await until(begun.out, 'waiting, ');
    begun.interrupt();
    const { code } = await begun.ended;
    expect(code).toBe(1);
    expect(begun.out()).toContain('The rollback goes on without you.');
    const id = /npx backstep watch (checkout-\S+)/.exec(begun.out())?.[1] ?? '';
    expect(served.executions.at(-1)).toBe('RUNNING');

    const status = await served.command(['status', 'checkout', '--json']);
    expect(JSON.parse(status.out()).services[0].running).toMatchObject({ rollbackId: id, status: 'RUNNING' });

    const paused = await served.command(['pause', 'checkout', '--reason', 'load test until 18:00', '--json']);
    expect(JSON.parse(paused.out())).toEqual({
      environment: 'production',
      service: 'checkout',
      parameter: '/backstep/production/kill-switch/checkout',
      value: 'on: load test until 18:00',
      state: 'on',
    });
    expect(paused.err()).toContain('nothing of checkout rolls back by itself any more');
    expect((await served.command(['status'])).out()).toContain('load test until 18:00');
    const resumed = await served.command(['resume', 'checkout']);
    expect(resumed.out()).toContain('Resumed: alarms roll checkout back again.');
    expect(resumed.code).toBe(0);

    const stopping = served.begin(['watch', 'checkout', '--json']);
    await until(stopping.err, '[1/1] RevertService');
    served.stopNewest();
    const watched = await stopping.ended;
    expect(JSON.parse(watched.out())).toMatchObject({ rollbackId: id, status: 'ABORTED', outcome: 'stopped' });
    expect(watched.err()).toContain('Nothing more happens by itself: a person has to decide.');
    expect(watched.code).toBe(2);
  });

  test('resume of one service says where the whole environment is paused', async () => {
    await served.command(['pause']);
    const { code, out } = await served.command(['resume', 'checkout']);
    expect(out()).toMatch(
      /The switch is off, but another is not: The kill switch\s+\/backstep\/production\/kill-switch is on/,
    );
    expect(code).toBe(1);
  });
});

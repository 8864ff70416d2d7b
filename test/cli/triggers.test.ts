/** `backstep triggers`: what it prints, and how it exits. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../bin/cli.ts';
import { directoryWith, type Loose, minimal, smallRunbook } from '../config/fixture.ts';
import { recorded } from './io.ts';

const root = join(import.meta.dirname, '../..');
const example = join(root, 'examples/01-checkout/runbooks/checkout.json');

async function run(words: string[], cwd = root) {
  const { io, out, err } = recorded({ cwd });
  return { code: await main(['triggers', ...words], io), out: out(), err: err() };
}

const withTriggers = (...triggers: Loose[]): Loose => ({ runbook_id: 'rb_1', trigger_conditions: triggers });
const [sound] = smallRunbook.trigger_conditions;
const unreadable = { ...sound, trigger_id: 'mood', metric_threshold: { ...sound.metric_threshold, metric: 'mood' } };

describe('the JSON', () => {
  test('is an array with one element per trigger of the file, and these fields', async () => {
    const { code, out } = await run([example, '--json']);
    const elements = JSON.parse(out);
    const { trigger_conditions: triggers } = JSON.parse(readFileSync(example, 'utf8'));
    expect(code).toBe(0);
    expect(elements.map(({ triggerId }: Loose) => triggerId)).toEqual(triggers.map((one: Loose) => one.trigger_id));
    for (const element of elements) {
      expect(Object.keys(element)).toEqual(['triggerId', 'compiled', 'alarms', 'autoExecute', 'reason']);
      expect(element).toMatchObject({ compiled: true, autoExecute: expect.any(Boolean) });
      for (const alarm of element.alarms) {
        expect(alarm).toEqual({
          name: expect.stringMatching(/^backstep\/production\/example\//),
          expression: expect.stringMatching(/\S/),
          threshold: expect.any(Number),
          comparison: expect.stringMatching(/Threshold$/),
          periodSeconds: 60,
          evaluationPeriods: expect.any(Number),
          datapointsToAlarm: expect.any(Number),
          treatMissingData: expect.stringMatching(/^(notB|b)reaching$/),
        });
      }
    }
  });

  test('has the whole expression, down to the metrics', async () => {
    const cwd = directoryWith({ 'r.json': smallRunbook });
    const [{ alarms }] = JSON.parse((await run(['r.json', '--json'], cwd)).out);
    expect(alarms[0].expression).toBe(
      'IF(sample >= 20, 100 * errors / sample, 0) where ' +
        'requests = Sum(AWS/ApplicationELB RequestCount, LoadBalancer app/example/0123456789abcdef, ' +
        'TargetGroup targetgroup/example/0123456789abcdef); ' +
        'target5xx = Sum(AWS/ApplicationELB HTTPCode_Target_5XX_Count, LoadBalancer app/example/0123456789abcdef, ' +
        'TargetGroup targetgroup/example/0123456789abcdef); ' +
        'balancer5xx = Sum(AWS/ApplicationELB HTTPCode_ELB_5XX_Count, LoadBalancer app/example/0123456789abcdef); ' +
        'errors = SUM([TIME_SERIES(0), FILL(target5xx, 0), FILL(balancer5xx, 0)]); ' +
        'counted = MAX([FILL(requests, balancer5xx), balancer5xx]); ' +
        'sample = IF(errors > counted, errors, counted)',
    );
  });

  test('says of what does not compile why, and the exit code is 1', async () => {
    const cwd = directoryWith({ 'r.json': withTriggers(sound, unreadable, 'nonsense', sound) });
    const { code, out } = await run(['r.json', '--json'], cwd);
    const elements = JSON.parse(out);
    expect(code).toBe(1);
    expect(elements.map(({ triggerId, compiled }: Loose) => [triggerId, compiled])).toEqual([
      ['error_rate_spike', true],
      ['mood', false],
      ['trigger-3', false],
      ['trigger-4', false],
    ]);
    expect(elements[1]).toMatchObject({
      alarms: [],
      reason: expect.stringContaining('trigger_conditions[1].metric_threshold.metric: found "mood", allowed: '),
    });
  });

  test('of a runbook without triggers is empty, and nothing is wrong with that', async () => {
    const cwd = directoryWith({ 'r.json': { runbook_id: 'rb_1' } });
    expect(await run(['r.json', '--json'], cwd)).toMatchObject({ code: 0, out: '[]\n' });
  });
});

describe('for a person', () => {
  test('each trigger stands beside its alarms, or beside the reason why it has none', async () => {
    const cwd = directoryWith({ 'r.json': withTriggers(sound, unreadable) });
    const { code, out } = await run(['r.json'], cwd);
    expect(code).toBe(1);
    expect(out).toContain('error_rate_spike  [auto]\n  error_rate > 5% for 5 minutes\n  = error rate above 5 %');
    expect(out).toContain('  alarm backstep/production/example/error_rate_spike\n');
    expect(out).toContain('    5 of 5 periods of 60 s, missing data notBreaching\n');
    expect(out).toContain('mood  [NOT COMPILED]\n');
    expect(out).toContain('\n  ! trigger_conditions[1].metric_threshold.metric: found "mood", allowed:');
    expect(out).toMatch(/1 of 2 triggers compile: 1 auto, 0 approval\. Nothing watches for mood\.\n$/);
  });

  test('it fits into 80 columns', async () => {
    const { out } = await run([example]);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('it says for which service it was compiled', async () => {
    expect((await run([example])).out).toContain('Compiled for a service that is assumed: "example" in production');
    const cwd = directoryWith({ 'r.json': smallRunbook });
    expect((await run(['r.json', '--json'], cwd)).err).toContain('Compiled for a service that is assumed');
  });
});

describe('for a real service', () => {
  const adopt = (service: Loose) => {
    service.adoptedAlarms = { 'shop is down': { autoExecute: false, triggerId: 'error_rate_spike' } };
    service.health = { minimumRequestsPerMinute: 50 };
  };
  const document = minimal((_, service) => adopt(service));

  test('its facts are used, and its adopted alarms are shown', async () => {
    const cwd = directoryWith({ 'backstep.json': document, 'r.json': smallRunbook });
    const { code, out } = await run(['r.json', '--config', 'backstep.json', '--service', 'checkout'], cwd);
    expect(code).toBe(0);
    expect(out).toContain('Compiled for checkout in production.');
    expect(out).toContain('IF(sample >= 50, ');
    expect(out).toContain('Adopted alarm shop is down: approval, for error_rate_spike\n');
  });

  test('the only one need not be named', async () => {
    const cwd = directoryWith({ 'backstep.json': document, 'r.json': smallRunbook });
    expect((await run(['r.json', '--config', 'backstep.json'], cwd)).code).toBe(0);
  });

  test.each<[string, string[], string]>([
    [
      'a service that is not there',
      ['--config', 'backstep.json', '--service', 'chekout'],
      'No service fits: backstep.json has',
    ],
    ['a service without a file', ['--service', 'checkout'], '--service needs --config FILE'],
    ['an environment without a file', ['--environment', 'production'], '--environment needs --config FILE'],
    ['a file that is not there', ['--config', 'nowhere.json'], 'nowhere.json: found no readable file'],
  ])('%s exits 64', async (_what, words, message) => {
    const cwd = directoryWith({ 'backstep.json': document, 'r.json': smallRunbook });
    const { code, out, err } = await run(['r.json', ...words], cwd);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(message);
  });
});

describe('a file that is no runbook at all exits 64, and nothing is printed on stdout', () => {
  test.each<[string, string | object, string]>([
    ['text', 'Roll back when it hurts.', 'no JSON object'],
    ['an empty file', '', 'an empty file'],
    ['broken JSON', '{"runbook_id": "rb_1", "trigger_conditions": [', 'line 1'],
    ['another document', { name: 'x' }, 'an object with the keys name'],
    ['triggers that are no list', { runbook_id: 'rb_1', trigger_conditions: {} }, 'r.json#trigger_conditions'],
  ])('%s', async (_what, content, message) => {
    const cwd = directoryWith({ 'r.json': content });
    const { code, out, err } = await run(['r.json', '--json'], cwd);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(message);
  });

  test('a file that is not there', async () => {
    expect(await run(['/nowhere/at/all.json'])).toMatchObject({
      code: 64,
      err: expect.stringContaining('found no readable file'),
    });
  });
});

const seeds = join(root, '..', 'shared', 'seeds');
const seed = existsSync(seeds) ? readdirSync(seeds).find((name) => name.startsWith('004_')) : undefined;

test.skipIf(!seed)(
  'the runbook of the original documents, page header and all (skipped where it is not at hand)',
  async () => {
    const { code, out } = await run([join(seeds, seed ?? ''), '--json']);
    const elements: Loose[] = JSON.parse(out);
    expect(code).toBe(0);
    expect(elements.map(({ triggerId, autoExecute, alarms }) => [triggerId, autoExecute, alarms.length])).toEqual([
      ['error_rate_spike', true, 1],
      ['response_time_degradation', false, 1],
      ['availability_drop', true, 2],
      ['data_integrity_failure', true, 1],
      ['migration_progress_stalled', false, 1],
    ]);
  },
);

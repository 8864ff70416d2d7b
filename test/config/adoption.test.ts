import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '../../lib/config/load.ts';
import { directoryWith, type Loose, minimal, parse, problems, smallRunbook } from './fixture.ts';

const path = 'environments.production.services.checkout';
const adopting = (adoptedAlarms: Loose, change: (service: Loose) => void = () => undefined): Loose =>
  minimal((_, service) => {
    service.adoptedAlarms = adoptedAlarms;
    change(service);
  });

describe('adopted alarms', () => {
  test('stand for a trigger of the runbook, or for themselves', () => {
    const { checkout } = (parse(
      adopting({
        'Shop is "down" (composite)': { autoExecute: true },
        errors: { autoExecute: false, triggerId: 'error_rate_spike', side: 'main' },
      }),
    ).environments.production?.services ?? {}) as Loose;
    expect(checkout.adoptedAlarms).toEqual([
      { name: 'Shop is "down" (composite)', triggerId: 'Shop is "down" (composite)', autoExecute: true },
      { name: 'errors', triggerId: 'error_rate_spike', autoExecute: false, side: 'main' },
    ]);
    expect(parse(minimal()).environments.production?.services.checkout).not.toHaveProperty('adoptedAlarms');
  });

  test.each<[string, Loose, string]>([
    ['without a decision', { a: {} }, `${path}.adoptedAlarms.a.autoExecute: found nothing, allowed: true or false`],
    [
      'of Backstep itself',
      { 'backstep/production/checkout/x': { autoExecute: true } },
      `${path}.adoptedAlarms."backstep/production/checkout/x": found "backstep/production/checkout/x", allowed: an alarm that does not begin with backstep/production/: those are Backstep's own`,
    ],
    [
      'for a trigger that is not there',
      { a: { autoExecute: true, triggerId: 'error_rate' } },
      `${path}.adoptedAlarms.a.triggerId: found "error_rate", allowed: error_rate_spike`,
    ],
    [
      'for a side that is not there',
      { a: { autoExecute: true, side: 'green' } },
      `${path}.adoptedAlarms.a.side: found "green", allowed: main`,
    ],
    [
      'with a name that no alarm can have',
      { 'a\tb': { autoExecute: true } },
      `${path}.adoptedAlarms."a\\tb": found "a\\tb", allowed: the name of a CloudWatch alarm of this account and region`,
    ],
  ])('%s are refused', (_what, adopted, problem) => {
    expect(problems(adopting(adopted))).toEqual([problem]);
  });

  test('belong to one service', () => {
    const document = minimal((whole, service) => {
      service.adoptedAlarms = { payments: { autoExecute: true } };
      whole.environments.production.services.mailer = {
        sides: [{ name: 'main', cluster: 'shop', service: 'mailer' }],
        adoptedAlarms: { payments: { autoExecute: false } },
        runbook: 'runbook.json',
      };
    });
    expect(problems(document)).toEqual([
      'environments.production.services.mailer.adoptedAlarms.payments: found "alarm payments", ' +
        "allowed: an alarm of its own: this one is environments.production.services.checkout's",
    ]);
  });

  test('make up for a trigger that does not compile: then nothing is missing', () => {
    const mood = { ...smallRunbook.trigger_conditions[0], trigger_id: 'mood' };
    mood.metric_threshold = { ...mood.metric_threshold, metric: 'mood' };
    const baseDir = directoryWith({ 'runbook.json': { runbook_id: 'rb_1', trigger_conditions: [mood] } });
    const warnings = (document: Loose) => parseConfiguration(document, { baseDir }).warnings.join();
    expect(warnings(minimal())).toContain('trigger mood has no alarm');
    expect(warnings(adopting({ 'bad mood': { autoExecute: false, triggerId: 'mood' } }))).toBe('');
  });
});

describe('metrics and links', () => {
  test('a source for a metric that only a condition names is used', () => {
    const trigger = { trigger_id: 'jobs', condition: 'failed_jobs > 5 for 10 minutes', auto_execute: true };
    const baseDir = directoryWith({ 'runbook.json': { runbook_id: 'rb_1', trigger_conditions: [trigger] } });
    const document = minimal((_, service) => {
      service.metrics = {
        failed_jobs: { namespace: 'Shop', metricName: 'Failed', statistic: 'Sum', periodSeconds: 300 },
      };
    });
    const { checkout } = (parseConfiguration(document, { baseDir }).environments.production?.services ?? {}) as Loose;
    expect(checkout.triggers[0].alarms[0]).toMatchObject({ threshold: 5, periodSeconds: 300, evaluationPeriods: 2 });
  });

  test.each<[string, Loose, string]>([
    [
      'a period that CloudWatch does not have',
      { periodSeconds: 90 },
      'periodSeconds: found 90, allowed: a multiple of 60',
    ],
    [
      'a treatment that does not exist',
      { treatMissingData: 'bad' },
      'treatMissingData: found "bad", allowed: "breaching"',
    ],
  ])('%s is refused', (_what, change, problem) => {
    const document = minimal((_, service) => {
      service.metrics = { error_rate: { namespace: 'Shop', metricName: 'Failed', ...change } };
    });
    expect(problems(document).join()).toContain(problem);
  });

  test('runbookUrl is in every description, and must be a URL', () => {
    const url = 'https://wiki.example.com/checkout#rollback';
    const linked = (runbookUrl: string) =>
      minimal((_, service) => {
        service.runbookUrl = runbookUrl;
      });
    const { checkout } = (parse(linked(url)).environments.production?.services ?? {}) as Loose;
    expect(checkout.triggers[0].alarms[0].description).toContain(`To do: ${url} ; `);
    expect(problems(linked('wiki/checkout'))).toEqual([
      `${path}.runbookUrl: found "wiki/checkout", allowed: a URL that begins with http:// or https://, at most 300 characters`,
    ]);
  });
});

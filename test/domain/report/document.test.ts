import { expect, test } from 'vitest';
import type { Outcome } from '../../../lib/domain/model.ts';
import { reportDocument } from '../../../lib/domain/report/document.ts';
import { fullReason, startWith, succeeded } from '../../../lib/domain/report/facts.ts';
import { scriptsFor } from '../../../lib/domain/scripts.ts';
import { byHand, configuration, facts, plan } from './fixture.ts';

const scripts = scriptsFor(configuration, plan);

test('report.json has the fields of the schema and no others', () => {
  const document = reportDocument(facts, scripts);
  expect(Object.keys(document)).toEqual(['rollbackId', 'timestamp', 'snapshot', 'scripts', 'execution']);
  expect(Object.keys(document.snapshot)).toEqual(['id', 'created', 'components']);
  expect(Object.keys(document.scripts)).toEqual(['database', 'application', 'infrastructure']);
  expect(Object.keys(document.execution)).toEqual(['status', 'duration', 'verification', 'outcome', 'reason']);
});

test('a verified rollback with its checkpoint, duration and numbers', () => {
  const { snapshot, execution } = reportDocument(facts, scripts);
  expect(snapshot).toMatchObject({ id: facts.checkpoint?.key, created: facts.checkpoint?.takenAt });
  expect(snapshot.components).toEqual([
    'ecs-service main: checkout:42, 4 of 4 tasks',
    expect.stringMatching(/^listener-rule arn:.*: checkout 1$/),
  ]);
  expect(execution).toMatchObject({ status: 'verified', duration: 'PT34M', outcome: 'verified' });
  expect(execution.verification).toMatchObject({ result: 'healthy', measurements: [{ value: 0.02, limit: 2.5 }] });
});

test('a start that was turned away has no checkpoint, no verification and nothing to run', () => {
  const observed = { ...facts, outcome: 'observed' as const, plan: null, checkpoint: null, verdict: null };
  const document = reportDocument(observed, scriptsFor(configuration, null));
  expect(document.snapshot).toEqual({ id: facts.context.rollbackId, created: facts.context.startedAt, components: [] });
  expect(document.execution).toMatchObject({ status: 'ready', verification: {} });
  for (const script of Object.values(document.scripts)) expect(script).toMatch(/^# .*nothing to do.*\n$/);
});

test.each<[Outcome, string, boolean]>([
  ['verified', 'verified', true],
  ['halted', 'executed', false],
  ['needs-attention', 'executed', false],
  ['ready', 'ready', true],
  ['already-at-target', 'ready', true],
  ['duplicate', 'ready', true],
  ['observed', 'ready', true],
  ['declined', 'ready', true],
  ['blocked', 'ready', true],
])('%s is %s', (outcome, status, success) => {
  expect(reportDocument({ ...facts, outcome }, scripts).execution.status).toBe(status);
  expect(succeeded(outcome)).toBe(success);
});

test('the words of the error behind a failed state are in the reason, its trace is not', () => {
  const cause = JSON.stringify({
    errorType: 'AccessDenied',
    errorMessage: 'not authorized to perform ecs:UpdateService',
    trace: ['at x'],
  });
  const failure = { state: 'RevertService', error: 'AccessDenied', cause };
  const reason = fullReason({ reason: 'RevertService failed with AccessDenied.', failure });
  expect(reason).toBe('RevertService failed with AccessDenied. not authorized to perform ecs:UpdateService');
  expect(fullReason({ reason: 'It timed out.', failure: { ...failure, cause: 'States.Timeout' } })).toContain(
    'States.Timeout',
  );
});

test('ready gives the exact input to start with, with the phrase in production only', () => {
  const ready = byHand({ outcome: 'ready' }, 'errors after the release');
  expect(startWith(ready)).toEqual({
    service: 'checkout',
    version: 'previous',
    reason: 'errors after the release',
    confirm: 'ROLLBACK PRODUCTION',
  });
  const staging = { ...ready, configuration: { ...configuration, production: false } };
  expect(startWith(staging)).not.toHaveProperty('confirm');
  expect(startWith(facts)).toBeUndefined();
});

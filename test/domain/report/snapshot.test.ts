import { describe, expect, test } from 'vitest';
import type { StartSnapshotAction, TimelineEntry } from '../../../lib/domain/model.ts';
import { reportDocument } from '../../../lib/domain/report/document.ts';
import type { ReportFacts } from '../../../lib/domain/report/facts.ts';
import { reportFiles } from '../../../lib/domain/report/files.ts';
import { nextSteps } from '../../../lib/domain/report/next-steps.ts';
import { askedSnapshot } from '../../../lib/domain/report/snapshot.ts';
import { stepsOf } from '../../../lib/domain/report/steps.ts';
import { scriptsFor } from '../../../lib/domain/scripts.ts';
import { type SnapshotReading, snapshotAction } from '../../../lib/domain/snapshot.ts';
import { configuration, facts, plan } from './fixture.ts';

const snapshot = 'backstep-checkout-20261120-030405-1f2e3d';
const action: StartSnapshotAction = {
  id: '1',
  ...snapshotAction({ source: { kind: 'instance', id: 'shop-db' } }, plan.rollbackId, {
    backup: 'required',
    awaitBackup: false,
  }),
};
const [revert] = plan.actions;
if (!revert) throw new Error('The fixture has an action.');
const withDatabase = { ...plan, actions: [action, { ...revert, id: '2' }] };

const found = (status: string, percent: number): SnapshotReading => ({
  kind: 'found',
  view: {
    id: snapshot,
    arn: `arn:aws:rds:eu-west-1:111122223333:snapshot:${snapshot}`,
    source: { kind: 'instance', id: 'shop-db' },
    status,
    percent,
    takenAt: '2026-11-20T03:04:12.000Z',
    databaseTime: '2026-11-20T03:04:11.000Z',
  },
});
const entry = (kind: string, time: string, message = 'Words.'): TimelineEntry => ({
  time: `2026-11-20T${time}.000Z`,
  service: 'checkout',
  rollbackId: plan.rollbackId,
  kind,
  message,
  data: { actionId: '1', type: 'StartSnapshot' },
});
const reported = (reading: SnapshotReading, more: Partial<ReportFacts> = {}): ReportFacts => ({
  ...facts,
  plan: withDatabase,
  snapshot: { action, reading },
  ...more,
});
const files = (given: ReportFacts) => {
  const scripts = scriptsFor(configuration, given.plan);
  return Object.fromEntries(
    reportFiles(given, reportDocument(given, scripts), scripts).map(({ name, body }) => [name, body]),
  );
};

describe('report.json', () => {
  const documentOf = (reading: SnapshotReading) =>
    reportDocument(reported(reading), scriptsFor(configuration, withDatabase)).snapshot;

  test('is named like the snapshot that could be restored, and lists it beside the checkpoint', () => {
    expect(documentOf(found('available', 100))).toMatchObject({ id: snapshot, created: '2026-11-20T03:04:12.000Z' });
    expect(documentOf(found('creating', 40)).components.slice(0, 2)).toEqual([
      `rds-snapshot ${snapshot} of instance shop-db: creating, 40 %`,
      `checkpoint ${facts.checkpoint?.key}`,
    ]);
  });

  test.each<[SnapshotReading, string]>([
    [{ kind: 'missing' }, 'there is none'],
    [{ kind: 'unreadable', problem: 'TimeoutError: 2 s' }, 'RDS could not be asked (TimeoutError: 2 s)'],
  ])('is named like the checkpoint where no snapshot is known: %o', (reading, state) => {
    const { id, components } = documentOf(reading);
    expect(id).toBe(facts.checkpoint?.key);
    expect(components[0]).toBe(`rds-snapshot ${snapshot} of instance shop-db: ${state}`);
  });
});

test('the pages say what the snapshot is, that it holds what the release wrote, and how to restore', () => {
  const { 'report.md': markdown = '', 'report.html': html = '' } = files(reported(found('available', 100)));
  for (const page of [markdown, html]) {
    expect(page).toContain('Database snapshot');
    expect(page).toContain(`snapshot:${snapshot}`);
    expect(page).toContain('2026-11-20 03:04:11 UTC');
    expect(page).toContain('holds what the release wrote');
    expect(page).toContain('scripts/database.sh');
    expect(page).toContain('delete it once nobody needs it any more');
  }
});

test('a rollback without a database has nothing of it on its pages', () => {
  expect(files(facts)['report.md']).not.toContain('Database snapshot');
});

describe('what to do next', () => {
  test.each([
    [found('failed', 50), 'failed'],
    [found('creating', 80), 'creating, 80 %'],
    [{ kind: 'missing' }, 'there is none'],
  ] as const)('of a healthy service whose snapshot is not there: the database first', (reading, state) => {
    const [first] = nextSteps(reported(reading, { outcome: 'needs-attention' }));
    expect(first).toMatch(/^The service is healthy; the database has no finished snapshot: /);
    expect(first).toContain(state);
  });

  test('of a service that is not healthy: the service first', () => {
    const sick = { outcome: 'needs-attention' as const, verdict: null };
    expect(nextSteps(reported(found('failed', 50), sick))[0]).toMatch(/^Look at the service now/);
    const done = { outcome: 'needs-attention' as const };
    expect(nextSteps(reported(found('available', 100), done))[0]).toMatch(/^Look at the service now/);
  });
});

describe('askedSnapshot', () => {
  test('is the action that RDS was asked for', () => {
    expect(askedSnapshot(withDatabase, [entry('action.applied', '03:04:07')])).toEqual(action);
    expect(askedSnapshot(withDatabase, [entry('action.refused', '03:04:07')])).toEqual(action);
  });

  test('is none where the rollback ended before, or has no database', () => {
    expect(askedSnapshot(withDatabase, [])).toBeUndefined();
    expect(askedSnapshot(plan, [entry('action.applied', '03:04:07')])).toBeUndefined();
    expect(askedSnapshot(null, [])).toBeUndefined();
  });
});

describe('its step', () => {
  const step = (...timeline: TimelineEntry[]) => stepsOf({ plan: withDatabase, timeline })[0];
  test('lasts from the call until RDS says that it is there', () => {
    const done = step(entry('action.applied', '03:04:07', 'Asked.'), entry('check.done', '03:09:07', 'There.'));
    expect(done).toMatchObject({ result: 'done', duration: '5 min', message: 'Asked. There.' });
  });

  test.each([
    ['failed', [entry('action.refused', '03:04:07')]],
    ['failed', [entry('action.applied', '03:04:07'), entry('check.failed', '03:06:07')]],
    ['not finished', [entry('action.applied', '03:04:07'), entry('snapshot.late', '03:34:07')]],
    ['not finished', [entry('action.applied', '03:04:07')]],
  ] as const)('is %s', (result, timeline) => {
    expect(step(...timeline)?.result).toBe(result);
  });
});

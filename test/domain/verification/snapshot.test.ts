import { describe, expect, test } from 'vitest';
import type { SnapshotProgress } from '../../../lib/domain/snapshot.ts';
import type { VerifyProgress, VerifyResult } from '../../../lib/domain/states.ts';
import { snapshotNews, withSnapshot } from '../../../lib/domain/verification/snapshot.ts';

const now = '2026-11-20T03:40:00.000Z';
const progress: VerifyProgress = {
  phase: 'bake',
  firstHealthyAt: '2026-11-20T03:10:00.000Z',
  bakeUntil: now,
  passes: 31,
  consecutiveUnhealthy: 0,
  inconclusivePasses: 0,
};
const result = (status: VerifyResult['status']): VerifyResult => ({
  status,
  waitSeconds: 30,
  progress,
  verdict: { result: 'healthy', measurements: [], reason: 'Fine.' },
  message: 'Healthy.',
});
const snapshot = (status: SnapshotProgress['status'], late = false): SnapshotProgress => ({
  status,
  late,
  message: 'Snapshot s.',
});

describe('withSnapshot', () => {
  test.each<[SnapshotProgress, boolean, VerifyResult['status']]>([
    [snapshot('available'), true, 'verified'],
    [snapshot('creating'), true, 'waiting'],
    [snapshot('unknown'), true, 'waiting'],
    [snapshot('creating', true), true, 'needs-attention'],
    [snapshot('unknown', true), true, 'needs-attention'],
    [snapshot('failed'), true, 'needs-attention'],
    [snapshot('creating'), false, 'verified'],
    [snapshot('creating', true), false, 'verified'],
    [snapshot('failed'), false, 'verified'],
    [snapshot('unknown'), false, 'verified'],
  ])('healthy for the whole bake, %o, required %s: %s', (given, required, status) => {
    const judged = withSnapshot(result('verified'), given, { required }, now);
    expect(judged.status).toBe(status);
    expect(judged.progress.snapshot).toEqual(given);
    expect(judged.message).toContain('Healthy.');
    if (given.status !== 'available') expect(judged.message).toContain('Snapshot s.');
  });

  test('a bake that is longer for the snapshot ends with it: what is over is counted from then', () => {
    const judged = withSnapshot(result('verified'), snapshot('creating'), { required: true }, now);
    expect(judged).toMatchObject({ waitSeconds: 60, progress: { bakeUntil: '2026-11-20T03:41:00.000Z' } });
  });

  test.each(['waiting', 'needs-attention'] as const)('%s stays what it is, whatever the snapshot', (status) => {
    for (const given of [snapshot('failed'), snapshot('creating', true), snapshot('available')]) {
      const judged = withSnapshot(result(status), given, { required: true }, now);
      expect(judged).toEqual({ ...result(status), progress: { ...progress, snapshot: given } });
    }
  });
});

describe('snapshotNews', () => {
  const earlier = (status: SnapshotProgress['status'], late = false): VerifyProgress => ({
    ...progress,
    snapshot: snapshot(status, late),
  });
  test.each([
    ['its end', earlier('creating'), snapshot('available'), 'check.done'],
    ['its end at the first look', null, snapshot('available'), 'check.done'],
    ['its failure', earlier('creating'), snapshot('failed'), 'check.failed'],
    ['its end only once', earlier('available'), snapshot('available'), undefined],
    ['that it is late', earlier('creating'), snapshot('creating', true), 'snapshot.late'],
    ['that it is late only once', earlier('creating', true), snapshot('creating', true), undefined],
    ['that RDS is silent', earlier('creating'), snapshot('unknown'), 'snapshot.unknown'],
    ['that RDS is silent only once', earlier('unknown'), snapshot('unknown'), undefined],
    ['nothing while it is made', null, snapshot('creating'), undefined],
  ])('tells %s', (_, previous, given, kind) => {
    expect(snapshotNews(previous, given, { awaits: false })?.kind).toBe(kind);
  });

  test('does not tell again what was awaited', () => {
    expect(snapshotNews(null, snapshot('available'), { awaits: true })).toBeUndefined();
    expect(snapshotNews(null, snapshot('failed'), { awaits: true })?.kind).toBe('check.failed');
  });
});

import { describe, expect, test } from 'vitest';
import { recordDeployment } from '../../lib/domain/deployment-event.ts';
import { at, definition, deployment, release, rollback, taskDefinition } from './worlds.ts';

const judge = (more: Partial<Parameters<typeof recordDeployment>[0]> = {}) =>
  recordDeployment({
    service: 'checkout',
    side: 'main',
    deployment: deployment(42, at('02:58:00')),
    definition: definition(42, { commit: '1a2b3c4' }),
    images: [{ container: 'app', image: 'shop/checkout:v42', digest: 'sha256:42' }],
    releases: [release(41, at('01:00:00'))],
    rollbacks: [],
    ...more,
  });

describe('a completed deployment', () => {
  test('of something new is recorded as unverified, with what ran', () => {
    expect(judge()).toEqual({
      kind: 'record',
      release: {
        service: 'checkout',
        side: 'main',
        version: 'v42',
        taskDefinition: taskDefinition(42),
        images: [{ container: 'app', image: 'shop/checkout:v42', digest: 'sha256:42' }],
        deployedAt: at('02:58:00'),
        status: 'unverified',
        deploymentId: 'ecs-svc/42',
        commit: '1a2b3c4',
      },
      reason: 'v42 (checkout:42) is the newest release of side main, unverified.',
    });
  });

  test('told twice, or of the same again, adds nothing', () => {
    const again = judge({
      releases: [release(42, at('02:58:00'), { status: 'unverified' }), release(41, at('01:00:00'))],
    });
    expect(again.kind).toBe('ignore');
  });

  test('of the same task definition with other images is a release', () => {
    const before = release(42, at('01:00:00'), {
      images: [{ container: 'app', image: 'shop/checkout:v42', digest: 'sha256:other' }],
    });
    expect(judge({ releases: [before] })).toMatchObject({ kind: 'record', release: { status: 'unverified' } });
  });

  test.each([
    ['good', 'good'],
    ['assumed-good', 'assumed-good'],
    ['bad', 'unverified'],
    ['unverified', 'unverified'],
  ] as const)('that returns to a %s release is recorded as %s', (before, after) => {
    const releases = [release(43, at('02:00:00')), release(42, at('00:30:00'), { status: before })];
    expect(judge({ releases })).toMatchObject({ kind: 'record', release: { status: after } });
  });

  test('of a release that was rolled back meanwhile is recorded again', () => {
    const before = release(42, at('01:00:00'), { status: 'bad' });
    const since = rollback({
      startedAt: at('01:05:00'),
      endedAt: at('01:40:00'),
      reverts: { main: taskDefinition(41) },
    });
    expect(judge({ releases: [before], rollbacks: [since] })).toMatchObject({
      kind: 'record',
      release: { status: 'unverified', deployedAt: at('02:58:00') },
    });
  });

  test('of another side is not mistaken for this one', () => {
    expect(judge({ releases: [release(42, at('01:00:00'), { side: 'green' })] }).kind).toBe('record');
  });

  test('that a rollback under way started is no release', () => {
    const own = rollback({ startedAt: at('02:57:00'), reverts: { main: taskDefinition(42) } });
    expect(judge({ rollbacks: [own] })).toEqual({
      kind: 'ignore',
      reason: `ecs-svc/42 is the deployment of rollback ${own.rollbackId}.`,
    });
  });

  test('that undoes a rollback is no release either', () => {
    const times = { startedAt: at('02:57:00'), reverts: { main: taskDefinition(41) } };
    const own = rollback({ ...times, undid: { main: taskDefinition(42) } });
    expect(judge({ rollbacks: [own] }).kind).toBe('ignore');
  });

  test('of a rollback’s target after that rollback ended is a release again', () => {
    const over = rollback({
      startedAt: at('01:00:00'),
      endedAt: at('02:00:00'),
      reverts: { main: taskDefinition(42) },
    });
    expect(judge({ rollbacks: [over] }).kind).toBe('record');
  });
});

import { describe, expect, test } from 'vitest';
import type { RunningDeploymentView } from '../../../lib/domain/ecs.ts';
import { isGivenUp, revisionsOf, rolloutOf } from '../../../lib/domain/reversal/rollout.ts';
import { at, deployment, service, taskDefinition } from '../worlds.ts';

const revisions = [40, 41, 42].map((revision) => ({
  serviceRevisionArn: `revision/${revision}`,
  taskDefinition: taskDefinition(revision),
  images: [],
  createdAt: at('03:00:00'),
}));

const view = (more: Partial<RunningDeploymentView> = {}): RunningDeploymentView => ({
  serviceDeploymentArn: 'deployment/one',
  status: 'IN_PROGRESS',
  createdAt: at('03:00:00'),
  updatedAt: at('03:01:00'),
  targetRevision: 'revision/42',
  sourceRevisions: ['revision/41'],
  pausedHooks: [],
  ...more,
});
const hook = { id: 'hook', expiresAt: at('04:00:00') };

describe('a service deployment', () => {
  test('under way: what it brings, and what it would return to', () => {
    expect(rolloutOf(view(), revisions)).toEqual({
      id: 'deployment/one',
      state: 'under way',
      to: taskDefinition(42),
      from: taskDefinition(41),
      begunAt: at('03:00:00'),
    });
    expect(revisionsOf(view({ rollbackRevision: 'revision/41' }))).toEqual(['revision/42', 'revision/41']);
  });

  test('from several revisions: nobody can tell where its way back leads', () => {
    expect(rolloutOf(view({ sourceRevisions: ['revision/41', 'revision/40'] }), revisions)).not.toHaveProperty('from');
    expect(rolloutOf(view({ sourceRevisions: ['revision/unknown'] }), revisions)).not.toHaveProperty('from');
  });

  test('waits at a pause, unless it is stopping', () => {
    const paused = view({ pausedHooks: [hook], lifecycleStage: 'POST_SCALE_UP' });
    expect(rolloutOf(paused, revisions)).toMatchObject({ state: 'paused', hook: { ...hook, stage: 'POST_SCALE_UP' } });
    expect(rolloutOf({ ...paused, status: 'STOP_REQUESTED' }, revisions)).toMatchObject({ state: 'under way' });
  });

  test('rolling back: to what, why, and since when', () => {
    const rollback = { startedAt: at('03:00:30'), reason: 'alarm' };
    const back = view({ status: 'ROLLBACK_IN_PROGRESS', rollbackRevision: 'revision/40', rollback });
    expect(rolloutOf(back, revisions)).toMatchObject({ state: 'rolling back', to: taskDefinition(40), rollback });
    // In its first second it does not say yet.
    expect(rolloutOf(view({ status: 'ROLLBACK_REQUESTED' }), revisions)).toMatchObject({
      state: 'rolling back',
      to: taskDefinition(41),
      rollback: { startedAt: at('03:01:00') },
    });
  });

  test.each(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'])('%s: over', (status) => {
    expect(rolloutOf(view({ status }), revisions)).toBeUndefined();
  });

  test('of a revision that ECS no longer keeps: nothing is known', () => {
    expect(rolloutOf(view({ targetRevision: 'revision/1' }), revisions)).toBeUndefined();
  });
});

describe('given up', () => {
  const failed = deployment(42, at('03:00:00'), { rolloutState: 'FAILED' });
  const other = deployment(41, at('02:00:00'), { status: 'ACTIVE' });
  test('by ECS: the rollout failed', () => {
    expect(isGivenUp(service(failed))).toBe(true);
    expect(isGivenUp(service(deployment(42, at('03:00:00'))))).toBe(false);
  });
  test('by CodeDeploy: two task sets stay', () => {
    const codeDeploy = { controller: 'CODE_DEPLOY' } as const;
    const primary = deployment(42, at('03:00:00'));
    expect(isGivenUp(service(primary, { ...codeDeploy, deployments: [primary, other] }))).toBe(true);
    expect(
      isGivenUp(service(primary, { ...codeDeploy, deployments: [primary, { ...other, status: 'INACTIVE' }] })),
    ).toBe(false);
  });
});

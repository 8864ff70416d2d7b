import { describe, expect, test } from 'vitest';
import type { DeploymentView, ServiceView } from '../../lib/domain/ecs.ts';
import { failedTasksLimit, judgeService, type ServiceFacts } from '../../lib/domain/service-check.ts';
import type { TargetHealth } from '../../lib/domain/traffic.ts';

const definition = (revision: number) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:${revision}`;
const now = '2026-11-20T03:05:00.000Z';
const deadline = '2026-11-20T03:08:00.000Z';

const deployment = (revision: number, changes: Partial<DeploymentView> = {}): DeploymentView => ({
  id: `ecs-svc/${revision}`,
  status: 'PRIMARY',
  taskDefinition: definition(revision),
  desiredCount: 4,
  runningCount: 4,
  pendingCount: 0,
  failedTasks: 0,
  rolloutState: 'COMPLETED',
  createdAt: '2026-11-20T03:04:05.000Z',
  updatedAt: '2026-11-20T03:04:05.000Z',
  ...changes,
});

const service = (deployments: DeploymentView[], changes: Partial<ServiceView> = {}): ServiceView => ({
  side: 'main',
  serviceArn: 'arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout',
  status: 'ACTIVE',
  taskDefinition: definition(41),
  desiredCount: 4,
  runningCount: 4,
  pendingCount: 0,
  controller: 'ECS',
  strategy: 'ROLLING',
  scheduling: 'REPLICA',
  pauses: [],
  movingSeconds: 0,
  containers: [],
  deployments,
  circuitBreaker: { enabled: true, rollback: true },
  deploymentAlarms: [],
  healthCheckGraceSeconds: 0,
  percent: { minimumHealthy: 100, maximum: 200 },
  targetGroups: [],
  currentRevisions: [],
  document: {},
  ...changes,
});

const targets = (healthy: number): TargetHealth => ({
  targetGroup: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout/0123456789abcdef',
  healthy,
  registered: 4,
  problems: healthy < 4 ? ['Health checks failed'] : [],
});

const judge = (changes: Partial<ServiceFacts>) =>
  judgeService({
    service: service([deployment(41)]),
    targets: targets(4),
    wanted: definition(41),
    before: definition(42),
    plannedAt: '2026-11-20T03:03:00.000Z',
    appliedAt: changes.plannedAt ?? '2026-11-20T03:03:00.000Z',
    now,
    deadline,
    ...changes,
  });

describe('judgeService', () => {
  test('done says what runs', () => {
    expect(judge({})).toMatchObject({
      status: 'done',
      message: expect.stringContaining('checkout:41 runs 4 of 4 tasks'),
    });
  });

  test('a worker without a target group is done by its tasks', () => {
    expect(judge({ targets: undefined }).status).toBe('done');
  });

  const inProgress = { rolloutState: 'IN_PROGRESS', runningCount: 2 };
  const waiting: [string, Partial<ServiceFacts>][] = [
    ['tasks still start', { service: service([deployment(41, inProgress), deployment(42, { status: 'ACTIVE' })]) }],
    ['rolled out but not all targets healthy', { targets: targets(3) }],
    ['old tasks still run beside ours', { service: service([deployment(41)], { runningCount: 6 }) }],
    [
      'behind a Classic Load Balancer, two deployments',
      { service: service([without(deployment(41)), without(deployment(42, { status: 'ACTIVE' }))]) },
    ],
  ];
  test.each(waiting)('waits while %s', (_what, facts) => {
    const { status, waitSeconds } = judge(facts);
    expect(status).toBe('waiting');
    expect(waitSeconds).toBeGreaterThanOrEqual(2);
    expect(waitSeconds).toBeLessThanOrEqual(10);
  });

  const arrivals: [string, Partial<ServiceFacts>, number][] = [
    ['tasks still have to start', { service: service([deployment(41, inProgress)]) }, 10],
    ['all run, 5 s ago', { targets: targets(3), now: '2026-11-20T03:04:10.000Z' }, 2],
    ['all run, 60 s ago', { targets: targets(3), now: '2026-11-20T03:05:05.000Z' }, 3],
    ['all run, for minutes', { targets: targets(3), now: '2026-11-20T03:07:45.000Z' }, 10],
  ];
  test.each(arrivals)('looks again in time: %s', (_what, facts, seconds) => {
    expect(judge(facts)).toMatchObject({ status: 'waiting', waitSeconds: seconds });
  });

  // ECS's API is eventually consistent: right after UpdateService it may still describe the deployment before it.
  const plannedAt = '2026-11-20T03:04:40.000Z';
  const stale = { service: service([deployment(42), deployment(41, { status: 'ACTIVE' })]), plannedAt };
  test('an answer from before the update is no verdict, for a minute after the plan', () => {
    expect(judge(stale)).toMatchObject({ status: 'waiting', message: expect.stringContaining('does not show') });
    expect(judge({ ...stale, now: '2026-11-20T03:05:39.000Z' }).status).toBe('waiting');
    expect(judge({ ...stale, now: '2026-11-20T03:05:40.000Z' }).status).toBe('failed');
  });

  test('nor is it one where the update came an hour after the plan', () => {
    const late = { ...stale, plannedAt: '2026-11-20T02:00:00.000Z', appliedAt: plannedAt };
    expect(judge(late)).toMatchObject({ status: 'waiting', message: expect.stringContaining('does not show') });
    expect(judge({ ...late, now: '2026-11-20T03:05:40.000Z' }).status).toBe('failed');
  });

  test('what was deployed after the plan, or gave ours up, is no old answer', () => {
    const again = deployment(42, { createdAt: '2026-11-20T03:04:50.000Z' });
    expect(judge({ plannedAt, service: service([again]) }).status).toBe('failed');
    const givenUp = deployment(41, { status: 'ACTIVE', rolloutState: 'FAILED' });
    expect(judge({ plannedAt, service: service([deployment(42), givenUp]) }).status).toBe('failed');
    expect(judge({ plannedAt, service: service([deployment(43)]) }).status).toBe('failed');
  });

  test('the last wait ends at the deadline, and there it has failed with the numbers', () => {
    const facts = { service: service([deployment(41, inProgress)]) };
    expect(judge({ ...facts, now: '2026-11-20T03:07:57.000Z' })).toMatchObject({ status: 'waiting', waitSeconds: 3 });
    expect(judge({ ...facts, now: deadline })).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/deadline.*2 of 4/),
    });
  });

  const failed: [string, Partial<ServiceFacts>, RegExp][] = [
    ['the service is gone', { service: undefined }, /gone/],
    ['the service drains', { service: service([], { status: 'DRAINING' }) }, /DRAINING/],
    [
      'too many tasks crash',
      { service: service([deployment(41, { ...inProgress, failedTasks: 3 })]) },
      /3 tasks of checkout:41 failed/,
    ],
    [
      'the circuit breaker gave our deployment up',
      { service: service([deployment(41, { rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start' })]) },
      /tasks failed to start/,
    ],
    [
      'the circuit breaker took it back',
      {
        service: service([
          deployment(42),
          deployment(41, { status: 'ACTIVE', rolloutState: 'FAILED', failedTasks: 5 }),
        ]),
      },
      /after 5 failed tasks and went back to checkout:42/,
    ],
    ['somebody undid it', { service: service([deployment(42)]) }, /back on checkout:42/],
    [
      "somebody else's deployment is primary",
      { service: service([deployment(43), deployment(41, { status: 'ACTIVE' })]) },
      /checkout:43.*may be the fix/,
    ],
  ];
  test.each(failed)('fails when %s', (_what, facts, message) => {
    expect(judge(facts)).toMatchObject({ status: 'failed', message: expect.stringMatching(message) });
  });

  test.each([
    [1, 3],
    [10, 5],
    [1000, 200],
  ])('of %i desired tasks %i may fail', (desired, limit) => {
    expect(failedTasksLimit(desired)).toBe(limit);
  });
});

function without(view: DeploymentView): DeploymentView {
  const { rolloutState: _state, ...rest } = view;
  return rest;
}

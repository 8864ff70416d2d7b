import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceView } from '../../lib/domain/ecs.ts';
import { type DeploymentGroupView, overlapCheck, overlapsOf } from '../../lib/domain/overlaps.ts';
import { at, deployment, service, side } from './worlds.ts';

const main = side('main');
const quiet: Partial<ServiceView> = { circuitBreaker: { enabled: false, rollback: false } };
const view = (more: Partial<ServiceView> = {}): ServiceView =>
  service(deployment(42, at('10:00:00')), { ...quiet, ...more });
const group = (more: Partial<DeploymentGroupView> = {}): DeploymentGroupView => ({
  application: 'shop',
  name: 'checkout',
  cluster: 'shop',
  service: main.service,
  rollsBackOn: ['DEPLOYMENT_FAILURE'],
  alarms: [],
  ...more,
});
const none = { groups: [] };

describe('who else acts', () => {
  test.each<[string, Partial<ServiceView>, readonly DeploymentGroupView[], readonly (readonly [string, RegExp])[]]>([
    ['nobody', {}, [], []],
    ['a circuit breaker that only stops', { circuitBreaker: { enabled: true, rollback: false } }, [], []],
    [
      'one that goes back',
      { circuitBreaker: { enabled: true, rollback: true } },
      [],
      [['note', /circuit breaker goes back/]],
    ],
    [
      'alarms that fail a deployment',
      { deploymentAlarms: ['a'] },
      [],
      [['note', /ECS watches a in every.*and fails it/]],
    ],
    [
      'alarms that roll it back',
      { deploymentAlarms: ['a', 'b'], deploymentAlarmsRollBack: true },
      [],
      [['finding', /ECS watches a, b in every.*rolls it back/]],
    ],
    ['ECS moving traffic', { strategy: 'BLUE_GREEN' }, [], [['finding', /ECS itself moves the traffic.*BLUE_GREEN/]]],
    [
      "CodeDeploy's own",
      { controller: 'CODE_DEPLOY' },
      [group()],
      [['finding', /rolls back by itself on DEPLOYMENT_FAILURE/]],
    ],
    [
      'CodeDeploy watching alarms',
      { controller: 'CODE_DEPLOY' },
      [group({ rollsBackOn: [], alarms: ['a'] })],
      [['finding', /stops a deployment when a is on/]],
    ],
    [
      'a group that does nothing',
      { controller: 'CODE_DEPLOY' },
      [group({ rollsBackOn: [] })],
      [['note', /rolls nothing back/]],
    ],
    ['a group that is left over', {}, [group()], [['note', /which ECS deploys/]]],
    [
      'groups of other services',
      { controller: 'CODE_DEPLOY' },
      [group({ service: 'search' }), group({ cluster: 'other' })],
      [],
    ],
  ])('%s', (_what, more, groups, expected) => {
    const found = overlapsOf(main, view(more), { groups });
    expect(found.map(({ severity }) => severity)).toEqual(expected.map(([severity]) => severity));
    for (const [index, [, words]] of expected.entries()) expect(found[index]?.evidence).toMatch(words);
  });

  test('a side may name its cluster by ARN', () => {
    const byArn = { ...main, cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop' };
    expect(overlapsOf(byArn, view({ controller: 'CODE_DEPLOY' }), { groups: [group()] })).toHaveLength(1);
  });
});

describe('the check of a plan', () => {
  test.each<[string, ServiceView | undefined, Parameters<typeof overlapCheck>[2], string, RegExp]>([
    ['nobody', view(), none, 'ok', /^Nobody else deploys checkout-main or rolls it back\.$/],
    ['something to know', view({ circuitBreaker: { enabled: true, rollback: true } }), none, 'ok', /circuit breaker/],
    [
      'something that disturbs',
      view({ deploymentAlarms: ['a'], deploymentAlarmsRollBack: true }),
      none,
      'warning',
      /ECS watches a/,
    ],
    [
      'CodeDeploy unread',
      view(),
      { problem: 'AccessDenied: no' },
      'not checked',
      /could not be asked.*AccessDenied: no/,
    ],
    ['CodeDeploy not asked', view(), undefined, 'not checked', /was not asked/],
    [
      'unread, and something that disturbs',
      view({ deploymentAlarms: ['a'], deploymentAlarmsRollBack: true }),
      { problem: 'AccessDenied: no' },
      'warning',
      /ECS watches a.*AccessDenied: no/,
    ],
    ['no service', undefined, none, 'not checked', /no service/],
  ])('%s', (_what, ecs, reading, status, evidence) => {
    expect(overlapCheck(main, ecs, reading)).toEqual({
      name: 'overlaps of main',
      status,
      evidence: expect.stringMatching(evidence),
    });
  });

  test('never says ok of what nobody read, and never fails a plan', () => {
    const ecs = fc.record({
      controller: fc.constantFrom('ECS' as const, 'CODE_DEPLOY' as const, 'EXTERNAL' as const),
      strategy: fc.constantFrom('ROLLING' as const, 'BLUE_GREEN' as const, 'CANARY' as const),
      deploymentAlarms: fc.array(fc.constantFrom('a', 'b')),
      deploymentAlarmsRollBack: fc.boolean(),
      circuitBreaker: fc.record({ enabled: fc.boolean(), rollback: fc.boolean() }),
    });
    const reading = fc.option(fc.oneof(fc.constant({ problem: 'no' }), fc.constant({ groups: [group()] })), {
      nil: undefined,
    });
    fc.assert(
      fc.property(ecs, reading, (more, groups) => {
        const { status, evidence } = overlapCheck(main, view(more), groups);
        expect(status).not.toBe('failed');
        if (!groups || 'problem' in groups) expect(status).not.toBe('ok');
        expect(evidence).not.toBe('');
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  abandonedDirectly,
  type DirectRun,
  describeDirect,
  directArn,
  directStatus,
  directTraces,
  kept,
  readDirectArn,
} from '../../lib/domain/direct.ts';
import { decideLock, settleSeconds } from '../../lib/domain/lock.ts';
import { judgeEnd } from '../../lib/domain/reap.ts';

const machine = 'arn:aws:states:eu-west-1:111122223333:stateMachine:backstep-production-rollback';
const arn = directArn(machine, 'checkout', '20261120-030405', '0123abcd');
const run: DirectRun = {
  startedAt: '2026-11-20T03:04:05.000Z',
  heartbeatAt: '2026-11-20T03:05:00.000Z',
  status: 'RUNNING',
  by: 'arn:aws:iam::111122223333:user/ann',
  input: '{"service":"checkout"}',
  state: 'RevertService',
  enteredAt: '2026-11-20T03:04:50.000Z',
  variables: {},
};

describe('names', () => {
  test('a direct run is named as an execution of the machine, and tells its service', () => {
    expect(arn).toBe(
      'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:direct-checkout-20261120-030405-0123abcd',
    );
    expect(readDirectArn(arn)).toEqual({ name: 'direct-checkout-20261120-030405-0123abcd', service: 'checkout' });
  });

  test('whatever the service is called', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w.-]{1,60}$/), (service) => {
        expect(readDirectArn(directArn(machine, service, '20261120-030405', '0123abcd'))?.service).toBe(service);
      }),
    );
  });

  test.each(['cli-checkout-20261120-030405-0123abcd', 'direct-checkout', 'direct-20261120-030405-0123abcd', 'a1b2'])(
    '%s is an ordinary execution',
    (name) => expect(readDirectArn(machine.replace('stateMachine', 'execution') + name)).toBeUndefined(),
  );
});

describe('whether it lives', () => {
  test.each<[string, Partial<DirectRun>, string, object]>([
    ['just heard', {}, '2026-11-20T03:05:01.000Z', { status: 'RUNNING' }],
    ['four heartbeats lost', {}, '2026-11-20T03:06:29.999Z', { status: 'RUNNING' }],
    ['silent', {}, '2026-11-20T03:06:30.000Z', { status: 'ABORTED', stoppedAt: '2026-11-20T03:06:30.000Z' }],
    ['long dead', {}, '2026-11-21T00:00:00.000Z', { status: 'ABORTED', stoppedAt: '2026-11-20T03:06:30.000Z' }],
    [
      'ended by itself',
      { status: 'SUCCEEDED', endedAt: '2026-11-20T03:05:00.500Z' },
      '2026-11-20T03:05:01.000Z',
      { status: 'SUCCEEDED', stoppedAt: '2026-11-20T03:05:00.500Z' },
    ],
  ])('%s', (_what, change, now, expected) => expect(directStatus({ ...run, ...change }, now)).toEqual(expected));

  test('the lock of a silent one is taken over once its last Lambda must have ended, and not before', () => {
    const lock = { token: 4, owner: { executionArn: arn, rollbackId: 'checkout-1', acquiredAt: run.startedAt } };
    const at = (seconds: number) => {
      const now = new Date(Date.parse(run.heartbeatAt) + seconds * 1_000).toISOString();
      return decideLock({ lock, executionArn: 'another', now, ownerStatus: directStatus(run, now) }).decision;
    };
    expect([at(89), at(90), at(89 + settleSeconds), at(90 + settleSeconds)]).toEqual([
      'held',
      'settling',
      'settling',
      'take',
    ]);
  });
});

describe('taking it up', () => {
  test('a silent one reads like an execution that somebody stopped', () => {
    const execution = describeDirect(arn, run, '2026-11-20T04:00:00.000Z');
    expect(judgeEnd(execution, directTraces(run))).toEqual({
      kind: 'report',
      outcome: 'halted',
      reason:
        'Somebody stopped the execution in the state RevertService: "the command of arn:aws:iam::111122223333:user/ann that ' +
        'carried it out gave its last sign of life at 2026-11-20T03:05:00.000Z".',
      unfinished: true,
    });
  });

  test('one that has reported is left alone, one that lives too', () => {
    const reported: DirectRun = { ...run, status: 'FAILED', endedAt: run.heartbeatAt, state: 'NeedsAPerson' };
    const later = '2026-11-20T04:00:00.000Z';
    expect(judgeEnd(describeDirect(arn, reported, later), directTraces(reported)).kind).toBe('leave');
    expect(judgeEnd(describeDirect(arn, run, run.heartbeatAt), directTraces(run)).kind).toBe('leave');
  });

  test('of what states assigned, only that is kept which taking it up needs', () => {
    expect(
      kept({
        context: { service: 'checkout' },
        plan: { planKey: 'plans/1', checkpointKey: 'checkpoints/1', actions: ['many'] },
        progress: { passes: 3 },
        reason: 'why',
      }),
    ).toEqual({
      context: { service: 'checkout' },
      reason: 'why',
      plan: { planKey: 'plans/1', checkpointKey: 'checkpoints/1' },
    });
    expect(kept({})).toEqual({});
  });

  test('people are told of a dead one only, and of no ordinary execution', () => {
    const owner = { executionArn: arn, rollbackId: 'checkout-1' };
    expect(abandonedDirectly(owner, { status: 'RUNNING' })).toBeUndefined();
    expect(abandonedDirectly(owner, { status: 'ABORTED', stoppedAt: run.heartbeatAt })).toMatch(
      /^Rollback checkout-1 was carried out directly.+ended ABORTED at 2026-11-20T03:05:00.000Z/,
    );
    const ordinary = { ...owner, executionArn: arn.replace('direct-', 'cli-') };
    expect(abandonedDirectly(ordinary, { status: 'ABORTED' })).toBeUndefined();
  });
});

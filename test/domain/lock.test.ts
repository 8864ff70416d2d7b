import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideLock,
  isProved,
  type LockState,
  longestLambdaSeconds,
  mayRegain,
  sameLock,
  settleSeconds,
} from '../../lib/domain/lock.ts';
import { at } from './worlds.ts';

const mine = 'execution:mine';
const theirs = { executionArn: 'execution:theirs', rollbackId: 'r-0', acquiredAt: at('02:00:00') };
const decide = (lock: LockState | undefined, ownerStatus?: { status: string; stoppedAt?: string }) =>
  decideLock({ lock, executionArn: mine, now: at('03:00:00'), ...(ownerStatus && { ownerStatus }) });

describe('the lock', () => {
  test('of a service never locked is taken with token 1', () => {
    expect(decide(undefined)).toMatchObject({ decision: 'take', token: 1 });
  });

  test('that is free is taken with the next token', () => {
    expect(decide({ token: 7 })).toMatchObject({ decision: 'take', token: 8 });
  });

  test('that is ours already keeps its token', () => {
    expect(decide({ token: 7, owner: { ...theirs, executionArn: mine } })).toEqual({ decision: 'ours', token: 7 });
  });

  test('of another is not judged before its owner was asked about', () => {
    expect(decide({ token: 7, owner: theirs })).toEqual({ decision: 'ask-owner', owner: theirs });
  });

  test.each(['RUNNING', 'PENDING_REDRIVE'])('of an owner that is %s is held', (status) => {
    expect(decide({ token: 7, owner: theirs }, { status })).toEqual({
      decision: 'held',
      owner: theirs,
      reason: `Rollback r-0 holds the lock since ${at('02:00:00')} and is ${status}.`,
    });
  });

  test('of an owner that just died settles first: its last Lambda may still run', () => {
    const decision = decide({ token: 7, owner: theirs }, { status: 'ABORTED', stoppedAt: at('02:59:20') });
    expect(decision).toMatchObject({ decision: 'settling' });
    expect(decision).toHaveProperty('reason', expect.stringContaining('Start again in 35 s.'));
  });

  test('of an owner long dead is taken over with the next token', () => {
    const dead = { status: 'TIMED_OUT', stoppedAt: at('02:58:00') };
    expect(decide({ token: 7, owner: theirs }, dead)).toMatchObject({ decision: 'take', token: 8 });
  });

  test('of an owner that Step Functions has forgotten is taken over', () => {
    expect(decide({ token: 7, owner: theirs }, { status: 'UNKNOWN' })).toMatchObject({ decision: 'take', token: 8 });
  });

  test('of an owner that a person names is taken over unasked, and settles: its last Lambda may be at work', () => {
    const named = (takeOver: string) =>
      decideLock({ lock: { token: 7, owner: theirs }, executionArn: mine, now: at('03:00:00'), takeOver });
    expect(named('r-0')).toMatchObject({ decision: 'take', token: 8, settledAt: at('03:01:15') });
    expect(named('r-1')).toMatchObject({ decision: 'ask-owner' });
    expect(named('r-0')).toHaveProperty('reason', expect.stringContaining('Rollback r-0 can change nothing more'));
  });

  test('that was taken over keeps the time at which it has settled for a repeated attempt', () => {
    const owner = { ...theirs, executionArn: mine, settledAt: at('03:01:15') };
    expect(decide({ token: 8, owner })).toEqual({ decision: 'ours', token: 8, settledAt: at('03:01:15') });
  });

  test('is only ever taken with a larger token, and never from a living owner or one dead for too short', () => {
    const statuses = fc.constantFrom('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE');
    fc.assert(
      fc.property(fc.nat(1_000), statuses, fc.nat(300), (token, status, deadSeconds) => {
        const stoppedAt = new Date(Date.parse(at('03:00:00')) - deadSeconds * 1_000).toISOString();
        const decision = decide({ token, owner: theirs }, { status, stoppedAt });
        const dead = !['RUNNING', 'PENDING_REDRIVE'].includes(status) && deadSeconds >= settleSeconds;
        expect(decision.decision === 'take').toBe(dead);
        if (decision.decision === 'take') expect(decision.token).toBe(token + 1);
      }),
    );
  });

  test('settles for longer than a Lambda of its dead owner can run, its cold start of ten seconds included', () => {
    expect(settleSeconds).toBeGreaterThan(longestLambdaSeconds + 10);
  });

  test.each<[string, LockState | undefined, boolean]>([
    ['ours, with our token', { token: 7, owner: { ...theirs, executionArn: mine } }, true],
    ['ours, with a newer token', { token: 8, owner: { ...theirs, executionArn: mine } }, false],
    ['another’s, with our token', { token: 7, owner: theirs }, false],
    ['free', { token: 7 }, false],
    ['not there', undefined, false],
  ])('that is %s proves %s', (_what, lock, proved) => {
    expect(isProved(lock, { executionArn: mine, fencingToken: 7 })).toBe(proved);
    expect(isProved(lock, { executionArn: mine })).toBe(false);
  });
});

describe('a redriven execution', () => {
  test.each<[string, LockState | undefined, number | undefined, boolean]>([
    ['has the lock again that is free with its own token', { token: 7 }, 7, true],
    ['has it not when somebody has had it since', { token: 8 }, 7, false],
    ['has it not when somebody has it', { token: 8, owner: theirs }, 7, false],
    ['has it not when somebody has it with the same token', { token: 7, owner: theirs }, 7, false],
    ['has none that it never had', { token: 7 }, undefined, false],
    ['has none of a service that was never locked', undefined, undefined, false],
  ])('%s', (_what, lock, fencingToken, expected) => {
    expect(mayRegain(lock, { ...(fencingToken !== undefined && { fencingToken }) })).toBe(expected);
  });

  test('finds the same lock only where neither token nor owner has changed', () => {
    expect(sameLock(undefined, undefined)).toBe(true);
    expect(sameLock({ token: 7 }, { token: 7 })).toBe(true);
    expect(sameLock({ token: 7 }, { token: 7, owner: theirs })).toBe(false);
    expect(sameLock({ token: 7, owner: theirs }, { token: 8, owner: theirs })).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerInWords, decideQuestion } from '../../../lib/domain/approval.ts';
import { at } from '../worlds.ts';
import { answered, approval } from './fixture.ts';

const ours = 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:2';

describe('a rollback that has to ask', () => {
  test('puts its question where there was none, or where the last one is closed', () => {
    expect(decideQuestion({ pending: undefined, executionArn: ours })).toEqual({ decision: 'ask' });
    expect(decideQuestion({ pending: approval({ answer: answered() }), executionArn: ours })).toEqual({
      decision: 'ask',
    });
    const expired = approval({ answer: { decision: 'expired' } });
    expect(decideQuestion({ pending: expired, executionArn: ours })).toEqual({ decision: 'ask' });
  });

  test('finds its own, also a closed one: an earlier attempt of the state wrote it', () => {
    const { executionArn } = approval();
    expect(decideQuestion({ pending: approval(), executionArn })).toEqual({ decision: 'ours' });
    expect(decideQuestion({ pending: approval({ answer: answered() }), executionArn })).toEqual({ decision: 'ours' });
  });

  test('asks Step Functions about the execution that waits', () => {
    expect(decideQuestion({ pending: approval(), executionArn: ours })).toEqual({
      decision: 'ask-owner',
      executionArn: approval().executionArn,
    });
  });

  test.each(['RUNNING', 'PENDING_REDRIVE'])('belongs to one that is %s', (status) => {
    expect(decideQuestion({ pending: approval(), executionArn: ours, ownerStatus: { status } })).toEqual({
      decision: 'join',
      joins: 'checkout-20261120-030000-abc123',
      reason:
        "Rollback checkout-20261120-030000-abc123 of checkout waits for a person's answer since 2026-11-20T03:00:05.000Z, until 2026-11-20T04:00:05.000Z: one question is enough.",
    });
  });

  test.each(['ABORTED', 'FAILED', 'TIMED_OUT', 'SUCCEEDED', 'UNKNOWN'])(
    'replaces that of one that ended %s',
    (status) => {
      const decision = decideQuestion({ pending: approval(), executionArn: ours, ownerStatus: { status } });
      expect(decision).toEqual({ decision: 'ask' });
    },
  );
});

test('whatever the order of a storm, one question is put as long as the one that asks first lives', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 30 }), (order) => {
      let pending: ReturnType<typeof approval> | undefined;
      const put: string[] = [];
      for (const number of order) {
        const executionArn = `execution-${number}`;
        const decision = decideQuestion({ pending, executionArn, ownerStatus: { status: 'RUNNING' } });
        if (decision.decision !== 'ask') continue;
        pending = approval({ executionArn });
        put.push(executionArn);
      }
      expect(put).toEqual([`execution-${order[0]}`]);
    }),
  );
});

test('an answer in words says who, when and why, and whether AWS or only the answer says so', () => {
  expect(answerInWords(answered(), approval())).toBe(
    'Approved by arn:aws:sts::111122223333:assumed-role/oncall/ann at 2026-11-20T03:10:00.000Z: "the numbers are clear".',
  );
  expect(answerInWords(answered({ decision: 'decline', by: 'Ann', proven: false }), approval())).toBe(
    'Declined by Ann (as the answer itself says; AWS proved nobody) at 2026-11-20T03:10:00.000Z: "the numbers are clear".',
  );
  expect(answerInWords({ decision: 'expired' }, { expiresAt: at('04:00:05') })).toBe(
    'Nobody answered until 2026-11-20T04:00:05.000Z.',
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseInput } from '../../lib/domain/request.ts';
import {
  type AlarmOn,
  abandoned,
  graceSeconds,
  isUndecided,
  judgeTransition,
  latestStartSeconds,
  lookBackSeconds,
  reapSeconds,
} from '../../lib/domain/sweep.ts';
import { at } from './worlds.ts';

const alarm: AlarmOn = {
  service: 'checkout',
  name: 'backstep/production/checkout/error_rate_spike',
  arn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/checkout/error_rate_spike',
  since: at('03:00:00'),
};
const later = (seconds: number): string => new Date(Date.parse(alarm.since) + seconds * 1_000).toISOString();
const identify = (text: string): string =>
  [...text]
    .reduce((sum, c) => sum + c.charCodeAt(0), 0)
    .toString(16)
    .padEnd(8, '0');
const judge = (seconds: number, starts: Parameters<typeof judgeTransition>[1] = [], about = alarm) =>
  judgeTransition(about, starts, later(seconds), identify);
const start = (seconds: number, alarmName = alarm.name) => ({ alarmName, time: later(seconds) });

describe('an alarm that is on', () => {
  test.each([
    ['a second ago', 1, 'leave'],
    ['a moment before the grace is over', graceSeconds - 1, 'leave'],
    ['when the grace is over', graceSeconds, 'start'],
    ['fifteen minutes ago', latestStartSeconds, 'start'],
    ['a second longer ago', latestStartSeconds + 1, 'too-late'],
    ['half an hour ago', lookBackSeconds, 'too-late'],
    ['longer ago', lookBackSeconds + 1, 'leave'],
    ['in the future, by another clock', -5, 'leave'],
  ] as const)('since %s, and no start is known: %s s, %s', (_when, seconds, decision) => {
    expect(judge(seconds).decision).toBe(decision);
  });

  test.each([
    ['its own, half a second later', [start(0.5)], 'leave'],
    ['its own, by a clock a second behind', [start(-1)], 'leave'],
    ['one of an earlier transition', [start(-120)], 'start'],
    ['one of another alarm', [start(0.5, `${alarm.name}/main`)], 'start'],
    ['one of an earlier transition that came late, since Admit asked CloudWatch then', [start(60)], 'leave'],
  ] as const)('and %s is known: %s', (_which, starts, decision) => {
    expect(judge(300, starts).decision).toBe(decision);
  });

  test('starts with what the rule would have sent, under a name that Step Functions accepts', () => {
    const judged = judge(300);
    if (judged.decision !== 'start') throw new Error(judged.decision);
    expect(judged.executionName).toMatch(/^sweep-checkout-20261120-030000-[0-9a-f]{8}$/);
    expect(judged.input).toEqual({
      trigger: {
        alarmName: alarm.name,
        alarmArn: alarm.arn,
        state: 'ALARM',
        time: alarm.since,
        eventId: judged.executionName,
      },
    });
    expect(parseInput(judged.input, 'production').ok).toBe(true);
    expect(judged.reason).toContain('(5 min), and no rollback was started for it');
  });

  test('that a service has adopted names the service, as the rule for it does', () => {
    const judged = judge(300, [], { ...alarm, name: 'shop-latency', adopted: true });
    expect(judged).toMatchObject({ input: { service: 'checkout', trigger: { alarmName: 'shop-latency' } } });
  });

  test('starts under the same name whenever it is judged, and under another for another transition', () => {
    const nameAt = (seconds: number, about = alarm) => {
      const judged = judge(seconds, [], about);
      return judged.decision === 'start' ? judged.executionName : undefined;
    };
    const seconds = fc.integer({ min: graceSeconds, max: latestStartSeconds });
    fc.assert(
      fc.property(seconds, seconds, (one, other) => {
        expect(nameAt(one)).toBe(nameAt(other));
      }),
    );
    expect(nameAt(400, { ...alarm, since: later(60) })).not.toBe(nameAt(400));
    const long = { ...alarm, service: `${'a/ b'.repeat(40)}` };
    expect(nameAt(400, long)).toMatch(/^[\w.-]{1,80}$/);
  });

  test('is asked about exactly when something may follow', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60, max: 4_000 }), (seconds) => {
        expect(isUndecided(alarm, later(seconds))).toBe(judge(seconds).decision !== 'leave');
      }),
    );
  });
});

describe('a lock', () => {
  const owner = { executionArn: 'execution:theirs', rollbackId: 'checkout-1', acquiredAt: at('02:00:00') };
  const stopped = (seconds: number) => ({
    status: 'ABORTED',
    stoppedAt: new Date(Date.parse(at('03:00:00')) - seconds * 1_000).toISOString(),
  });

  test.each([
    ['that is free', { token: 3 }, stopped(600), undefined],
    ['that nobody ever took', undefined, stopped(600), undefined],
    ['whose owner runs', { token: 3, owner }, { status: 'RUNNING' }, undefined],
    ['whose owner may be run again by a person', { token: 3, owner }, { status: 'PENDING_REDRIVE' }, undefined],
    ['whose owner ended a moment ago', { token: 3, owner }, stopped(reapSeconds - 1), undefined],
    [
      'whose owner ended',
      { token: 3, owner },
      stopped(reapSeconds),
      /checkout-1 ended ABORTED at .*never given back: taking it up failed too/,
    ],
    ['whose owner is forgotten', { token: 3, owner }, { status: 'UNKNOWN' }, /ended UNKNOWN at 2026-11-20T02:00:00/],
  ])('%s', (_what, lock, status, sentence) => {
    const said = abandoned(lock, status, at('03:00:00'));
    if (sentence) expect(said).toMatch(sentence);
    else expect(said).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Measurement } from '../../lib/domain/model.ts';
import type { ComparedSides } from '../../lib/domain/traffic-comparison.ts';
import { type GateFacts, judgeGate, longestSeconds } from '../../lib/domain/traffic-gate.ts';

const appliedAt = '2026-11-20T03:05:10.000Z';
const later = (seconds: number) => new Date(Date.parse(appliedAt) + seconds * 1_000).toISOString();
const group = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/0123456789abcdef';
const targets = (healthy: number) => [{ targetGroup: group, healthy, registered: 4, problems: [] }];
const compared = (verdict: ComparedSides['verdict']): ComparedSides => ({ verdict, reason: `It is ${verdict}.` });
const limit = (ok: boolean | null): Measurement => ({
  name: 'error rate of blue',
  value: 7,
  unit: '%',
  limit: 5,
  comparison: 'at most',
  ok,
  evidence: 'Error rate of blue 7 %.',
});

/** Held for its 120 s, with enough targets and nothing to say against it. */
const facts: GateFacts = {
  gate: { percent: 10, holdSeconds: 120 },
  side: 'blue',
  appliedAt,
  now: later(120),
  deadline: later(3_600),
  receiving: targets(4),
  required: 2,
  numbers: { compared: compared('as good'), limits: [limit(true)] },
};
const { numbers: _numbers, ...unmeasured } = facts;

describe('judgeGate', () => {
  test.each<[string, Partial<GateFacts>, object]>([
    [
      'goes on once held, as good',
      {},
      { status: 'done', message: 'Side blue with 10 % is healthy enough to go on: It is as good.' },
    ],
    [
      'goes on where it is better, though beyond a limit',
      { numbers: { compared: compared('better'), limits: [limit(false)] } },
      { status: 'done', message: expect.stringContaining('It is better. Error rate of blue 7 %.') },
    ],
    [
      'goes back where it is worse',
      { numbers: { compared: compared('worse'), limits: [] } },
      { status: 'failed', message: 'Side blue with 10 % is not healthy enough to get more: It is worse.' },
    ],
    [
      'holds a doubt',
      { numbers: { compared: compared('doubtful'), limits: [] } },
      {
        status: 'waiting',
        waitSeconds: 15,
        message: 'Side blue with 10 % is held, 120 of at most 300 s: It is doubtful.',
      },
    ],
    ['holds one slow minute', { numbers: { compared: compared('slow once'), limits: [] } }, { status: 'waiting' }],
    [
      'goes on where it stays at one',
      { now: later(300), numbers: { compared: compared('slow once'), limits: [] } },
      { status: 'done' },
    ],
    [
      'holds beyond a limit',
      { numbers: { compared: compared('as good'), limits: [limit(false)] } },
      { status: 'waiting' },
    ],
    [
      'does not mind a limit without number',
      { numbers: { compared: compared('as good'), limits: [limit(null)] } },
      { status: 'done' },
    ],
    [
      'goes back on a doubt that stays',
      { now: later(300), numbers: { compared: compared('doubtful'), limits: [] } },
      { status: 'failed' },
    ],
    ['holds for more requests', { numbers: { compared: compared('unmeasured'), limits: [] } }, { status: 'waiting' }],
    [
      'goes on without numbers at last, and says so',
      { now: later(300), numbers: { compared: compared('unmeasured'), limits: [] } },
      {
        status: 'done',
        message: expect.stringMatching(/Nothing could be measured.*blue: 4 of 4 targets healthy. It is unmeasured/),
      },
    ],
    [
      'goes on at the deadline rather than leave the bad side serving',
      { now: later(200), deadline: later(200), numbers: { missing: 'CloudWatch is down.' } },
      { status: 'done', message: expect.stringContaining('CloudWatch is down.') },
    ],
    [
      'waits for targets',
      { receiving: targets(1) },
      {
        status: 'waiting',
        message: expect.stringContaining('blue: 1 of 4 targets healthy. 2 healthy targets are required.'),
      },
    ],
    ['does not wait for targets for ever', { now: later(300), receiving: targets(1) }, { status: 'failed' }],
    ['goes back at once without any target', { now: later(5), receiving: targets(0) }, { status: 'failed' }],
  ])('%s', (_what, changes, expected) => {
    expect(judgeGate({ ...facts, ...changes })).toMatchObject(expected);
  });

  test('looks at the targets meanwhile, and never on before the hold is over', () => {
    expect(judgeGate({ ...unmeasured, now: later(5) })).toMatchObject({ status: 'waiting', waitSeconds: 60 });
    expect(judgeGate({ ...unmeasured, now: later(100) })).toMatchObject({
      status: 'waiting',
      waitSeconds: 20,
      message: 'Side blue with 10 % is held, 100 of 120 s: blue: 4 of 4 targets healthy.',
    });
  });
});

test('a gate ends, whatever is measured, and not before its hold while the targets are there', () => {
  const verdict = fc.constantFrom('better', 'worse', 'doubtful', 'slow once', 'as good', 'unmeasured') as fc.Arbitrary<
    ComparedSides['verdict']
  >;
  fc.assert(
    fc.property(
      verdict,
      fc.constantFrom(true, false, null),
      fc.integer({ min: 60, max: 3_600 }),
      fc.integer({ min: 0, max: 8_000 }),
      (drawn, ok, holdSeconds, seconds) => {
        const gate = { percent: 10, holdSeconds };
        const { status, waitSeconds } = judgeGate({
          ...facts,
          gate,
          now: later(seconds),
          numbers: { compared: compared(drawn), limits: [limit(ok)] },
        });
        if (seconds < holdSeconds) expect(status).toBe('waiting');
        if (seconds >= longestSeconds(gate)) expect(status).not.toBe('waiting');
        expect(waitSeconds).toBeGreaterThanOrEqual(1);
        if (status === 'waiting') expect(seconds + waitSeconds).toBeLessThanOrEqual(longestSeconds(gate));
      },
    ),
  );
});

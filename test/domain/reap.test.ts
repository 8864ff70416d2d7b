import { describe, expect, test } from 'vitest';
import { type DeadExecution, isReported, judgeEnd, readTraces, type Traces } from '../../lib/domain/reap.ts';
import { at } from './worlds.ts';

const dead = (status: string, more: Partial<DeadExecution> = {}): DeadExecution => ({
  executionArn: 'execution:1',
  status,
  startedAt: at('03:00:00'),
  stoppedAt: at('03:10:00'),
  input: '{}',
  ...more,
});
const traces = (state?: string, variables: Traces['variables'] = {}): Traces => ({
  variables,
  ...(state !== undefined && { last: { state, enteredAt: at('03:09:00') } }),
});
const reporting = { outcome: 'verified', reason: 'Healthy for the whole bake.' };

test('a history is read to its last state and the last value of each variable', () => {
  const steps = [
    { time: at('03:00:00'), entered: 'Admit' },
    { time: at('03:00:01'), assigned: { index: '0', plan: '{"planKey":null}' } },
    { time: at('03:00:02'), entered: 'ActionDone' },
    { time: at('03:00:03'), assigned: { index: '1' } },
  ];
  expect(readTraces(steps)).toEqual({
    last: { state: 'ActionDone', enteredAt: at('03:00:02') },
    variables: { index: 1, plan: { planKey: null } },
  });
  expect(readTraces([])).toEqual({ variables: {} });
});

describe('is left alone', () => {
  test.each<[string, DeadExecution, Traces]>([
    ['what was redriven', dead('RUNNING'), traces('WaitForService')],
    ['what succeeded', dead('SUCCEEDED'), traces('Done')],
    ['what failed on purpose, with its report', dead('FAILED', { error: 'halted' }), traces('NeedsAPerson', reporting)],
    ['what was stopped after its report', dead('ABORTED'), traces('Reported', reporting)],
    ['input that was refused', dead('FAILED', { error: 'InvalidInput' }), traces('InvalidInput')],
  ])('%s', (_what, execution, found) => {
    expect(judgeEnd(execution, found).kind).toBe('leave');
  });
});

describe('is reported', () => {
  test.each<[string, DeadExecution, Traces, string, RegExp]>([
    [
      'a stop',
      dead('ABORTED', { cause: 'I will do it' }),
      traces('WaitForTraffic'),
      'halted',
      /^Somebody stopped the execution in the state WaitForTraffic: "I will do it"\.$/,
    ],
    ['a stop before anything', dead('ABORTED'), traces(), 'halted', /before its first state\.$/],
    [
      'a time-out',
      dead('TIMED_OUT'),
      traces('WaitForHealth', { outcome: 'waiting' }),
      'needs-attention',
      /ran into its time-out in the state WaitForHealth/,
    ],
    [
      'a failure that nothing catches',
      dead('FAILED', { error: 'States.Runtime', cause: 'no choice' }),
      traces('Planned'),
      'needs-attention',
      /failed in the state Planned with States.Runtime: no choice/,
    ],
    [
      'a start that was not admitted',
      dead('FAILED', {
        error: 'needs-attention',
        cause: '{"reason":"Admit failed with Broken, nothing was changed."}',
      }),
      traces('NotAdmitted'),
      'needs-attention',
      /Admit failed with Broken/,
    ],
    [
      'a report that failed',
      dead('FAILED', { error: 'needs-attention', cause: '{"reason":"Report failed."}' }),
      traces('NotReported', reporting),
      'needs-attention',
      /itself ended verified: Healthy for the whole bake\. .*Report failed\./,
    ],
    [
      'a stop while it reported, as it had ended',
      dead('ABORTED'),
      traces('Report', reporting),
      'verified',
      /^Healthy for the whole bake\. Somebody stopped/,
    ],
    [
      'a stop while it gave back, as it had ended',
      dead('ABORTED'),
      traces('GiveBack', { outcome: 'halted', reason: 'No.' }),
      'halted',
      /^No\. Somebody stopped/,
    ],
  ])('%s', (_what, execution, found, outcome, words) => {
    const unfinished = !['Report', 'GiveBack', 'NotReported'].includes(found.last?.state ?? '');
    const reason = expect.stringMatching(words);
    expect(judgeEnd(execution, found)).toMatchObject({ kind: 'report', outcome, unfinished, reason });
  });

  test('a page of a cause in a few lines', () => {
    const end = judgeEnd(dead('FAILED', { error: 'X', cause: 'y'.repeat(30_000) }), traces('Plan'));
    expect(end.reason.length).toBeLessThan(700);
  });
});

describe('a stop in the state Report', () => {
  const entry = (time: string) => ({ time, service: 's', rollbackId: 'r', kind: 'reported', message: '' });
  test('comes after the report where this visit has written it', () => {
    expect(isReported(traces('Report'), [entry(at('03:09:00'))])).toBe(true);
  });
  test('comes before it where only an earlier end was reported', () => {
    expect(isReported(traces('Report'), [entry(at('03:05:00'))])).toBe(false);
    expect(isReported(traces('GiveBack'), [entry(at('03:09:00'))])).toBe(false);
  });
});

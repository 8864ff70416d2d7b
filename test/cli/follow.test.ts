import { execFileSync } from 'node:child_process';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { type Ending, exitCodeOf } from '../../bin/commands/follow/ending.ts';
import { HistoryReader } from '../../bin/commands/follow/history.ts';
import { nextSteps, rollbackLine } from '../../bin/commands/follow/next-steps.ts';
import { statusLine } from '../../bin/commands/follow/status-line.ts';
import { outcomes } from '../../lib/domain/model.ts';

const at = (time: string): Date => new Date(`2026-01-15T${time}Z`);

const ending: Ending = {
  rollbackId: 'checkout-20260115-100604-1f2e3d',
  executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:m:e',
  environment: 'production',
  service: 'checkout',
  status: 'SUCCEEDED',
  outcome: 'verified',
  reason: '',
  strategy: 'rolling',
  current: { main: 'v2' },
  target: 'v1',
  duration: 'PT5M',
  asksBecause: null,
  planSha256: null,
  checks: [],
  actions: [],
  verdict: null,
  report: 's3://b/reports/r/report.json',
  startWith: null,
};

describe('exit codes', () => {
  test.each<[string, number]>([
    ['verified', 0],
    ['ready', 0],
    ['already-at-target', 0],
    ['duplicate', 1],
    ['observed', 1],
    ['declined', 1],
    ['blocked', 1],
    ['halted', 2],
    ['needs-attention', 2],
    ['stopped', 2],
    ['timed-out', 2],
    ['States.Runtime', 2],
    ['InvalidInput', 64],
  ])('%s ends with %i', (outcome, code) => {
    expect(exitCodeOf({ status: 'SUCCEEDED', outcome })).toBe(code);
  });

  test('whoever left knows nothing yet', () => {
    expect(exitCodeOf({ status: 'RUNNING', outcome: null })).toBe(1);
  });
});

test.each([...outcomes, 'stopped', 'timed-out', 'InvalidInput'])('%s says what to do next', (outcome) => {
  const status = ['halted', 'needs-attention'].includes(outcome) ? 'FAILED' : 'SUCCEEDED';
  const startWith = outcome === 'ready' ? { service: 'checkout', version: 'previous' } : null;
  const steps = nextSteps({ ...ending, status, outcome, startWith });
  expect(steps.length).toBeGreaterThan(0);
  for (const { what, line } of steps) expect(line ?? what).toMatch(/^(npx backstep|aws |[A-Z].*\.$)/);
});

describe('the input as a command line', () => {
  test('has a flag for each of its fields', () => {
    const input = {
      service: 'checkout',
      version: 'revision-41',
      strategy: 'canary',
      scope: 'app-db',
      backup: false,
      timeout: 600,
      reason: 'error rate',
      confirm: 'ROLLBACK PRODUCTION',
    };
    expect(rollbackLine(input)).toBe(
      `npx backstep rollback checkout --to revision-41 --strategy canary --scope app-db --no-backup --timeout 600 ` +
        `--reason 'error rate' --confirm "ROLLBACK PRODUCTION"`,
    );
    expect(rollbackLine({ service: 'checkout', version: 'previous' })).toBe('npx backstep rollback checkout');
  });

  test.each(["it's; rm -rf /", '$(reboot) `x` "y"', '--confirm x', '', '*', 'ü\nnext line'])(
    'a shell reads %j as it was written',
    (reason) => {
      const words = rollbackLine({ service: 'checkout', reason }).replace('npx', 'printf "%s\\0"');
      const read = execFileSync('sh', ['-c', words], { encoding: 'utf8' }).split('\0');
      expect(read.slice(0, -1)).toEqual(['backstep', 'rollback', 'checkout', '--reason', reason]);
    },
  );
});

describe('a history', () => {
  const events = (...some: Partial<HistoryEvent>[]): HistoryEvent[] =>
    some.map((event, index) => ({ id: index + 1, timestamp: at('10:00:00'), type: undefined, ...event }));
  const lambda = { resourceType: 'lambda', resource: 'invoke' };
  const entered = (name: string, time: string): Partial<HistoryEvent> => ({
    type: 'TaskStateEntered',
    timestamp: at(time),
    stateEnteredEventDetails: { name },
  });
  const read = (all: readonly HistoryEvent[]) => {
    const reader = new HistoryReader('arn:e');
    return { reader, told: all.flatMap((event) => reader.read(event)) };
  };

  test('tells of a state that fails before it is tried again', () => {
    const { told } = read(
      events(entered('CheckService', '10:00:05'), {
        type: 'TaskFailed',
        taskFailedEventDetails: { ...lambda, error: 'Unreadable', cause: '{"errorMessage":"gone"}' },
      }),
    );
    expect(told).toEqual([expect.objectContaining({ kind: 'trouble', state: 'CheckService', error: 'Unreadable' })]);
  });

  test('that is redriven goes on after its end', () => {
    const failed = {
      type: 'ExecutionFailed',
      executionFailedEventDetails: { error: 'halted', cause: '{"outcome":"halted"}' },
    } as const;
    expect(read(events(failed)).reader.ended).toMatchObject({ execution: { status: 'FAILED', error: 'halted' } });
    expect(read(events(failed, { type: 'ExecutionRedriven' })).reader.ended).toBeUndefined();
  });

  test('whose data Step Functions cut off is still followed', () => {
    const { reader } = read(
      events(
        { type: 'ExecutionStarted', executionStartedEventDetails: { input: '{"serv' } },
        entered('Admit', '10:00:01'),
        {
          type: 'TaskSucceeded',
          taskSucceededEventDetails: { ...lambda, output: '{"Payload":{"dec', outputDetails: { truncated: true } },
        },
      ),
    );
    expect(reader.standing?.state).toBe('Admit');
  });
});

describe('the status line', () => {
  const nowMs = at('10:01:00').getTime();
  const standing = { state: 'WaitForService', enteredMs: at('10:00:48').getTime() };
  const nothing = {
    context: undefined,
    deadline: undefined,
    progress: undefined,
    planned: undefined,
    actionId: undefined,
  };

  test('names the state, how long it lasts, and what is left of the time limit', () => {
    const where = { ...nothing, standing, deadline: '2026-01-15T10:05:30Z' };
    expect(statusLine(where, undefined, nowMs)).toBe('WaitForService 12s, 4m 30s to the time limit');
    expect(statusLine({ ...where, deadline: '2026-01-15T10:00:30Z' }, undefined, nowMs)).toContain(
      'past the time limit',
    );
  });

  test('counts the bake down', () => {
    const progress = {
      phase: 'bake',
      firstHealthyAt: '2026-01-15T10:00:00Z',
      bakeUntil: '2026-01-15T10:30:00Z',
      passes: 1,
      consecutiveUnhealthy: 0,
      inconclusivePasses: 0,
    } as const;
    expect(statusLine({ ...nothing, standing, progress }, undefined, nowMs)).toBe(
      'Watching: 29m 00s of the bake to go',
    );
  });
});

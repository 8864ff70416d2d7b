/** The parts of `rollback --direct` that decide or translate. */
import { describe, expect, test } from 'vitest';
import { ProcessClock } from '../../bin/commands/direct/clock.ts';
import { shipped } from '../../bin/commands/direct/definition.ts';
import { Interruption } from '../../bin/commands/direct/interruption.ts';
import { changesIn, standing } from '../../bin/commands/direct/standing.ts';
import { refusal } from '../../bin/commands/direct/tasks.ts';
import { workflowFunctions } from '../../lib/constructs/function-names.ts';
import { parseDefinition } from '../../simulator/states/check.ts';

describe('the definition that the command brings', () => {
  const functions = Object.fromEntries(workflowFunctions.map((name) => [name, `arn:aws:lambda:::function:${name}:1`]));

  test('calls the functions that the installation names, and is one that can be carried out', () => {
    const { States } = parseDefinition(shipped({ functions, environment: 'production' }));
    expect(States.Report).toMatchObject({ Arguments: { FunctionName: functions.Report } });
  });

  test('says which functions an installation of another version lacks', () => {
    const { Compensate: _, ...others } = functions;
    expect(() => shipped({ functions: others, environment: 'production' })).toThrow(
      /^The installation of production has no function Compensate, .* Use the command of the version that is installed\.$/,
    );
  });
});

describe('what Lambda refuses is named as Step Functions names it', () => {
  const answered = (name: string, httpStatusCode: number) =>
    Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });
  test.each<[string, Error, string]>([
    ['throttling', answered('TooManyRequestsException', 429), 'Lambda.TooManyRequestsException'],
    ['a fault of Lambda', answered('ServiceException', 500), 'Lambda.ServiceException'],
    ['a function that is gone', answered('ResourceNotFoundException', 404), 'Lambda.ResourceNotFoundException'],
    // Named in the definition among those that are never repeated.
    ['a missing permission', answered('AccessDeniedException', 403), 'AccessDeniedException'],
    ['a network that is down', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'Lambda.SdkClientException'],
  ])('%s', (_what, error, name) => expect(refusal(error).error).toBe(name));
});

describe('Ctrl-C', () => {
  const pressed = (underWay: string | undefined) => {
    const ends: string[] = [];
    const said: string[] = [];
    const run = {
      underWay: () => underWay,
      end: (cause: string) => ends.push(cause),
      say: (text: readonly string[]) => said.push(...text),
    };
    return { interruption: new Interruption(run), ends, said };
  };

  test('between two calls it ends at once', () => {
    const { interruption, ends, said } = pressed(undefined);
    interruption.press();
    expect(ends).toEqual(['Ctrl-C']);
    expect(said.join(' ')).toContain('nothing goes on in AWS');
  });

  test('in the middle of a call it waits for the answer; unasked, an answer ends nothing', () => {
    const { interruption, ends, said } = pressed('RevertService');
    interruption.answered();
    expect(ends).toEqual([]);
    interruption.press();
    expect(ends).toEqual([]);
    expect(said.join(' ')).toContain('as soon as RevertService has answered; Ctrl-C again ends it at once');
    interruption.answered();
    expect(ends).toEqual(['Ctrl-C']);
  });

  test('twice, it waits for nothing', () => {
    const { interruption, ends } = pressed('RevertService');
    interruption.press();
    interruption.press();
    expect(ends).toEqual(['Ctrl-C, twice']);
  });
});

describe('where it stands', () => {
  const entered = (name: string) => ({ type: 'TaskStateEntered', stateEnteredEventDetails: { name } }) as never;
  const scheduled = { type: 'TaskScheduled' } as never;
  const succeeded = (message: string) =>
    ({
      type: 'TaskSucceeded',
      taskSucceededEventDetails: { output: JSON.stringify({ Payload: { message } }) },
    }) as never;

  test('tells what was changed, and what was asked for without an answer', () => {
    const events = [
      entered('StartSnapshot'),
      scheduled,
      succeeded('RDS is taking it.'),
      entered('CheckService'),
      scheduled,
      succeeded('waiting'),
      entered('ShiftTraffic'),
      scheduled,
    ];
    expect(changesIn(events)).toEqual({ done: ['StartSnapshot: RDS is taking it.'], unanswered: 'ShiftTraffic' });
    expect(changesIn([])).toEqual({ done: [] });
  });

  const facts = { service: 'checkout', executionArn: 'ours', changes: { done: [] }, endTold: true } as const;
  const held = { executionArn: 'ours', rollbackId: 'checkout-1', acquiredAt: '' };
  test.each<[string, object, RegExp]>([
    ['nothing done', { lock: undefined }, /^Nothing was changed\. Nobody holds the lock of checkout\.$/],
    ['an end that others can read', { lock: held }, /still this rollback's \(checkout-1\), for 75 s at most/],
    ['an end that nobody knows of', { lock: held, endTold: false }, /for 165 s at most/],
    ["somebody else's lock", { lock: { ...held, executionArn: 'theirs' } }, /Rollback checkout-1 holds the lock/],
    ['an unreadable lock', { lock: { problem: 'Down: no' } }, /could not be read: Down: no$/],
    [
      'a change without an answer',
      { lock: undefined, changes: { done: [], unanswered: 'ShiftTraffic' } },
      /^ShiftTraffic was asked for/,
    ],
  ])('%s', (_what, change, expected) => {
    expect(standing({ ...facts, lock: undefined, ...change }).join(' ')).toMatch(expected);
  });
});

describe("the process's clock", () => {
  test("follows the account's time, never backwards, and waits as fast as it goes by there", async () => {
    let account = 1_000_000;
    const clock = new ProcessClock({ now: () => account, speed: 1_000 });
    expect(clock.now()).toBe(1_000_000);
    account -= 500;
    expect(clock.now()).toBe(1_000_000);
    const began = performance.now();
    await clock.sleep(20_000);
    expect(performance.now() - began).toBeGreaterThan(15);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('stopped or cancelled, nothing happens any more; what fails is told to who waits', async () => {
    const clock = new ProcessClock({ now: () => 0, speed: 1_000 });
    const happened: string[] = [];
    clock.after(1_000, () => happened.push('cancelled')).cancel();
    clock.after(2_000, () => Promise.reject(new Error('broken')));
    await expect(clock.failed).rejects.toThrow('broken');
    clock.after(1_000, () => happened.push('stopped'));
    clock.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(happened).toEqual([]);
  });
});

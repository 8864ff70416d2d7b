import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/domain/model.ts';
import { AwsError } from '../../simulator/service.ts';
import { newAccount } from './account.ts';
import { addFunction } from './functions.ts';
import { addMachine, finish, output, run, start } from './machines.ts';

const parsed = ({ output: text }: { output?: string }): Json => JSON.parse(text ?? 'null') as Json;

describe('expressions', () => {
  const input = { name: 'checkout', items: [1, 2, 3], nested: { a: { b: 'deep' } } };

  it.each<[string, Json, Json]>([
    ['plain JSON stays', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
    ['a whole string is an expression', '{% $states.input.name %}', 'checkout'],
    ['objects and lists hold expressions', { x: ['{% $states.input.nested.a.b %}'] }, { x: ['deep'] }],
    ['delimiters inside a string are text', { a: 'see {% $x %} there' }, { a: 'see {% $x %} there' }],
    ['an object constructor', "{% {'n': $states.input.name} %}", { n: 'checkout' }],
    ['a sequence of one is its item', '{% $states.input.items[$ > 2] %}', 3],
    ['$partition', '{% $partition([1,2,3,4,5], 2) %}', [[1, 2], [3, 4], [5]]],
    ['$range', '{% $range(0, 10, 5) %}', [0, 5, 10]],
    ['$hash', "{% $hash('a', 'SHA-256') %}", 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
    ['$parse', `{% $parse('{"a":{"b":2}}').a.b %}`, 2],
    ['$random with a seed repeats', '{% $random(7) = $random(7) %}', true],
    ['$uuid', '{% $match($uuid(), /^[0-9a-f-]{36}$/).index %}', 0],
    ['$now is virtual', '{% $now() %}', '2026-11-20T03:00:00.025Z'],
    ['$now takes a picture', "{% $now('[Y]/[M]/[D]') %}", '2026/11/20'],
    ['$millis is virtual', '{% $millis() %}', Date.UTC(2026, 10, 20, 3) + 25],
    ['null is a value', '{% null %}', null],
    ['an empty list stays', '{% [] %}', []],
  ])('%s', async (_, template, expected) => {
    const execution = await output(template, input);
    expect([execution.error, execution.cause, parsed(execution)]).toEqual([undefined, undefined, expected]);
  });

  it.each([
    [
      'nothing',
      '{% $states.input.missing %}',
      "The JSONata expression '$states.input.missing' specified for the field 'Output' returned nothing (undefined).",
    ],
    [
      'an unknown variable',
      '{% $missing %}',
      "The JSONata expression '$missing' specified for the field 'Output' returned nothing (undefined).",
    ],
    ['$eval', "{% $eval('1') %}", 'T1006'],
    ['a type error', "{% 1 + 'a' %}", 'T2002'],
    ['a function', '{% $sum %}', 'returned an unsupported result type'],
    ['the top-level context', '{% $ %}', 'returned nothing (undefined)'],
    ['$error', "{% $error('no') %}", 'no'],
    ['$parse of no JSON', "{% $parse('{') %}", 'threw an error during evaluation'],
  ])('%s is a States.QueryEvaluationError', async (_, template, words) => {
    const execution = await output(template);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(execution.cause).toContain(
      "An error occurred while executing the state 'Only' (entered at the event id #2). ",
    );
    expect(execution.cause).toContain(words);
    expect(execution.history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'EvaluationFailed',
      'ExecutionFailed',
    ]);
    expect(execution.history[2]?.evaluationFailedEventDetails).toMatchObject({ state: 'Only', location: 'Output' });
  });

  it('names the field inside a template', async () => {
    const { cause } = await output({ a: [1, { b: '{% $x %}' }] });
    expect(cause).toContain("specified for the field 'Output/a[1]/b'");
  });

  it('sees the context object', async () => {
    const execution = await run(
      { First: { Type: 'Pass', Next: 'Only' }, Only: { Type: 'Pass', Output: '{% $states.context %}', End: true } },
      { input: { q: 1 }, name: 'one' },
    );
    expect(parsed(execution)).toEqual({
      Execution: {
        Id: 'arn:aws:states:eu-west-1:111122223333:execution:test:one',
        Input: { q: 1 },
        Name: 'one',
        RoleArn: 'arn:aws:iam::111122223333:role/machine',
        StartTime: '2026-11-20T03:00:00.000Z',
        RedriveCount: 0,
      },
      State: { EnteredTime: '2026-11-20T03:00:00.050Z', Name: 'Only', RetryCount: 0 },
      StateMachine: { Id: 'arn:aws:states:eu-west-1:111122223333:stateMachine:test', Name: 'test' },
    });
  });
});

describe('Assign', () => {
  it('is visible from the next state on, to its own state’s Output not yet', async () => {
    const execution = await run({
      First: { Type: 'Pass', Assign: { x: 1 }, Next: 'Second' },
      Second: { Type: 'Pass', Assign: { x: '{% $x + 1 %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'Third' },
      Third: { Type: 'Pass', Output: { before: '{% $states.input %}', x: '{% $x %}', y: '{% $y %}' }, End: true },
    });
    expect(parsed(execution)).toEqual({ before: 1, x: 2, y: 1 });
  });

  it('shows in the history', async () => {
    const { history } = await run({ Only: { Type: 'Pass', Assign: { x: { a: 1 } }, End: true } });
    expect(history.find(({ type }) => type === 'PassStateExited')?.stateExitedEventDetails).toMatchObject({
      assignedVariables: { x: '{"a":1}' },
    });
  });

  it('carries null', async () => {
    const execution = await run({
      First: { Type: 'Pass', Assign: { x: null }, Next: 'Second' },
      Second: { Type: 'Pass', Output: '{% $x = null %}', End: true },
    });
    expect(parsed(execution)).toBe(true);
  });
});

describe('Choice', () => {
  const states = {
    Choose: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Output: "{% 'big' %}", Next: 'End' },
        { Condition: '{% $states.input.n > 5 %}', Assign: { size: 'medium' }, Next: 'Sized' },
      ],
      Default: 'End',
      Output: "{% 'small' %}",
    },
    Sized: { Type: 'Pass', Output: '{% $size %}', End: true },
    End: { Type: 'Succeed' },
  };

  it.each([
    [11, 'big'],
    [6, 'medium'],
    [1, 'small'],
  ])('%d is %s', async (n, expected) => {
    expect(parsed(await run(states, { input: { n } }))).toBe(expected);
  });

  it('fails without a match and a default', async () => {
    const execution = await run({
      Choose: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }] },
      End: { Type: 'Succeed' },
    });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  it('needs a boolean', async () => {
    const execution = await run({
      Choose: { Type: 'Choice', Choices: [{ Condition: "{% 'true' %}", Next: 'End' }], Default: 'End' },
      End: { Type: 'Succeed' },
    });
    expect(execution.error).toBe('States.QueryEvaluationError');
    expect(execution.cause).toContain('must evaluate to a boolean, but evaluated to "true"');
  });
});

describe('Wait', () => {
  it.each<[string, Record<string, Json>, number]>([
    ['Seconds', { Seconds: 90 }, 90_050],
    ['an expression', { Seconds: '{% $states.input.s * 2 %}' }, 60_050],
    ['zero', { Seconds: 0 }, 50],
    ['a Timestamp', { Timestamp: '2026-11-20T03:10:00Z' }, 600_025],
    ['a Timestamp that has passed', { Timestamp: '2020-01-01T00:00:00Z' }, 50],
  ])('%s', async (_, fields, ms) => {
    const execution = await run(
      { Rest: { Type: 'Wait', ...fields, Next: 'End' }, End: { Type: 'Succeed' } },
      { input: { s: 30 } },
    );
    expect(execution.status).toBe('SUCCEEDED');
    expect((execution.stopMs ?? 0) - execution.startMs).toBe(ms);
  });

  it.each<[string, Record<string, Json>]>([
    ['a fraction', { Seconds: '{% 1.5 %}' }],
    ['less than nothing', { Seconds: '{% -1 %}' }],
    ['text', { Seconds: "{% '5' %}" }],
    ['no time', { Timestamp: "{% 'tomorrow' %}" }],
  ])('refuses %s', async (_, fields) => {
    const { error } = await run({ Rest: { Type: 'Wait', ...fields, End: true } });
    expect(error).toBe('States.QueryEvaluationError');
  });
});

describe('Succeed and Fail', () => {
  it('Succeed shapes the output', async () => {
    expect(
      parsed(await run({ Only: { Type: 'Succeed', Output: { n: '{% $states.input.n %}' } } }, { input: { n: 3 } })),
    ).toEqual({ n: 3 });
  });

  it.each<[string, Record<string, Json>, object]>([
    ['texts', { Error: 'halted', Cause: 'why' }, { error: 'halted', cause: 'why' }],
    [
      'expressions',
      { Error: '{% $states.input.e %}', Cause: '{% $string({"a": 1}) %}' },
      { error: 'blocked', cause: '{"a":1}' },
    ],
  ])('Fail with %s', async (_, fields, expected) => {
    const execution = await run({ Only: { Type: 'Fail', ...fields } }, { input: { e: 'blocked' } });
    expect(execution).toMatchObject({ status: 'FAILED', ...expected });
    expect(execution.history.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });
});

describe('Task', () => {
  const source = `
    let calls = 0;
    export const handler = async (event) => {
      calls += 1;
      if (event.failTimes >= calls) throw Object.assign(new Error('attempt ' + calls), { name: event.errorName });
      if (event.ms) await new Promise((resolve) => setTimeout(resolve, event.ms));
      if (event.bytes) return 'x'.repeat(event.bytes);
      return { calls, event };
    };`;

  const task = (fields: Record<string, Json> = {}, payload: Json = '{% $states.input %}'): Record<string, Json> => ({
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'arn:aws:lambda:eu-west-1:111122223333:function:f:1', Payload: payload },
      Output: '{% $states.result.Payload %}',
      End: true,
      ...fields,
    },
  });

  async function runTask(
    input: Json,
    fields: Record<string, Json> = {},
    rest: Record<string, Json> = {},
    machine = {},
  ) {
    const account = newAccount();
    account.lambda.publishVersion(addFunction(account, 'f', source));
    const execution = await run({ ...task(fields), ...rest }, { account, input, machine });
    return { account, execution };
  }

  it('invokes the function and gives AWS’s result', async () => {
    const { execution } = await runTask({ a: 1 }, { Output: '{% $states.result %}' });
    expect(parsed(execution)).toMatchObject({
      ExecutedVersion: '1',
      Payload: { calls: 1, event: { a: 1 } },
      StatusCode: 200,
      SdkHttpMetadata: { HttpStatusCode: 200 },
    });
  });

  it('writes AWS’s events, each pointing at the one before', async () => {
    const { execution } = await runTask({ a: 1 }, { TimeoutSeconds: 90 });
    expect(execution.history.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSucceeded'],
      [6, 5, 'TaskStateExited'],
      [7, 6, 'ExecutionSucceeded'],
    ]);
    const scheduled = execution.history[2]?.taskScheduledEventDetails;
    expect(scheduled).toMatchObject({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'eu-west-1',
      timeoutInSeconds: 90,
    });
    expect(JSON.parse(scheduled?.parameters ?? '')).toMatchObject({ Payload: { a: 1 } });
    expect(execution.history[0]?.timestamp).toEqual(new Date('2026-11-20T03:00:00Z'));
  });

  it('fails with the error’s name and the whole answer as cause', async () => {
    const { execution } = await runTask({ failTimes: 9, errorName: 'LockLost' });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'LockLost' });
    expect(JSON.parse(execution.cause ?? '')).toMatchObject({ errorType: 'LockLost', errorMessage: 'attempt 1' });
    expect(execution.history.at(-2)).toMatchObject({
      type: 'TaskFailed',
      taskFailedEventDetails: { error: 'LockLost' },
    });
  });

  const attempts = (execution: { history: readonly { type?: string | undefined }[] }): number =>
    execution.history.filter(({ type }) => type === 'TaskScheduled').length;

  const retryAll = { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 3 };

  it.each<[string, Json, Record<string, Json>[], { attempts: number; status: string }]>([
    ['until it works', { failTimes: 2, errorName: 'E' }, [retryAll], { attempts: 3, status: 'SUCCEEDED' }],
    ['as often as allowed', { failTimes: 9, errorName: 'E' }, [retryAll], { attempts: 4, status: 'FAILED' }],
    [
      'three times by default',
      { failTimes: 9, errorName: 'E' },
      [{ ErrorEquals: ['E'] }],
      { attempts: 4, status: 'FAILED' },
    ],
    [
      'never with MaxAttempts 0, whatever comes after',
      { failTimes: 1, errorName: 'E' },
      [{ ErrorEquals: ['E'], MaxAttempts: 0 }, retryAll],
      { attempts: 1, status: 'FAILED' },
    ],
    [
      'only what matches',
      { failTimes: 1, errorName: 'E' },
      [{ ErrorEquals: ['F'] }],
      { attempts: 1, status: 'FAILED' },
    ],
    [
      'States.TaskFailed matches',
      { failTimes: 1, errorName: 'E' },
      [{ ErrorEquals: ['States.TaskFailed'] }],
      { attempts: 2, status: 'SUCCEEDED' },
    ],
  ])('Retry: %s', async (_, input, Retry, expected) => {
    const { execution } = await runTask(input, { Retry });
    expect({ attempts: attempts(execution), status: execution.status }).toEqual(expected);
  });

  const delays = (execution: { history: readonly { type?: string | undefined; timestamp: Date | undefined }[] }) => {
    const failed = execution.history
      .filter(({ type }) => type === 'TaskFailed')
      .map(({ timestamp }) => Number(timestamp));
    const tried = execution.history
      .filter(({ type }) => type === 'TaskScheduled')
      .map(({ timestamp }) => Number(timestamp));
    return failed.flatMap((ms, index) => (tried[index + 1] === undefined ? [] : [(tried[index + 1] as number) - ms]));
  };

  it('Retry backs off, up to MaxDelaySeconds', async () => {
    const { execution } = await runTask(
      { failTimes: 9, errorName: 'E' },
      { Retry: [{ ...retryAll, MaxDelaySeconds: 10 }] },
    );
    expect(delays(execution)).toEqual([2000, 6000, 10_000]);
  });

  it('Retry with full jitter draws from the account’s seed, between nothing and the delay', async () => {
    const Retry = [{ ...retryAll, JitterStrategy: 'FULL' }];
    const [one, two] = [
      await runTask({ failTimes: 9, errorName: 'E' }, { Retry }),
      await runTask({ failTimes: 9, errorName: 'E' }, { Retry }),
    ];
    const drawn = delays(one.execution);
    expect(delays(two.execution)).toEqual(drawn);
    for (const [index, ms] of drawn.entries()) expect(ms).toBeLessThanOrEqual(2000 * 3 ** index);
    expect(drawn).not.toEqual([2000, 6000, 18_000]);
  });

  it('keeps the entered time over retries and counts them', async () => {
    const payload = {
      failTimes: 2,
      errorName: 'E',
      at: '{% $states.context.State.EnteredTime %}',
      retry: '{% $states.context.State.RetryCount %}',
    };
    const account = newAccount();
    account.lambda.publishVersion(addFunction(account, 'f', source));
    const execution = await run(task({ Retry: [retryAll] }, payload), { account });
    expect(parsed(execution)).toMatchObject({ event: { at: '2026-11-20T03:00:00.025Z', retry: 2 } });
    expect(account.states.stateTransitions).toBe(3);
  });

  const rescued = {
    Rescued: { Type: 'Pass', Output: { input: '{% $states.input %}', failure: '{% $failure %}' }, End: true },
  };

  it('Catch hands over the error, assigns and shapes the output', async () => {
    const Catch = [
      { ErrorEquals: ['Other'], Next: 'Rescued' },
      {
        ErrorEquals: ['States.ALL'],
        Assign: { failure: '{% $states.errorOutput.Error & "!" %}' },
        Output: '{% $parse($states.errorOutput.Cause).errorMessage %}',
        Next: 'Rescued',
      },
    ];
    const { execution } = await runTask({ failTimes: 9, errorName: 'E' }, { Catch }, rescued);
    expect(parsed(execution)).toEqual({ input: 'attempt 1', failure: 'E!' });
  });

  it('Catch hands on the error output by default', async () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Assign: { failure: 1 }, Next: 'Rescued' }];
    const { execution } = await runTask({ failTimes: 9, errorName: 'E' }, { Catch }, rescued);
    expect(parsed(execution)).toMatchObject({ input: { Error: 'E', Cause: expect.stringContaining('attempt 1') } });
  });

  const caught = (errorEquals: string) => ({
    Catch: [{ ErrorEquals: [errorEquals], Assign: { failure: '{% $states.errorOutput.Error %}' }, Next: 'Rescued' }],
  });

  it.each<[string, Json, Record<string, Json>, string, string | undefined]>([
    ['a time-out is States.Timeout', { ms: 5000 }, { TimeoutSeconds: 2 }, 'States.Timeout', 'States.Timeout'],
    ['States.ALL covers a time-out', { ms: 5000 }, { TimeoutSeconds: 2 }, 'States.ALL', 'States.Timeout'],
    ['States.TaskFailed does not', { ms: 5000 }, { TimeoutSeconds: 2 }, 'States.TaskFailed', undefined],
    [
      'a bad expression is caught',
      {},
      { Arguments: { FunctionName: '{% $nothing %}' } },
      'States.ALL',
      'States.QueryEvaluationError',
    ],
    [
      'in Output as well',
      {},
      { Output: '{% $nothing %}' },
      'States.QueryEvaluationError',
      'States.QueryEvaluationError',
    ],
    ['too much data is not, by a wildcard', { bytes: 262_145 }, {}, 'States.ALL', undefined],
    ['too much data is, by name', { bytes: 262_145 }, {}, 'States.DataLimitExceeded', 'States.DataLimitExceeded'],
    [
      'a function that is not there',
      {},
      { Arguments: { FunctionName: 'none' } },
      'Lambda.ResourceNotFoundException',
      'Lambda.ResourceNotFoundException',
    ],
  ])('%s', async (_, input, fields, errorEquals, error) => {
    const { execution } = await runTask(input, { ...fields, ...caught(errorEquals) }, rescued);
    if (error === undefined) expect(execution.status).toBe('FAILED');
    else expect(parsed(execution)).toMatchObject({ failure: error });
  });

  it('a late task ends on time and is TaskTimedOut', async () => {
    const { execution } = await runTask({ ms: 50_000 }, { TimeoutSeconds: 2 });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect((execution.stopMs ?? 0) - execution.startMs).toBe(2025);
    expect(execution.history.map(({ type }) => type)).toContain('TaskTimedOut');
  });

  it('a role that may not invoke fails as Lambda.AWSLambdaException', async () => {
    const account = newAccount();
    account.lambda.publishVersion(addFunction(account, 'f', source));
    const execution = await run(task(), { account });
    expect(execution.status).toBe('SUCCEEDED');
    account.iam.removeAction('arn:aws:iam::111122223333:role/machine', 'lambda:InvokeFunction');
    const refused = await finish(account, start(account));
    expect(refused).toMatchObject({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(refused.cause).toContain('is not authorized to perform: lambda:InvokeFunction on resource');
  });

  it('Lambda’s own faults are Lambda.<code>', async () => {
    const account = newAccount();
    account.lambda.publishVersion(addFunction(account, 'f', source));
    const codes = ['TooManyRequestsException', 'ServiceException'];
    account.faults.push((point) => {
      const code = point.kind === 'invocation' ? codes.shift() : undefined;
      return code === undefined ? undefined : { error: new AwsError(code, 'no', { status: 429 }) };
    });
    const execution = await run(task({ Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'] }] }), { account });
    expect(execution.error).toBe('Lambda.ServiceException');
  });
});

describe('the machine', () => {
  it('times out as a whole, at the second, and nothing continues', async () => {
    const account = newAccount();
    const execution = await run(
      { Rest: { Type: 'Wait', Seconds: 100, Next: 'End' }, End: { Type: 'Succeed' } },
      { account, machine: { TimeoutSeconds: 10 } },
    );
    expect(execution).toMatchObject({ status: 'TIMED_OUT', stopMs: execution.startMs + 10_000 });
    const events = execution.history.length;
    await account.clock.runUntil(account.clock.now() + 200_000);
    expect(execution.history.length).toBe(events);
    expect(execution.history.at(-1)?.type).toBe('ExecutionTimedOut');
  });

  it('fails at 25,000 events', async () => {
    const execution = await run({
      Turn: { Type: 'Pass', Next: 'Again' },
      Again: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Turn' }], Default: 'End' },
      End: { Type: 'Succeed' },
    });
    expect(execution.history.length).toBe(25_000);
    expect(execution.cause).toContain('maximum number of history events (25000)');
  });

  it('fails when a state’s output is above 256 KiB', async () => {
    const execution = await output("{% $pad('', 262143) %}");
    expect(execution.error).toBe('States.DataLimitExceeded');
    expect((await output("{% $pad('', 262142) %}")).status).toBe('SUCCEEDED');
  });
});

describe('what is not implemented is refused by name', () => {
  const pass = { Type: 'Pass', End: true };

  it.each<[string, Record<string, Json>, Record<string, Json>, string]>([
    ['JSONPath', { A: pass }, { QueryLanguage: 'JSONPath' }, 'QueryLanguage must be "JSONata"'],
    [
      'a state type',
      { A: { Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: pass } }], End: true } },
      {},
      "state 'A': the type Parallel is not implemented",
    ],
    [
      'a field',
      { A: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', HeartbeatSeconds: 5, End: true } },
      {},
      'HeartbeatSeconds is implemented only for a resource with .waitForTaskToken',
    ],
    [
      'a resource',
      { A: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true } },
      {},
      'the resource arn:aws:states:::sns:publish is not implemented',
    ],
    ['an unknown field', { A: { ...pass, Colour: 1 } }, {}, "state 'A': the field Colour is not implemented"],
    [
      'an expression that does not parse',
      { A: { ...pass, Output: '{% 1 + %}' } },
      {},
      "The JSONata expression '1 +' is not valid",
    ],
    ['half a delimiter', { A: { ...pass, Output: '{% 1' } }, {}, "needs both '{%' and '%}'"],
    ['a variable named states', { A: { ...pass, Assign: { states: 1 } } }, {}, "'states' is not a name for a variable"],
    ['a target that is not there', { A: { Type: 'Pass', Next: 'B' } }, {}, 'B'],
  ])('%s', (_, states, machine, words) => {
    expect(() => addMachine(newAccount(), states, machine)).toThrow(words);
  });

  it('accepts the machine that is shipped', () => {
    const text = readFileSync('statemachines/rollback.asl.json', 'utf8').replace(
      /\$\{(\w+)\}/g,
      'arn:aws:lambda:eu-west-1:111122223333:function:$1:1',
    );
    const { States, ...machine } = JSON.parse(text) as { States: Record<string, Json> };
    addMachine(newAccount(), States, machine);
  });
});

import {
  type HistoryEvent,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../../lib/domain/model.ts';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import type { Execution } from '../../../simulator/services/states.ts';
import { addRole, newAccount } from '../account.ts';
import { addFunction } from '../functions.ts';
import { addMachine, finish, machineArn, start } from '../machines.ts';

/** Says what it was given; throws, or takes its time, where it is told to. */
const source = `export const handler = async ({ token, ms, fails }) => {
  if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
  if (fails) throw Object.assign(new Error('not sent'), { name: 'NotSent' });
  return { asked: token.length };
};`;

const ask = (fields: Record<string, Json> = {}, payload: Record<string, Json> = {}): Record<string, Json> => ({
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}', ...payload } },
    Output: '{% $states.result %}',
    End: true,
    ...fields,
  },
});

let account: SimulatedAccount;
let client: SFNClient;

beforeEach(() => {
  account = newAccount();
  addFunction(account, 'ask', source);
  client = new SFNClient(clientConfig(account));
});

/** Starts, and lets 5 s pass: the function has answered. */
async function waiting(states: Record<string, Json>, input: Json = {}): Promise<Execution> {
  addMachine(account, states);
  const execution = start(account, input);
  await account.clock.runUntil(account.clock.now() + 5000);
  return execution;
}

/** The tokens that the history shows, one for each attempt. */
const tokens = ({ history }: Execution): string[] =>
  history.flatMap(({ taskScheduledEventDetails: details }) =>
    details ? [(JSON.parse(details.parameters ?? '') as { Payload: { token: string } }).Payload.token] : [],
  );

const lastToken = (execution: Execution): string => tokens(execution).at(-1) ?? '';
const succeed = (taskToken: string, output = '{"decision":"approve"}', by = client) =>
  drive(account, by.send(new SendTaskSuccessCommand({ taskToken, output })));
const fail = (taskToken: string, error?: string, cause?: string) =>
  drive(account, client.send(new SendTaskFailureCommand({ taskToken, error, cause })));
const beat = (taskToken: string) => drive(account, client.send(new SendTaskHeartbeatCommand({ taskToken })));
const types = ({ history }: Execution) => history.map(({ type }) => type);
const find = ({ history }: Execution, type: HistoryEvent['type']) => history.find((event) => event.type === type);

describe('a task that waits for its token', () => {
  it('goes on with what SendTaskSuccess hands over, after AWS’s events', async () => {
    const execution = await waiting(ask());
    expect(execution.status).toBe('RUNNING');
    const token = lastToken(execution);
    expect(token.length).toBeGreaterThan(100);
    expect(token.length).toBeLessThanOrEqual(1024);
    await account.clock.runUntil(account.clock.now() + 86_400_000);
    await succeed(token);
    await finish(account, execution);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{"decision":"approve"}' });
    expect(execution.history.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSubmitted'],
      [6, 5, 'TaskSucceeded'],
      [7, 6, 'TaskStateExited'],
      [8, 7, 'ExecutionSucceeded'],
    ]);
    const name = { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' };
    expect(execution.history[2]?.taskScheduledEventDetails).toMatchObject({ ...name, region: 'eu-west-1' });
    expect(execution.history[3]?.taskStartedEventDetails).toEqual(name);
    const submitted = execution.history[4]?.taskSubmittedEventDetails;
    expect(submitted).toMatchObject({ ...name, outputDetails: { truncated: false } });
    expect(JSON.parse(submitted?.output ?? '')).toMatchObject({ StatusCode: 200, Payload: { asked: token.length } });
    expect(execution.history[5]?.taskSucceededEventDetails).toMatchObject({
      ...name,
      output: '{"decision":"approve"}',
    });
  });

  it('fails with the error and cause of SendTaskFailure', async () => {
    const execution = await waiting(ask());
    await fail(lastToken(execution), 'Declined', 'not tonight');
    await finish(account, execution);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Declined', cause: 'not tonight' });
    expect(find(execution, 'TaskFailed')?.taskFailedEventDetails).toMatchObject({
      resource: 'invoke.waitForTaskToken',
      error: 'Declined',
      cause: 'not tonight',
    });
  });

  it('fails as the function does, before anything was submitted', async () => {
    const execution = await waiting(ask({}, { fails: true }));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'NotSent' });
    expect(types(execution)).not.toContain('TaskSubmitted');
    await expect(succeed(lastToken(execution))).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('takes an answer that comes before the function has returned', async () => {
    const execution = await waiting(ask({}, { ms: 20_000 }));
    await succeed(lastToken(execution));
    expect(execution.status).toBe('RUNNING');
    await finish(account, execution);
    expect(execution.output).toBe('{"decision":"approve"}');
    expect(types(execution).slice(3, 6)).toEqual(['TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  it('has no token in the context of other tasks', async () => {
    const Resource = 'arn:aws:states:::lambda:invoke';
    const execution = await waiting(
      ask({
        Resource,
        Arguments: { FunctionName: 'ask', Payload: { token: '{% $string($exists($states.context.Task)) %}' } },
      }),
    );
    expect(execution.output).toContain('"asked":5');
  });

  it('has a new token for every attempt, and for every seed', async () => {
    const Retry = [{ ErrorEquals: ['Again'], IntervalSeconds: 1 }];
    const execution = await waiting(ask({ Retry }));
    const first = lastToken(execution);
    await fail(first, 'Again');
    await account.clock.runUntil(account.clock.now() + 5000);
    const second = lastToken(execution);
    expect(second).not.toBe(first);
    await expect(succeed(first)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await succeed(second);
    expect((await finish(account, execution)).status).toBe('SUCCEEDED');

    const [same, other] = [newAccount(1), newAccount(2)].map((one) => one.states.tokens.issue(machineArn, () => true));
    expect(same?.token).toBe(first);
    expect(other?.token).not.toBe(first);
  });
});

describe('limits', () => {
  const caught = (errorEquals: string): Record<string, Json> => ({
    Catch: [{ ErrorEquals: [errorEquals], Assign: { error: '{% $states.errorOutput.Error %}' }, Next: 'Expired' }],
  });
  const expired = {
    Expired: { Type: 'Pass', Output: { error: '{% $error %}', input: '{% $states.input %}' }, End: true },
  };

  it.each<[string, Json]>([
    ['a number', 60],
    ['an expression', '{% $states.input.seconds * 2 %}'],
  ])('TimeoutSeconds as %s', async (_, TimeoutSeconds) => {
    const execution = await waiting(ask({ TimeoutSeconds }), { seconds: 30 });
    expect(find(execution, 'TaskScheduled')?.taskScheduledEventDetails?.timeoutInSeconds).toBe(60);
    await finish(account, execution);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect((execution.stopMs ?? 0) - execution.startMs).toBe(60_025);
    // AWS gives no cause, neither to the task nor to the execution.
    expect(find(execution, 'TaskTimedOut')?.taskTimedOutEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke.waitForTaskToken',
      error: 'States.Timeout',
    });
    expect(execution.history.at(-1)?.executionFailedEventDetails).toEqual({ error: 'States.Timeout' });
    await expect(succeed(lastToken(execution))).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
  });

  it.each<[string, Record<string, Json>]>([
    ['a time-out by its name', { TimeoutSeconds: 60, ...caught('States.Timeout') }],
    ['a missed heartbeat as States.Timeout', { HeartbeatSeconds: 60, ...caught('States.Timeout') }],
    ['a missed heartbeat as States.HeartbeatTimeout', { HeartbeatSeconds: 60, ...caught('States.HeartbeatTimeout') }],
    ['either as States.ALL', { HeartbeatSeconds: 60, TimeoutSeconds: 90, ...caught('States.ALL') }],
  ])('Catch covers %s', async (_, fields) => {
    const execution = await finish(account, await waiting({ ...ask(fields), ...expired }));
    const errorOutput = { Error: 'States.Timeout', Cause: '' };
    expect(JSON.parse(execution.output ?? '')).toEqual({ error: 'States.Timeout', input: errorOutput });
  });

  it('Catch of States.HeartbeatTimeout leaves a time-out alone', async () => {
    const states = { ...ask({ TimeoutSeconds: 60, ...caught('States.HeartbeatTimeout') }), ...expired };
    expect((await finish(account, await waiting(states))).status).toBe('FAILED');
  });

  it('a heartbeat moves its limit, and not the time-out', async () => {
    const execution = await waiting(ask({ TimeoutSeconds: 100, HeartbeatSeconds: '{% 30 %}' }));
    expect(find(execution, 'TaskScheduled')?.taskScheduledEventDetails).toMatchObject({
      timeoutInSeconds: 100,
      heartbeatInSeconds: 30,
    });
    const events = execution.history.length;
    for (const _ of [1, 2, 3]) {
      await account.clock.runUntil(account.clock.now() + 25_000);
      await beat(lastToken(execution));
    }
    expect(execution).toMatchObject({ status: 'RUNNING', history: { length: events } });
    await finish(account, execution);
    expect((execution.stopMs ?? 0) - execution.startMs).toBe(100_025);
  });

  it('a function that is late when the task times out submits nothing', async () => {
    const execution = await finish(account, await waiting(ask({ TimeoutSeconds: 2 }, { ms: 20_000 })));
    const events = types(execution);
    await account.clock.runUntil(account.clock.now() + 60_000);
    expect(types(execution)).toEqual(events);
    expect(events.slice(3)).toEqual(['TaskStarted', 'TaskTimedOut', 'ExecutionFailed']);
  });

  it.each<[string, Record<string, Json>]>([
    ['no time at all', { TimeoutSeconds: '{% 0 %}' }],
    ['a heartbeat above the time-out', { TimeoutSeconds: '{% 30 %}', HeartbeatSeconds: '{% 30 %}' }],
    ['text', { HeartbeatSeconds: "{% 'often' %}" }],
  ])('refuses %s', async (_, fields) => {
    expect(await waiting(ask(fields))).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  it('refuses a definition whose heartbeat is not below its time-out', () => {
    const states = ask({ TimeoutSeconds: 30, HeartbeatSeconds: 30 });
    expect(() => addMachine(account, states)).toThrow('HeartbeatSeconds (30) must be smaller than TimeoutSeconds (30)');
  });
});

describe('answers to a token', () => {
  it('the first one counts', async () => {
    const execution = await waiting(ask());
    const token = lastToken(execution);
    await succeed(token);
    await expect(succeed(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await expect(fail(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await expect(beat(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it.each([
    ['nonsense', 'abc', 'InvalidToken'],
    ['a token of another account', '', 'TaskDoesNotExist'],
  ])('%s', async (_, text, name) => {
    const token = text || newAccount(7).states.tokens.issue(machineArn, () => true).token;
    for (const answer of [succeed(token), fail(token), beat(token)])
      await expect(answer).rejects.toMatchObject({ name });
  });

  it('refuses output that is no JSON, or too much, and still waits', async () => {
    const execution = await waiting(ask());
    const token = lastToken(execution);
    await expect(succeed(token, '{')).rejects.toMatchObject({ name: 'InvalidOutput' });
    await expect(succeed(token, JSON.stringify('x'.repeat(262_143)))).rejects.toMatchObject({ name: 'InvalidOutput' });
    await succeed(token);
    expect((await finish(account, execution)).status).toBe('SUCCEEDED');
  });

  it('need the permission on the state machine', async () => {
    const execution = await waiting(ask());
    const as = (name: string, resource: string) =>
      new SFNClient(clientConfig(account, addRole(account, name, [['states:SendTaskSuccess'], [resource]])));
    const refused = succeed(lastToken(execution), '{}', as('other', `${machineArn}-other`));
    await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await succeed(lastToken(execution), '{}', as('answer', machineArn));
    expect((await finish(account, execution)).output).toBe('{}');
  });

  it('come too late for an execution that was stopped', async () => {
    const execution = await waiting(ask());
    await drive(account, client.send(new StopExecutionCommand({ executionArn: execution.arn, error: 'Operator' })));
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Operator' });
    await expect(succeed(lastToken(execution))).rejects.toMatchObject({ name: 'TaskTimedOut' });
    expect(types(execution).slice(-2)).toEqual(['TaskSubmitted', 'ExecutionAborted']);
  });
});

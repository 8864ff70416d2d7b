import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
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

const day = 86_400_000;

/** Counts its invocations; fails the first `failTimes`. */
const source = `
  let calls = 0;
  export const handler = async (event) => {
    calls += 1;
    if (event.failTimes >= calls) throw Object.assign(new Error('attempt ' + calls), { name: 'Broken' });
    return { calls, ...event };
  };`;

const call: Record<string, Json> = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f', Payload: { failTimes: '{% $states.input.failTimes %}', kept: '{% $kept %}' } },
  Output: {
    payload: '{% $states.result.Payload %}',
    execution: '{% $states.context.Execution %}',
    state: '{% $states.context.State %}',
  },
  End: true,
};

const states = {
  Remember: { Type: 'Pass', Assign: { kept: 'as it was' }, Next: 'Call' },
  Call: call,
};

let account: SimulatedAccount;
let client: SFNClient;

beforeEach(() => {
  account = newAccount();
  addFunction(account, 'f', source);
  client = new SFNClient(clientConfig(account));
});

const redrive = ({ arn }: Execution, clientToken?: string, by = client) =>
  drive(account, by.send(new RedriveExecutionCommand({ executionArn: arn, clientToken })));
const described = ({ arn }: Execution) =>
  drive(account, client.send(new DescribeExecutionCommand({ executionArn: arn })));
const types = ({ history }: Execution) => history.map(({ type }) => type);
const pass = (ms: number) => account.clock.runUntil(account.clock.now() + ms);

async function failed(input: Json = { failTimes: 1 }, machine: Record<string, Json> = states): Promise<Execution> {
  addMachine(account, machine);
  return finish(account, start(account, input));
}

describe('RedriveExecution', () => {
  it('goes on at the state that failed, with its input and the variables', async () => {
    const execution = await failed();
    expect(await described(execution)).toMatchObject({
      status: 'FAILED',
      redriveCount: 0,
      redriveStatus: 'REDRIVABLE',
    });
    const before = execution.history.length;
    await pass(60_000);
    const { redriveDate } = await redrive(execution);
    const running = await described(execution);
    expect(running).toMatchObject({
      status: 'RUNNING',
      redriveCount: 1,
      redriveDate,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
    });
    expect(running.stopDate).toBeUndefined();
    expect(running.error).toBeUndefined();
    await finish(account, execution);
    expect(JSON.parse(execution.output ?? '')).toMatchObject({
      payload: { calls: 2, kept: 'as it was' },
      execution: { Id: execution.arn, RedriveCount: 1, RedriveTime: redriveDate?.toISOString() },
      // The state was not entered again.
      state: { EnteredTime: '2026-11-20T03:00:00.050Z', RetryCount: 0 },
    });
    expect(types(execution).slice(before)).toEqual([
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(execution.history[before]).toMatchObject({
      previousEventId: before,
      executionRedrivenEventDetails: { redriveCount: 1 },
    });
    expect(types(execution).filter((type) => type === 'PassStateEntered')).toHaveLength(1);
    const reason = 'Execution is SUCCEEDED and cannot be redriven';
    expect(await described(execution)).toMatchObject({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason });
  });

  it('may be done again, and gives the state its retries again', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const execution = await failed({ failTimes: 5 }, { ...states, Call: { ...call, Retry } });
    await redrive(execution);
    await finish(account, execution);
    expect(execution).toMatchObject({ status: 'FAILED', redriveCount: 1, error: 'Broken' });
    await redrive(execution);
    await finish(account, execution);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', redriveCount: 2 });
    expect(types(execution).filter((type) => type === 'TaskFailed')).toHaveLength(5);
    expect(execution.error).toBeUndefined();
    const list = await drive(account, client.send(new ListExecutionsCommand({ stateMachineArn: machineArn })));
    expect(list.executions?.[0]).toMatchObject({ redriveCount: 2, redriveDate: new Date(execution.redriveMs ?? 0) });
  });

  it('enters a Fail state again, and fails again', async () => {
    const execution = await failed({}, { No: { Type: 'Fail', Error: 'halted' } });
    await redrive(execution);
    await finish(account, execution);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'halted' });
    expect(types(execution).slice(2)).toEqual([
      'ExecutionFailed',
      'ExecutionRedriven',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('starts the machine’s time-out anew, and nothing of before wakes up', async () => {
    const rest = { Rest: { Type: 'Wait', Timestamp: '2026-11-20T03:02:00Z', Next: 'End' }, End: { Type: 'Succeed' } };
    addMachine(account, rest, { TimeoutSeconds: 90 });
    const execution = await finish(account, start(account));
    expect(execution).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    await redrive(execution);
    await finish(account, execution);
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.stopMs).toBe(Date.UTC(2026, 10, 20, 3, 2) + 25);
    expect(types(execution).filter((type) => type === 'WaitStateExited')).toHaveLength(1);
  });

  it('gives a stopped task a new token; the old one stays closed', async () => {
    const token = '{% $states.context.Task.Token %}';
    addMachine(account, {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: 'f', Payload: { token } },
        End: true,
      },
    });
    const execution = start(account);
    await pass(5000);
    await drive(account, client.send(new StopExecutionCommand({ executionArn: execution.arn })));
    await redrive(execution);
    await pass(5000);
    const tokens = execution.history.flatMap(({ taskScheduledEventDetails: scheduled }) =>
      scheduled ? [(JSON.parse(scheduled.parameters ?? '') as { Payload: { token: string } }).Payload.token] : [],
    );
    const answer = (taskToken?: string) =>
      drive(account, client.send(new SendTaskSuccessCommand({ taskToken, output: '1' })));
    expect(tokens).toHaveLength(2);
    await expect(answer(tokens[0])).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await answer(tokens[1]);
    expect((await finish(account, execution)).output).toBe('1');
  });

  it('is idempotent by client token for a quarter of an hour', async () => {
    const execution = await failed({ failTimes: 9 });
    const first = await redrive(execution, 'one');
    await finish(account, execution);
    expect(await redrive(execution, 'one')).toMatchObject({ redriveDate: first.redriveDate });
    expect(execution.redriveCount).toBe(1);
    await pass(15 * 60_000);
    await redrive(execution, 'one');
    expect(execution.redriveCount).toBe(2);
  });

  it('forgets a client token after ten others of the same execution', async () => {
    const execution = await failed({ failTimes: 99 });
    for (let token = 0; token <= 10; token++) {
      await redrive(execution, `token-${token}`);
      await finish(account, execution);
    }
    await redrive(execution, 'token-1');
    expect(execution.redriveCount).toBe(11);
    await redrive(execution, 'token-0');
    expect(execution.redriveCount).toBe(12);
  });

  it.each<[string, Record<string, Json>, number, string]>([
    [
      'while it runs',
      { Rest: { Type: 'Wait', Seconds: 600, End: true } },
      0,
      'Execution is RUNNING and cannot be redriven',
    ],
    ['once it succeeded', { End: { Type: 'Succeed' } }, 1000, 'Execution is SUCCEEDED and cannot be redriven'],
    ['after 14 days', { No: { Type: 'Fail' } }, 14 * day + 1000, 'Execution redrivable period exceeded'],
  ])('is refused %s', async (_, machine, ms, reason) => {
    addMachine(account, machine);
    const execution = start(account);
    await pass(ms);
    await expect(redrive(execution)).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
      message: expect.stringContaining(reason),
    });
    expect(await described(execution)).toMatchObject({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason });
  });

  it('needs the permission on the execution', async () => {
    const execution = await failed();
    const as = (name: string, resource: string) =>
      new SFNClient(clientConfig(account, addRole(account, name, [['states:RedriveExecution'], [resource]])));
    await expect(redrive(execution, undefined, as('one', machineArn))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await redrive(execution, undefined, as('two', 'arn:aws:states:eu-west-1:111122223333:execution:test:*'));
    expect(execution.redriveCount).toBe(1);
  });

  it('tells the bus', async () => {
    const execution = await failed();
    await redrive(execution);
    await finish(account, execution);
    const events = account.events.received
      .filter((event) => event['detail-type'] === 'Step Functions Execution Status Change')
      .map(({ detail }) => detail);
    expect(events).toMatchObject([
      { status: 'RUNNING', redriveCount: 0, redriveDate: null, redriveStatus: 'NOT_REDRIVABLE' },
      { status: 'FAILED', redriveCount: 0, redriveStatus: 'REDRIVABLE', redriveStatusReason: null, error: 'Broken' },
      { status: 'RUNNING', redriveCount: 1, redriveDate: execution.redriveMs, stopDate: null, error: null },
      { status: 'SUCCEEDED', redriveCount: 1, stopDate: execution.stopMs },
    ]);
  });
});

import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedAccount } from '../../simulator/account.ts';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import { addRole, newAccount } from './account.ts';
import { addMachine, finish, machineArn, start } from './machines.ts';

const minute = { Rest: { Type: 'Wait', Seconds: 60, Next: 'End' }, End: { Type: 'Succeed', Output: { done: true } } };

let account: SimulatedAccount;
let client: SFNClient;

beforeEach(() => {
  account = newAccount();
  client = new SFNClient(clientConfig(account));
  addMachine(account, minute);
});

const startNamed = (name?: string, input = '{"a":1}') =>
  drive(account, client.send(new StartExecutionCommand({ stateMachineArn: machineArn, name, input })));

describe('StartExecution', () => {
  it('answers with ARN and date, and the execution runs', async () => {
    const { executionArn = '', startDate } = await startNamed('first');
    expect(executionArn).toBe('arn:aws:states:eu-west-1:111122223333:execution:test:first');
    expect(startDate?.toISOString()).toBe('2026-11-20T03:00:00.020Z');
    const execution = await finish(account, account.states.execution(executionArn));
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}' });
  });

  it('makes up a name', async () => {
    expect((await startNamed()).executionArn).toMatch(/:test:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
  });

  it('is idempotent while it runs, for the same name and input', async () => {
    const first = await startNamed('once');
    expect(await startNamed('once')).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    expect(account.states.executions.length).toBe(1);
  });

  it('refuses the name for another input', async () => {
    await startNamed('once');
    await expect(startNamed('once', '{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it('refuses the name once it is over', async () => {
    const { executionArn = '' } = await startNamed('once');
    await finish(account, account.states.execution(executionArn));
    await expect(startNamed('once')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it.each(['a b', 'a/b', 'x'.repeat(81), 'a:b', 'a*'])('refuses the name %j', async (name) => {
    await expect(startNamed(name)).rejects.toMatchObject({ name: 'InvalidName' });
  });

  it('refuses input that is no JSON, or too much', async () => {
    await expect(startNamed('x', '{')).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    const large = JSON.stringify('x'.repeat(262_143));
    await expect(startNamed('x', large)).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  });

  it('refuses a machine that is not there', async () => {
    const command = new StartExecutionCommand({ stateMachineArn: `${machineArn}-not` });
    await expect(drive(account, client.send(command))).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  it('needs states:StartExecution on the machine', async () => {
    const role = addRole(account, 'starter', [['states:StartExecution'], [`${machineArn}-other`]]);
    const other = new SFNClient(clientConfig(account, role));
    const refused = drive(account, other.send(new StartExecutionCommand({ stateMachineArn: machineArn })));
    await expect(refused).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) });
    expect(account.states.executions).toEqual([]);
  });
});

describe('reading executions', () => {
  it('DescribeExecution tells status, output and dates', async () => {
    const { executionArn } = await startNamed('first');
    const describe = () => drive(account, client.send(new DescribeExecutionCommand({ executionArn })));
    expect(await describe()).toMatchObject({ status: 'RUNNING', name: 'first', input: '{"a":1}' });
    await finish(account, account.states.execution(executionArn ?? ''));
    const { status, output, startDate, stopDate } = await describe();
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: '{"done":true}' });
    expect(Number(stopDate) - Number(startDate)).toBe(60_050);
  });

  it('GetExecutionHistory pages, in either order', async () => {
    const execution = await finish(account, start(account));
    const page = (nextToken?: string, reverseOrder = false) =>
      drive(
        account,
        client.send(
          new GetExecutionHistoryCommand({ executionArn: execution.arn, maxResults: 4, nextToken, reverseOrder }),
        ),
      );
    const first = await page();
    const second = await page(first.nextToken);
    expect([...(first.events ?? []), ...(second.events ?? [])].map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(second.nextToken).toBeUndefined();
    expect(first.events?.[1]).toEqual({
      timestamp: new Date('2026-11-20T03:00:00.025Z'),
      type: 'WaitStateEntered',
      id: 2,
      previousEventId: 0,
      stateEnteredEventDetails: { name: 'Rest', input: '{}', inputDetails: { truncated: false } },
    });
    expect((await page(undefined, true)).events?.[0]?.type).toBe('ExecutionSucceeded');
  });

  it('ListExecutions lists the newest first and filters by status', async () => {
    await finish(account, start(account, {}, 'one'));
    start(account, {}, 'two');
    const list = (statusFilter?: 'RUNNING') =>
      drive(account, client.send(new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter })));
    expect((await list()).executions?.map(({ name }) => name)).toEqual(['two', 'one']);
    expect((await list('RUNNING')).executions?.map(({ name }) => name)).toEqual(['two']);
  });

  it('DescribeStateMachine gives the definition', async () => {
    const answer = await drive(account, client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn })));
    expect(answer).toMatchObject({ name: 'test', type: 'STANDARD', status: 'ACTIVE' });
    expect(JSON.parse(answer.definition ?? '')).toMatchObject({ StartAt: 'Rest' });
  });
});

describe('reading state machines and lists', () => {
  it('DescribeStateMachineForExecution gives the machine of an execution', async () => {
    const { arn } = start(account);
    const command = new DescribeStateMachineForExecutionCommand({ executionArn: arn });
    const answer = await drive(account, client.send(command));
    expect(answer).toMatchObject({
      stateMachineArn: machineArn,
      name: 'test',
      updateDate: new Date('2026-11-20T03:00:00Z'),
    });
    expect(JSON.parse(answer.definition ?? '')).toMatchObject({ StartAt: 'Rest' });
  });

  it('ListStateMachines pages through all of them', async () => {
    const { definition, roleArn } = account.states.stateMachine(machineArn);
    account.states.createStateMachine({ arn: `${machineArn}-reap`, name: 'test-reap', roleArn, definition });
    const list = (nextToken?: string) =>
      drive(account, client.send(new ListStateMachinesCommand({ maxResults: 1, nextToken })));
    const first = await list();
    const second = await list(first.nextToken);
    const found = [...(first.stateMachines ?? []), ...(second.stateMachines ?? [])];
    expect(found).toMatchObject([
      { stateMachineArn: machineArn, name: 'test', type: 'STANDARD' },
      { stateMachineArn: `${machineArn}-reap`, name: 'test-reap', type: 'STANDARD' },
    ]);
    expect(second.nextToken).toBeUndefined();
  });

  it('ListExecutions pages', async () => {
    for (const name of ['one', 'two', 'three']) start(account, {}, name);
    const list = (nextToken?: string) =>
      drive(account, client.send(new ListExecutionsCommand({ stateMachineArn: machineArn, maxResults: 2, nextToken })));
    const first = await list();
    const second = await list(first.nextToken);
    expect(first.executions?.map(({ name }) => name)).toEqual(['three', 'two']);
    expect(second).toMatchObject({ executions: [{ name: 'one', redriveCount: 0 }] });
    expect(second.nextToken).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['more than a page can hold', { stateMachineArn: machineArn, maxResults: 1001 }, 'ValidationException'],
    ['a token that is none', { stateMachineArn: machineArn, nextToken: 'x' }, 'InvalidToken'],
    ['a filter for Map Runs', { stateMachineArn: machineArn, statusFilter: 'PENDING_REDRIVE' }, 'ValidationException'],
    ['what is no ARN', { stateMachineArn: 'test' }, 'InvalidArn'],
  ])('ListExecutions refuses %s', async (_, input, name) => {
    await expect(drive(account, client.send(new ListExecutionsCommand(input)))).rejects.toMatchObject({ name });
  });
});

describe('StopExecution', () => {
  it('ends it at once; nothing of it continues', async () => {
    const { executionArn = '' } = await startNamed('first');
    await account.clock.runUntil(account.clock.now() + 10_000);
    const stop = new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'enough' });
    const { stopDate } = await drive(account, client.send(stop));
    const execution = account.states.execution(executionArn);
    expect(execution).toMatchObject({
      status: 'ABORTED',
      error: 'Operator',
      cause: 'enough',
      stopMs: Number(stopDate),
    });
    await account.clock.runUntil(account.clock.now() + 120_000);
    expect(execution.history.at(-1)?.type).toBe('ExecutionAborted');
  });
});

describe('events', () => {
  const statuses = () =>
    account.events.received
      .filter((event) => event['detail-type'] === 'Step Functions Execution Status Change')
      .map(({ resources, detail }) => ({ resources, ...(detail as { status: string; output: string | null }) }));

  it('tell the bus when an execution starts and ends', async () => {
    const execution = await finish(account, start(account, { a: 1 }));
    expect(statuses()).toMatchObject([
      { resources: [execution.arn], status: 'RUNNING', input: '{"a":1}', output: null, stopDate: null },
      { resources: [execution.arn], status: 'SUCCEEDED', output: '{"done":true}', stopDate: execution.stopMs },
    ]);
  });

  it('say whether it may be redriven, and leave out data above 248 KiB', async () => {
    addMachine(account, { Wide: { Type: 'Pass', Output: '{% $states.input %}', Next: 'No' }, No: { Type: 'Fail' } });
    const execution = await finish(account, start(account, { a: 'x'.repeat(255_000) }));
    expect(execution.status).toBe('FAILED');
    expect(statuses()).toMatchObject([
      { status: 'RUNNING', input: null, inputDetails: { included: false }, redriveStatus: 'NOT_REDRIVABLE' },
      { status: 'FAILED', output: null, outputDetails: null, redriveStatus: 'REDRIVABLE', redriveStatusReason: null },
    ]);
    expect(statuses()[0]).toMatchObject({ redriveStatusReason: 'Execution is RUNNING and cannot be redriven' });
  });

  it('tell of stops too', async () => {
    const execution = start(account);
    execution.abort(undefined, undefined);
    expect(statuses().map(({ status }) => status)).toEqual(['RUNNING', 'ABORTED']);
    await account.clock.runUntil(account.clock.now() + 120_000);
    expect(execution.history.map(({ type }) => type)).toEqual(['ExecutionStarted', 'ExecutionAborted']);
  });
});

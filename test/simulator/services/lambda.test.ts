import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetFunctionUrlConfigCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { addRole, newAccount, roleArn } from '../account.ts';
import { addFunction } from '../functions.ts';

const source = `
  let calls = 0;
  export const handler = async (event) => {
    calls += 1;
    console.log('call ' + calls);
    if (event.fail) throw Object.assign(new Error('as told'), { name: 'Told' });
    return { calls, event };
  };`;

let account: SimulatedAccount;
let client: LambdaClient;
let arn: string;

beforeEach(() => {
  account = newAccount();
  arn = addFunction(account, 'f', source, { reservedConcurrency: 2, environment: { STAGE: 'test' } });
  account.lambda.publishVersion(arn);
  account.lambda.createAlias(arn, 'live', '1');
  client = new LambdaClient(clientConfig(account));
});

async function invoke(input: Partial<InvokeCommandInput> & { readonly event?: unknown }, by = client) {
  const { event, ...rest } = input;
  const payloadOf = event === undefined ? {} : { Payload: JSON.stringify(event) };
  const answer = await drive(account, by.send(new InvokeCommand({ FunctionName: 'f', ...payloadOf, ...rest })));
  const payload = answer.Payload?.byteLength ? JSON.parse(answer.Payload.transformToString()) : undefined;
  return { ...answer, payload };
}

describe('Invoke', () => {
  it.each<[string, object, string]>([
    ['a name', { FunctionName: 'f' }, '$LATEST'],
    ['a name with a version', { FunctionName: 'f:1' }, '1'],
    ['a qualifier', { FunctionName: 'f', Qualifier: 'live' }, '1'],
    ['an ARN', { FunctionName: 'arn:aws:lambda:eu-west-1:111122223333:function:f:live' }, '1'],
    ['half an ARN', { FunctionName: '111122223333:function:f' }, '$LATEST'],
    ['both, where they agree', { FunctionName: 'f:live', Qualifier: 'live' }, '1'],
  ])('by %s', async (_, input, version) => {
    const answer = await invoke({ ...input, event: { a: 1 } });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: version, payload: { calls: 1, event: { a: 1 } } });
    expect(answer.FunctionError).toBeUndefined();
  });

  it('without a payload hands over an empty event', async () => {
    expect((await invoke({})).payload).toEqual({ calls: 1, event: {} });
  });

  it('tells a function’s own error in the answer', async () => {
    const answer = await invoke({ event: { fail: true }, LogType: 'Tail' });
    expect(answer).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      payload: { errorType: 'Told', errorMessage: 'as told' },
    });
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toMatch(/^START RequestId: .*\n.*call 1\nEND/);
  });

  it('as an event answers at once, and runs afterwards', async () => {
    const answer = await invoke({ event: {}, InvocationType: 'Event' });
    expect(answer).toMatchObject({ StatusCode: 202, payload: undefined });
    expect(account.lambda.invocations).toHaveLength(0);
    await account.clock.runUntil(account.clock.now() + 5000);
    expect(account.lambda.invocations).toHaveLength(1);
  });

  it('as a dry run only checks', async () => {
    expect(await invoke({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
    await expect(invoke({ InvocationType: 'DryRun', FunctionName: 'g' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(account.lambda.invocations).toHaveLength(0);
  });

  it.each<[string, object, string]>([
    ['a function that is not there', { FunctionName: 'g' }, 'ResourceNotFoundException'],
    ['an alias that is not there', { Qualifier: 'no' }, 'ResourceNotFoundException'],
    ['two qualifiers', { FunctionName: 'f:1', Qualifier: 'live' }, 'InvalidParameterValueException'],
    ['a payload that is no JSON', { Payload: Buffer.from('{') }, 'InvalidRequestContentException'],
  ])('refuses %s', async (_, input, name) => {
    await expect(invoke(input)).rejects.toMatchObject({ name });
  });

  it('answers 429 when its concurrency is used up', async () => {
    const sent = [1, 2, 3].map(() => client.send(new InvokeCommand({ FunctionName: 'f' })));
    const ends = await drive(account, Promise.allSettled(sent));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    const refused = ends.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    });
  });

  it('needs lambda:InvokeFunction of the caller, on what it named', async () => {
    const as = (name: string, resource: string) =>
      new LambdaClient(clientConfig(account, addRole(account, name, [['lambda:InvokeFunction'], [resource]])));
    const alias = as('alias', `${arn}:live`);
    expect(await invoke({ Qualifier: 'live' }, alias)).toMatchObject({ ExecutedVersion: '1' });
    await expect(invoke({}, alias)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `is not authorized to perform: lambda:InvokeFunction on resource: ${arn} because`,
      ),
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('or of the function’s own policy', async () => {
    const other = new LambdaClient(clientConfig(account, addRole(account, 'other')));
    account.lambda.permissions.add(arn, { action: 'lambda:InvokeFunction', principal: roleArn('other') });
    expect(await invoke({}, other)).toMatchObject({ StatusCode: 200 });
    // A service's permission is no caller's.
    account.lambda.permissions.add(`${arn}:live`, {
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
    });
    await expect(invoke({ Qualifier: 'live' }, other)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('reading functions', () => {
  it('GetFunctionConfiguration and GetFunction', async () => {
    const configuration = await drive(
      account,
      client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f:1' })),
    );
    const expected = {
      FunctionName: 'f',
      FunctionArn: `${arn}:1`,
      Version: '1',
      Handler: 'index.handler',
      Timeout: 60,
      MemorySize: 512,
      Environment: { Variables: { STAGE: 'test' } },
    };
    expect(configuration).toMatchObject(expected);
    const found = await drive(account, client.send(new GetFunctionCommand({ FunctionName: 'f', Qualifier: '1' })));
    expect(found).toMatchObject({ Configuration: expected, Concurrency: { ReservedConcurrentExecutions: 2 } });
  });

  it('GetFunctionUrlConfig, of the alias the URL belongs to', async () => {
    const { url } = account.lambda.urls.create(`${arn}:live`, 'AWS_IAM');
    const get = (Qualifier?: string) =>
      drive(account, client.send(new GetFunctionUrlConfigCommand({ FunctionName: 'f', Qualifier })));
    expect(await get('live')).toMatchObject({
      FunctionUrl: url,
      FunctionArn: `${arn}:live`,
      AuthType: 'AWS_IAM',
      InvokeMode: 'BUFFERED',
      CreationTime: '2026-11-20T03:00:00.000Z',
    });
    expect(url).toMatch(/^https:\/\/[a-z0-9]{32}\.lambda-url\.eu-west-1\.on\.aws\/$/);
    await expect(get()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('what is not simulated is reported by its name', async () => {
    const refused = drive(account, client.send(new ListFunctionsCommand({})));
    await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(account.unknownOperations).toEqual(['lambda:ListFunctions']);
  });
});

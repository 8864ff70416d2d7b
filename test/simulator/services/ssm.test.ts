import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { beforeEach, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { addRole, newAccount } from '../account.ts';

let account: SimulatedAccount;
let client: SSMClient;

beforeEach(() => {
  account = newAccount();
  client = new SSMClient(clientConfig(account));
});

const run = <T>(call: Promise<T>): Promise<T> => drive(account, call);
const name = '/backstep/production/services/checkout';

test('a parameter is read by name, by ARN and by version', async () => {
  account.ssm.putParameter({ name, value: 'one' });
  account.ssm.putParameter({ name, value: 'two' });
  const read = async (Name: string) => (await run(client.send(new GetParameterCommand({ Name })))).Parameter;
  const ARN = `arn:aws:ssm:eu-west-1:111122223333:parameter${name}`;
  expect(await read(name)).toMatchObject({ Name: name, Value: 'two', Version: 2, ARN, Type: 'String' });
  expect(await read(ARN)).toMatchObject({ Value: 'two' });
  expect(await read(`${name}:1`)).toMatchObject({ Value: 'one', Version: 1 });
  await expect(read('/other')).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

test('several at once name the missing ones', async () => {
  account.ssm.putParameter({ name, value: 'one' });
  const answer = await run(client.send(new GetParametersCommand({ Names: [name, '/other'] })));
  expect(answer.Parameters?.map((one) => one.Value)).toEqual(['one']);
  expect(answer.InvalidParameters).toEqual(['/other']);
});

test('a path is listed in pages, one level deep or all the way', async () => {
  for (const part of ['a', 'b', 'c', 'd/e']) account.ssm.putParameter({ name: `/x/${part}`, value: part });
  account.ssm.putParameter({ name: '/xy', value: 'no' });
  const list = async (more: object) => run(client.send(new GetParametersByPathCommand({ Path: '/x', ...more })));
  expect((await list({})).Parameters?.map((one) => one.Name)).toEqual(['/x/a', '/x/b', '/x/c']);
  const first = await list({ Recursive: true, MaxResults: 3 });
  const second = await list({ Recursive: true, MaxResults: 3, NextToken: first.NextToken });
  expect(second.Parameters?.map((one) => one.Name)).toEqual(['/x/d/e']);
  expect(second.NextToken).toBeUndefined();
});

test('putting refuses to overwrite unasked, and more than 4 KB', async () => {
  const put = (Value: string, more: object = {}) =>
    run(client.send(new PutParameterCommand({ Name: name, Value, Type: 'String', ...more })));
  expect(await put('one')).toMatchObject({ Version: 1, Tier: 'Standard' });
  await expect(put('two')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  expect(await put('x'.repeat(4096), { Overwrite: true })).toMatchObject({ Version: 2 });
  await expect(put('x'.repeat(4097), { Overwrite: true })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('4096 characters'),
  });
});

test('reading is authorized per parameter', async () => {
  account.ssm.putParameter({ name, value: 'one' });
  const ARN = 'arn:aws:ssm:eu-west-1:111122223333:parameter/backstep/production/*';
  const limited = new SSMClient(clientConfig(account, addRole(account, 'reader', [['ssm:GetParameter'], [ARN]])));
  await expect(run(limited.send(new GetParameterCommand({ Name: name })))).resolves.toBeDefined();
  await expect(run(limited.send(new GetParameterCommand({ Name: '/backstep/staging/x' })))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('parameter/backstep/staging/x'),
  });
});

test('parameters are described by name, with their versions and without their values', async () => {
  for (const value of ['one', 'two']) account.ssm.putParameter({ name, value });
  account.ssm.putParameter({ name: 'plain', value: 'three' });
  account.ssm.putParameter({ name: '/other', value: 'four' });
  const describeBy = (Values: string[], more: object = {}) =>
    run(client.send(new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Values }], ...more })));
  const { Parameters: found = [] } = await describeBy([name, 'plain', '/gone']);
  expect(found.map(({ Name, Version }) => [Name, Version])).toEqual([
    [name, 2],
    ['plain', 1],
  ]);
  expect(JSON.stringify(found)).not.toMatch(/one|two|three/);
  const page = await describeBy([name, 'plain'], { MaxResults: 1 });
  expect(page.Parameters).toHaveLength(1);
  expect((await describeBy([name, 'plain'], { NextToken: page.NextToken })).Parameters?.[0]?.Name).toBe('plain');
  await expect(describeBy(Array.from({ length: 51 }, String))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('describing parameters needs leave for all of them', async () => {
  const own = new SSMClient(
    clientConfig(
      account,
      addRole(account, 'own', [['ssm:DescribeParameters'], [`arn:aws:ssm:eu-west-1:111122223333:parameter${name}`]]),
    ),
  );
  const all = new SSMClient(clientConfig(account, addRole(account, 'all', [['ssm:DescribeParameters'], ['*']])));
  await expect(run(own.send(new DescribeParametersCommand({})))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  await expect(run(all.send(new DescribeParametersCommand({})))).resolves.toMatchObject({ Parameters: [] });
});

import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { buildWorld } from '../../../simulator/world/spec.ts';
import { addRole, newAccount } from '../account.ts';

let account: SimulatedAccount;
let client: SecretsManagerClient;
const first = '00000000-0000-4000-8000-000000000001';
const second = '00000000-0000-4000-8000-000000000002';
const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbCdEf';

beforeEach(() => {
  account = newAccount();
  buildWorld(account, { secrets: [{ name: 'shop/db', suffix: 'AbCdEf', versionId: first }] });
  client = new SecretsManagerClient(clientConfig(account));
});

const describeSecret = (SecretId: string, by = client) =>
  drive(account, by.send(new DescribeSecretCommand({ SecretId })));

test.each([
  ['its name', 'shop/db'],
  ['its ARN', arn],
  ['its ARN without the six characters', arn.slice(0, -7)],
])('a secret is described by %s, without a value', async (_which, id) => {
  const found = await describeSecret(id);
  expect(found).toMatchObject({ ARN: arn, Name: 'shop/db', VersionIdsToStages: { [first]: ['AWSCURRENT'] } });
  expect(found).not.toHaveProperty('SecretString');
});

test('a new version is the current one, and only two are shown', async () => {
  account.secrets.rotate('shop/db', second);
  expect((await describeSecret(arn)).VersionIdsToStages).toEqual({
    [first]: ['AWSPREVIOUS'],
    [second]: ['AWSCURRENT'],
  });
  const third = account.secrets.rotate('shop/db');
  expect((await describeSecret(arn)).VersionIdsToStages).toEqual({
    [second]: ['AWSPREVIOUS'],
    [third]: ['AWSCURRENT'],
  });
});

test('one that was deleted says so, and one that is not there is not found', async () => {
  account.secrets.find(arn).deletedMs = account.clock.now();
  expect((await describeSecret(arn)).DeletedDate).toEqual(new Date(Date.UTC(2026, 10, 20, 3)));
  await expect(describeSecret('other')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
});

test('describing is authorized per secret, and reading a value is not simulated', async () => {
  const role = addRole(account, 'reader', [['secretsmanager:DescribeSecret'], [arn]]);
  const reader = new SecretsManagerClient(clientConfig(account, role));
  await expect(describeSecret('shop/db', reader)).resolves.toBeDefined();
  await expect(describeSecret('other', reader)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('secretsmanager:DescribeSecret'),
  });
  await expect(drive(account, client.send(new GetSecretValueCommand({ SecretId: arn })))).rejects.toMatchObject({
    name: 'UnknownOperationException',
  });
});

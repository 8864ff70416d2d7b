import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { accountId, addRole, newAccount, region, roleArn } from '../account.ts';

const keyId = '1234abcd-12ab-34cd-56ef-1234567890ab';
const arn = `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
const context = { service: 'checkout', rollbackId: 'r1' };
const plain = Buffer.from('a task token');

/** What the CDK writes by default: IAM decides. */
const delegating = {
  Effect: 'Allow',
  Action: 'kms:*',
  Resource: '*',
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
};

let account: SimulatedAccount;
let client: KMSClient;

beforeEach(() => {
  account = withKey([delegating]);
  client = new KMSClient(clientConfig(account));
});

function withKey(statements: readonly object[], seed = 1): SimulatedAccount {
  const made = newAccount(seed);
  made.kms.createKey({ arn, policy: { Statement: statements as never }, description: 'task tokens' });
  made.kms.createAlias('alias/backstep', keyId);
  return made;
}

const encrypt = (KeyId = keyId, by = client, EncryptionContext = context, Plaintext: Uint8Array = plain) =>
  drive(account, by.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext })));
const decrypt = (
  CiphertextBlob: Uint8Array | undefined,
  EncryptionContext: Record<string, string> = context,
  by = client,
) => drive(account, by.send(new DecryptCommand({ CiphertextBlob, EncryptionContext })));
const as = (name: string, ...grants: Parameters<typeof addRole>[2][]) =>
  new KMSClient(clientConfig(account, addRole(account, name, ...grants)));

describe('Encrypt and Decrypt', () => {
  it.each([keyId, arn, 'alias/backstep', `arn:aws:kms:${region}:${accountId}:alias/backstep`])('by %s', async (id) => {
    const { CiphertextBlob, KeyId, EncryptionAlgorithm } = await encrypt(id);
    expect({ KeyId, EncryptionAlgorithm }).toEqual({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    expect(Buffer.from(CiphertextBlob ?? []).includes(plain)).toBe(false);
    const back = await decrypt(CiphertextBlob, { rollbackId: 'r1', service: 'checkout' });
    expect(back.KeyId).toBe(arn);
    expect(Buffer.from(back.Plaintext ?? [])).toEqual(plain);
  });

  it('the same seed gives the same ciphertext, and the same text another one each time', async () => {
    const [one, two] = [await encrypt(), await encrypt()].map(({ CiphertextBlob }) =>
      Buffer.from(CiphertextBlob ?? []),
    );
    expect(two).not.toEqual(one);
    const first = async (seed: number) => {
      const other = withKey([delegating], seed);
      const command = new EncryptCommand({ KeyId: keyId, Plaintext: plain, EncryptionContext: context });
      const { CiphertextBlob } = await drive(other, new KMSClient(clientConfig(other)).send(command));
      return Buffer.from(CiphertextBlob ?? []);
    };
    expect(await first(1)).toEqual(one);
    expect(await first(2)).not.toEqual(one);
  });

  it.each<[string, (blob: Buffer) => Uint8Array, Record<string, string>]>([
    ['another encryption context', (blob) => blob, { service: 'basket', rollbackId: 'r1' }],
    ['no encryption context', (blob) => blob, {}],
    [
      'a changed ciphertext',
      (blob) => Buffer.concat([blob.subarray(0, -1), Buffer.from([(blob.at(-1) ?? 0) ^ 1])]),
      context,
    ],
    ['half a ciphertext', (blob) => blob.subarray(0, 30), context],
    ['something else', () => Buffer.from('no ciphertext'), context],
  ])('%s is InvalidCiphertextException', async (_, change, EncryptionContext) => {
    const { CiphertextBlob } = await encrypt();
    const refused = decrypt(change(Buffer.from(CiphertextBlob ?? [])), EncryptionContext);
    await expect(refused).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('refuses another key than the one that encrypted', async () => {
    const other = `${arn.slice(0, -2)}ff`;
    account.kms.createKey({ arn: other, policy: { Statement: [delegating] as never } });
    const { CiphertextBlob } = await encrypt();
    const command = new DecryptCommand({ KeyId: other, CiphertextBlob, EncryptionContext: context });
    await expect(drive(account, client.send(command))).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });

  it.each([
    ['nothing', 0],
    ['more than 4,096 bytes', 4097],
  ])('refuses %s', async (_, bytes) => {
    await expect(encrypt(keyId, client, context, Buffer.alloc(bytes))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it.each(['nobody', 'alias/nobody'])('knows no key %s', async (id) => {
    await expect(encrypt(id)).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});

describe('GenerateDataKey', () => {
  const generate = (input: object) =>
    drive(account, client.send(new GenerateDataKeyCommand({ KeyId: keyId, EncryptionContext: context, ...input })));

  it.each<[object, number]>([
    [{ KeySpec: 'AES_256' }, 32],
    [{ KeySpec: 'AES_128' }, 16],
    [{ NumberOfBytes: 64 }, 64],
  ])('%j', async (input, bytes) => {
    const { Plaintext, CiphertextBlob } = await generate(input);
    expect(Plaintext?.byteLength).toBe(bytes);
    expect(Buffer.from((await decrypt(CiphertextBlob)).Plaintext ?? [])).toEqual(Buffer.from(Plaintext ?? []));
  });

  it('needs to know how much', async () => {
    await expect(generate({})).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('a disabled key', () => {
  it('is described, and used by nobody until it is enabled', async () => {
    const { CiphertextBlob } = await encrypt();
    await drive(account, client.send(new DisableKeyCommand({ KeyId: keyId })));
    const { KeyMetadata } = await drive(account, client.send(new DescribeKeyCommand({ KeyId: 'alias/backstep' })));
    expect(KeyMetadata).toMatchObject({
      Arn: arn,
      KeyId: keyId,
      Enabled: false,
      KeyState: 'Disabled',
      Description: 'task tokens',
    });
    const refused = { name: 'DisabledException', message: `${arn} is disabled.` };
    await expect(encrypt()).rejects.toMatchObject(refused);
    await expect(decrypt(CiphertextBlob)).rejects.toMatchObject(refused);
    await drive(account, client.send(new EnableKeyCommand({ KeyId: keyId })));
    expect(Buffer.from((await decrypt(CiphertextBlob)).Plaintext ?? [])).toEqual(plain);
  });
});

describe('who may use a key', () => {
  const denied = { name: 'AccessDeniedException' };

  it('whoever IAM lets, where the policy leaves it to the account', async () => {
    const writer = as('writer', [['kms:Encrypt'], [arn]]);
    const { CiphertextBlob } = await encrypt(keyId, writer);
    await expect(decrypt(CiphertextBlob, context, writer)).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining('because no identity-based policy allows the kms:Decrypt action'),
    });
    expect(account.calls.at(-1)).toMatchObject({ service: 'kms', operation: 'Decrypt', resources: [arn] });
  });

  it('nobody by IAM alone', async () => {
    account = withKey([{ ...delegating, Action: 'kms:DescribeKey' }]);
    await expect(encrypt(keyId, as('writer', [['kms:*'], ['*']]))).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining('because no resource-based policy allows the kms:Encrypt action'),
    });
  });

  it('a role that the policy names, without a policy of its own', async () => {
    account = withKey([
      { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*', Principal: { AWS: roleArn('named') } },
    ]);
    expect((await encrypt(keyId, as('named'))).KeyId).toBe(arn);
    await expect(encrypt(keyId, as('other', [['kms:Encrypt'], [arn]]))).rejects.toMatchObject(denied);
  });

  it('not a role that the policy denies', async () => {
    account = withKey([delegating, { ...delegating, Effect: 'Deny', Principal: { AWS: roleArn('barred') } }]);
    await expect(encrypt(keyId, as('barred', [['kms:*'], ['*']]))).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
  });

  it('only with the encryption context that a policy asks for', async () => {
    const role = addRole(account, 'answer');
    const Condition = { StringEquals: { 'kms:EncryptionContext:service': 'checkout' } };
    const Statement = [{ Effect: 'Allow' as const, Action: 'kms:Decrypt', Resource: arn, Condition }];
    account.iam.addPolicy(role, { Statement });
    const reader = new KMSClient(clientConfig(account, role));
    const ours = await encrypt();
    const theirs = await encrypt(keyId, client, { ...context, service: 'basket' });
    expect((await decrypt(ours.CiphertextBlob, context, reader)).KeyId).toBe(arn);
    await expect(decrypt(theirs.CiphertextBlob, { ...context, service: 'basket' }, reader)).rejects.toMatchObject(
      denied,
    );
  });
});

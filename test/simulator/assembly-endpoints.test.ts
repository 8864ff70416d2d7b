/** Keys and function URLs as the CDK writes them, deployed and used. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  Code,
  FunctionUrlAuthType,
  InvokeMode,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { expect, it } from 'vitest';
import { deployAssembly } from '../../simulator/assembly/deploy.ts';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import { accountId, newAccount, region, roleArn } from './account.ts';
import { bundle } from './functions.ts';

async function deploy(build: (stack: Stack) => void) {
  const app = new App({ analyticsReporting: false, outdir: mkdtempSync(join(tmpdir(), 'backstep-assembly-')) });
  build(new Stack(app, 'Shop', { env: { account: accountId, region } }));
  const account = newAccount();
  const stack = await drive(account, deployAssembly(account, app.synth().directory));
  return { account, outputs: stack.outputs };
}

const addLambda = (stack: Stack): LambdaFunction =>
  new LambdaFunction(stack, 'Answer', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(
      bundle(`export const handler = async (event) => event.requestContext.authorizer.iam.userArn;`),
    ),
  });

it('a function URL lets in whoever was granted it, and nobody else', async () => {
  const { account, outputs } = await deploy((stack) => {
    const live = new Alias(stack, 'Live', { aliasName: 'live', version: addLambda(stack).currentVersion as IVersion });
    const url = live.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    for (const name of ['oncall', 'other']) {
      const role = new Role(stack, name, { roleName: name, assumedBy: new AccountRootPrincipal() });
      if (name === 'oncall') {
        url.grantInvokeUrl(role);
        live.grantInvoke(role);
      }
    }
    new CfnOutput(stack, 'Url', { value: url.url });
  });
  const { hostname } = new URL(outputs.Url ?? '');
  const ask = async (name: string) => {
    const { accessKeyId } = account.iam.credentialsFor(roleArn(name), 'ada');
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/${region}/lambda/aws4_request, Signature=0`;
    const sent = account.handle({ method: 'GET', hostname, path: '/', headers: { authorization }, body: undefined });
    const { status, body } = await drive(account, sent);
    return [status, Buffer.from(body).toString().slice(0, 60)];
  };
  expect(await ask('oncall')).toEqual([200, 'arn:aws:sts::111122223333:assumed-role/oncall/ada']);
  expect(await ask('other')).toEqual([403, '{"Message":"Forbidden. For troubleshooting Function URL auth']);
});

it('a URL that streams is refused', async () => {
  const streaming = deploy((stack) => {
    addLambda(stack).addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM, invokeMode: InvokeMode.RESPONSE_STREAM });
  });
  await expect(streaming).rejects.toThrow('the InvokeMode RESPONSE_STREAM is not implemented');
});

it('a key with its alias, and the rights the CDK granted on it', async () => {
  const { account } = await deploy((stack) => {
    const key = new Key(stack, 'Tokens', { alias: 'backstep/tokens', description: 'task tokens' });
    for (const name of ['writer', 'reader']) {
      const role = new Role(stack, name, { roleName: name, assumedBy: new AccountRootPrincipal() });
      if (name === 'writer') key.grantEncrypt(role);
      else key.grantDecrypt(role);
    }
  });
  const as = (name?: string) => new KMSClient(clientConfig(account, name === undefined ? undefined : roleArn(name)));
  const KeyId = 'alias/backstep/tokens';
  const { KeyMetadata } = await drive(account, as().send(new DescribeKeyCommand({ KeyId })));
  expect(KeyMetadata).toMatchObject({ Description: 'task tokens', Enabled: true });
  const encrypt = (by: KMSClient) =>
    drive(account, by.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('t') })));
  const { CiphertextBlob } = await encrypt(as('writer'));
  const decrypt = (by: KMSClient) => drive(account, by.send(new DecryptCommand({ CiphertextBlob })));
  expect(Buffer.from((await decrypt(as('reader'))).Plaintext ?? []).toString()).toBe('t');
  await expect(encrypt(as('reader'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(decrypt(as('writer'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

it('a key that is not symmetric is refused', async () => {
  const signing = deploy((stack) => {
    new Key(stack, 'Signing', { keySpec: KeySpec.ECC_NIST_P256, keyUsage: KeyUsage.SIGN_VERIFY });
  });
  await expect(signing).rejects.toThrow('the KeySpec ECC_NIST_P256 is not implemented');
});

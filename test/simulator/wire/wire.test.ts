import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeSSLPoliciesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetBucketAclCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { AwsError } from '../../../simulator/service.ts';
import { addRole, newAccount, roleArn } from '../account.ts';

const key = { pk: { S: 'a' } };
const withTable = () => {
  const account = newAccount();
  account.dynamodb.createTable({ name: 'backstep', partitionKey: { name: 'pk', type: 'S' } });
  return account;
};

describe('who calls', () => {
  test('a role without the permission gets the service’s own access-denied error', async () => {
    const account = withTable();
    const config = clientConfig(account, addRole(account, 'empty'));
    const sentence = /^User: arn:aws:sts::111122223333:assumed-role\/empty\/simulated is not authorized to perform: /;
    const nameOf = (call: Promise<unknown>) => expect(drive(account, call)).rejects;
    await nameOf(
      new DynamoDBClient(config).send(new GetItemCommand({ TableName: 'backstep', Key: key })),
    ).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(sentence),
    });
    const denied = {
      name: 'AccessDenied',
      message: expect.stringMatching(sentence),
      $metadata: { httpStatusCode: 403 },
    };
    await nameOf(new SNSClient(config).send(new ListTopicsCommand())).toMatchObject(denied);
    await nameOf(new CloudWatchClient(config).send(new DescribeAlarmsCommand())).toMatchObject(denied);
    await nameOf(new S3Client(config).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).toMatchObject(denied);
  });

  test('a role with it gets the answer', async () => {
    const account = withTable();
    const role = addRole(account, 'reader', [
      ['dynamodb:GetItem'],
      ['arn:aws:dynamodb:eu-west-1:111122223333:table/backstep'],
    ]);
    const client = new DynamoDBClient(clientConfig(account, role));
    const answer = await drive(account, client.send(new GetItemCommand({ TableName: 'backstep', Key: key })));
    expect(answer.Item).toBeUndefined();
    expect(account.calls).toEqual([
      {
        time: '2026-11-20T03:00:00.005Z',
        service: 'dynamodb',
        operation: 'GetItem',
        principal: roleArn('reader'),
        resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/backstep'],
      },
    ]);
  });

  test('an unknown access key is refused as each protocol words it', async () => {
    const account = withTable();
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
    const config = { ...clientConfig(account), credentials };
    await expect(
      drive(account, new DynamoDBClient(config).send(new GetItemCommand({ TableName: 'backstep', Key: key }))),
    ).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(drive(account, new SNSClient(config).send(new ListTopicsCommand()))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    await expect(
      drive(account, new S3Client(config).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))),
    ).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  });
});

describe('what is not simulated', () => {
  test('answers as AWS answers an unknown operation, and is reported', async () => {
    const account = newAccount();
    const config = clientConfig(account);
    const failing = async (call: Promise<unknown>, name: string) =>
      expect(drive(account, call)).rejects.toMatchObject({ name });
    await failing(new DynamoDBClient(config).send(new ListTablesCommand()), 'UnknownOperationException');
    await failing(new CloudWatchClient(config).send(new ListDashboardsCommand()), 'UnknownOperationException');
    await failing(new ElasticLoadBalancingV2Client(config).send(new DescribeSSLPoliciesCommand()), 'InvalidAction');
    await failing(new S3Client(config).send(new GetBucketAclCommand({ Bucket: 'b' })), 'NotImplemented');
    expect(account.unknownOperations).toEqual([
      'dynamodb:ListTables',
      'cloudwatch:ListDashboards',
      'elasticloadbalancing:DescribeSSLPolicies',
      's3:GetBucketAcl',
    ]);
  });

  test('a service that is not there is an error, not an empty success', async () => {
    const account = newAccount();
    const response = await drive(
      account,
      account.handle({
        method: 'POST',
        hostname: 'redshift.eu-west-1.amazonaws.com',
        path: '/',
        headers: { 'X-Amz-Target': 'RedshiftServiceVersion20121201.DescribeClusters' },
        body: '{}',
      }),
    );
    expect(response.status).toBe(404);
    expect(account.unknownOperations).toEqual(['redshift:DescribeClusters']);
  });
});

describe('faults', () => {
  const get = (account: ReturnType<typeof newAccount>) =>
    new DynamoDBClient(clientConfig(account)).send(new GetItemCommand({ TableName: 'backstep', Key: key }));

  test('error: the call fails and nothing is done', async () => {
    const account = withTable();
    account.faults.push((point) =>
      point.kind === 'call' && point.operation === 'GetItem'
        ? { error: new AwsError('ThrottlingException', 'Rate exceeded') }
        : undefined,
    );
    await expect(drive(account, get(account))).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    expect(account.calls[0]).toMatchObject({ operation: 'GetItem', error: 'ThrottlingException' });
  });

  test('errorAfter: the call takes effect, its answer is the error', async () => {
    const account = newAccount();
    account.s3.createBucket({ name: 'b', versioned: true });
    account.faults.push(() => ({
      errorAfter: new AwsError('InternalError', 'We encountered an internal error.', { status: 500 }),
    }));
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    const put = new S3Client(clientConfig(account)).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }));
    await expect(drive(account, put)).rejects.toMatchObject({
      name: 'InternalError',
      $metadata: { httpStatusCode: 500 },
    });
    expect(account.s3.get('b', 'k')).toBeDefined();
  });

  test('delayMs: the answer takes longer, in virtual time', async () => {
    const account = withTable();
    account.faults.push(() => ({ delayMs: 9_000 }));
    await drive(account, get(account));
    expect(account.clock.iso()).toBe('2026-11-20T03:00:09.005Z');
  });
});

test('an error of the simulation itself ends the run, so that no caller retries it as if it were AWS’s', async () => {
  const account = withTable();
  account.faults.push(() => {
    throw new TypeError('a bug');
  });
  const call = new DynamoDBClient(clientConfig(account)).send(new GetItemCommand({ TableName: 'backstep', Key: key }));
  call.catch(() => undefined);
  await expect(account.clock.runUntil(account.clock.now() + 1000)).rejects.toThrow('a bug');
});

test('the Query protocol reads lists and answers modelled errors by their exception names', async () => {
  const account = newAccount();
  const seen: unknown[] = [];
  account.faults.push((point) => {
    if (point.kind === 'call') seen.push(point.input);
    return undefined;
  });
  const client = new ElasticLoadBalancingV2Client(clientConfig(account));
  const TargetGroupArns = [1, 2, 10].map((n) =>
    account.arn('elasticloadbalancing', `targetgroup/tg${n}/0123456789abcdef`),
  );
  await expect(drive(account, client.send(new DescribeTargetGroupsCommand({ TargetGroupArns })))).rejects.toMatchObject(
    {
      name: 'TargetGroupNotFoundException',
    },
  );
  expect(seen).toEqual([{ TargetGroupArns }]);
});

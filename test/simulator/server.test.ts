import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../simulator/account.ts';
import { type RunningServer, serve } from '../../simulator/server.ts';
import { newAccount, region } from './account.ts';

let account: SimulatedAccount;
let server: RunningServer;

beforeEach(async () => {
  account = newAccount();
  server = await serve(account, { speed: 3600 });
});

afterEach(() => server.stop());

/** As any SDK that is told its endpoint by `AWS_ENDPOINT_URL`: no adapter in between. */
const overHttp = () => ({ region, endpoint: server.url, credentials: account.iam.credentialsFor('operator') });

test('any SDK reaches every protocol through the endpoint', async () => {
  account.dynamodb.createTable({ name: 't', partitionKey: { name: 'pk', type: 'S' } });
  account.s3.createBucket({ name: 'reports', versioned: true });
  const topic = account.sns.createTopic({ name: 'technical' });

  const table = new DynamoDBClient(overHttp());
  await table.send(new PutItemCommand({ TableName: 't', Item: { pk: { S: 'a' }, n: { N: '1' } } }));
  const { Item } = await table.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }));
  expect(Item).toEqual({ pk: { S: 'a' }, n: { N: '1' } });

  const bucket = new S3Client({ ...overHttp(), forcePathStyle: true });
  await bucket.send(new PutObjectCommand({ Bucket: 'reports', Key: 'a/b.json', Body: '{}' }));
  const object = await bucket.send(new GetObjectCommand({ Bucket: 'reports', Key: 'a/b.json' }));
  expect(await object.Body?.transformToString()).toBe('{}');
  const head = await bucket.send(new HeadObjectCommand({ Bucket: 'reports', Key: 'a/b.json' }));
  expect(head.ContentLength).toBe(2);

  const { Topics } = await new SNSClient(overHttp()).send(new ListTopicsCommand());
  expect(Topics).toEqual([{ TopicArn: topic }]);
});

test('calls at the same time are all answered', async () => {
  account.dynamodb.createTable({ name: 't', partitionKey: { name: 'pk', type: 'S' } });
  const client = new DynamoDBClient(overHttp());
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      client.send(new PutItemCommand({ TableName: 't', Item: { pk: { S: String(n) } } })),
    ),
  );
  expect(account.dynamodb.items('t')).toHaveLength(20);
});

test('virtual time follows the wall at the speed asked for', async () => {
  const rang = new Promise<number>((resolve) => {
    account.clock.after(60_000, () => resolve(account.clock.now()));
  });
  expect(await rang).toBe(Date.UTC(2026, 10, 20, 3, 1));
});

test('an account that cannot keep the pace is late, and answers all the same', async () => {
  account.clock.every(50, account.clock.now(), () => undefined);
  const hurried = await serve(account, { speed: 1_000_000 });
  account.sns.createTopic({ name: 'technical' });
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await new SNSClient({ ...overHttp(), endpoint: hurried.url }).send(new ListTopicsCommand());
  expect(performance.now() - began).toBeLessThan(4_000);
  // Whoever waits for the account's time is told how fast it really goes by.
  const { headers } = await fetch(hurried.url);
  expect(Number(headers.get('x-simulated-speed'))).toBeLessThan(1_000_000);
  const { headers: kept } = await fetch(server.url);
  expect(Number(kept.get('x-simulated-speed'))).toBeGreaterThan(400);
  await hurried.stop();
});

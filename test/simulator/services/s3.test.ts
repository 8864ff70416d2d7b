import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { addRole, newAccount } from '../account.ts';

const Bucket = 'backstep-production';
let account: SimulatedAccount;
let client: S3Client;

beforeEach(() => {
  account = newAccount();
  account.s3.createBucket({ name: Bucket, versioned: true });
  client = new S3Client(clientConfig(account));
});

const run = <T>(call: Promise<T>): Promise<T> => drive(account, call);
const put = (Key: string, Body: string, more: object = {}) =>
  run(client.send(new PutObjectCommand({ Bucket, Key, Body, ...more })));
const get = (Key: string, VersionId?: string) =>
  run(client.send(new GetObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) })));

describe('objects', () => {
  test('come back as they were put', async () => {
    await put('reports/r 1/ä+b.json', '{"ok":"ü"}', { ContentType: 'application/json', Metadata: { sha256: 'abc' } });
    const object = await get('reports/r 1/ä+b.json');
    expect(await object.Body?.transformToString()).toBe('{"ok":"ü"}');
    expect(object).toMatchObject({ ContentType: 'application/json', Metadata: { sha256: 'abc' }, ContentLength: 11 });
    const head = await run(client.send(new HeadObjectCommand({ Bucket, Key: 'reports/r 1/ä+b.json' })));
    expect(head).toMatchObject({ ContentLength: 11, ETag: object.ETag, VersionId: object.VersionId });
  });

  test('uploaded as a stream arrive without their framing', async () => {
    const Body = Readable.from([Buffer.from('one '), Buffer.from('two')]);
    await run(client.send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 7 })));
    expect(Buffer.from(account.s3.get(Bucket, 'stream')?.body ?? []).toString()).toBe('one two');
  });

  test('have versions; deleting leaves a marker', async () => {
    const first = await put('k', 'one');
    await put('k', 'two');
    await run(client.send(new DeleteObjectCommand({ Bucket, Key: 'k' })));
    await expect(get('k')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await (await get('k', first.VersionId)).Body?.transformToString()).toBe('one');
    const versions = await run(client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'k' })));
    expect(versions.Versions?.map((version) => version.IsLatest)).toEqual([false, false]);
    expect(versions.DeleteMarkers).toMatchObject([{ Key: 'k', IsLatest: true }]);
  });

  test('can be written once only', async () => {
    await put('k', 'one', { IfNoneMatch: '*' });
    await expect(put('k', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
  });

  test('are copied between buckets, key and version percent-encoded', async () => {
    account.s3.createBucket({ name: 'assets', versioned: false });
    account.s3.put('assets', 'a b/é.json', 'content', { contentType: 'application/json' });
    const CopySource = `assets/${encodeURIComponent('a b/é.json')}`;
    await run(client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource })));
    const copy = await get('copy');
    expect([await copy.Body?.transformToString(), copy.ContentType]).toEqual(['content', 'application/json']);
  });
});

test('listings fold at the delimiter and continue after the token', async () => {
  for (const key of ['a/1', 'a/2', 'b', 'c/1', 'd']) await put(key, key);
  const list = (more: object) => run(client.send(new ListObjectsV2Command({ Bucket, ...more })));
  const folded = await list({ Delimiter: '/' });
  expect(folded.Contents?.map((one) => one.Key)).toEqual(['b', 'd']);
  expect(folded.CommonPrefixes?.map((one) => one.Prefix)).toEqual(['a/', 'c/']);
  const first = await list({ MaxKeys: 2 });
  expect([first.Contents?.length, first.IsTruncated]).toEqual([2, true]);
  const rest = await list({ ContinuationToken: first.NextContinuationToken });
  expect(rest.Contents?.map((one) => one.Key)).toEqual(['b', 'c/1', 'd']);
  expect((await list({ Prefix: 'none' })).KeyCount).toBe(0);
});

describe('permissions', () => {
  const as = (...grants: readonly (readonly [readonly string[], readonly string[]])[]) =>
    new S3Client(clientConfig(account, addRole(account, 'reader', ...grants)));
  const read = (limited: S3Client, Key: string) => run(limited.send(new GetObjectCommand({ Bucket, Key })));

  test('are asked per key', async () => {
    await put('reports/1', 'x');
    const limited = as([['s3:GetObject'], [`arn:aws:s3:::${Bucket}/reports/*`]]);
    await expect(read(limited, 'reports/1')).resolves.toBeDefined();
    await expect(read(limited, 'checkpoints/1')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('who may not list the bucket is told 403 instead of 404', async () => {
    const everything: readonly [readonly string[], readonly string[]] = [['s3:GetObject'], ['*']];
    await expect(read(as(everything), 'none')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:ListBucket'),
    });
    await expect(read(as(everything, [['s3:ListBucket'], [`arn:aws:s3:::${Bucket}`]]), 'none')).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  test('a copy needs both ends', async () => {
    await put('a', 'x');
    const limited = as([['s3:PutObject'], ['*']]);
    await expect(
      run(limited.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }))),
    ).rejects.toMatchObject({ name: 'AccessDenied', message: expect.stringContaining('s3:GetObject') });
  });
});

test('a bucket that is not there', async () => {
  await expect(run(client.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' })))).rejects.toMatchObject({
    name: 'NoSuchBucket',
  });
});

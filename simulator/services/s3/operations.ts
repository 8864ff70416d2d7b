import type {
  CopyObjectRequest,
  DeleteObjectRequest,
  GetObjectRequest,
  HeadBucketRequest,
  HeadObjectRequest,
  ListObjectsV2Request,
  ListObjectVersionsRequest,
  PutObjectRequest,
} from '@aws-sdk/client-s3';
import type { Iam } from '../../iam.ts';
import { AwsError, type CallContext, type Operation } from '../../service.ts';
import type { S3 } from '../s3.ts';
import type { StoredObject } from './bucket.ts';
import { page } from './page.ts';

type Input<T> = { [K in keyof T]: T[K] } & { Bucket: string };

export function s3Operations(s3: S3, iam: Pick<Iam, 'authorize'>): Readonly<Record<string, Operation>> {
  const byVersion = (input: { VersionId?: string | undefined }) => [
    input.VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
  ];
  const find = (bucket: string, key: string, versionId: string | undefined, context: CallContext): StoredObject => {
    const object = s3.get(bucket, key, versionId);
    if (object) return object;
    // Whoever may not list a bucket is not told what is missing from it: S3 answers 403 instead of 404.
    iam.authorize(context.principal, 's3:ListBucket', [bucketArn(bucket)]);
    throw versionId === undefined
      ? new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404, fields: { Key: key } })
      : new AwsError('NoSuchVersion', 'The specified version does not exist.', { status: 404, fields: { Key: key } });
  };

  const putObject: Operation<Input<PutObjectRequest>> = {
    resources: (input) => [objectArn(input.Bucket, input.Key as string)],
    latencyMs: 30,
    run(input) {
      const key = input.Key as string;
      const current = s3.get(input.Bucket, key);
      if (input.IfNoneMatch === '*' && current) throw preconditionFailed('If-None-Match');
      if (input.IfMatch !== undefined && current?.etag !== input.IfMatch) throw preconditionFailed('If-Match');
      const object = s3.put(input.Bucket, key, (input.Body ?? '') as unknown as Uint8Array, {
        ...(input.ContentType === undefined ? {} : { contentType: input.ContentType }),
        ...(input.Metadata === undefined ? {} : { metadata: input.Metadata }),
        ...(input.ChecksumCRC32 === undefined ? {} : { checksumCrc32: input.ChecksumCRC32 }),
      });
      return { ETag: object.etag, VersionId: object.versionId, ChecksumCRC32: object.checksumCrc32 };
    },
  };

  const getObject: Operation<Input<GetObjectRequest>> = {
    actions: byVersion,
    resources: (input) => [objectArn(input.Bucket, input.Key as string)],
    run(input, context) {
      if (input.Range !== undefined)
        throw new AwsError('NotImplemented', 'Range requests are not simulated.', { status: 501 });
      const object = find(input.Bucket, input.Key as string, input.VersionId, context);
      checkPreconditions(input, object);
      return { ...describe(object, input.ChecksumMode), Body: object.body };
    },
  };

  const headObject: Operation<Input<HeadObjectRequest>> = {
    actions: byVersion,
    resources: (input) => [objectArn(input.Bucket, input.Key as string)],
    run(input, context) {
      const object = find(input.Bucket, input.Key as string, input.VersionId, context);
      checkPreconditions(input, object);
      return describe(object, input.ChecksumMode);
    },
  };

  const deleteObject: Operation<Input<DeleteObjectRequest>> = {
    actions: (input) => [input.VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'],
    resources: (input) => [objectArn(input.Bucket, input.Key as string)],
    run(input) {
      const deleted = s3.delete(input.Bucket, input.Key as string, input.VersionId);
      return { VersionId: deleted?.versionId, ...(deleted?.deleteMarker ? { DeleteMarker: true } : {}) };
    },
  };

  const copyObject: Operation<Input<CopyObjectRequest>> = {
    actions: ['s3:PutObject'],
    resources: (input) => [objectArn(input.Bucket, input.Key as string)],
    latencyMs: 40,
    run(input, context) {
      const source = copySource(input.CopySource as string);
      iam.authorize(context.principal, byVersion({ VersionId: source.versionId })[0] as string, [
        objectArn(source.bucket, source.key),
      ]);
      const original = find(source.bucket, source.key, source.versionId, context);
      const replace = input.MetadataDirective === 'REPLACE';
      const copy = s3.put(input.Bucket, input.Key as string, original.body, {
        contentType: (replace ? input.ContentType : undefined) ?? original.contentType,
        metadata: replace ? (input.Metadata ?? {}) : original.metadata,
      });
      return {
        CopyObjectResult: { ETag: copy.etag, LastModified: new Date(copy.lastModifiedMs) },
        VersionId: copy.versionId,
        CopySourceVersionId: original.versionId,
      };
    },
  };

  const listObjectsV2: Operation<Input<ListObjectsV2Request>> = {
    actions: ['s3:ListBucket'],
    resources: (input) => [bucketArn(input.Bucket)],
    conditions: (input) => ({
      's3:prefix': input.Prefix ?? '',
      ...(input.MaxKeys !== undefined && { 's3:max-keys': String(input.MaxKeys) }),
    }),
    run: (input) => page(s3.list(input.Bucket, input.Prefix), input),
  };

  const listObjectVersions: Operation<Input<ListObjectVersionsRequest>> = {
    actions: ['s3:ListBucketVersions'],
    resources: (input) => [bucketArn(input.Bucket)],
    conditions: (input) => ({ 's3:prefix': input.Prefix ?? '' }),
    run(input) {
      const bucket = s3.bucket(input.Bucket);
      const all = bucket.versions(input.Prefix);
      const seen = new Set<string>();
      const entries = all.map((version) => {
        const latest = !seen.has(version.key);
        seen.add(version.key);
        return { version, latest };
      });
      const entry = ({ version, latest }: (typeof entries)[number]) => ({
        Key: version.key,
        VersionId: version.versionId ?? 'null',
        IsLatest: latest,
        LastModified: new Date(version.lastModifiedMs),
      });
      return {
        Name: bucket.name,
        Prefix: input.Prefix,
        IsTruncated: false,
        Versions: entries
          .filter(({ version }) => !version.deleteMarker)
          .map((one) => ({ ...entry(one), ETag: one.version.etag, Size: one.version.body.byteLength })),
        DeleteMarkers: entries.filter(({ version }) => version.deleteMarker).map(entry),
      };
    },
  };

  const headBucket: Operation<Input<HeadBucketRequest>> = {
    actions: ['s3:ListBucket'],
    resources: (input) => [bucketArn(input.Bucket)],
    run(input) {
      s3.bucket(input.Bucket);
      return {};
    },
  };

  return {
    PutObject: putObject,
    GetObject: getObject,
    HeadObject: headObject,
    DeleteObject: deleteObject,
    CopyObject: copyObject,
    ListObjectsV2: listObjectsV2,
    ListObjectVersions: listObjectVersions,
    HeadBucket: headBucket,
  };
}

const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;
const objectArn = (bucket: string, key: string) => `arn:aws:s3:::${bucket}/${key}`;

function describe(object: StoredObject, checksumMode: string | undefined) {
  return {
    ETag: object.etag,
    ContentLength: object.body.byteLength,
    ContentType: object.contentType,
    LastModified: new Date(object.lastModifiedMs),
    Metadata: object.metadata,
    VersionId: object.versionId,
    ...(checksumMode === 'ENABLED' && object.checksumCrc32 !== undefined
      ? { ChecksumCRC32: object.checksumCrc32, ChecksumType: 'FULL_OBJECT' }
      : {}),
  };
}

function checkPreconditions(
  input: { IfMatch?: string | undefined; IfNoneMatch?: string | undefined },
  object: StoredObject,
): void {
  if (input.IfMatch !== undefined && input.IfMatch !== object.etag) throw preconditionFailed('If-Match');
  if (input.IfNoneMatch === object.etag || input.IfNoneMatch === '*')
    throw new AwsError('NotModified', 'Not Modified', { status: 304 });
}

const preconditionFailed = (condition: string) =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    fields: { Condition: condition },
  });

/** `bucket/key?versionId=…`, percent-encoded, with or without a slash in front. */
function copySource(header: string): { bucket: string; key: string; versionId: string | undefined } {
  const [path = '', search] = header.split('?');
  const [bucket = '', ...key] = decodeURIComponent(path).replace(/^\//, '').split('/');
  return { bucket, key: key.join('/'), versionId: new URLSearchParams(search).get('versionId') ?? undefined };
}

/** Buckets and objects: versions, preconditions, listings. */
import * as schemas from '@aws-sdk/client-s3';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { Bucket, type StoredObject } from './s3/bucket.ts';
import { s3Operations } from './s3/operations.ts';

export type { StoredObject } from './s3/bucket.ts';

export interface ObjectOptions {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Base64, as the client computed it. */
  readonly checksumCrc32?: string;
}

export class S3 implements SimulatedService {
  readonly endpointPrefix = 's3';
  readonly iamPrefix = 's3';
  readonly protocol = 's3';
  readonly schemas = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #account: Pick<SimulatedAccount, 'clock' | 'random' | 'iam'>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(account: Pick<SimulatedAccount, 'clock' | 'random' | 'iam'>) {
    this.#account = account;
    this.operations = s3Operations(this, account.iam);
  }

  createBucket(bucket: { readonly name: string; readonly versioned: boolean }): void {
    const { random } = this.#account;
    if (!this.#buckets.has(bucket.name))
      this.#buckets.set(bucket.name, new Bucket(bucket.name, bucket.versioned, random.fork(`s3 ${bucket.name}`)));
  }

  /** Stores an object as the account itself, without a call. */
  put(bucket: string, key: string, body: Uint8Array | string, options: ObjectOptions = {}): StoredObject {
    return this.bucket(bucket).put(key, body, this.#account.clock.now(), options);
  }

  /** The current object, or one version of it. */
  get(bucket: string, key: string, versionId?: string): StoredObject | undefined {
    return this.bucket(bucket).get(key, versionId);
  }

  /** Marks an object as deleted in a versioned bucket, and forgets it in any other. */
  delete(bucket: string, key: string, versionId?: string): StoredObject | undefined {
    return this.bucket(bucket).delete(key, this.#account.clock.now(), versionId);
  }

  /** Current objects under a prefix, in key order. */
  list(bucket: string, prefix = ''): readonly StoredObject[] {
    return this.bucket(bucket).list(prefix);
  }

  get buckets(): readonly string[] {
    return [...this.#buckets.keys()];
  }

  /** @throws AwsError `NoSuchBucket` */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket)
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', {
        status: 404,
        fields: { BucketName: name },
      });
    return bucket;
  }
}

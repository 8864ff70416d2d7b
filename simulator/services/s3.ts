import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

export interface StoredObject {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly etag: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly lastModifiedMs: number;
}

export class S3 implements SimulatedService {
  readonly endpointPrefix = 's3';
  readonly iamPrefix = 's3';
  readonly protocol = 's3';
  readonly schemas = {};
  readonly operations: Readonly<Record<string, Operation>> = {};

  constructor(_account: SimulatedAccount) {}

  createBucket(_bucket: { readonly name: string; readonly versioned: boolean }): void {
    throw new Error('not written yet');
  }

  /** Stores an object as the account itself, without a call. */
  put(
    _bucket: string,
    _key: string,
    _body: Uint8Array | string,
    _options: { contentType?: string; metadata?: Record<string, string> } = {},
  ): StoredObject {
    throw new Error('not written yet');
  }

  /** The current object, or one version of it. */
  get(_bucket: string, _key: string, _versionId?: string): StoredObject | undefined {
    throw new Error('not written yet');
  }

  /** Current objects under a prefix, in key order. */
  list(_bucket: string, _prefix = ''): readonly StoredObject[] {
    throw new Error('not written yet');
  }

  get buckets(): readonly string[] {
    throw new Error('not written yet');
  }
}

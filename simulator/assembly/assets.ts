import { readFileSync } from 'node:fs';
import type { SimulatedAccount } from '../account.ts';
import type { FileAsset } from './manifest.ts';

/** Version of the bootstrap stack that the account pretends to have. */
const bootstrapVersion = '30';
const qualifier = 'hnb659fds';

/**
 * An account as `cdk bootstrap` leaves it, and the assembly's files as `cdk deploy` uploads them. Directories (Lambda
 * code) would be zip archives in the bucket: their place is remembered instead, since only Lambda reads them.
 */
export class Assets {
  readonly #directories = new Map<string, string>();
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  publish(assets: readonly FileAsset[]): void {
    const { s3, ssm } = this.#account;
    ssm.putParameter({ name: `/cdk-bootstrap/${qualifier}/version`, value: bootstrapVersion });
    for (const { path, packaging, ...destination } of assets) {
      const bucket = this.#resolved(destination.bucketName);
      const key = this.#resolved(destination.objectKey);
      if (!s3.buckets.includes(bucket)) s3.createBucket({ name: bucket, versioned: true });
      if (packaging === 'zip') this.#directories.set(`${bucket}/${key}`, path);
      else s3.put(bucket, key, readFileSync(path));
    }
  }

  /** Where the content of a zip archive lies on this machine. */
  directory(bucket: string, key: string): string | undefined {
    return this.#directories.get(`${bucket}/${key}`);
  }

  /** Environment-agnostic assemblies leave account and region open. */
  #resolved(text: string): string {
    const values: Record<string, string> = {
      AccountId: this.#account.id,
      Region: this.#account.region,
      Partition: 'aws',
    };
    return text.replace(/\$\{AWS::(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  }
}

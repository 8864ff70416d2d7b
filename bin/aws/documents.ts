/**
 * Amazon S3: the plan, the pinned configuration and reports, as they lie in the installation's bucket.
 *
 * Calls: s3:GetObject
 */
import { createHash } from 'node:crypto';
import type { Plan, ServiceConfiguration } from '../../lib/domain/model.ts';
import { planKey } from '../../lib/domain/names.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

export interface StoredPlan {
  readonly plan: Plan;
  /** Hexadecimal, of the bytes as they lie there. */
  readonly sha256: string;
}

export class Documents {
  readonly #s3;
  readonly #sdk = lazily(() => import('@aws-sdk/client-s3'));

  constructor(clock: AccountClock) {
    this.#s3 = lazily(async () => {
      const { S3Client } = await this.#sdk();
      const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = process.env;
      return clock.listenTo(
        new S3Client({
          ...clientOptions,
          // An endpoint of one's own has no name for every bucket.
          forcePathStyle: Boolean(AWS_ENDPOINT_URL || AWS_ENDPOINT_URL_S3),
          responseChecksumValidation: 'WHEN_REQUIRED',
        }),
      );
    });
  }

  async plan(bucket: string, rollbackId: string, key = planKey(rollbackId)): Promise<StoredPlan> {
    const body = await this.#read(bucket, key);
    return { plan: JSON.parse(body) as Plan, sha256: createHash('sha256').update(body, 'utf8').digest('hex') };
  }

  async configuration(bucket: string, key: string): Promise<ServiceConfiguration> {
    return JSON.parse(await this.#read(bucket, key)) as ServiceConfiguration;
  }

  async #read(bucket: string, key: string): Promise<string> {
    const [{ GetObjectCommand }, client] = await Promise.all([this.#sdk(), this.#s3()]);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!Body) throw new Error(`s3://${bucket}/${key} is empty.`);
    return Body.transformToString('utf-8');
  }
}

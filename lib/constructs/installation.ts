import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CustomResource, Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { canonicalJson } from '../domain/json.ts';
import type { ServiceConfiguration } from '../domain/model.ts';
import { configurationKey } from '../domain/names.ts';

export interface InstallationProps {
  readonly environment: string;
  readonly services: readonly ServiceConfiguration[];
  readonly install: IFunction;
}

/** Where a service's compiled configuration will lie in the bucket, and what its bytes hash to. */
export interface StoredConfiguration {
  readonly service: string;
  readonly key: string;
  readonly sha256: string;
}

/**
 * Puts each compiled configuration into the bucket under its hash and imports the running releases, whenever either
 * changes. Deleting the stack removes nothing of it.
 */
export class Installation extends Construct {
  readonly configurations: readonly StoredConfiguration[];

  constructor(scope: Construct, id: string, props: InstallationProps) {
    super(scope, id);
    const published = props.services.map((service) => this.#publish(service));
    this.configurations = published.map(({ service, key, sha256 }) => ({ service, key, sha256 }));
    new CustomResource(this, 'Install', {
      resourceType: 'Custom::BackstepInstallation',
      // Not the version: CloudFormation refuses to change the token of an existing resource.
      serviceToken: props.install.functionArn,
      serviceTimeout: Duration.minutes(6),
      properties: {
        Environment: props.environment,
        Configurations: published.map(({ service, key, sha256, asset }) => ({
          Service: service,
          SourceBucket: asset.s3BucketName,
          SourceKey: asset.s3ObjectKey,
          TargetKey: key,
          Sha256: sha256,
        })),
      },
    });
  }

  #publish(configuration: ServiceConfiguration): StoredConfiguration & { readonly asset: Asset } {
    const body = canonicalJson(configuration);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const { service } = configuration;
    const directory = mkdtempSync(join(tmpdir(), 'backstep-'));
    try {
      const path = join(directory, `${service}.json`);
      writeFileSync(path, body);
      // The asset is copied into the assembly right here, so the file may go.
      const asset = new Asset(this, service, { path, displayName: `${service} configuration` });
      return { service, sha256, key: configurationKey(service, sha256), asset };
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}

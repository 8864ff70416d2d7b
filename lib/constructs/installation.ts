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
import type { KnownAtDeployment } from './known-at-deployment.ts';

export interface InstallationProps {
  readonly environment: string;
  readonly services: readonly ServiceConfiguration[];
  readonly install: IFunction;
  readonly known: KnownAtDeployment;
}

/** Where a service's compiled configuration will lie in the bucket, and what its bytes hash to. */
export interface StoredConfiguration {
  readonly service: string;
  readonly key: string;
  readonly sha256: string;
}

interface Published extends StoredConfiguration {
  readonly asset: Asset;
  /** What stands in the asset for names that are known only at deployment. */
  readonly substitutions: readonly { readonly StandIn: string; readonly Value: string }[];
}

/**
 * Puts each compiled configuration into the bucket under its hash and imports the running releases, whenever either
 * changes. Deleting the stack removes nothing of it.
 *
 * Configurations whose names all are known at synthesis share one custom resource. Each other one has its own, which fills
 * in the names and answers with the hash of the result: CloudFormation takes 4 KB of answer from a resource.
 */
export class Installation extends Construct {
  /** `sha256`, and with it `key`, is a stand-in where the hash is known only at deployment. */
  readonly configurations: readonly StoredConfiguration[];

  constructor(scope: Construct, id: string, props: InstallationProps) {
    super(scope, id);
    const published = props.services.map((service) => this.#publish(service, props.known));
    this.configurations = published.map(({ service, key, sha256 }) => ({ service, key, sha256 }));
    const complete = published.filter(({ substitutions }) => substitutions.length === 0);
    if (complete.length > 0) this.#install('Install', props, complete);
    for (const one of published.filter((each) => !complete.includes(each))) {
      const installed = this.#install(`Install-${one.service}`, props, [one]);
      props.known.standIn(one.sha256, installed.getAttString(one.service), `the configuration of ${one.service}`);
    }
  }

  #install(id: string, { environment, install }: InstallationProps, published: readonly Published[]): CustomResource {
    return new CustomResource(this, id, {
      resourceType: 'Custom::BackstepInstallation',
      // Not the version: CloudFormation refuses to change the token of an existing resource.
      serviceToken: install.functionArn,
      serviceTimeout: Duration.minutes(6),
      properties: {
        Environment: environment,
        Configurations: published.map(({ service, sha256, asset, substitutions }) => ({
          Service: service,
          SourceBucket: asset.s3BucketName,
          SourceKey: asset.s3ObjectKey,
          Sha256: sha256,
          ...(substitutions.length > 0 && { Substitutions: substitutions }),
        })),
      },
    });
  }

  #publish(configuration: ServiceConfiguration, known: KnownAtDeployment): Published {
    const body = canonicalJson(configuration);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const { service } = configuration;
    const directory = mkdtempSync(join(tmpdir(), 'backstep-'));
    try {
      const path = join(directory, `${service}.json`);
      writeFileSync(path, body);
      // The asset is copied into the assembly right here, so the file may go.
      const asset = new Asset(this, service, { path, displayName: `${service} configuration` });
      const substitutions = Object.entries(known.within(body)).map(([StandIn, Value]) => ({ StandIn, Value }));
      return { service, sha256, key: configurationKey(service, sha256), asset, substitutions };
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}

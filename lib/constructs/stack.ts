import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { EnvironmentConfiguration } from '../config/load.ts';
import { Backstep, type BackstepProps } from './backstep.ts';

export interface BackstepStackProps extends Omit<BackstepProps, 'environment' | 'production' | 'contacts'> {
  /** One environment of backstep.json, as `loadConfiguration` returns it. */
  readonly configuration: EnvironmentConfiguration;
}

/** One environment of backstep.json as a stack of its own, `Backstep-<environment>`. */
export class BackstepStack extends Stack {
  constructor(scope: Construct, props: BackstepStackProps) {
    const { name, account, region } = props.configuration;
    super(scope, `Backstep-${name}`, {
      env: { account, region },
      description: describe(Object.keys(props.configuration.services), name),
      // Deleting it while a rollback runs would strand the rollback.
      terminationProtection: props.configuration.production,
    });
    const backstep = new Backstep(this, 'Backstep', props);
    backstep.build();
    new CfnOutput(this, 'StateMachineArn', {
      description: 'Start this with {"service":"…"}',
      value: backstep.stateMachine.stateMachineArn,
    });
    new CfnOutput(this, 'TableName', { description: 'Lock, ledger and timeline', value: backstep.table.tableName });
    new CfnOutput(this, 'BucketName', { description: 'Reports and checkpoints', value: backstep.bucket.bucketName });
  }
}

/** A description holds 1,024 bytes; the first services tell which stack it is. */
function describe(services: readonly string[], environment: string): string {
  const shown = services.slice(0, 8).join(', ');
  const more = services.length > 8 ? ` and ${services.length - 8} more` : '';
  return `Rolls bad releases back: ${shown}${more} (${environment})`;
}

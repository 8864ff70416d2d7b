import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Backstep, type BackstepProps } from './backstep.ts';

/** One environment of backstep.json as a stack of its own, `Backstep-<environment>`. */
export class BackstepStack extends Stack {
  constructor(scope: Construct, props: BackstepProps) {
    const { name, account, region } = props.configuration;
    super(scope, `Backstep-${name}`, {
      env: { account, region },
      description: `Rolls bad releases back: ${Object.keys(props.configuration.services).join(', ')} (${name})`,
      // Deleting it while a rollback runs would strand the rollback.
      terminationProtection: props.configuration.production,
    });
    const backstep = new Backstep(this, 'Backstep', props);
    new CfnOutput(this, 'StateMachineArn', {
      description: 'Start this with {"service":"…"}',
      value: backstep.stateMachine.stateMachineArn,
    });
    new CfnOutput(this, 'TableName', { description: 'Lock, ledger and timeline', value: backstep.table.tableName });
    new CfnOutput(this, 'BucketName', { description: 'Reports and checkpoints', value: backstep.bucket.bucketName });
  }
}

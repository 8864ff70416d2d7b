import { Key } from 'aws-cdk-lib/aws-kms';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

/**
 * What questions to people need before the Lambdas: the key under which task tokens lie in the table. Whoever could read
 * one in the clear could answer, so that reading the table must not be enough: the key is for two roles.
 */
export class Approvals extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { environment }: { readonly environment: string }) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: `Backstep ${environment}: task tokens of questions that wait for an answer`,
      enableKeyRotation: true,
      // A token is good for as long as its execution waits: without the stack there is nothing left to decrypt.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}

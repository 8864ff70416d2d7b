import { Alias, FunctionUrlAuthType, type IVersion, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnOutput } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { signedAlias } from '../domain/names.ts';

export interface AnsweringProps {
  readonly environment: string;
  readonly answer: LambdaFunction;
}

/**
 * Where answers come in: a URL that takes only requests signed with IAM, so that AWS itself tells who answers. It stands on
 * an alias, by which the function tells what came through it from what somebody wrote into a direct invocation. Nobody
 * may use either until an administrator grants it.
 */
export class Answering extends Construct {
  /** `https://….lambda-url.<region>.on.aws/` */
  readonly url: string;

  constructor(scope: Construct, id: string, { environment, answer }: AnsweringProps) {
    super(scope, id);
    const alias = new Alias(this, 'Signed', {
      aliasName: signedAlias,
      // The CDK's classes are not written for exactOptionalPropertyTypes.
      version: answer.currentVersion as IVersion,
      description: 'Only what comes in here is known to be signed',
    });
    this.url = alias.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM }).url;
    new CfnOutput(this, 'Url', {
      value: this.url,
      description: `Backstep ${environment}: takes the answers of npx backstep approve and decline`,
    });
  }
}

import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction, Version } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

export interface GivingBackProps {
  readonly environment: string;
  /** The version that gives back. */
  readonly giveBack: Version;
}

/** How late a debt may be given back that a rollback's own last states could not. */
const every = Duration.minutes(5);

/** Looks every few minutes for what rollbacks owe and what has come due. */
export class GivingBack extends Construct {
  constructor(scope: Construct, id: string, { environment, giveBack }: GivingBackProps) {
    super(scope, id);
    // The next look does the same again. Its errors alarm with those of the other functions.
    giveBack.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every });
    new Rule(this, 'Rule', {
      description: `Backstep ${environment}: gives back what rollbacks owe and what is due`,
      schedule: Schedule.rate(every),
      // The CDK's classes are not written for exactOptionalPropertyTypes; a version is a function.
      targets: [new LambdaTarget(giveBack as IFunction, { maxEventAge: every, retryAttempts: 3 })],
    });
  }
}

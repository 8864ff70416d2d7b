import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction, Version } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

export interface SweepingProps {
  readonly environment: string;
  /** The version that looks. */
  readonly sweep: Version;
}

/** How often Sweep looks: at least twice while an alarm may still start a rollback by itself. */
const every = Duration.minutes(5);

/** Looks every few minutes for what a lost event should have started. */
export class Sweeping extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { environment, sweep }: SweepingProps) {
    super(scope, id);
    // The next look does the same again: a late one, or a second one after a failure, would find nothing more.
    sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every });
    this.rule = new Rule(this, 'Rule', {
      description: `Backstep ${environment}: looks for alarms whose event got lost, and for abandoned locks`,
      schedule: Schedule.rate(every),
      // The CDK's classes are not written for exactOptionalPropertyTypes; a version is a function.
      targets: [new LambdaTarget(sweep as IFunction, { maxEventAge: every, retryAttempts: 3 })],
    });
  }
}

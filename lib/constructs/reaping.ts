import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { deadLetterQueue } from './dead-letters.ts';
import type { FunctionName } from './function-names.ts';
import { leastPrivilegeRole } from './permissions.ts';
import { Workflow } from './workflow.ts';

export interface ReapingProps {
  readonly environment: string;
  /** The machine whose executions are taken up. */
  readonly rollback: IStateMachine;
  readonly functions: Readonly<Record<FunctionName, LambdaFunction>>;
  readonly logRetention: RetentionDays;
}

/**
 * Takes up every rollback that was stopped, timed out or broke off: no Catch of its own runs then. Those that failed on
 * purpose, with their report written, are heard as well and left alone.
 */
export class Reaping extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { environment, rollback, functions, logRetention }: ReapingProps) {
    super(scope, id);
    this.stateMachine = new Workflow(this, 'Workflow', {
      environment,
      machine: 'reap',
      functions,
      logRetention,
    }).stateMachine;
    const role = leastPrivilegeRole(this, 'RuleRole', {
      description: `Backstep ${environment}: takes up a rollback that was stopped or broke off`,
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
      permissions: [],
    });
    new Rule(this, 'Rule', {
      description: `Backstep ${environment}: a rollback was stopped, timed out or failed`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [rollback.stateMachineArn], status: ['ABORTED', 'TIMED_OUT', 'FAILED'] },
      },
      targets: [
        // Grants the role states:StartExecution on this machine, and nothing else.
        new SfnStateMachine(this.stateMachine, {
          role,
          // Not the whole event: it may hold an input of 256 KiB. Reap asks Step Functions.
          input: RuleTargetInput.fromObject({ executionArn: EventField.fromPath('$.detail.executionArn') }),
          // Late is better than never: what is owed stays owed.
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
          deadLetterQueue: deadLetterQueue(this, 'ReapDeadLetters'),
        }),
      ],
    });
  }
}

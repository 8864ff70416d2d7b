import { join } from 'node:path';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { reapMachineName, stateMachineName } from '../domain/names.ts';
import { type FunctionName, reapFunctions, workflowFunctions } from './function-names.ts';
import { acknowledgeWildcard, leastPrivilegeRole } from './permissions.ts';
import { projectRoot } from './project.ts';

export interface WorkflowProps {
  readonly environment: string;
  readonly machine: keyof typeof machines;
  readonly functions: Readonly<Record<FunctionName, LambdaFunction>>;
  readonly logRetention: RetentionDays;
}

/** One state machine for each definition in statemachines/. */
const machines = {
  rollback: { nameIn: stateMachineName, comment: 'Undo a bad release', calls: workflowFunctions },
  reap: { nameIn: reapMachineName, comment: 'Take up a rollback that was stopped or broke off', calls: reapFunctions },
} as const;

/** A state machine, with the version of every Lambda that it calls written into its definition. */
export class Workflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { nameIn, comment, calls } = machines[props.machine];
    const name = nameIn(props.environment);
    const functions = calls.map((each) => props.functions[each]);
    const role = leastPrivilegeRole(this, 'Role', {
      description: `Backstep ${props.environment}: the ${props.machine} state machine`,
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      permissions: [
        {
          actions: ['lambda:InvokeFunction'],
          resources: functions.map((each) => `${each.functionArn}:*`),
          wildcard:
            'Any version of this one function: a rollback under way still calls the versions it began with after a deployment.',
        },
      ],
    });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      stateMachineType: StateMachineType.STANDARD,
      comment,
      definitionBody: DefinitionBody.fromFile(join(projectRoot, `statemachines/${props.machine}.asl.json`)),
      definitionSubstitutions: Object.fromEntries(
        calls.map((each) => [`${each}Function`, props.functions[each].currentVersion.functionArn]),
      ),
      role,
      tracingEnabled: true,
      logs: {
        // The prefix keeps the account's log resource policy, which holds 5,120 characters, from growing with each machine.
        destination: new LogGroup(this, 'Logs', {
          logGroupName: `/aws/vendedlogs/states/${name}`,
          retention: props.logRetention,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        // Step Functions keeps inputs and outputs with the execution for 90 days; a second copy would only need a second guard.
        includeExecutionData: false,
      },
    });
    // Added by the state machine itself: log delivery and X-Ray know no resources.
    acknowledgeWildcard(
      role.node.findChild('DefaultPolicy').node.findChild('Resource'),
      '*',
      'The logs:*LogDelivery and xray:Put* calls of Step Functions have no resource-level permissions.',
    );
  }
}

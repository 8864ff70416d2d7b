import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { longestLambdaSeconds } from '../domain/lock.ts';
import type { Audience } from '../domain/model.ts';
import { answerFunctionName } from '../domain/names.ts';
import { functionBundles } from './bundles.ts';
import { type FunctionName, functionNames } from './function-names.ts';
import { leastPrivilegeRole, type Permission } from './permissions.ts';

export interface FunctionsProps {
  readonly environment: string;
  readonly table: string;
  readonly bucket: string;
  readonly stateMachineArn: string;
  readonly topics: Readonly<Record<Audience, string>>;
  /** ARN of the key that task tokens are encrypted with. */
  readonly approvalKey: string;
  readonly permissions: Readonly<Record<FunctionName, readonly Permission[]>>;
  readonly logRetention: RetentionDays;
  readonly reservedConcurrency: number | undefined;
}

/** Every Lambda, each with its own role and log group, invoked by version. */
export class Functions extends Construct {
  readonly byName: Readonly<Record<FunctionName, LambdaFunction>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const bundles = functionBundles();
    const environment = {
      BACKSTEP_ENVIRONMENT: props.environment,
      BACKSTEP_TABLE: props.table,
      BACKSTEP_BUCKET: props.bucket,
      BACKSTEP_STATE_MACHINE_ARN: props.stateMachineArn,
      BACKSTEP_TOPIC_TECHNICAL: props.topics.technical,
      BACKSTEP_TOPIC_BUSINESS: props.topics.business,
      BACKSTEP_TOPIC_EXECUTIVE: props.topics.executive,
      BACKSTEP_APPROVAL_KEY: props.approvalKey,
    };
    const create = (name: FunctionName): LambdaFunction => {
      const own = new Construct(this, name);
      const logGroup = new LogGroup(own, 'Logs', {
        retention: props.logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      const role = leastPrivilegeRole(own, 'Role', {
        description: `Backstep ${props.environment}: ${name}`,
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        permissions: [
          { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] },
          ...props.permissions[name],
        ],
      });
      return new LambdaFunction(own, 'Function', {
        // People look for this one in the console, by the name that the question tells them.
        ...(name === 'Answer' && { functionName: answerFunctionName(props.environment) }),
        description: `Backstep ${props.environment}: ${purposes[name]}`,
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        handler: 'index.handler',
        code: Code.fromAsset(bundles.directory(name)),
        // A lock is taken over only when the longest Lambda of its owner must have ended. Those that own none have more to do.
        timeout: unhurried.includes(name) ? Duration.minutes(5) : Duration.seconds(longestLambdaSeconds),
        memorySize: 512,
        environment,
        role,
        logGroup,
        loggingFormat: LoggingFormat.JSON,
        ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
        // A rollback under way ends with the versions that it began with, whatever is deployed meanwhile.
        currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      });
    };
    this.byName = Object.fromEntries(functionNames.map((name) => [name, create(name)])) as Record<
      FunctionName,
      LambdaFunction
    >;
  }
}

/** What holds no lock, and looks at every service in one run. */
const unhurried: readonly FunctionName[] = ['Install', 'CheckReadiness'];

const purposes: Readonly<Record<FunctionName, string>> = {
  Admit: 'decides whether this start may roll back, and takes the lock',
  Plan: 'reads the account once, stores the checkpoint, decides what to do',
  RequestApproval: 'asks people, and keeps the token that their answer comes back with',
  AcceptApproval: 'says what an answer means now, and takes the lock',
  Answer: 'takes the yes or no of a person',
  StartSnapshot: 'asks RDS for a snapshot before anything changes',
  CheckSnapshot: 'says whether an awaited snapshot is there',
  ShiftTraffic: 'moves traffic to the side that runs the target release',
  CheckTraffic: 'says whether the traffic has moved, and whether more may follow',
  RevertService: 'puts an ECS service back on the target release',
  CheckService: 'says whether the ECS service runs the target release',
  ScaleIn: 'takes out the tasks of the side that the traffic left',
  VerifyHealth: 'probes and measures whether the service is healthy again',
  Compensate: 'undoes what a stopped rollback has changed, where that leaves users better off',
  GiveBack: 'gives back what rollbacks owe: group stickiness that was switched off',
  Reap: 'takes up a rollback that was stopped or broke off',
  Report: 'writes the report, tells people, gives the lock back',
  RecordRelease: 'keeps the ledger of releases',
  Sweep: 'starts what a lost event should have started, and finds abandoned locks',
  CheckReadiness: 'looks once a day whether each service could be rolled back, and tells where not',
  PublishBaselines: 'learns what is normal for each service, and publishes it for the alarms',
  Install: 'publishes the configuration and imports the running releases',
};

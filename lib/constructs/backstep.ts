import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { EnvironmentConfiguration } from '../config/load.ts';
import { Alarms } from './alarms.ts';
import { protectedArns } from './arns.ts';
import { Baselines } from './baselines.ts';
import { functionPermissions } from './function-permissions.ts';
import { Functions } from './functions.ts';
import { Installation } from './installation.ts';
import { Notifications } from './notifications.ts';
import { OwnAlarms } from './own-alarms.ts';
import { Parameters } from './parameters.ts';
import { Rules } from './rules.ts';
import { Storage } from './storage.ts';
import { Sweeping } from './sweeping.ts';
import { Workflow } from './workflow.ts';

export interface BackstepProps {
  /** One environment of backstep.json, as `loadConfiguration` returns it: services, contacts, compiled triggers. */
  readonly configuration: EnvironmentConfiguration;

  /**
   * Executions that each Lambda has for itself, so that an incident elsewhere in the account cannot starve a rollback.
   * Takes ten times this number out of the account's pool, of which AWS wants to keep 100 unreserved; a new account has
   * only 10 in all, where any reservation fails the deployment.
   *
   * @default - none: the Lambdas share the account's pool, and the state machine retries when it is exhausted
   */
  readonly reservedConcurrency?: number;

  /**
   * How long the logs of Lambdas and state machine are kept. Reports and timeline are not logs, and stay.
   *
   * @default RetentionDays.THREE_MONTHS - as long as Step Functions keeps the executions themselves
   */
  readonly logRetention?: RetentionDays;
}

/**
 * Everything that undoes a bad release of the configured services, in one account and region.
 *
 * The services themselves are not touched by a deployment: Backstep reads and changes them only when it rolls back.
 *
 * @example
 * const { environments } = loadConfiguration('backstep.json');
 * const configuration = environments.production;
 * const stack = new Stack(app, 'Production', { env: { account: configuration.account, region: configuration.region } });
 * new Backstep(stack, 'Backstep', { configuration });
 */
export class Backstep extends Construct {
  /** The rollback itself. Start it with `{"service":"…"}`. */
  readonly stateMachine: IStateMachine;
  /** Lock, ledger and timeline. */
  readonly table: Storage['table'];
  /** Configurations, checkpoints, plans and reports. */
  readonly bucket: Storage['bucket'];
  /** One topic per audience, for subscriptions other than the configured e-mail addresses. */
  readonly topics: Notifications['topics'];

  constructor(scope: Construct, id: string, props: BackstepProps) {
    super(scope, id);
    const { name: environment, contacts } = props.configuration;
    const services = Object.values(props.configuration.services);
    const logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
    const stack = Stack.of(this);
    refuseOtherEnvironment(stack, props.configuration);

    const storage = new Storage(this, 'Storage');
    const notifications = new Notifications(this, 'Notifications', { environment, contacts });
    const arns = protectedArns(this, environment, services);
    const table = storage.table.tableArn;
    const bucket = storage.bucket.bucketArn;
    const topics = {
      technical: notifications.topics.technical.topicArn,
      business: notifications.topics.business.topicArn,
      executive: notifications.topics.executive.topicArn,
    };
    const functions = new Functions(this, 'Functions', {
      environment,
      table: storage.table.tableName,
      bucket: storage.bucket.bucketName,
      stateMachineArn: arns.stateMachine,
      topics,
      permissions: functionPermissions({ arns, table, bucket, topics, assetBucket: assetBucket(stack) }),
      logRetention,
      reservedConcurrency: props.reservedConcurrency,
    }).byName;
    const workflow = new Workflow(this, 'Workflow', { environment, functions, logRetention });
    const installation = new Installation(this, 'Installation', { environment, services, install: functions.Install });
    const { configurations } = installation;
    const parameters = new Parameters(this, 'Parameters', { environment, services, configurations });
    const alarms = new Alarms(this, 'Alarms', { services });
    const rules = new Rules(this, 'Rules', {
      environment,
      stateMachine: workflow.stateMachine,
      recordRelease: functions.RecordRelease,
      services: arns.services,
      adopted: services.map(({ service, adoptedAlarms = [] }) => ({
        service,
        alarms: adoptedAlarms.map(({ name }) => name),
      })),
    });

    const sweeping = new Sweeping(this, 'Sweeping', { environment, sweep: functions.Sweep.currentVersion });
    const baselines = new Baselines(this, 'Baselines', {
      environment,
      publishBaselines: functions.PublishBaselines.currentVersion,
      topic: notifications.topics.technical,
    });
    new OwnAlarms(this, 'OwnAlarms', {
      environment,
      within: this,
      stateMachine: workflow.stateMachine,
      functions,
      topic: notifications.topics.technical,
    });

    // A parameter points to what the installation has stored, and nothing may start before Admit can read it.
    parameters.node.addDependency(installation);
    for (const rule of rules.alarmRules) rule.node.addDependency(parameters);
    alarms.node.addDependency(...rules.alarmRules);
    sweeping.node.addDependency(parameters);
    baselines.node.addDependency(parameters);

    this.stateMachine = workflow.stateMachine;
    this.table = storage.table;
    this.bucket = storage.bucket;
    this.topics = notifications.topics;
  }
}

/** ARNs in the configuration name an account and a region: elsewhere they would protect nothing. */
function refuseOtherEnvironment(stack: Stack, { name, account, region }: EnvironmentConfiguration): void {
  if (stack.account === account && stack.region === region) return;
  throw new Error(
    `The environment ${name} is configured for account ${account} and region ${region}, but the stack ` +
      `${stack.stackName} goes to ${stack.account} and ${stack.region}: give the stack env: { account, region }.`,
  );
}

/** The bucket that the bootstrap stack made for assets. */
function assetBucket(stack: Stack): string {
  const qualifier =
    stack.node.tryGetContext('@aws-cdk/core:bootstrapQualifier') ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return `arn:${stack.partition}:s3:::cdk-${qualifier}-assets-${stack.account}-${stack.region}`;
}

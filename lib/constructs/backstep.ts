import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type IStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { AspectPriority, Aspects, DefaultStackSynthesizer, Lazy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { EnvironmentConfiguration } from '../config/load.ts';
import type { Contact, ServiceConfiguration } from '../domain/model.ts';
import { withNeighbours } from '../domain/neighbours.ts';
import { Alarms } from './alarms.ts';
import { Answering } from './answering.ts';
import { Approvals } from './approvals.ts';
import { protectedArns } from './arns.ts';
import { Baselines } from './baselines.ts';
import { Directory } from './directory.ts';
import { functionPermissions } from './function-permissions.ts';
import { Functions } from './functions.ts';
import { GivingBack } from './giving-back.ts';
import { Installation } from './installation.ts';
import type { KnownAtDeployment } from './known-at-deployment.ts';
import { Notifications } from './notifications.ts';
import { OwnAlarms } from './own-alarms.ts';
import { Parameters } from './parameters.ts';
import type { Protectable, ProtectProps } from './protect-props.ts';
import { Protection } from './protection.ts';
import { Readiness } from './readiness.ts';
import { Reaping } from './reaping.ts';
import { Rules } from './rules.ts';
import { Storage } from './storage.ts';
import { Sweeping } from './sweeping.ts';
import { Workflow } from './workflow.ts';

export interface BackstepProps {
  /**
   * One environment of backstep.json, as `loadConfiguration` returns it: services, contacts, compiled triggers.
   *
   * @default - none: `environment` names the environment, and every service comes from `protect`
   */
  readonly configuration?: EnvironmentConfiguration;

  /**
   * The name of the environment, `production`: part of all names. Of its account and region the stack decides.
   *
   * @default - the configuration's
   */
  readonly environment?: string;

  /**
   * Whether a start by hand needs the phrase ROLLBACK PRODUCTION. Only beside `environment`.
   *
   * @default - the configuration's; true without one
   */
  readonly production?: boolean;

  /**
   * Who is told, by the names of the runbooks' escalation_contacts. Only beside `environment`.
   *
   * @default - the configuration's; nobody without one
   */
  readonly contacts?: Readonly<Record<string, { readonly email: string; readonly audience?: Contact['audience'] }>>;

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
 * Everything that undoes a bad release of the protected services, in one account and region. They come from a
 * configuration file, from `protect`, or from both.
 *
 * The services themselves are not touched by a deployment: Backstep reads and changes them only when it rolls back.
 *
 * @example
 * const { environments } = loadConfiguration('backstep.json');
 * const configuration = environments.production;
 * const stack = new Stack(app, 'Production', { env: { account: configuration.account, region: configuration.region } });
 * new Backstep(stack, 'Backstep', { configuration });
 *
 * @example
 * const backstep = new Backstep(this, 'Backstep', { environment: 'production' });
 * backstep.protect(service, { name: 'checkout', targetGroup, rules: [listener], runbook: 'runbooks/checkout.json' });
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
  readonly #props: BackstepProps;
  readonly #protection: Protection;
  /** What knows the services, and therefore exists only once all of them are known. */
  #workflow: Workflow | undefined;

  constructor(scope: Construct, id: string, props: BackstepProps) {
    super(scope, id);
    this.#props = props;
    this.#protection = new Protection(this, props);
    const { name: environment, contacts } = this.#protection.environment;
    const storage = new Storage(this, 'Storage');
    this.table = storage.table;
    this.bucket = storage.bucket;
    this.topics = new Notifications(this, 'Notifications', { environment, contacts }).topics;
    const stateMachineArn = Lazy.string({ produce: () => this.#workflow?.stateMachine.stateMachineArn });
    this.stateMachine = StateMachine.fromStateMachineArn(this, 'StateMachine', stateMachineArn);
    // Services may be added until synthesis, and most of what is here depends on which there are.
    Aspects.of(this).add({ visit: () => this.build() }, { priority: AspectPriority.MUTATING });
  }

  /**
   * Protects an ECS service of this app. Names and ARNs that only the deployment knows are filled in then.
   *
   * @param service an ECS service, what `ApplicationLoadBalancedFargateService` makes, or two sides between which traffic
   *   moves
   * @throws ConfigurationError naming what is missing or wrong
   * @example
   * backstep.protect([{ name: 'blue', service: blue, targetGroup: blueTargets }, { name: 'green', … }], {
   *   name: 'checkout', rules: [rule], database, runbook: 'runbooks/checkout.json',
   * });
   */
  protect(service: Protectable, props: ProtectProps): void {
    if (this.#workflow)
      throw new Error(`${this.node.path} is built: protect ${props.name} before build and synthesis.`);
    this.#protection.add(service, props);
  }

  /**
   * Makes now what synthesis would make otherwise: the parts that depend on which services there are. Needed only to look
   * at these parts before. Nothing can be protected afterwards.
   *
   * @throws ConfigurationError when two services would change the same thing
   */
  build(): void {
    if (this.#workflow) return;
    const { environment, known } = this.#protection;
    const services = withNeighbours(this.#protection.services());
    this.#workflow = this.#build(environment.name, services, known);
  }

  /** Everything is decided on stand-ins where names are not known yet; `known` puts the real ones into the template. */
  #build(environment: string, services: readonly ServiceConfiguration[], known: KnownAtDeployment): Workflow {
    const logRetention = this.#props.logRetention ?? RetentionDays.THREE_MONTHS;
    const standIns = protectedArns(this, environment, services);
    const arns = known.fill(standIns);
    const table = this.table.tableArn;
    const bucket = this.bucket.bucketArn;
    const topics = {
      technical: this.topics.technical.topicArn,
      business: this.topics.business.topicArn,
      executive: this.topics.executive.topicArn,
    };
    const approvalKey = new Approvals(this, 'Approvals', { environment }).key.keyArn;
    const functions = new Functions(this, 'Functions', {
      environment,
      table: this.table.tableName,
      bucket: this.bucket.bucketName,
      stateMachineArn: arns.stateMachine,
      topics,
      approvalKey,
      permissions: functionPermissions({
        arns,
        table,
        bucket,
        topics,
        approvalKey,
        assetBucket: assetBucket(Stack.of(this)),
      }),
      logRetention,
      reservedConcurrency: this.#props.reservedConcurrency,
    }).byName;
    const workflow = new Workflow(this, 'Workflow', { environment, machine: 'rollback', functions, logRetention });
    const reaping = new Reaping(this, 'Reaping', {
      environment,
      rollback: workflow.stateMachine,
      functions,
      logRetention,
    });
    const answering = new Answering(this, 'Answering', { environment, answer: functions.Answer });
    new Directory(this, 'Directory', {
      environment,
      installation: {
        stateMachineArn: workflow.stateMachine.stateMachineArn,
        reapStateMachineArn: reaping.stateMachine.stateMachineArn,
        table: this.table.tableName,
        bucket: this.bucket.bucketName,
        answerUrl: answering.url,
        answerFunction: functions.Answer.functionName,
      },
      functions,
    });
    const install = functions.Install;
    const installation = new Installation(this, 'Installation', { environment, services, install, known });
    const { configurations } = installation;
    const parameters = new Parameters(this, 'Parameters', { environment, services, configurations, known });
    const alarms = new Alarms(this, 'Alarms', { services: known.fill(services) });
    const rules = new Rules(this, 'Rules', {
      environment,
      stateMachine: workflow.stateMachine,
      recordRelease: functions.RecordRelease,
      services: standIns.services,
      deploymentGroups: standIns.deploymentGroups,
      adopted: services.map(({ service, adoptedAlarms = [] }) => ({
        service,
        alarms: adoptedAlarms.map(({ name }) => name),
      })),
      known,
    });

    const sweeping = new Sweeping(this, 'Sweeping', { environment, sweep: functions.Sweep.currentVersion });
    const givingBack = new GivingBack(this, 'GivingBack', {
      environment,
      giveBack: functions.GiveBack.currentVersion,
    });
    const baselines = new Baselines(this, 'Baselines', {
      environment,
      publishBaselines: functions.PublishBaselines.currentVersion,
      topic: this.topics.technical,
    });
    const readiness = new Readiness(this, 'Readiness', {
      environment,
      checkReadiness: functions.CheckReadiness.currentVersion,
      topic: this.topics.technical,
    });
    new OwnAlarms(this, 'OwnAlarms', {
      environment,
      within: this,
      rollback: workflow.stateMachine,
      reap: reaping.stateMachine,
      functions,
      topic: this.topics.technical,
    });

    // A parameter points to what the installation has stored, and nothing may start before Admit can read it.
    parameters.node.addDependency(installation);
    for (const rule of rules.alarmRules) rule.node.addDependency(parameters);
    alarms.node.addDependency(...rules.alarmRules);
    sweeping.node.addDependency(parameters);
    givingBack.node.addDependency(parameters);
    baselines.node.addDependency(parameters);
    readiness.node.addDependency(parameters);
    return workflow;
  }
}

/** The bucket that the bootstrap stack made for assets. */
function assetBucket(stack: Stack): string {
  const qualifier =
    stack.node.tryGetContext('@aws-cdk/core:bootstrapQualifier') ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return `arn:${stack.partition}:s3:::cdk-${qualifier}-assets-${stack.account}-${stack.region}`;
}

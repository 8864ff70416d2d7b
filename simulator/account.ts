import { Clock } from './clock.ts';
import { Iam } from './iam.ts';
import { isFunctionUrl } from './lambda/urls.ts';
import { Random } from './random.ts';
import type { CallRecord, FaultEffect, FaultHook, FaultPoint } from './service.ts';
import { ApplicationAutoScaling } from './services/autoscaling.ts';
import { CloudFormation } from './services/cloudformation.ts';
import { CloudWatch } from './services/cloudwatch.ts';
import { CodeDeploy } from './services/codedeploy.ts';
import { DynamoDb } from './services/dynamodb.ts';
import { Ecr } from './services/ecr.ts';
import { Ecs } from './services/ecs.ts';
import { Elbv2 } from './services/elbv2.ts';
import { EventBridge } from './services/events.ts';
import { IamApi } from './services/iam.ts';
import { Kms } from './services/kms.ts';
import { Lambda } from './services/lambda.ts';
import { CloudWatchLogs } from './services/logs.ts';
import { Rds } from './services/rds.ts';
import { S3 } from './services/s3.ts';
import { SecretsManager } from './services/secretsmanager.ts';
import { Sns } from './services/sns.ts';
import { Sqs } from './services/sqs.ts';
import { Ssm } from './services/ssm.ts';
import { StepFunctions } from './services/states.ts';
import { Sts } from './services/sts.ts';
import { Wire, type WireRequest, type WireResponse } from './wire/wire.ts';

export interface AccountOptions {
  readonly account: string;
  readonly region: string;
  /** Virtual start, milliseconds since the epoch. */
  readonly startMs: number;
  readonly seed: number;
}

/** One AWS account in one region, in this process, on virtual time. */
export class SimulatedAccount {
  readonly id: string;
  readonly region: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly calls: CallRecord[] = [];
  /** `service:Operation` of every call that the simulated account does not know; a run reports them. */
  readonly unknownOperations: string[] = [];
  /** Every fault that may happen, asked in order; the first answer counts. */
  readonly faults: FaultHook[] = [];

  readonly iam: Iam;
  readonly kms: Kms;
  readonly ecs: Ecs;
  readonly ecr: Ecr;
  readonly autoscaling: ApplicationAutoScaling;
  readonly codedeploy: CodeDeploy;
  readonly elbv2: Elbv2;
  readonly rds: Rds;
  readonly cloudformation: CloudFormation;
  readonly cloudwatch: CloudWatch;
  readonly logs: CloudWatchLogs;
  readonly events: EventBridge;
  readonly dynamodb: DynamoDb;
  readonly s3: S3;
  readonly ssm: Ssm;
  readonly secrets: SecretsManager;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly states: StepFunctions;
  readonly lambda: Lambda;
  readonly #wire: Wire;

  constructor(options: AccountOptions) {
    this.id = options.account;
    this.region = options.region;
    this.clock = new Clock(options.startMs);
    this.random = new Random(options.seed);
    this.iam = new Iam();
    this.kms = new Kms(this);
    this.elbv2 = new Elbv2(this);
    this.rds = new Rds(this);
    this.cloudformation = new CloudFormation(this);
    this.ecr = new Ecr(this);
    this.ecs = new Ecs(this);
    this.autoscaling = new ApplicationAutoScaling(this);
    this.codedeploy = new CodeDeploy(this);
    this.cloudwatch = new CloudWatch(this);
    this.logs = new CloudWatchLogs(this);
    this.events = new EventBridge(this);
    this.dynamodb = new DynamoDb(this);
    this.s3 = new S3(this);
    this.ssm = new Ssm(this);
    this.secrets = new SecretsManager(this);
    this.sns = new Sns(this);
    this.sqs = new Sqs(this);
    this.states = new StepFunctions(this);
    this.lambda = new Lambda(this);
    this.#wire = new Wire(this, [
      this.ecs,
      this.codedeploy,
      this.ecr,
      this.autoscaling,
      this.elbv2,
      this.rds,
      this.cloudformation,
      this.cloudwatch,
      this.logs,
      this.events,
      this.dynamodb,
      this.s3,
      this.ssm,
      this.secrets,
      this.sns,
      this.states,
      this.kms,
      this.lambda,
      new Sts(this),
      new IamApi(this),
    ]);
  }

  /** Answers one AWS API request, or one request to a function's URL, on virtual time. The host decides. */
  handle(request: WireRequest): Promise<WireResponse> {
    if (isFunctionUrl(request.hostname)) return this.lambda.urls.handle(request);
    return this.#wire.handle(request);
  }

  fault(point: FaultPoint): FaultEffect | undefined {
    for (const hook of this.faults) {
      const effect = hook(point);
      if (effect) return effect;
    }
    return undefined;
  }

  /** `arn:aws:<service>:<region>:<account>:<resource>` */
  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.id}:${resource}`;
  }
}

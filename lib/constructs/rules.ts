import { EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { eventLimitMinutes } from '../domain/admission-reasons.ts';
import { alarmPrefix } from '../domain/names.ts';
import { deadLetterQueue } from './dead-letters.ts';
import type { KnownAtDeployment } from './known-at-deployment.ts';
import { leastPrivilegeRole } from './permissions.ts';

export interface RulesProps {
  readonly environment: string;
  readonly stateMachine: IStateMachine;
  /**
   * Keeps the ledger. Not a version of it: each has a permission of its own, which a deployment gives only after it has
   * pointed the rule there, and an event in between goes to the dead letters without a second attempt.
   */
  readonly recordRelease: LambdaFunction;
  /** ECS service ARNs, with stand-ins, which are as long as the real ones can be. */
  readonly services: readonly string[];
  /** ARNs of the deployment groups of CodeDeploy that deploy some of them, with stand-ins. */
  readonly deploymentGroups: readonly string[];
  /** Alarms that services have adopted. */
  readonly adopted: readonly AdoptedBy[];
  readonly known: KnownAtDeployment;
}

/** The names of the alarms that one service starts from, though Backstep did not make them. */
export interface AdoptedBy {
  readonly service: string;
  readonly alarms: readonly string[];
}

/** What starts us: an alarm starts a rollback, a deployment event of ECS or CodeDeploy becomes a line in the ledger. */
export class Rules extends Construct {
  /** What matches our own alarms by their prefix, and the adopted ones by name. */
  readonly alarmRules: readonly Rule[];

  constructor(scope: Construct, id: string, props: RulesProps) {
    super(scope, id);
    this.alarmRules = this.#startRollbacks(props);
    this.#recordReleases(props);
  }

  #startRollbacks({ environment, stateMachine, adopted, known }: RulesProps): Rule[] {
    const stack = Stack.of(this);
    const arnOf = (name: string): string =>
      `arn:${stack.partition}:cloudwatch:${stack.region}:${stack.account}:alarm:${name}`;
    const role = leastPrivilegeRole(this, 'AlarmRole', {
      description: `Backstep ${environment}: starts the rollback when one of our alarms fires`,
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
      permissions: [],
    });
    const undelivered = deadLetterQueue(this, 'AlarmDeadLetters');
    const start = (service?: string): SfnStateMachine =>
      // Grants the role states:StartExecution on this machine, and nothing else.
      new SfnStateMachine(stateMachine, {
        role,
        input: RuleTargetInput.fromObject({
          ...(service === undefined ? {} : { service }),
          // Not the alarm's reason: it holds quotes, which a transformer does not escape. Admit asks CloudWatch.
          trigger: {
            alarmName: EventField.fromPath('$.detail.alarmName'),
            alarmArn: EventField.fromPath('$.resources[0]'),
            state: EventField.fromPath('$.detail.state.value'),
            time: EventField.time,
            eventId: EventField.eventId,
          },
        }),
        // Rolling back for an alarm of hours ago could undo the fix.
        maxEventAge: Duration.minutes(eventLimitMinutes),
        retryAttempts: 185,
        deadLetterQueue: undelivered,
      });
    const own = new Rule(this, 'AlarmRule', {
      description: `Backstep ${environment}: an alarm compiled from a runbook is on`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: Match.prefix(arnOf(alarmPrefix(environment))),
        detail: { state: { value: ['ALARM'] } },
      },
      targets: [start()],
    });
    // A rule for each service: the name of a foreign alarm does not tell whose it is.
    const foreign = adopted.flatMap(({ service, alarms }) =>
      chunkPattern(alarms.map(arnOf)).map(
        (resources, index) =>
          new Rule(this, `AdoptedAlarmRule-${service}${index === 0 ? '' : `-${index + 1}`}`, {
            description: `Backstep ${environment}: an alarm that ${service} has adopted is on`,
            eventPattern: {
              source: ['aws.cloudwatch'],
              detailType: ['CloudWatch Alarm State Change'],
              resources: known.fill(resources),
              // A composite alarm is announced also while its actions are suppressed, and once more when they no longer are.
              detail: { state: { value: ['ALARM'], actionsSuppressedBy: Match.doesNotExist() } },
            },
            targets: [start(service)],
          }),
      ),
    );
    return [own, ...foreign];
  }

  #recordReleases({ environment, recordRelease, services, deploymentGroups, known }: RulesProps): void {
    const undelivered = deadLetterQueue(this, 'DeploymentDeadLetters');
    // The rule's queue takes what Lambda does not accept, this one what the handler fails on three times.
    recordRelease.configureAsyncInvoke({ retryAttempts: 2, onFailure: new SqsDestination(undelivered) });
    // Late is better than never: a release is recorded with the time at which its deployment began.
    const target = (): LambdaTarget =>
      new LambdaTarget(recordRelease, {
        maxEventAge: Duration.hours(24),
        retryAttempts: 185,
        deadLetterQueue: undelivered,
      });
    chunkPattern(services).forEach((resources, index) => {
      new Rule(this, index === 0 ? 'DeploymentRule' : `DeploymentRule${index + 1}`, {
        description: `Backstep ${environment}: a deployment of a protected service changed`,
        eventPattern: {
          source: ['aws.ecs'],
          detailType: ['ECS Deployment State Change'],
          resources: known.fill(resources),
        },
        targets: [target()],
      });
    });
    // Of what CodeDeploy deploys ECS announces nothing.
    chunkPattern(deploymentGroups).forEach((resources, index) => {
      new Rule(this, index === 0 ? 'CodeDeployRule' : `CodeDeployRule${index + 1}`, {
        description: `Backstep ${environment}: CodeDeploy has deployed a protected service`,
        eventPattern: {
          source: ['aws.codedeploy'],
          detailType: ['CodeDeploy Deployment State-change Notification'],
          resources: known.fill(resources),
          detail: { state: ['SUCCESS'] },
        },
        targets: [target()],
      });
    });
  }
}

/** An event pattern holds 2,048 characters; what surrounds the ARNs takes less than 190. */
const patternRoom = 1_850;

/** Splits ARNs so that each part fits into one event pattern. */
export function chunkPattern(arns: readonly string[], room = patternRoom): string[][] {
  const chunks: string[][] = [];
  let left = 0;
  for (const arn of arns) {
    const size = JSON.stringify(arn).length + ','.length;
    const chunk = chunks.at(-1);
    if (chunk && size <= left) {
      chunk.push(arn);
      left -= size;
    } else {
      chunks.push([arn]);
      left = room - size;
    }
  }
  return chunks;
}

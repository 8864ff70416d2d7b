import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration } from 'aws-cdk-lib/core';
import { Construct, type IConstruct } from 'constructs';
import { operationsAlarmName } from '../domain/names.ts';
import { type FunctionName, workflowFunctions } from './function-names.ts';

export interface OwnAlarmsProps {
  readonly environment: string;
  /** Every queue below this is a dead-letter queue of ours. */
  readonly within: IConstruct;
  readonly rollback: IStateMachine;
  readonly reap: IStateMachine;
  readonly functions: Readonly<Record<FunctionName, LambdaFunction>>;
  /** Who is told. */
  readonly topic: ITopic;
}

/**
 * Backstep's watch over itself. What fails here has failed to protect a service, and nobody else would say so. Their names
 * lie outside of the prefix that starts rollbacks.
 */
export class OwnAlarms extends Construct {
  readonly #environment: string;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, props: OwnAlarmsProps) {
    super(scope, id);
    this.#environment = props.environment;
    this.#topic = props.topic;
    this.#deadLetters(props.within);
    this.#executions('executions', props.rollback, executionMetrics);
    this.#executions('reap', props.reap, reapMetrics);
    this.#functions(props.functions);
    this.#silence(props.functions);
  }

  #deadLetters(within: IConstruct): void {
    const queues = within.node.findAll().filter((construct) => construct instanceof Queue);
    for (const queue of queues) {
      this.#alarm(['dead-letters', queue.node.id], {
        metric: queue.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: Stats.MAXIMUM }),
        alarmDescription:
          'An event could not be handed over and was put into a dead-letter queue: a rollback was not started, a ' +
          'stopped one not taken up, or a release not recorded. The message says what and why; once it is dealt with, delete it from the queue.',
      });
    }
  }

  #executions(group: string, { stateMachineArn }: IStateMachine, metrics: Readonly<Record<string, string>>): void {
    const metric = (metricName: string): Metric =>
      new Metric({
        namespace: 'AWS/States',
        metricName,
        dimensionsMap: { StateMachineArn: stateMachineArn },
        period: minute,
        statistic: Stats.SUM,
      });
    for (const [metricName, meaning] of Object.entries(metrics)) {
      this.#alarm([group, metricName], { metric: metric(metricName), alarmDescription: meaning });
    }
  }

  /** An error of a workflow's function is repeated, so that only several mean something; the others have nobody behind them. */
  #functions(functions: OwnAlarmsProps['functions']): void {
    const workflow: readonly FunctionName[] = workflowFunctions;
    const names = Object.keys(functions) as FunctionName[];
    const groups = [
      { group: 'workflow', members: names.filter((name) => workflow.includes(name)), threshold: 3 },
      { group: 'background', members: names.filter((name) => !workflow.includes(name)), threshold: 1 },
    ];
    for (const { group, members, threshold } of groups.flatMap(inTens)) {
      for (const [metricName, what] of Object.entries(functionMetrics)) {
        const metrics = members.map((name) =>
          functions[name].metric(metricName, { period: fiveMinutes, statistic: Stats.SUM, label: name }),
        );
        this.#alarm(['functions', group, metricName], {
          metric: sum(`${what} of ${members.join(', ')}`, metrics),
          threshold,
          // A point may come late, and the one before would not be looked at again.
          evaluationPeriods: 2,
          datapointsToAlarm: 1,
          alarmDescription:
            `${what} of Lambdas, ${threshold} or more in five minutes, among ${members.join(', ')}. ` +
            (threshold > 1
              ? 'The state machine repeats them and says in its report how it ended; refused input counts as an error too.'
              : 'Their logs say why. Until they work again, releases may go unrecorded and lost events unnoticed.'),
        });
      }
    }
  }

  /** A metric that nobody publishes any more has no data: that is the alarm. It is also how the alarm begins, and says nothing. */
  #silence({ Sweep, CheckReadiness }: OwnAlarmsProps['functions']): void {
    const silences = [
      {
        name: 'sweep-silent',
        metric: Sweep.metricInvocations({ period: fiveMinutes, statistic: Stats.SUM }),
        evaluationPeriods: 3,
        alarmDescription:
          'Sweep has not looked for fifteen minutes: an alarm whose event got lost would start nothing. Its rule may be disabled.',
      },
      {
        name: 'readiness-silent',
        // Periods of an hour may be evaluated over up to seven days, shorter ones over one day only.
        metric: CheckReadiness.metricInvocations({ period: Duration.hours(1), statistic: Stats.SUM }),
        evaluationPeriods: 48,
        alarmDescription:
          'CheckReadiness has not looked for two days: that a service could not be rolled back would be found out in an ' +
          'incident only. Its rule may be disabled. Until it looks again: npx backstep doctor.',
      },
    ];
    for (const { name, ...props } of silences) {
      const alarm = this.#alarm([name], {
        ...props,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.MISSING,
      });
      alarm.addInsufficientDataAction(new SnsAction(this.#topic));
    }
  }

  #alarm(name: readonly string[], props: Pick<AlarmProps, 'metric' | 'alarmDescription'> & Partial<AlarmProps>): Alarm {
    const alarm = new Alarm(this, name.join('.'), {
      alarmName: operationsAlarmName(this.#environment, ...name),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    return alarm;
  }
}

const minute = Duration.minutes(1);
const fiveMinutes = Duration.minutes(5);

const executionMetrics = {
  ExecutionsFailed:
    'An execution ended FAILED. After halted and needs-attention its report says what to do; InvalidInput refused a start; ' +
    'any other error is one of Backstep itself.',
  ExecutionsTimedOut:
    'An execution ran into its time-out of 60 hours. The reap machine gives back what it held; its report says how the ' +
    'service stands.',
  ExecutionsAborted:
    'Somebody stopped an execution. The reap machine gives back what it held within minutes; its report says how the ' +
    'service stands.',
  ExecutionThrottled: 'Step Functions holds executions back: the account uses up its quota of state transitions.',
} as const;

const reapMetrics = {
  ExecutionsFailed:
    'A rollback that was stopped or broke off could not be taken up: its lock may be held, and it has no report. Look at ' +
    'weights, deployment and lock of its service; redrive the execution once its cause is gone.',
  ExecutionsTimedOut: 'Taking up a rollback that was stopped or broke off took more than an hour: look at its service.',
  ExecutionsAborted:
    'Somebody stopped what takes up a stopped rollback: look at weights, deployment and lock of its service.',
} as const;

const functionMetrics = { Errors: 'Errors', Throttles: 'Throttled invocations' } as const;

interface FunctionGroup {
  readonly group: string;
  readonly members: readonly FunctionName[];
  readonly threshold: number;
}

/** An alarm takes ten metrics: `workflow`, `workflow-2`, … */
function inTens({ group, members, threshold }: FunctionGroup): FunctionGroup[] {
  return Array.from({ length: Math.ceil(members.length / 10) }, (_, index) => ({
    group: index === 0 ? group : `${group}-${index + 1}`,
    members: members.slice(index * 10, index * 10 + 10),
    threshold,
  }));
}

function sum(label: string, metrics: readonly IMetric[]): IMetric {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    label,
    period: fiveMinutes,
    usingMetrics,
    // A function that did not run has no point. `m0 + m1` would have none either; the sum of a list passes over gaps, and
    // the constant is there also when nothing ran at all.
    expression: `SUM([TIME_SERIES(0), ${Object.keys(usingMetrics).join(', ')}])`,
  });
}

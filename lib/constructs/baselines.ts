import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction, Version } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { baselineRunMetric } from '../domain/baseline-metrics.ts';
import { aheadMinutes, scheduleMinutes } from '../domain/baseline-points.ts';
import { operationsAlarmName } from '../domain/names.ts';
import { deadLetterQueue } from './dead-letters.ts';

export interface BaselinesProps {
  readonly environment: string;
  /** The version that learns and publishes. */
  readonly publishBaselines: Version;
  /** Who is told when no baselines come any more. */
  readonly topic: ITopic;
}

const every = Duration.minutes(scheduleMinutes);

/** Publishes what is normal for each service, and says so when it no longer does. */
export class Baselines extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: BaselinesProps) {
    super(scope, id);
    this.rule = this.#schedule(props);
    this.#watch(props);
  }

  #schedule({ environment, publishBaselines }: BaselinesProps): Rule {
    // A run older than the next one has nothing to add. One repetition: a throttled call is over a minute later.
    publishBaselines.configureAsyncInvoke({ retryAttempts: 1, maxEventAge: every });
    return new Rule(this, 'Rule', {
      description: `Backstep ${environment}: learns and publishes the baselines of every service`,
      schedule: Schedule.rate(every),
      targets: [
        // The CDK's classes are not written for exactOptionalPropertyTypes; a version is a function.
        new LambdaTarget(publishBaselines as IFunction, {
          maxEventAge: every,
          retryAttempts: 3,
          deadLetterQueue: deadLetterQueue(this, 'BaselineDeadLetters'),
        }),
      ],
    });
  }

  /**
   * A period without a run counts as a failed one, but only after the first: until then there is nothing to miss, and a
   * new stack would begin with a false alarm. `ignore` keeps the alarm on once no run at all is in sight.
   */
  #watch({ environment, topic }: BaselinesProps): void {
    const { namespace, metricName, dimensions, statistic } = baselineRunMetric(environment);
    const failed = new Metric({ namespace, metricName, dimensionsMap: { ...dimensions }, statistic, period: every });
    const alarm = new Alarm(this, 'Silence', {
      alarmName: operationsAlarmName(environment, 'baselines-silent'),
      alarmDescription:
        `No baseline was published for two runs of ${scheduleMinutes} minutes each, or not for every service. Published ` +
        `points reach ${aheadMinutes} minutes ahead; from then on baseline triggers use the configured fallback. The log ` +
        'of the function PublishBaselines says why; if it is silent, look at its rule. Nothing is rolled back for this.',
      metric: new MathExpression({
        label: 'services without a new baseline; 1 for a run that did not happen',
        period: every,
        usingMetrics: { failed },
        expression: 'IF(FILL(failed, REPEAT) >= 0, FILL(failed, 1), 0)',
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 6,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.IGNORE,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}

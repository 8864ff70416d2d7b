import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction, Version } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { readinessAlarmName } from '../domain/names.ts';
import { readinessMetricName, readinessTotalMetric } from '../domain/readiness.ts';

export interface ReadinessProps {
  readonly environment: string;
  /** The version that looks. */
  readonly checkReadiness: Version;
  /** Who is told when a service could not be rolled back. */
  readonly topic: ITopic;
}

const every = Duration.days(1);

/** Looks once a day whether each service could be rolled back, with an alarm that goes on where one could not. */
export class Readiness extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: ReadinessProps) {
    super(scope, id);
    this.rule = this.#schedule(props);
    this.#alarm(props);
  }

  #schedule({ environment, checkReadiness }: ReadinessProps): Rule {
    // A look repeated tells nobody twice, and one that is hours late is still worth having: the next comes tomorrow.
    const maxEventAge = Duration.hours(6);
    checkReadiness.configureAsyncInvoke({ retryAttempts: 1, maxEventAge });
    return new Rule(this, 'Rule', {
      description: `Backstep ${environment}: looks whether each service could be rolled back now`,
      schedule: Schedule.rate(every),
      // The CDK's classes are not written for exactOptionalPropertyTypes; a version is a function.
      targets: [new LambdaTarget(checkReadiness as IFunction, { maxEventAge, retryAttempts: 3 })],
    });
  }

  /** Between two looks there are no data: the alarm stays as the last one left it. That none comes at all, `OwnAlarms` tells. */
  #alarm({ environment, topic }: ReadinessProps): void {
    const { namespace, metricName, dimensions, statistic } = readinessTotalMetric(environment);
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: readinessAlarmName(environment),
      alarmDescription:
        'A service could not be rolled back when the daily check looked, or several: the mail of each names the reason, ' +
        `the metric ${readinessMetricName} by Service says which, and npx backstep doctor tells all of it as it is now. The ` +
        'alarm ends with the first check that finds nothing of any; to have one at once, invoke the function ' +
        'CheckReadiness. Nothing is rolled back for this.',
      metric: new Metric({
        namespace,
        metricName,
        dimensionsMap: { ...dimensions },
        statistic,
        period: Duration.minutes(5),
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}

import { CfnAlarm, type CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmDefinition, AlarmQuery, MetricSource, ServiceConfiguration } from '../domain/model.ts';

export interface AlarmsProps {
  readonly services: readonly ServiceConfiguration[];
}

/** The runbooks' triggers as alarms. They have no actions: a rule matches their names, so no alarm can be forgotten. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    for (const service of props.services) {
      const ofService = new Construct(this, service.service);
      for (const trigger of service.triggers) {
        for (const definition of trigger.alarms)
          new CfnAlarm(ofService, localName(definition), renderAlarm(definition));
      }
    }
  }
}

/** What CloudFormation wants to know of an alarm. A single metric is written as one, which reads better in the console. */
export function renderAlarm(definition: AlarmDefinition): CfnAlarmProps {
  return {
    alarmName: definition.name,
    alarmDescription: definition.description,
    comparisonOperator: definition.comparison,
    threshold: definition.threshold,
    evaluationPeriods: definition.evaluationPeriods,
    datapointsToAlarm: definition.datapointsToAlarm,
    treatMissingData: definition.treatMissingData,
    ...renderMetrics(definition),
  };
}

function renderMetrics(definition: AlarmDefinition): Partial<CfnAlarmProps> {
  const [query, ...others] = definition.queries;
  if (query?.metric && others.length === 0) {
    const { namespace, metricName, dimensions, statistic } = query.metric;
    return {
      namespace,
      metricName,
      dimensions: renderDimensions(dimensions),
      period: definition.periodSeconds,
      // A percentile of a handful of requests says nothing, and must not decide. CloudWatch knows this for alarms on one
      // metric only; expressions count their sample themselves.
      ...(isPercentile(query.metric)
        ? { extendedStatistic: statistic, evaluateLowSampleCountPercentile: 'ignore' }
        : { statistic }),
    };
  }
  return { metrics: definition.queries.map((each) => renderQuery(each, definition.periodSeconds)) };
}

function renderQuery(query: AlarmQuery, periodSeconds: number): CfnAlarm.MetricDataQueryProperty {
  const { id, label, metric, expression, returnData } = query;
  return {
    id,
    ...(label !== undefined && { label }),
    returnData,
    ...(expression !== undefined && { expression }),
    ...(metric && {
      metricStat: {
        metric: {
          namespace: metric.namespace,
          metricName: metric.metricName,
          dimensions: renderDimensions(metric.dimensions),
        },
        period: periodSeconds,
        stat: metric.statistic,
      },
    }),
  };
}

/** Sorted, so that the order in a configuration file changes no template. */
const renderDimensions = (dimensions: MetricSource['dimensions']): CfnAlarm.DimensionProperty[] =>
  Object.entries(dimensions)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const isPercentile = (metric: MetricSource): boolean => /^p\d/.test(metric.statistic);

/** `backstep/production/checkout/error_rate_spike/main` -> `error_rate_spike.main` */
const localName = (definition: AlarmDefinition): string => definition.name.split('/').slice(3).join('.');

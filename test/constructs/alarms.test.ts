import { beforeAll, describe, expect, test } from 'vitest';
import { renderAlarm } from '../../lib/constructs/alarms.ts';
import type { AlarmDefinition } from '../../lib/domain/model.ts';
import { exampleEnvironment, exampleStack, type Resource } from './fixture.ts';

describe('the example', () => {
  let alarms: Resource[];
  beforeAll(async () => {
    const { template } = await exampleStack();
    // Those on Backstep itself have names outside of the prefix, and a test of their own.
    alarms = Object.values(template.Resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::CloudWatch::Alarm' && String(Properties.AlarmName).startsWith('backstep/production/'),
    );
  });

  test('has one alarm for each that its triggers were compiled into, without actions', () => {
    const definitions = Object.values(exampleEnvironment().services)
      .flatMap(({ triggers }) => triggers)
      .flatMap((trigger) => trigger.alarms);
    expect(definitions.length).toBeGreaterThan(3);
    expect(alarms.map(({ Properties }) => Properties.AlarmName).sort()).toEqual(
      definitions.map(({ name }) => name).sort(),
    );
    expect(
      alarms.flatMap(({ Properties }) => Object.keys(Properties)).filter((key) => key.endsWith('Actions')),
    ).toEqual([]);
  });
});

const base: AlarmDefinition = {
  name: 'backstep/production/checkout/error_rate_spike/main',
  description: 'Errors above 5 percent for 5 minutes.',
  queries: [],
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  periodSeconds: 60,
  evaluationPeriods: 5,
  datapointsToAlarm: 5,
  treatMissingData: 'notBreaching',
};
const metric = {
  namespace: 'AWS/ApplicationELB',
  metricName: 'TargetResponseTime',
  dimensions: { TargetGroup: 'targetgroup/checkout/943f', LoadBalancer: 'app/shop/50dc' },
};

describe('renderAlarm', () => {
  test('writes metric math as queries, with the period on the metrics', () => {
    const rendered = renderAlarm({
      ...base,
      queries: [
        { id: 'errors', metric: { ...metric, statistic: 'Sum' }, returnData: false },
        { id: 'rate', expression: 'FILL(errors, 0)', label: 'error rate', returnData: true },
      ],
    });
    expect(rendered.metrics).toEqual([
      {
        id: 'errors',
        returnData: false,
        metricStat: {
          metric: {
            namespace: 'AWS/ApplicationELB',
            metricName: 'TargetResponseTime',
            dimensions: [
              { name: 'LoadBalancer', value: 'app/shop/50dc' },
              { name: 'TargetGroup', value: 'targetgroup/checkout/943f' },
            ],
          },
          period: 60,
          stat: 'Sum',
        },
      },
      { id: 'rate', expression: 'FILL(errors, 0)', label: 'error rate', returnData: true },
    ]);
    expect(rendered).not.toHaveProperty('period');
    expect(rendered).not.toHaveProperty('evaluateLowSampleCountPercentile');
  });

  test('writes a single metric as one, a percentile as extended statistic that few requests cannot decide', () => {
    const rendered = renderAlarm({
      ...base,
      queries: [{ id: 'p95', metric: { ...metric, statistic: 'p95' }, returnData: true }],
    });
    expect(rendered).toMatchObject({
      namespace: 'AWS/ApplicationELB',
      period: 60,
      extendedStatistic: 'p95',
      evaluateLowSampleCountPercentile: 'ignore',
    });
    expect(rendered).not.toHaveProperty('statistic');
    expect(rendered).not.toHaveProperty('metrics');
  });

  test('leaves a percentile in an expression to the expression, which counts its sample itself', () => {
    const rendered = renderAlarm({
      ...base,
      queries: [
        { id: 'latency', metric: { ...metric, statistic: 'p95' }, returnData: false },
        { id: 'value', expression: '1000 * latency', returnData: true },
      ],
    });
    expect(rendered).not.toHaveProperty('evaluateLowSampleCountPercentile');
  });

  test('passes on what was decided', () => {
    const rendered = renderAlarm({
      ...base,
      queries: [{ id: 'm', metric: { ...metric, statistic: 'Sum' }, returnData: true }],
    });
    expect(rendered).toMatchObject({
      alarmName: base.name,
      alarmDescription: base.description,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 5,
      evaluationPeriods: 5,
      datapointsToAlarm: 5,
      treatMissingData: 'notBreaching',
      statistic: 'Sum',
    });
  });
});

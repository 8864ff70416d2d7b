import { beforeAll, describe, expect, test } from 'vitest';
import { aheadMinutes, scheduleMinutes } from '../../lib/domain/baseline-points.ts';
import { operationsAlarmName } from '../../lib/domain/names.ts';
import { exampleStack, only, type Resources } from './fixture.ts';

let resources: Resources;
beforeAll(async () => {
  resources = (await exampleStack()).template.Resources;
});

const ref = (id: string): unknown => ({ 'Fn::GetAtt': [id, 'Arn'] });

describe('the schedule', () => {
  test('runs often enough that two lost runs leave no gap', () => {
    expect(aheadMinutes).toBeGreaterThan(3 * scheduleMinutes);
    // CloudWatch takes no point farther ahead.
    expect(aheadMinutes).toBeLessThan(120);
    const { Properties: properties } = only(resources, 'AWS::Events::Rule', 'BaselinesRule');
    expect(properties.ScheduleExpression).toBe(`rate(${scheduleMinutes} minutes)`);
  });

  test('keeps what it cannot hand over, and hands over nothing that the next run does better', () => {
    const { Properties: properties } = only(resources, 'AWS::Events::Rule', 'BaselinesRule');
    const queue = only(resources, 'AWS::SQS::Queue', 'BaselineDeadLetters');
    expect(properties.Targets).toEqual([
      {
        Id: 'Target0',
        Arn: { Ref: expect.stringMatching(/FunctionsPublishBaselinesFunctionCurrentVersion/) },
        DeadLetterConfig: { Arn: ref(queue.id) },
        RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 },
      },
    ]);
  });
});

test('the function may write metrics into our namespace only', () => {
  const { Properties: properties } = only(resources, 'AWS::IAM::Role', 'FunctionsPublishBaselinesRole');
  const text = JSON.stringify(properties.Policies);
  expect(text).toContain(
    '{"Action":"cloudwatch:PutMetricData","Condition":{"StringEquals":{"cloudwatch:namespace":"Backstep"}}',
  );
});

test('the silence is an alarm that counts missing runs, tells people, and has a name that starts no rollback', () => {
  const alarms = Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  const name = operationsAlarmName('production', 'baselines-silent');
  const alarm = alarms.find(({ Properties }) => Properties.AlarmName === name)?.Properties;
  expect(alarm).toMatchObject({
    AlarmActions: [{ Ref: only(resources, 'AWS::SNS::Topic', 'Technical').id }],
    TreatMissingData: 'ignore',
    EvaluationPeriods: 6,
    DatapointsToAlarm: 2,
    Threshold: 1,
  });
  expect(name.startsWith('backstep/')).toBe(false);
});

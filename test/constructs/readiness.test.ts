import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { operationsAlarmName, readinessAlarmName } from '../../lib/domain/names.ts';
import { fleetConfiguration } from '../scenarios/fleet.ts';
import { exampleStack, only, type Resources, statementsByRole } from './fixture.ts';

let resources: Resources;
beforeAll(async () => {
  resources = (await exampleStack()).template.Resources;
});

const alarmCalled = (name: string): Record<string, unknown> => {
  const alarms = Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  const found = alarms.find(({ Properties }) => Properties.AlarmName === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found.Properties;
};
const technical = () => [{ Ref: only(resources, 'AWS::SNS::Topic', 'Technical').id }];

test('it looks once a day, once the configuration can be read', () => {
  const { Properties, DependsOn } = only(resources, 'AWS::Events::Rule', 'ReadinessRule');
  expect(Properties.ScheduleExpression).toBe('rate(1 day)');
  expect(Properties.Targets).toEqual([
    {
      Id: 'Target0',
      Arn: { Ref: expect.stringMatching(/FunctionsCheckReadinessFunctionCurrentVersion/) },
      RetryPolicy: { MaximumEventAgeInSeconds: 21_600, MaximumRetryAttempts: 3 },
    },
  ]);
  expect(DependsOn?.some((id) => id.includes('Parameters'))).toBe(true);
});

test('services that could not be rolled back have one alarm, which stays as it is between two looks', () => {
  const alarm = alarmCalled(readinessAlarmName('production'));
  expect(alarm).toMatchObject({
    Namespace: 'Backstep',
    MetricName: 'ServicesThatCouldNotRollBack',
    Dimensions: [{ Name: 'Environment', Value: 'production' }],
    Statistic: 'Maximum',
    Threshold: 1,
    EvaluationPeriods: 1,
    TreatMissingData: 'ignore',
    AlarmActions: technical(),
  });
  expect(alarm.AlarmDescription).toContain('npx backstep doctor');
});

test('two days without a look are an alarm, and the first day of a new stack is none', () => {
  const alarm = alarmCalled(operationsAlarmName('production', 'readiness-silent'));
  expect(alarm).toMatchObject({
    MetricName: 'Invocations',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringContaining('FunctionsCheckReadinessFunction') } }],
    TreatMissingData: 'missing',
    InsufficientDataActions: technical(),
  });
  expect(Number(alarm.Period) * Number(alarm.EvaluationPeriods)).toBe(2 * 86_400);
});

test('its role reads as Plan does, and writes nothing but metrics, timeline and its own record', () => {
  const roles = statementsByRole(resources);
  const actionsOf = (name: string): string[] =>
    (roles.get(only(resources, 'AWS::IAM::Role', `Functions${name}Role`).id) ?? []).flatMap(({ Action }) => Action);
  const changing = actionsOf('CheckReadiness').filter(
    (action) => !/:(?:Get|List|Describe|BatchGet|Query)/.test(action),
  );
  expect([...new Set(changing)].sort()).toEqual([
    'cloudwatch:PutMetricData',
    'dynamodb:PutItem',
    'events:PutEvents',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sns:Publish',
  ]);
  const reads = (name: string): string[] =>
    actionsOf(name).filter((action) => /:(?:List|Describe|BatchGet)/.test(action));
  // Whether the owner of a lock runs, and who waits for an answer, is Plan's alone.
  const own = new Set(['states:DescribeExecution']);
  expect(reads('Plan').filter((action) => !own.has(action) && !reads('CheckReadiness').includes(action))).toEqual([]);
});

test('fifty services fit into what CloudFormation takes in a template', async () => {
  // As test/scenarios/storms.test.ts has them, so that they are synthesized once.
  const config = fleetConfiguration(50, { bakeMinutes: 1 }) as never;
  const { assemblyDir } = await synthesize(config, { baseDir: 'examples/01-checkout' });
  const text = readFileSync(join(assemblyDir, 'Backstep-production.template.json'), 'utf8');
  const template: { Resources: Resources } = JSON.parse(text);
  expect(Object.keys(template.Resources).length).toBeLessThan(500);
  // Of which the daily check has one alarm, however many services there are.
  const alarms = Object.values(template.Resources).filter(({ Properties }) =>
    String(Properties.AlarmName).includes('-operations/readiness'),
  );
  expect(alarms).toHaveLength(2);
  // A megabyte, without white space.
  expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
}, 60_000);

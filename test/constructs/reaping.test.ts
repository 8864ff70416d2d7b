/** What hears of rollbacks that were stopped or broke off, and what it may do. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { reapFunctions } from '../../lib/constructs/function-names.ts';
import { matches } from '../../simulator/services/events/pattern.ts';
import { exampleStack, list, only, type Resources, statementsByRole } from './fixture.ts';

let resources: Resources;
beforeAll(async () => {
  resources = (await exampleStack()).template.Resources;
});

const rule = () => only(resources, 'AWS::Events::Rule', 'ReapingRule');
const machine = (part: string) => only(resources, 'AWS::StepFunctions::StateMachine', part).id;

describe('the rule', () => {
  const arn = 'arn:aws:states:eu-west-1:111122223333:stateMachine:backstep-production-rollback';
  const hears = (status: string, stateMachineArn = arn): boolean => {
    const text = JSON.stringify(rule().Properties.EventPattern);
    const pattern = JSON.parse(text.replace(JSON.stringify({ Ref: machine('BackstepWorkflow') }), JSON.stringify(arn)));
    return matches(pattern, {
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [],
      detail: { status, stateMachineArn },
    } as never);
  };

  test('hears of every end without success, of the rollback machine alone', () => {
    expect(['ABORTED', 'TIMED_OUT', 'FAILED'].map((status) => hears(status))).toEqual([true, true, true]);
    expect(['RUNNING', 'SUCCEEDED', 'PENDING_REDRIVE'].map((status) => hears(status))).toEqual([false, false, false]);
    expect(hears('FAILED', arn.replace('-rollback', '-reap'))).toBe(false);
  });

  test('starts the reap machine with the ARN alone, for a day, with a dead-letter queue', () => {
    expect(rule().Properties.Targets).toMatchObject([
      {
        Arn: { Ref: machine('Reaping') },
        InputTransformer: { InputPathsMap: { 'detail-executionArn': '$.detail.executionArn' } },
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [only(resources, 'AWS::SQS::Queue', 'Reap').id, 'Arn'] } },
      },
    ]);
  });
});

test('the machine has its agreed name, and each placeholder of its definition is filled', () => {
  const { Properties } = only(resources, 'AWS::StepFunctions::StateMachine', 'Reaping');
  expect(Properties.StateMachineName).toBe('backstep-production-reap');
  const definition = readFileSync('statemachines/reap.asl.json', 'utf8');
  const placeholders = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]));
  const names = reapFunctions.map((name) => `${name}Function`).sort();
  expect([...placeholders].sort()).toEqual(names);
  expect(Object.keys(Properties.DefinitionSubstitutions as object).sort()).toEqual(names);
});

test('Reap changes nothing of a service', () => {
  const statements = statementsByRole(resources).get(only(resources, 'AWS::IAM::Role', 'FunctionsReapRole').id) ?? [];
  const changing = statements
    .flatMap(({ Action }) => list(Action))
    .filter((action) =>
      /^(?:ecs|elasticloadbalancing|rds|application-autoscaling|states):(?!Describe|List|Get)/.test(action),
    );
  expect(changing).toEqual([]);
});

test('debts are looked at every five minutes', () => {
  expect(only(resources, 'AWS::Events::Rule', 'GivingBack').Properties).toMatchObject({
    ScheduleExpression: 'rate(5 minutes)',
    Targets: [{ RetryPolicy: { MaximumEventAgeInSeconds: 300 } }],
  });
});

/** Two environments of one configuration, in one account and region: two stacks that can be deployed beside each other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import { type Resource, type Resources, readJson } from './fixture.ts';

/** Every property that names a resource, in which CloudFormation and AWS insist on one owner. */
const naming: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::StepFunctions::StateMachine': 'StateMachineName',
};

/** Types whose resources have no name of their own, or one inside of what they belong to. */
const nameless =
  /^(AWS::(Lambda::(Alias|Version|Permission|EventInvokeConfig|Url)|SNS::(Subscription|TopicPolicy)|SQS::QueuePolicy|S3::BucketPolicy|IAM::Policy|KMS::Key|Logs::ResourcePolicy|CDK::Metadata)|Custom::.*)$/;

let stacks: { name: string; resources: [string, Resource][]; exports: string[] }[];

beforeAll(async () => {
  const config = JSON.parse(readFileSync('examples/01-checkout/backstep.json', 'utf8'));
  const { production } = config.environments;
  const staging = structuredClone(production);
  staging.production = false;
  for (const side of staging.services.checkout.sides) {
    side.cluster = 'shop-staging';
    side.targetGroup = side.targetGroup.replace('943f017f100becff', '943f017f100bec00');
  }
  staging.services.checkout.traffic.rules = staging.services.checkout.traffic.rules.map((rule: string) =>
    rule.replace('9683b2d02a6cabee', '9683b2d02a6cab00'),
  );
  const { assemblyDir, stacks: made } = await synthesize(
    { environments: { production, staging } },
    { baseDir: 'examples/01-checkout' },
  );
  stacks = made.map(({ name }) => {
    const template = readJson<{ Resources: Resources; Outputs: Record<string, { Export?: { Name: string } }> }>(
      join(assemblyDir, `${name}.template.json`),
    );
    const exports = Object.values(template.Outputs).flatMap(({ Export }) => Export?.Name ?? []);
    return { name, resources: Object.entries(template.Resources), exports };
  });
});

test('there are two stacks, named by their environments', () => {
  expect(stacks.map(({ name }) => name)).toEqual(['Backstep-production', 'Backstep-staging']);
});

test('no name occurs in both', () => {
  const [production = [], staging = []] = stacks.map(({ resources, exports }) => [
    ...exports,
    ...resources.flatMap(([, { Type, Properties }]) => {
      const name = Properties?.[naming[Type] ?? ''];
      return name === undefined ? [] : [`${Type} ${JSON.stringify(name)}`];
    }),
  ]);
  expect(production.length).toBeGreaterThan(15);
  expect(production.filter((name) => staging.includes(name))).toEqual([]);
});

test('what is not named gets its name from CloudFormation, which begins with the name of the stack', () => {
  const unnamed = stacks.flatMap(({ resources }) => resources).filter(([, { Type }]) => !Object.hasOwn(naming, Type));
  expect([...new Set(unnamed.map(([, { Type }]) => Type))].filter((type) => !nameless.test(type))).toEqual([]);
});

test('each listens to its own alarms only', () => {
  const patterns = stacks.map(({ resources }) =>
    resources
      .filter(([id, { Type }]) => Type === 'AWS::Events::Rule' && /RulesAlarmRule/.test(id))
      .map(([, { Properties }]) => JSON.stringify(Properties.EventPattern)),
  );
  expect(patterns[0]?.join()).toContain(':alarm:backstep/production/');
  expect(patterns[1]?.join()).toContain(':alarm:backstep/staging/');
  expect(patterns[1]?.join()).not.toContain('production');
});

test('roles of one reach nothing of the other', () => {
  const [production, staging] = stacks.map(({ resources }) =>
    resources
      .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
      .map(([, { Properties }]) => JSON.stringify(Properties)),
  );
  expect(production?.filter((role) => /staging/.test(role))).toEqual([]);
  expect(staging?.filter((role) => /production/.test(role))).toEqual([]);
});

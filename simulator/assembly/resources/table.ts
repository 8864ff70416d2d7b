import type { Created, Creation } from '../creation.ts';
import { alarm, compositeAlarm } from './cloudwatch.ts';
import { customResource, isCustom } from './custom.ts';
import { table } from './dynamodb.ts';
import { rule } from './events.ts';
import { managedPolicy, policy, role } from './iam.ts';
import { ignored } from './ignored.ts';
import { key, keyAlias } from './kms.ts';
import { alias, eventInvokeConfig, lambdaFunction, permission, url, version } from './lambda.ts';
import { bucket } from './s3.ts';
import { subscription, topic, topicPolicy } from './sns.ts';
import { queue } from './sqs.ts';
import { parameter } from './ssm.ts';
import { stateMachine } from './states.ts';

export type Creator = (creation: Creation) => Created | Promise<Created>;

/** Resource types that become something in the simulated account. */
const creators: Readonly<Record<string, Creator>> = {
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': compositeAlarm,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::Rule': rule,
  'AWS::IAM::ManagedPolicy': managedPolicy,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::Role': role,
  'AWS::KMS::Alias': keyAlias,
  'AWS::KMS::Key': key,
  'AWS::Lambda::Alias': alias,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::Url': url,
  'AWS::Lambda::Version': version,
  'AWS::S3::Bucket': bucket,
  'AWS::SNS::Subscription': subscription,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SSM::Parameter': parameter,
  'AWS::StepFunctions::StateMachine': stateMachine,
};

/** @throws DeploymentFailed for a type that is neither implemented nor known to make no difference */
export async function createResource(creation: Creation): Promise<{ created: Created; ignored: boolean }> {
  const { type } = creation;
  const create = isCustom(type) ? customResource : Object.hasOwn(creators, type) ? creators[type] : undefined;
  if (create) return { created: await create(creation), ignored: false };
  const without = Object.hasOwn(ignored, type) ? ignored[type] : undefined;
  if (without) return { created: without(creation), ignored: true };
  throw creation.failed('this resource type is not implemented in the simulated account.');
}

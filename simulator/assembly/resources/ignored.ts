import type { Created, Creation } from '../creation.ts';

/**
 * Types that are passed over knowingly: nothing in the simulated account would act on them. Policies of buckets and
 * queues are among them because no AWS service uses ours but those that the loader gives leave.
 */
export const ignored: Readonly<Record<string, (creation: Creation) => Created>> = {
  'AWS::CDK::Metadata': plain,
  'AWS::CloudWatch::Dashboard': plain,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Logs::ResourcePolicy': plain,
  'AWS::S3::BucketPolicy': plain,
  'AWS::SQS::QueuePolicy': plain,
};

function plain(creation: Creation): Created {
  return { physicalId: creation.name(undefined), attributes: {} };
}

function logGroup(creation: Creation): Created {
  const name = creation.name(creation.properties.LogGroupName, 512);
  const arn = creation.account.arn('logs', `log-group:${name}:*`);
  creation.account.logs.create(name);
  return { physicalId: name, arn, attributes: { Arn: arn } };
}

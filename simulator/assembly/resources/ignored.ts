import type { Created, Creation } from '../creation.ts';

/**
 * Types that are passed over knowingly: nothing in the simulated account would act on them. Resource policies are among
 * them because calls are authorized against roles alone; encryption, because nothing leaves the process.
 */
export const ignored: Readonly<Record<string, (creation: Creation) => Created>> = {
  'AWS::CDK::Metadata': plain,
  'AWS::CloudWatch::Dashboard': plain,
  'AWS::KMS::Alias': (creation) => ({ physicalId: creation.text('AliasName'), attributes: {} }),
  'AWS::KMS::Key': kmsKey,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Logs::ResourcePolicy': plain,
  'AWS::S3::BucketPolicy': plain,
  'AWS::SNS::TopicPolicy': plain,
  'AWS::SQS::QueuePolicy': plain,
};

function plain(creation: Creation): Created {
  return { physicalId: creation.name(undefined), attributes: {} };
}

function logGroup(creation: Creation): Created {
  const name = creation.name(creation.properties.LogGroupName, 512);
  const arn = creation.account.arn('logs', `log-group:${name}:*`);
  return { physicalId: name, arn, attributes: { Arn: arn } };
}

function kmsKey(creation: Creation): Created {
  const keyId = creation.account.random.fork(creation.logicalId).uuid();
  const arn = creation.account.arn('kms', `key/${keyId}`);
  return { physicalId: keyId, arn, attributes: { Arn: arn, KeyId: keyId } };
}

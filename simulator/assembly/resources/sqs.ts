import type { Created, Creation } from '../creation.ts';

export function queue(creation: Creation): Created {
  creation.expect(
    ['QueueName'],
    ['MessageRetentionPeriod', 'SqsManagedSseEnabled', 'KmsMasterKeyId', 'VisibilityTimeout'],
  );
  const name = creation.name(creation.properties.QueueName, 80);
  const { arn, url } = creation.account.sqs.createQueue({ name });
  return { physicalId: url, arn, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
}

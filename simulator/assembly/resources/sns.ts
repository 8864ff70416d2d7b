import type { PolicyDocument } from '../../iam.ts';
import type { Created, Creation } from '../creation.ts';

export function topic(creation: Creation): Created {
  creation.expect(
    ['TopicName', 'Subscription', 'KmsMasterKeyId'],
    ['DisplayName', 'TracingConfig', 'SignatureVersion'],
  );
  const { sns } = creation.account;
  const name = creation.name(creation.properties.TopicName, 256);
  const key = creation.optionalText('KmsMasterKeyId');
  const arn = sns.createTopic({ name, ...(key === undefined ? {} : { key }) });
  for (const one of creation.list('Subscription') as { Protocol: string; Endpoint: string }[]) {
    sns.subscribe({ topicArn: arn, protocol: one.Protocol, endpoint: one.Endpoint });
  }
  return { physicalId: arn, arn, attributes: { TopicArn: arn, TopicName: name } };
}

export function topicPolicy(creation: Creation): Created {
  creation.expect(['Topics', 'PolicyDocument']);
  const document = creation.object('PolicyDocument') as unknown as PolicyDocument;
  for (const topicArn of creation.list('Topics')) creation.account.sns.setPolicy(String(topicArn), document);
  return { physicalId: creation.name(undefined), attributes: {} };
}

export function subscription(creation: Creation): Created {
  creation.expect(['TopicArn', 'Protocol', 'Endpoint'], ['Region']);
  const arn = creation.account.sns.subscribe({
    topicArn: creation.text('TopicArn'),
    protocol: creation.text('Protocol'),
    endpoint: creation.text('Endpoint'),
  });
  return { physicalId: arn, arn, attributes: { Arn: arn } };
}

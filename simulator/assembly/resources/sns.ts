import type { Created, Creation } from '../creation.ts';

export function topic(creation: Creation): Created {
  creation.expect(
    ['TopicName', 'Subscription'],
    ['DisplayName', 'KmsMasterKeyId', 'TracingConfig', 'SignatureVersion'],
  );
  const { sns } = creation.account;
  const name = creation.name(creation.properties.TopicName, 256);
  const arn = sns.createTopic({ name });
  for (const one of creation.list('Subscription') as { Protocol: string; Endpoint: string }[]) {
    sns.subscribe({ topicArn: arn, protocol: one.Protocol, endpoint: one.Endpoint });
  }
  return { physicalId: arn, arn, attributes: { TopicArn: arn, TopicName: name } };
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

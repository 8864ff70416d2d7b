import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { newAccount } from '../account.ts';

let account: SimulatedAccount;
let TopicArn: string;

beforeEach(() => {
  account = newAccount();
  TopicArn = account.sns.createTopic({ name: 'technical' });
});

const publish = (input: object) =>
  drive(
    account,
    new SNSClient(clientConfig(account)).send(new PublishCommand({ TopicArn, Message: 'text', ...input })),
  );

test('what is published is kept, and reaches subscribed queues', async () => {
  const queue = account.sqs.createQueue({ name: 'inbox' }).arn;
  account.sns.subscribe({ topicArn: TopicArn, protocol: 'sqs', endpoint: queue });
  account.sns.subscribe({ topicArn: TopicArn, protocol: 'email', endpoint: 'oncall@example.com' });
  const { MessageId } = await publish({ Subject: 'Rolled back', Message: 'ü <b> & "more"' });
  expect(account.sns.published).toMatchObject([
    { messageId: MessageId, subject: 'Rolled back', message: 'ü <b> & "more"' },
  ]);
  await account.clock.runUntil(account.clock.now() + 1000);
  expect(JSON.parse(account.sqs.messages(queue)[0]?.body ?? '')).toMatchObject({
    Type: 'Notification',
    Subject: 'Rolled back',
    Message: 'ü <b> & "more"',
  });
  const client = new SNSClient(clientConfig(account));
  const listed = await drive(account, client.send(new ListSubscriptionsByTopicCommand({ TopicArn })));
  expect(listed.Subscriptions?.map((one) => one.Endpoint)).toEqual([queue, 'oncall@example.com']);
});

test('a message by protocol keeps its default text', async () => {
  await publish({ MessageStructure: 'json', Message: '{"default":"short","email":"long"}' });
  expect(account.sns.published[0]?.message).toBe('short');
});

test.each<[string, object, string]>([
  ['a subject over 100 characters', { Subject: 'x'.repeat(101) }, 'Invalid parameter: Subject'],
  ['a subject outside of ASCII', { Subject: 'Zurück' }, 'Invalid parameter: Subject'],
  ['a subject of two lines', { Subject: 'a\nb' }, 'Invalid parameter: Subject'],
  ['an empty message', { Message: '' }, 'Invalid parameter: Empty message'],
  ['a message over 256 KB', { Message: 'x'.repeat(262_145) }, 'Invalid parameter: Message too long'],
  ['a message by protocol without a default', { MessageStructure: 'json', Message: '{}' }, 'No default entry'],
])('%s is refused', async (_, input, message) => {
  await expect(publish(input)).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining(message),
  });
  expect(account.sns.published).toHaveLength(0);
});

test('a subject of exactly 100 characters passes', async () => {
  await expect(publish({ Subject: 'x'.repeat(100) })).resolves.toBeDefined();
});

test('a topic that is not there', async () => {
  await expect(publish({ TopicArn: `${TopicArn}x` })).rejects.toMatchObject({ name: 'NotFoundException' });
});

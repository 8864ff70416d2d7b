/**
 * Amazon SNS: one topic per audience.
 *
 * Calls: sns:Publish
 */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Audience } from '../../lib/domain/model.ts';
import type { Notification } from '../../lib/domain/notifications.ts';
import { clientOptions } from './client.ts';
import { setting } from './environment.ts';

const sns = new SNSClient(clientOptions);

const topics: Readonly<Record<Audience, Parameters<typeof setting>[0]>> = {
  technical: 'TOPIC_TECHNICAL',
  business: 'TOPIC_BUSINESS',
  executive: 'TOPIC_EXECUTIVE',
};

export async function notify({ audience, subject, body }: Notification): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: setting(topics[audience]), Subject: subject, Message: body }));
}

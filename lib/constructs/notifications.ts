import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Audience, Contact } from '../domain/model.ts';

export interface NotificationsProps {
  readonly environment: string;
  readonly contacts: Readonly<Record<string, Contact>>;
}

/** The audiences that a runbook's templates are written for. */
export const audiences = ['technical', 'business', 'executive'] as const satisfies readonly Audience[];

/** One topic per audience, with the e-mail addresses of its contacts subscribed. Each address has to confirm once. */
export class Notifications extends Construct {
  readonly topics: Readonly<Record<Audience, ITopic>>;

  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id);
    const masterKey = topicKey(this, props.environment);
    const topic = (audience: Audience): ITopic => {
      const created = new Topic(this, capitalize(audience), {
        displayName: `Backstep ${props.environment}`,
        enforceSSL: true,
        masterKey,
      });
      for (const email of addresses(props.contacts, audience)) created.addSubscription(new EmailSubscription(email));
      return created;
    };
    this.topics = { technical: topic('technical'), business: topic('business'), executive: topic('executive') };
    letAlarmsPublish(this.topics.technical);
  }
}

/**
 * A key of our own, because CloudWatch cannot be let near SNS's: its alarms would fire and tell nobody. Everybody else has
 * what SNS's key gives them: whoever may publish may use it, through SNS and from this account alone.
 */
function topicKey(scope: Construct, environment: string): Key {
  const { account, region } = Stack.of(scope);
  const key = new Key(scope, 'TopicKey', {
    description: `Backstep ${environment}: messages to people`,
    enableKeyRotation: true,
    // Messages are not kept: without the topics there is nothing left to decrypt.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const actions = ['kms:Decrypt', 'kms:GenerateDataKey*'];
  const resources = ['*'];
  key.addToResourcePolicy(
    new PolicyStatement({
      actions,
      resources,
      principals: [new AnyPrincipal()],
      conditions: {
        StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com`, 'kms:CallerAccount': account },
      },
    }),
  );
  key.addToResourcePolicy(new PolicyStatement({ actions, resources, principals: [alarms], conditions: ours(account) }));
  return key;
}

/** A topic with a policy of its own, as one that insists on TLS has, no longer lets alarms of its account in. */
function letAlarmsPublish(topic: ITopic): void {
  const { account } = Stack.of(topic);
  topic.addToResourcePolicy(
    new PolicyStatement({
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      principals: [alarms],
      conditions: ours(account),
    }),
  );
}

const alarms = new ServicePrincipal('cloudwatch.amazonaws.com');
const ours = (account: string) => ({ StringEquals: { 'aws:SourceAccount': account } });

/** Each address once, sorted: two roles may be held by the same person. */
function addresses(contacts: Readonly<Record<string, Contact>>, audience: Audience): string[] {
  const emails = Object.values(contacts).flatMap((contact) =>
    contact.audience === audience && contact.email ? [contact.email] : [],
  );
  return [...new Set(emails)].sort();
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

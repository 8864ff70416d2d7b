/** Topics: what was published is kept, and reaches subscribed queues and functions. */
import type { ListSubscriptionsByTopicInput, ListTopicsInput, PublishInput } from '@aws-sdk/client-sns';
import * as schemas from '@aws-sdk/client-sns';
import type { SimulatedAccount } from '../account.ts';
import { ResourcePolicy } from '../iam/resource-policy.ts';
import { operator, type PolicyDocument } from '../iam.ts';
import type { Random } from '../random.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';

export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly time: string;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  /** `email`, `sqs`, `lambda`, … */
  readonly protocol: string;
  readonly endpoint: string;
}

interface Topic {
  readonly name: string;
  /** ARN or alias of the key that encrypts it. */
  readonly key?: string;
  policy?: ResourcePolicy;
}

/** Bytes of one message, subject and attributes included. */
const messageLimit = 262_144;

export class Sns implements SimulatedService {
  readonly endpointPrefix = 'sns';
  readonly iamPrefix = 'sns';
  readonly protocol = 'query';
  readonly schemas = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Every message, in order. */
  readonly published: PublishedMessage[] = [];
  readonly #account: SnsHost;
  readonly #random: Random;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions: Subscription[] = [];

  constructor(account: SnsHost) {
    this.#account = account;
    this.#random = account.random.fork('sns');
    this.operations = {
      Publish: this.#publish,
      ListTopics: this.#listTopics,
      ListSubscriptionsByTopic: this.#listSubscriptionsByTopic,
    };
  }

  /** @returns the topic's ARN */
  createTopic(topic: { readonly name: string; readonly key?: string }): string {
    const arn = this.#account.arn('sns', topic.name);
    this.#topics.set(arn, { ...topic });
    return arn;
  }

  /** Replaces the policy that a topic is born with, which lets everybody of the account publish, alarms included. */
  setPolicy(topicArn: string, document: PolicyDocument): void {
    this.#need(topicArn).policy = new ResourcePolicy(document);
  }

  /**
   * Publishes on behalf of an AWS service, which only the topic's own policy and its key's can allow.
   *
   * @param source ARN of what the service acts for, e.g. of an alarm
   * @throws AwsError as the alarm's history quotes it
   */
  publishFor(service: string, source: string, message: Pick<PublishedMessage, 'topicArn' | 'message' | 'subject'>) {
    const { topicArn } = message;
    const { policy, key } = this.#need(topicArn);
    const context = {
      'aws:SourceArn': source,
      'aws:SourceAccount': this.#account.id,
      'aws:SecureTransport': 'true',
    };
    if (policy && !policy.allows({ service }, { action: 'sns:Publish', resource: topicArn, context }))
      throw new AwsError(
        'AuthorizationError',
        `Resource: ${source} is not authorized to perform: SNS:Publish on resource: ${topicArn}`,
        { status: 403 },
      );
    for (const action of keyActions)
      if (key !== undefined && !this.#account.kms.allows(key, { service }, action, context))
        throw new AwsError(
          'KMSAccessDenied',
          'CloudWatch Alarms does not have authorization to access the SNS topic encryption key.',
        );
    return this.publish(message);
  }

  exists(topicArn: string): boolean {
    return this.#topics.has(topicArn);
  }

  /** @returns the subscription's ARN. An e-mail subscription counts as confirmed. */
  subscribe(subscription: Omit<Subscription, 'arn'>): string {
    this.#need(subscription.topicArn);
    const arn = `${subscription.topicArn}:${this.#random.uuid()}`;
    this.#subscriptions.push({ ...subscription, arn });
    return arn;
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  /** @throws AwsError `NotFound` or `InvalidParameter`, as Publish answers */
  publish(
    message: Pick<PublishedMessage, 'topicArn' | 'message' | 'subject'> & { attributes?: Record<string, string> },
  ) {
    this.#need(message.topicArn);
    checkMessage(message);
    const published: PublishedMessage = {
      messageId: this.#random.uuid(),
      topicArn: message.topicArn,
      ...(message.subject === undefined ? {} : { subject: message.subject }),
      message: message.message,
      attributes: message.attributes ?? {},
      time: this.#account.clock.iso(),
    };
    this.published.push(published);
    for (const subscription of this.#subscriptions)
      if (subscription.topicArn === message.topicArn) this.#deliver(subscription, published);
    return published;
  }

  readonly #publish: Operation<PublishInput> = {
    resources: (input) => [topicOf(input)],
    run: (input, { principal }) => {
      this.#mayUseKey(topicOf(input), principal.arn);
      const attributes = Object.entries(input.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        value.StringValue ?? '',
      ]);
      const { messageId } = this.publish({
        topicArn: topicOf(input),
        message: chooseMessage(input),
        ...(input.Subject === undefined ? {} : { subject: input.Subject }),
        attributes: Object.fromEntries(attributes),
      });
      return { MessageId: messageId };
    },
  };

  readonly #listTopics: Operation<ListTopicsInput> = {
    resources: () => ['*'],
    run: () => ({ Topics: [...this.#topics.keys()].sort().map((TopicArn) => ({ TopicArn })) }),
  };

  readonly #listSubscriptionsByTopic: Operation<ListSubscriptionsByTopicInput> = {
    resources: (input) => [input.TopicArn as string],
    run: (input) => {
      this.#need(input.TopicArn as string);
      const found = this.#subscriptions.filter((one) => one.topicArn === input.TopicArn);
      return {
        Subscriptions: found.map((one) => ({
          SubscriptionArn: one.arn,
          Owner: this.#account.id,
          Protocol: one.protocol,
          Endpoint: one.endpoint,
          TopicArn: one.topicArn,
        })),
      };
    },
  };

  #deliver(subscription: Subscription, message: PublishedMessage): void {
    const notification = {
      Type: 'Notification',
      MessageId: message.messageId,
      TopicArn: message.topicArn,
      ...(message.subject === undefined ? {} : { Subject: message.subject }),
      Message: message.message,
      Timestamp: message.time,
    };
    this.#account.clock.after(100, () => {
      if (subscription.protocol === 'sqs') this.#account.sqs.send(subscription.endpoint, JSON.stringify(notification));
      if (subscription.protocol !== 'lambda') return undefined;
      const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscription.arn };
      return this.#account.lambda.invoke(subscription.endpoint, { Records: [{ ...record, Sns: notification }] });
    });
  }

  /** The caller's role uses the topic's key through SNS. */
  #mayUseKey(topicArn: string, principal: string): void {
    const { key } = this.#need(topicArn);
    if (key === undefined || principal === operator.arn) return;
    const context = {
      'kms:ViaService': `sns.${this.#account.region}.amazonaws.com`,
      'kms:CallerAccount': this.#account.id,
    };
    for (const action of keyActions)
      if (!this.#account.kms.allows(key, { role: principal }, action, context))
        throw new AwsError(
          'KMSAccessDenied',
          `User: ${principal} is not authorized to perform: ${action} on resource: ${key} because no resource-based policy allows the ${action} action`,
        );
  }

  #need(topicArn: string): Topic {
    const topic = this.#topics.get(topicArn);
    if (!topic) throw new AwsError('NotFound', 'Topic does not exist', { status: 404 });
    return topic;
  }
}

type SnsHost = Pick<SimulatedAccount, 'arn' | 'id' | 'clock' | 'kms' | 'random' | 'region' | 'sqs' | 'lambda'>;

/** Publishing to an encrypted topic asks for a data key, and reads it again while SNS keeps it. */
const keyActions = ['kms:GenerateDataKey', 'kms:Decrypt'];

function topicOf(input: PublishInput): string {
  const arn = input.TopicArn ?? input.TargetArn;
  if (arn === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  return arn;
}

/** With `MessageStructure: json` every protocol has a text of its own; the log keeps the default one. */
function chooseMessage(input: PublishInput): string {
  const message = input.Message ?? '';
  if (input.MessageStructure !== 'json') return message;
  let texts: unknown;
  try {
    texts = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const text = (texts as Record<string, unknown>).default;
  if (typeof text !== 'string') throw invalid('Message Structure - No default entry in JSON message body');
  return text;
}

function checkMessage(message: { readonly message: string; readonly subject?: string }): void {
  if (message.message === '') throw invalid('Empty message');
  if (Buffer.byteLength(message.message) > messageLimit) throw invalid('Message too long');
  const { subject } = message;
  // Printable ASCII, starting with anything but a space, 100 characters at most.
  if (subject !== undefined && !/^[!-~][ -~]{0,99}$/.test(subject)) throw invalid('Subject');
}

const invalid = (what: string) => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

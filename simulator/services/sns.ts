import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

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
  readonly protocol: string;
  readonly endpoint: string;
}

export class Sns implements SimulatedService {
  readonly endpointPrefix = 'sns';
  readonly iamPrefix = 'sns';
  readonly protocol = 'query';
  readonly schemas = {};
  readonly operations: Readonly<Record<string, Operation>> = {};
  readonly published: PublishedMessage[] = [];

  constructor(_account: SimulatedAccount) {}

  /** @returns the topic's ARN */
  createTopic(_topic: { readonly name: string; readonly displayName?: string }): string {
    throw new Error('not written yet');
  }

  exists(_topicArn: string): boolean {
    throw new Error('not written yet');
  }

  /** @returns the subscription's ARN */
  subscribe(_subscription: {
    readonly topicArn: string;
    readonly protocol: string;
    readonly endpoint: string;
  }): string {
    throw new Error('not written yet');
  }

  get subscriptions(): readonly Subscription[] {
    throw new Error('not written yet');
  }
}

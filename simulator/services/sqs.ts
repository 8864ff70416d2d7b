/** Queues as far as Backstep needs them: dead letters arrive and can be looked at. */
import type { SimulatedAccount } from '../account.ts';
import type { Random } from '../random.ts';
import { gaugeQueue } from './own-metrics.ts';

const minuteMs = 60_000;

export interface SqsMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** When it arrived, ISO 8601. */
  readonly sentAt: string;
}

export class Sqs {
  readonly #account: Pick<SimulatedAccount, 'arn' | 'clock' | 'cloudwatch' | 'id' | 'region'>;
  readonly #random: Random;
  readonly #queues = new Map<string, SqsMessage[]>();

  constructor(account: Pick<SimulatedAccount, 'arn' | 'clock' | 'cloudwatch' | 'id' | 'random' | 'region'>) {
    this.#account = account;
    this.#random = account.random.fork('sqs');
  }

  /** @returns the queue's ARN and URL */
  createQueue(queue: { readonly name: string }): { readonly arn: string; readonly url: string } {
    const arn = this.#account.arn('sqs', queue.name);
    if (!this.#queues.has(arn)) this.#queues.set(arn, []);
    const { region, id } = this.#account;
    return { arn, url: `https://sqs.${region}.amazonaws.com/${id}/${queue.name}` };
  }

  exists(queueArn: string): boolean {
    return this.#queues.has(queueArn);
  }

  /** @returns false when there is no such queue, as a delivery to it would find */
  send(queueArn: string, body: string, attributes: Readonly<Record<string, string>> = {}): boolean {
    const queue = this.#queues.get(queueArn);
    if (!queue) return false;
    queue.push({
      messageId: this.#random.uuid(),
      body,
      attributes,
      sentAt: this.#account.clock.iso(),
    });
    if (queue.length === 1) this.#measure(queueArn, queue);
    return true;
  }

  /** From its first message on: nobody takes messages out, so the queue stays in use. */
  #measure(queueArn: string, queue: readonly SqsMessage[]): void {
    const { clock } = this.#account;
    const name = queueArn.slice(queueArn.lastIndexOf(':') + 1);
    const next = (Math.floor(clock.now() / minuteMs) + 1) * minuteMs;
    clock.every(minuteMs, next, () => gaugeQueue(this.#account, name, queue.length));
  }

  /** Messages waiting, oldest first. */
  messages(queueArn: string): readonly SqsMessage[] {
    return this.#queues.get(queueArn) ?? [];
  }
}

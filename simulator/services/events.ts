import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string;
  /** Constant JSON text. */
  readonly input?: string;
  readonly inputPath?: string;
  readonly inputTransformer?: {
    readonly inputPathsMap?: Readonly<Record<string, string>>;
    readonly inputTemplate: string;
  };
  readonly retryPolicy?: { readonly maximumEventAgeInSeconds?: number; readonly maximumRetryAttempts?: number };
  readonly deadLetterArn?: string;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly pattern?: object;
  readonly scheduleExpression?: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly targets: readonly RuleTarget[];
}

/** One attempt to hand an event to a target. */
export interface Delivery {
  /** ISO 8601. */
  readonly time: string;
  readonly rule: string;
  readonly targetArn: string;
  readonly eventId: string;
  readonly detailType: string;
  readonly source: string;
  /** 1, 2, … */
  readonly attempt: number;
  readonly result: 'delivered' | 'retrying' | 'dead-letter' | 'dropped';
  /** What the target was sent. */
  readonly input: string;
  /** ARN of the execution started, message id, … */
  readonly reference?: string;
  readonly error?: string;
}

export class EventBridge implements SimulatedService {
  readonly endpointPrefix = 'events';
  readonly iamPrefix = 'events';
  readonly protocol = 'json';
  readonly schemas = {};
  readonly operations: Readonly<Record<string, Operation>> = {};
  /** Every delivery attempt, in order. */
  readonly delivered: Delivery[] = [];
  /** Every event put on the bus, matched or not, in order. */
  readonly received: BusEvent[] = [];

  constructor(_account: SimulatedAccount) {}

  putRule(_rule: Rule): void {
    throw new Error('not written yet');
  }

  get rules(): readonly Rule[] {
    throw new Error('not written yet');
  }

  /** Puts an event on the default bus. `id`, `time` and `account` are filled in. */
  emit(_event: {
    readonly source: string;
    readonly 'detail-type': string;
    readonly resources: readonly string[];
    readonly detail: object;
    readonly time?: string;
    readonly account?: string;
    readonly id?: string;
  }): void {
    throw new Error('not written yet');
  }
}

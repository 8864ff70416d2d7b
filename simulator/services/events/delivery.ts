/** Attempts at handing an event to a target: authorized as the rule's role, retried with back-off, then dead. */
import type { SimulatedAccount } from '../../account.ts';
import type { Random } from '../../random.ts';
import { AwsError } from '../../service.ts';
import type { BusEvent, Rule, RuleTarget } from './rule.ts';
import { checkTransformer, inputFor } from './transform.ts';

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
  /** JSON text that the target was sent. */
  readonly input: string;
  /** ARN of the execution started, message id, … */
  readonly reference?: string;
  readonly error?: string;
}

export type DeliveryHost = Pick<
  SimulatedAccount,
  'calls' | 'clock' | 'fault' | 'iam' | 'lambda' | 'random' | 'sns' | 'sqs' | 'states'
>;

/** AWS's defaults: a day, 185 times. */
const defaultMaxAgeSeconds = 86_400;
const defaultMaxAttempts = 185;

interface Attempt {
  readonly rule: Rule;
  readonly target: RuleTarget;
  readonly event: BusEvent;
  readonly input: string;
  /** When the event reached the bus, milliseconds since the epoch. */
  readonly receivedMs: number;
  readonly number: number;
}

export class Deliveries {
  readonly history: Delivery[] = [];
  readonly #account: DeliveryHost;
  readonly #random: Random;

  constructor(account: DeliveryHost) {
    this.#account = account;
    this.#random = account.random.fork('event deliveries');
  }

  /** @throws Error for a target that is not simulated, or that EventBridge would refuse */
  check(target: RuleTarget): void {
    serviceOf(target.arn);
    checkTransformer(target);
    const { maximumEventAgeInSeconds: age = 60, maximumRetryAttempts: attempts = 0 } = target.retryPolicy ?? {};
    if (age < 60 || age > 86_400) throw new Error(`Target ${target.id}: event age must be 60 to 86400 s, found ${age}`);
    if (attempts < 0 || attempts > 185)
      throw new Error(`Target ${target.id}: retry attempts must be 0 to 185, found ${attempts}`);
  }

  schedule(rule: Rule, target: RuleTarget, event: BusEvent, delayMs: number): void {
    const receivedMs = this.#account.clock.now();
    const input = inputFor(target, event, rule, new Date(receivedMs).toISOString());
    const attempt: Attempt = { rule, target, event, input, receivedMs, number: 1 };
    this.#account.clock.after(delayMs, () => this.#attempt(attempt));
  }

  async #attempt(attempt: Attempt): Promise<void> {
    try {
      const reference = await this.#call(attempt);
      this.#record(attempt, 'delivered', reference === undefined ? {} : { reference });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#failed(attempt, error);
    }
  }

  /** @returns what the target answered, as far as it names something */
  async #call({ rule, target, event, input }: Attempt): Promise<string | undefined> {
    const { clock, lambda, sns, sqs } = this.#account;
    switch (serviceOf(target.arn)) {
      case 'states':
        return this.#startExecution(target, event, json(input));
      case 'lambda': {
        const payload: unknown = JSON.parse(json(input));
        if (!lambda.exists(target.arn)) throw noResource(target.arn);
        if (!lambda.permissions.permitsService(target.arn, 'events.amazonaws.com', rule.arn))
          throw new AwsError('AccessDenied', `${rule.arn} may not invoke ${target.arn}`, { status: 403 });
        // Lambda takes the event over: the function's own failures are not EventBridge's to retry.
        clock.after(0, () => lambda.invokeEvent(target.arn, payload));
        return undefined;
      }
      case 'sns':
        return sns.publish({ topicArn: target.arn, message: input }).messageId;
      case 'sqs':
        if (!sqs.send(target.arn, input)) throw noResource(target.arn);
        return undefined;
    }
  }

  /** A call like any other: faults may strike it, the role must allow it, and it is on record. */
  async #startExecution(target: RuleTarget, event: BusEvent, input: string): Promise<string> {
    const { calls, clock, iam, states } = this.#account;
    // The event's id names the session, so that the call can be traced to it.
    const principal = { arn: roleOf(target), session: event.id.replaceAll('-', '') };
    const call = { service: 'states', operation: 'StartExecution', principal: principal.arn };
    const record = (error?: AwsError) =>
      calls.push({ time: clock.iso(), ...call, resources: [target.arn], ...(error ? { error: error.code } : {}) });
    try {
      const effect = this.#account.fault({ kind: 'call', ...call, input: { stateMachineArn: target.arn, input } });
      if (effect?.delayMs) await clock.sleep(effect.delayMs);
      if (effect?.error) throw effect.error;
      iam.authorize(principal, 'states:StartExecution', [target.arn]);
      const { executionArn } = states.startExecution({ stateMachineArn: target.arn, input, principal });
      if (effect?.errorAfter) throw effect.errorAfter;
      record();
      return executionArn;
    } catch (error) {
      if (error instanceof AwsError) record(error);
      throw error;
    }
  }

  #failed(attempt: Attempt, error: AwsError): void {
    const { target, receivedMs } = attempt;
    const { maximumEventAgeInSeconds, maximumRetryAttempts } = target.retryPolicy ?? {};
    const delayMs = this.#backoffMs(attempt.number);
    const ageSeconds = (this.#account.clock.now() + delayMs - receivedMs) / 1000;
    const exhausted = !isRetried(error)
      ? 'NotRetryable'
      : attempt.number > (maximumRetryAttempts ?? defaultMaxAttempts)
        ? 'MaximumRetryAttempts'
        : ageSeconds > (maximumEventAgeInSeconds ?? defaultMaxAgeSeconds)
          ? 'MaximumEventAgeInSeconds'
          : undefined;
    if (exhausted) {
      this.#giveUp(attempt, error, exhausted);
      return;
    }
    this.#record(attempt, 'retrying', { error: error.code });
    this.#account.clock.after(delayMs, () => this.#attempt({ ...attempt, number: attempt.number + 1 }));
  }

  #giveUp(attempt: Attempt, error: AwsError, condition: string): void {
    const { rule, target, event } = attempt;
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: deadLetterCodes[error.code] ?? error.code,
      ERROR_MESSAGE: error.message,
      RETRY_ATTEMPTS: String(attempt.number - 1),
      // Where nothing was retried, nothing was exhausted.
      ...(condition === 'NotRetryable' ? {} : { EXHAUSTED_RETRY_CONDITION: condition }),
    };
    const kept =
      target.deadLetterArn !== undefined &&
      this.#account.sqs.send(target.deadLetterArn, JSON.stringify(event), attributes);
    this.#record(attempt, kept ? 'dead-letter' : 'dropped', { error: error.code });
  }

  /** Doubling from one second to a minute, with jitter. */
  #backoffMs(attempt: number): number {
    return Math.round(Math.min(1000 * 2 ** (attempt - 1), 60_000) * (0.5 + this.#random.next() / 2));
  }

  #record(attempt: Attempt, result: Delivery['result'], more: Pick<Delivery, 'reference' | 'error'>): void {
    this.history.push({
      time: this.#account.clock.iso(),
      rule: attempt.rule.name,
      targetArn: attempt.target.arn,
      eventId: attempt.event.id,
      detailType: attempt.event['detail-type'],
      source: attempt.event.source,
      attempt: attempt.number,
      result,
      input: attempt.input,
      ...more,
    });
  }
}

type TargetService = 'states' | 'lambda' | 'sns' | 'sqs';

function serviceOf(arn: string): TargetService {
  const service = arn.split(':')[2];
  if (service === 'states' || service === 'lambda' || service === 'sns' || service === 'sqs') return service;
  throw new Error(`Event targets of ${service ?? arn} are not simulated`);
}

function roleOf(target: RuleTarget): string {
  if (target.roleArn === undefined)
    throw new AwsError('AccessDenied', `Target ${target.id} has no role that may start ${target.arn}`);
  return target.roleArn;
}

/** A template whose values broke the JSON is found out only here. */
function json(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new AwsError('INVALID_JSON', `The target's input is not valid JSON: ${text}`);
  }
}

/** Missing permissions and resources, and bad input, go straight to the dead-letter queue. */
function isRetried(error: AwsError): boolean {
  return error.status >= 500 || /Throttl|TooManyRequests|LimitExceeded|RequestLimit/.test(error.code);
}

const deadLetterCodes: Readonly<Record<string, string>> = {
  AccessDenied: 'NO_PERMISSIONS',
  AccessDeniedException: 'NO_PERMISSIONS',
  StateMachineDoesNotExist: 'NO_RESOURCE',
  ResourceNotFoundException: 'NO_RESOURCE',
  NotFound: 'NO_RESOURCE',
  ThrottlingException: 'THROTTLING',
};

const noResource = (arn: string) => new AwsError('ResourceNotFoundException', `${arn} does not exist`, { status: 404 });

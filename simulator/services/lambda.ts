/**
 * AWS Lambda: functions run their deployed bundles, unmodified, each in execution environments of their own. An
 * invocation takes the virtual time of its start and of whatever the code waits for.
 */
import * as lambda from '@aws-sdk/client-lambda';
import type { Json } from '../../lib/domain/model.ts';
import type { SimulatedAccount } from '../account.ts';
import { deliver, type EventInvokeConfig } from '../lambda/asynchronous.ts';
import { loadBundle } from '../lambda/bundle.ts';
import { type FunctionLog, type FunctionSpec, FunctionVersion } from '../lambda/function.ts';
import { Network } from '../lambda/network.ts';
import { notFound, operationsOf } from '../lambda/operations.ts';
import { Permissions } from '../lambda/permissions.ts';
import { payloadLimit } from '../lambda/sandbox.ts';
import { FunctionUrls } from '../lambda/urls.ts';
import { AwsError, type SimulatedService } from '../service.ts';
import { countInvocation } from './own-metrics.ts';

export type { EventInvokeConfig } from '../lambda/asynchronous.ts';
export type { FunctionLog, FunctionSpec } from '../lambda/function.ts';

export interface InvocationResult {
  /** What the function returned, or the error as Lambda shows it. */
  readonly payload: Json;
  readonly executedVersion: string;
  readonly functionError?: 'Unhandled';
}

/** One invocation as it ended, in order of ending. */
export interface Invocation {
  readonly functionName: string;
  readonly requestId: string;
  /** When it was requested, ISO 8601. */
  readonly time: string;
  readonly durationMs: number;
  readonly coldStart: boolean;
  /** `errorType` of a failed one. */
  readonly error?: string;
}

export class Lambda implements SimulatedService {
  readonly endpointPrefix = 'lambda';
  readonly iamPrefix = 'lambda';
  readonly protocol = 'rest-json';
  readonly schemas = lambda;
  readonly operations: ReturnType<typeof operationsOf>;
  readonly invocations: Invocation[] = [];
  readonly bundles: { functionName: string; sha256: string; bytes: number }[] = [];
  readonly logs: FunctionLog[] = [];
  readonly network: Network;
  readonly permissions: Permissions;
  readonly urls: FunctionUrls;
  readonly #account: SimulatedAccount;
  readonly #versions = new Map<string, FunctionVersion>();
  readonly #eventConfigs = new Map<string, EventInvokeConfig>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.network = new Network(account);
    this.permissions = new Permissions(account);
    this.urls = new FunctionUrls(account);
    this.operations = operationsOf(account);
  }

  /** @throws Error when the code has no such ES module */
  createFunction(spec: FunctionSpec): void {
    const bundle = loadBundle(spec.codeDir, spec.handler);
    this.bundles.push({ functionName: spec.name, sha256: bundle.sha256, bytes: bundle.bytes });
    this.#add(new FunctionVersion(spec, bundle, '$LATEST', this.#surroundings()), spec.arn);
  }

  /** @returns the ARN of the function's next version */
  publishVersion(functionArn: string): string {
    const latest = this.version(functionArn);
    let number = 1;
    while (this.#versions.has(`${latest.spec.arn}:${number}`)) number += 1;
    const arn = `${latest.spec.arn}:${number}`;
    this.#add(new FunctionVersion(latest.spec, latest.bundle, String(number), this.#surroundings()), arn);
    return arn;
  }

  /** @returns the alias's ARN */
  createAlias(functionArn: string, name: string, version: string): string {
    const target = this.version(`${functionArn}:${version}`);
    this.#add(target, `${functionArn}:${name}`);
    return `${functionArn}:${name}`;
  }

  configureEvents(functionArn: string, config: EventInvokeConfig): void {
    this.#eventConfigs.set(functionArn, config);
  }

  exists(functionArn: string): boolean {
    return this.#versions.has(functionArn);
  }

  /**
   * Invokes synchronously. A function's own error is an answer, not a rejection.
   *
   * @throws AwsError what the Lambda service itself answers, e.g. `TooManyRequestsException`
   */
  async invoke(functionArn: string, payload: unknown): Promise<InvocationResult> {
    const { clock } = this.#account;
    const target = this.version(functionArn);
    const event = JSON.stringify(payload ?? null);
    refuseLarge(event);
    const { name } = target.spec;
    const effect = this.#account.fault({ kind: 'invocation', functionName: name, payload });
    if (effect?.delayMs) await clock.sleep(effect.delayMs);
    if (effect?.error) {
      if (effect.error.code === 'TooManyRequestsException') countInvocation(this.#account, name, 'throttled');
      throw effect.error;
    }
    // An invocation that gets lost never answers: the caller's own time-out has to notice.
    if (effect?.deliveries === 0) return new Promise(() => undefined);
    let result = await this.#run(target, event, functionArn);
    for (let again = 1; again < (effect?.deliveries ?? 1); again++)
      result = await this.#run(target, event, functionArn);
    if (effect?.errorAfter) throw effect.errorAfter;
    return result;
  }

  /** Hands over an event: retried on failure, as Lambda does for events. The answer is for tests; callers go on. */
  invokeEvent(functionArn: string, payload: unknown): Promise<'succeeded' | 'failed'> {
    const config = this.#eventConfigs.get(functionArn) ?? {};
    return deliver(this.#account, functionArn, payload, config);
  }

  async #run(target: FunctionVersion, event: string, invokedArn: string): Promise<InvocationResult> {
    const { clock, random } = this.#account;
    const { name, reservedConcurrency } = target.spec;
    if (reservedConcurrency !== undefined && this.#busy(target) >= reservedConcurrency) {
      countInvocation(this.#account, name, 'throttled');
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
        status: 429,
        fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
      });
    }
    const requestId = random.uuid();
    const startMs = clock.now();
    const { answer, coldStart } = await target.run(requestId, event, invokedArn);
    const failed = 'error' in answer;
    countInvocation(this.#account, name, failed ? 'error' : 'ok');
    this.invocations.push({
      functionName: name,
      requestId,
      time: new Date(startMs).toISOString(),
      durationMs: clock.now() - startMs,
      coldStart,
      ...(failed ? { error: answer.error.errorType } : {}),
    });
    const executedVersion = target.version;
    if (!failed) return { payload: JSON.parse(answer.result) as Json, executedVersion };
    return { functionError: 'Unhandled', executedVersion, payload: { ...answer.error } as unknown as Json };
  }

  #busy(target: FunctionVersion): number {
    const ofFunction = new Set([...this.#versions.values()].filter((version) => version.spec === target.spec));
    return [...ofFunction].reduce((sum, version) => sum + version.busy, 0);
  }

  /** @throws AwsError ResourceNotFoundException */
  version(functionArn: string): FunctionVersion {
    const found = this.#versions.get(functionArn);
    if (found) return found;
    throw notFound(`Function not found: ${functionArn}`);
  }

  #add(version: FunctionVersion, arn: string): void {
    this.#versions.set(arn, version);
    if (version.version === '$LATEST') this.#versions.set(`${arn}:$LATEST`, version);
  }

  #surroundings() {
    return { account: this.#account, network: this.network, log: (line: FunctionLog) => this.logs.push(line) };
  }
}

function refuseLarge(event: string): void {
  const bytes = Buffer.byteLength(event);
  if (bytes <= payloadLimit) return;
  throw new AwsError(
    'RequestEntityTooLargeException',
    `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${payloadLimit} bytes)`,
    { status: 413 },
  );
}

/**
 * AWS Lambda: calls the deployed functions of the workflow themselves, where Step Functions does not.
 *
 * Calls: lambda:InvokeFunction
 */
import type { Json } from '../../lib/domain/model.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

export interface Invoked {
  readonly statusCode: number;
  readonly payload: Json;
  /** `Handled` or `Unhandled`: the function itself failed, and the payload says how. */
  readonly functionError?: string;
  readonly executedVersion?: string;
  readonly requestId: string;
}

/** A function may take a minute, and its cold start ten seconds. */
const requestTimeout = 85_000;

export class Functions {
  readonly #lambda;
  readonly #sdk = lazily(() => import('@aws-sdk/client-lambda'));

  constructor(clock: AccountClock) {
    this.#lambda = lazily(async () =>
      clock.listenTo(
        new (await this.#sdk()).LambdaClient({
          ...clientOptions,
          // Whoever calls decides on repeating: a definition says how often and when.
          maxAttempts: 1,
          requestHandler: { ...clientOptions.requestHandler, requestTimeout },
        }),
      ),
    );
  }

  /** @param name name or ARN */
  async invoke(
    name: string,
    payload: Json,
    options: { readonly qualifier?: string; readonly event?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<Invoked> {
    const [{ InvokeCommand }, client] = await Promise.all([this.#sdk(), this.#lambda()]);
    const answer = await client.send(
      new InvokeCommand({
        FunctionName: name,
        InvocationType: options.event ? 'Event' : 'RequestResponse',
        Payload: Buffer.from(JSON.stringify(payload)),
        ...(options.qualifier !== undefined && { Qualifier: options.qualifier }),
      }),
      options.signal && { abortSignal: options.signal },
    );
    const { StatusCode = 0, Payload, FunctionError, ExecutedVersion, $metadata } = answer;
    const text = Payload === undefined ? '' : Payload.transformToString('utf-8');
    return {
      statusCode: StatusCode,
      payload: text === '' ? '' : (JSON.parse(text) as Json),
      requestId: $metadata.requestId ?? '',
      ...(FunctionError !== undefined && { functionError: FunctionError }),
      ...(ExecutedVersion !== undefined && { executedVersion: ExecutedVersion }),
    };
  }

  /** Whether the caller may invoke it; nothing is run. @throws what AWS refuses it with */
  async mayInvoke(name: string): Promise<void> {
    const [{ InvokeCommand }, client] = await Promise.all([this.#sdk(), this.#lambda()]);
    await client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'DryRun' }));
  }
}

import type { SimulatedAccount } from '../account.ts';
import type { InvocationResult } from '../services/lambda.ts';

/** How events are invoked: retries on a function error, age, and where failures go. Lambda's defaults apply. */
export interface EventInvokeConfig {
  /** 0 to 2. */
  readonly maximumRetryAttempts?: number;
  /** 60 to 21,600. */
  readonly maximumEventAgeSeconds?: number;
  /** Queue or topic that gets events nobody could process. */
  readonly onFailureArn?: string;
}

/** Lambda waits one minute before the first retry of an event and two before the second. */
const retryDelaysMs = [60_000, 120_000];

/**
 * Delivers one event asynchronously: returns at once in AWS, so callers start it and go on.
 *
 * @returns what the last attempt came to
 */
export async function deliver(
  account: SimulatedAccount,
  functionArn: string,
  payload: unknown,
  config: EventInvokeConfig,
): Promise<'succeeded' | 'failed'> {
  const { clock, lambda } = account;
  const bornMs = clock.now();
  const maxAgeMs = (config.maximumEventAgeSeconds ?? 21_600) * 1000;
  const retries = config.maximumRetryAttempts ?? 2;
  for (let attempt = 0; ; attempt++) {
    const result = await attemptOnce(() => lambda.invoke(functionArn, payload));
    if (!result.failed) return 'succeeded';
    const delayMs = retryDelaysMs[attempt] ?? 0;
    if (attempt >= retries || clock.now() + delayMs - bornMs > maxAgeMs) {
      sendToDestination(account, functionArn, payload, config, attempt + 1, result.answer);
      return 'failed';
    }
    await clock.sleep(delayMs);
  }
}

async function attemptOnce(invoke: () => Promise<InvocationResult>): Promise<{ failed: boolean; answer: unknown }> {
  try {
    const result = await invoke();
    return { failed: result.functionError !== undefined, answer: result.payload };
  } catch (error) {
    return { failed: true, answer: { errorMessage: error instanceof Error ? error.message : String(error) } };
  }
}

function sendToDestination(
  account: SimulatedAccount,
  functionArn: string,
  payload: unknown,
  config: EventInvokeConfig,
  attempts: number,
  answer: unknown,
): void {
  if (!config.onFailureArn) return;
  const record = {
    version: '1.0',
    timestamp: account.clock.iso(),
    requestContext: {
      requestId: account.random.uuid(),
      functionArn,
      condition: 'RetriesExhausted',
      approximateInvokeCount: attempts,
    },
    requestPayload: payload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: answer,
  };
  account.sqs.send(config.onFailureArn, JSON.stringify(record));
}

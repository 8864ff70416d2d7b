/**
 * How every client of the command reaches AWS. Region, credentials and endpoint come from the SDK's own chain:
 * environment, profile, single sign-on, container or instance role; `AWS_ENDPOINT_URL` leads to a simulated account.
 */
import type { DeserializeMiddleware, MiddlewareStack } from '@smithy/types';

// The SDK warns of a Node.js that it will not support some day. Whoever looks at an incident cannot do anything about it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export const clientOptions = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;

interface AnyClient {
  // biome-ignore lint/suspicious/noExplicitAny: every client's own inputs and outputs, none of which is looked at
  readonly middlewareStack: MiddlewareStack<any, any>;
}

/** The account's time: a simulated one lives in another, and a laptop's clock may be wrong. */
export class AccountClock {
  #answeredMs: number | undefined;
  #heardAt = 0;
  #speed = 1;

  /** Seconds of the account to one here: 1, but for a simulated account that was told to hurry. */
  get speed(): number {
    return this.#speed;
  }

  /** Milliseconds since the epoch: that of the newest answer, and what has passed there since then. */
  now(): number {
    if (this.#answeredMs === undefined) return Date.now();
    return this.#answeredMs + (Date.now() - this.#heardAt) * this.#speed;
  }

  /** @param headers of an HTTP answer: `date`, and the speed that only a simulated account tells */
  heard(headers: Readonly<Record<string, string>> = {}): void {
    const speed = Number(headers['x-simulated-speed'] ?? 1);
    if (speed > 0) this.#speed = speed;
    const ms = Date.parse(headers.date ?? '');
    if (Number.isNaN(ms)) return;
    this.#answeredMs = ms;
    this.#heardAt = Date.now();
  }

  /** The client, whose answers are heard from now on. */
  listenTo<C extends AnyClient>(client: C): C {
    const listen: DeserializeMiddleware<object, object> = (next) => async (args) => {
      const result = await next(args);
      const { headers } = (result.response ?? {}) as { headers?: Record<string, string> };
      this.heard(headers);
      return result;
    };
    client.middlewareStack.add(listen, { step: 'deserialize', priority: 'low', name: 'accountClock' });
    return client;
  }
}

/** Makes what `make` makes when it is first asked for: an SDK client takes a tenth of a second to load. */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

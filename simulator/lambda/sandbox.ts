import type { SimulatedAccount } from '../account.ts';
import type { Random } from '../random.ts';
import type { Bundle } from './bundle.ts';
import { type Handler, loadHandler } from './environment.ts';
import { exited, type FunctionError, functionError, responseTooLarge, timedOut } from './errors.ts';
import { Gate } from './gate.ts';
import type { Host, LogLevel } from './host.ts';
import type { Network } from './network.ts';

export interface SandboxOptions {
  readonly account: SimulatedAccount;
  readonly network: Network;
  readonly bundle: Bundle;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (requestId: string, level: LogLevel, message: string) => void;
}

export interface SandboxRequest {
  readonly requestId: string;
  /** JSON text. */
  readonly event: string;
  readonly timeoutSeconds: number;
  /** The rest of the handler's `context`. */
  readonly context: object;
}

export type SandboxAnswer = { readonly result: string } | { readonly error: FunctionError };

/** Bytes of a synchronous request or response. */
export const payloadLimit = 6_291_556;

/** One execution environment: started cold once, then one invocation at a time, frozen in between. */
export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #gate = new Gate();
  #handler: Handler | undefined;
  #requestId = '';
  #crashed: (error: FunctionError) => void = () => undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  /** False once it timed out, crashed or failed to start: the next invocation needs another. */
  get alive(): boolean {
    return !this.#gate.closed;
  }

  /** Cold start. @returns what went wrong in the module's own code */
  async start(requestId: string): Promise<FunctionError | undefined> {
    this.#requestId = requestId;
    try {
      this.#handler = await loadHandler(this.#host(), this.#options.bundle);
      return undefined;
    } catch (error) {
      this.#gate.close();
      return functionError(error);
    }
  }

  invoke(request: SandboxRequest): Promise<SandboxAnswer> {
    const handler = this.#handler;
    if (!handler) throw new Error('The sandbox was not started.');
    const { clock } = this.#options.account;
    const deadline = clock.now() + request.timeoutSeconds * 1000;
    this.#requestId = request.requestId;
    this.#gate.thaw();
    return new Promise((resolve) => {
      const settle = (answer: SandboxAnswer, fate: 'freeze' | 'close'): void => {
        timer.cancel();
        this.#gate[fate]();
        resolve(answer);
      };
      const timer = clock.at(deadline, () =>
        settle({ error: timedOut(request.requestId, request.timeoutSeconds) }, 'close'),
      );
      this.#crashed = (error) => settle({ error }, 'close');
      const context = {
        ...request.context,
        awsRequestId: request.requestId,
        callbackWaitsForEmptyEventLoop: true,
        getRemainingTimeInMillis: () => Math.max(0, deadline - clock.now()),
      };
      handler(request.event, context).then(
        (result) => settle(limited(result), 'freeze'),
        (error) => settle({ error: functionError(error) }, 'freeze'),
      );
    });
  }

  #host(): Host {
    const { account, network, random, environment, log } = this.#options;
    return {
      random,
      environment,
      now: () => account.clock.now(),
      after: (ms, task) => account.clock.after(ms, () => this.#gate.run(task)),
      resume: (task) => this.#gate.run(task),
      exchange: (request) => network.exchange(request),
      log: (level, message) => log(this.#requestId, level, message),
      crash: (cause) =>
        this.#crashed('exitCode' in cause ? exited(this.#requestId, cause.exitCode) : functionError(cause.error)),
    };
  }
}

function limited(result: string): SandboxAnswer {
  const bytes = Buffer.byteLength(result);
  return bytes > payloadLimit ? { error: responseTooLarge(bytes, payloadLimit) } : { result };
}

import type { Json } from '../../lib/domain/model.ts';
import type { SimulatedAccount } from '../account.ts';

export interface FunctionSpec {
  /** Unqualified: `arn:aws:lambda:<region>:<account>:function:<name>`. */
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly codeDir: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

export type InvocationResult =
  | { readonly payload: Json; readonly functionError?: undefined }
  | { readonly functionError: 'Unhandled'; readonly payload: Json };

export interface Invocation {
  readonly functionName: string;
  readonly time: string;
  readonly durationMs: number;
  readonly coldStart: boolean;
  readonly error?: string;
}

export class Lambda {
  readonly invocations: Invocation[] = [];
  readonly bundles: { functionName: string; sha256: string; bytes: number }[] = [];
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  createFunction(_spec: FunctionSpec): void {
    throw new Error(`not written yet (${this.#account.id})`);
  }

  invoke(_functionArn: string, _payload: unknown): Promise<InvocationResult> {
    throw new Error('not written yet');
  }
}

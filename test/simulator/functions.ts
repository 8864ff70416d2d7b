/** Real functions for tests: sources bundled as the stack's Lambdas are, deployed into a simulated account. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { SimulatedAccount } from '../../simulator/account.ts';
import { drive } from '../../simulator/sdk.ts';
import type { InvocationResult } from '../../simulator/services/lambda.ts';
import { roleArn } from './account.ts';

const root = join(import.meta.dirname, '../..');

/** @returns a directory with `index.mjs` */
export function bundle(source: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'backstep-function-'));
  buildSync({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    outfile: join(directory, 'index.mjs'),
  });
  return directory;
}

export interface FunctionOptions {
  readonly timeoutSeconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
  readonly role?: string;
}

/** @returns the function's ARN */
export function addFunction(
  account: SimulatedAccount,
  name: string,
  source: string,
  options: FunctionOptions = {},
): string {
  const arn = account.arn('lambda', `function:${name}`);
  account.lambda.createFunction({
    arn,
    name,
    codeDir: bundle(source),
    handler: 'index.handler',
    roleArn: options.role ?? roleArn(name),
    environment: options.environment ?? {},
    timeoutSeconds: options.timeoutSeconds ?? 60,
    memoryMb: 512,
    ...(options.reservedConcurrency === undefined ? {} : { reservedConcurrency: options.reservedConcurrency }),
  });
  return arn;
}

/** Invokes and runs the account's clock until the answer is there. */
export function invoke(account: SimulatedAccount, arn: string, payload: unknown = {}): Promise<InvocationResult> {
  return drive(account, account.lambda.invoke(arn, payload));
}

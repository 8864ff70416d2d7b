/** Real SDK clients against the simulated account: the credentials, region and request handler that point them at it. */

import { join } from 'node:path';
import { Readable } from 'node:stream';
import { externalDataInterceptor, getHomeDir } from '@smithy/core/config';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest as IHttpRequest } from '@smithy/types';
import type { SimulatedAccount } from './account.ts';
import type { Credentials } from './iam.ts';

export interface ClientConfig {
  readonly region: string;
  readonly credentials: Credentials;
  readonly maxAttempts: number;
  readonly requestHandler: { handle(request: IHttpRequest): Promise<{ response: HttpResponse }>; destroy(): void };
}

/**
 * Configuration of any SDK client, e.g. `new ECSClient(clientConfig(account))`. One attempt per call: the SDK's
 * back-off would wait in real time.
 *
 * @param principalArn a role's ARN, or `operator`
 */
export function clientConfig(account: SimulatedAccount, principalArn = 'operator'): ClientConfig {
  ignoreSharedConfigFiles();
  return {
    region: account.region,
    credentials: account.iam.credentialsFor(principalArn),
    maxAttempts: 1,
    requestHandler: {
      handle: async (request) => ({ response: await exchange(account, request) }),
      destroy: () => undefined,
    },
  };
}

/** Runs the account's clock, event by event, until `promise` settles, which must wait for nothing outside of the account. */
export async function drive<T>(account: Pick<SimulatedAccount, 'clock'>, promise: Promise<T>): Promise<T> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  while (!settled) await account.clock.step();
  return promise;
}

/**
 * The SDK looks into the machine's `~/.aws` before its first call. Nothing there may count in a simulated account, and
 * while the disk answers, in real time, a driven clock would run ahead by hours.
 */
function ignoreSharedConfigFiles(): void {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const folder = join(getHomeDir(), '.aws');
  externalDataInterceptor.interceptFile(AWS_CONFIG_FILE ?? join(folder, 'config'), '');
  externalDataInterceptor.interceptFile(AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials'), '');
}

async function exchange(account: SimulatedAccount, request: IHttpRequest): Promise<HttpResponse> {
  const { status, headers, body } = await account.handle({
    method: request.method,
    hostname: request.hostname,
    path: request.path + queryText(request.query),
    headers: request.headers,
    body: await collect(request.body),
  });
  return new HttpResponse({ statusCode: status, headers: { ...headers }, body: Readable.from([Buffer.from(body)]) });
}

function queryText(query: IHttpRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) =>
      one === null || one === undefined
        ? encodeURIComponent(name)
        : `${encodeURIComponent(name)}=${encodeURIComponent(one)}`,
    ),
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

async function collect(body: unknown): Promise<Uint8Array | string | undefined> {
  if (body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array)
    return body ?? undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * The Lambda Function URL that takes answers to approvals. It lets in who is allowed to invoke it, so a request is signed
 * with the caller's own credentials, by the SDK's signer.
 *
 * Calls: lambda:InvokeFunctionUrl
 */
import { request as http } from 'node:http';
import { request as https } from 'node:https';

export interface AnswerReply {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

const timeoutMs = 15_000;

export class Answers {
  /** @param url of the installation; with `AWS_ENDPOINT_URL` the request goes there, with the function's own host name */
  async post(url: string, region: string, body: object): Promise<AnswerReply> {
    const target = new URL(url);
    const text = JSON.stringify(body);
    const { headers } = await sign(target, region, text);
    const { AWS_ENDPOINT_URL } = process.env;
    const endpoint = AWS_ENDPOINT_URL ? new URL(AWS_ENDPOINT_URL) : target;
    return exchange(endpoint, target.pathname, headers, text);
  }
}

async function sign(url: URL, region: string, body: string): Promise<{ readonly headers: Record<string, string> }> {
  const [{ SignatureV4 }, { Hash }, { SFNClient }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@smithy/core/serde'),
    import('@aws-sdk/client-sfn'),
  ]);
  const signer = new SignatureV4({
    service: 'lambda',
    region,
    // A client resolves the SDK's own chain of credentials.
    credentials: new SFNClient({ region }).config.credentials,
    sha256: Hash.bind(null, 'sha256'),
  });
  return signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: {},
    headers: { host: url.host, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
    body,
  });
}

function exchange(endpoint: URL, path: string, headers: Record<string, string>, body: string): Promise<AnswerReply> {
  return new Promise((resolve, reject) => {
    const send = endpoint.protocol === 'http:' ? http : https;
    const request = send(
      { method: 'POST', hostname: endpoint.hostname, port: endpoint.port, path, headers, timeout: timeoutMs },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) }),
        );
      },
    );
    request.on('timeout', () =>
      request.destroy(new Error(`The answer was sent, but nothing came back within ${timeoutMs / 1_000} s.`)),
    );
    request.on('error', reject);
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

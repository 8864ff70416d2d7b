import { request as httpRequest } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { drive } from '../../../simulator/sdk.ts';
import { serve } from '../../../simulator/server.ts';
import { AwsError } from '../../../simulator/service.ts';
import { addRole, newAccount, roleArn } from '../account.ts';
import { addFunction, invoke } from '../functions.ts';

/** Answers with what it was given, or as `answer` in the body says. */
const source = `export const handler = async (event) => {
  const { fail, answer } = JSON.parse(event.isBase64Encoded || !event.body ? '{}' : event.body);
  if (fail) throw new Error('as told');
  return answer === undefined ? { statusCode: 200, body: JSON.stringify(event) } : answer;
};`;

let account: SimulatedAccount;
let functionArn: string;
let host: string;

beforeEach(() => {
  account = newAccount();
  functionArn = addFunction(account, 'answer', source);
  host = new URL(account.lambda.urls.create(functionArn, 'AWS_IAM').url).hostname;
});

/** The header that SigV4 makes; the simulated account reads who signed, and checks no more. */
const signed = (principal: string) => {
  const { accessKeyId, sessionToken } = account.iam.credentialsFor(principal, 'ada');
  const credential = `${accessKeyId}/20261120/eu-west-1/lambda/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=00`;
  return { authorization, 'x-amz-security-token': sessionToken };
};

interface Sent {
  readonly body?: string | Uint8Array;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send({ body, path = '/', method = 'POST', headers = signed('operator') }: Sent = {}, hostname = host) {
  const json = { 'content-type': 'application/json', ...headers };
  const answer = await drive(account, account.handle({ method, hostname, path, headers: json, body }));
  const text = Buffer.from(answer.body).toString();
  return { ...answer, text, json: () => JSON.parse(text) };
}

const allow = (name: string, ...actions: string[]): string => addRole(account, name, [actions, [functionArn]]);

const forbidden = {
  Message:
    'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
};

describe('the event', () => {
  it('tells who signed, and what was asked', async () => {
    const role = allow('oncall', 'lambda:InvokeFunctionUrl', 'lambda:InvokeFunction');
    const body = '{"decision":"approve"}';
    const path = '/approvals/r%201?x=1&x=2&y=a%20b';
    const { status, json } = await send({
      body,
      path,
      headers: { ...signed(role), cookie: 'a=1; b=2', 'X-Who': 'me' },
    });
    expect(status).toBe(200);
    const { accessKeyId } = account.iam.credentialsFor(role, 'ada');
    const userId = expect.stringMatching(/^AROA[A-Z2-7]{17}:ada$/);
    expect(json()).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/approvals/r 1',
      cookies: ['a=1', 'b=2'],
      headers: { 'content-type': 'application/json', 'x-who': 'me', host, 'x-forwarded-proto': 'https' },
      queryStringParameters: { x: '1,2', y: 'a b' },
      requestContext: {
        accountId: '111122223333',
        apiId: host.split('.')[0],
        authorizer: {
          iam: {
            accessKey: accessKeyId,
            accountId: '111122223333',
            callerId: userId,
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: 'arn:aws:sts::111122223333:assumed-role/oncall/ada',
            userId,
          },
        },
        domainName: host,
        domainPrefix: host.split('.')[0],
        http: { method: 'POST', path: '/approvals/r 1', protocol: 'HTTP/1.1', sourceIp: '203.0.113.17' },
        routeKey: '$default',
        stage: '$default',
        time: '20/Nov/2026:03:00:00 +0000',
        timeEpoch: Date.UTC(2026, 10, 20, 3) + 20,
      },
      body,
      isBase64Encoded: false,
    });
    expect(json().headers.cookie).toBeUndefined();
  });

  it('shows the operator as the user it is', async () => {
    const { iam } = (await send()).json().requestContext.authorizer;
    expect(iam).toMatchObject({
      userArn: 'arn:aws:iam::111122223333:user/operator',
      userId: expect.stringMatching(/^AIDA/),
    });
  });

  it('carries bytes in base64', async () => {
    const { json } = await send({
      body: Buffer.from([0, 255]),
      headers: { ...signed('operator'), 'content-type': 'image/png' },
    });
    expect(json()).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
  });
});

describe('the answer', () => {
  it.each<[string, unknown, object]>([
    [
      'status, headers and body',
      { statusCode: 409, headers: { 'X-Why': 'late' }, body: 'no' },
      { status: 409, text: 'no' },
    ],
    ['a body in base64', { statusCode: 200, body: 'aGk=', isBase64Encoded: true }, { status: 200, text: 'hi' }],
    ['no body', { statusCode: 204 }, { status: 204, text: '' }],
    ['anything else as JSON', { ok: [1] }, { status: 200, text: '{"ok":[1]}' }],
    ['text', 'hello', { status: 200, text: 'hello' }],
    ['a status that is none', { statusCode: 'many' }, { status: 502, text: 'Internal Server Error' }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }, { status: 502, text: 'Internal Server Error' }],
  ])('%s', async (_, answer, expected) => {
    expect(await send({ body: JSON.stringify({ answer }) })).toMatchObject(expected);
  });

  it('has the headers of the function, and JSON as its type where it says none', async () => {
    const answer = { statusCode: 200, headers: { 'X-Why': 'late' }, cookies: ['a=1'] };
    const { headers } = await send({ body: JSON.stringify({ answer }) });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-why': 'late', 'set-cookie': 'a=1' });
  });

  it('is 502 where the function failed, 429 where it was throttled', async () => {
    expect(await send({ body: '{"fail":true}' })).toMatchObject({ status: 502, text: 'Internal Server Error' });
    account.faults.push(({ kind }) =>
      kind === 'invocation'
        ? { error: new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 }) }
        : undefined,
    );
    expect((await send()).status).toBe(429);
  });
});

describe('who may', () => {
  it('nobody unsigned', async () => {
    const answer = await send({ headers: {} });
    expect(answer).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } });
    expect(answer.json()).toEqual(forbidden);
    expect(account.lambda.invocations).toHaveLength(0);
    expect(account.calls).toMatchObject([
      {
        operation: 'InvokeFunctionUrl',
        principal: 'anonymous',
        resources: [functionArn],
        error: 'AccessDeniedException',
      },
    ]);
  });

  it('nobody with a key that does not exist', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=AKIANOBODY/20261120/eu-west-1/lambda/aws4_request, Signature=0';
    const answer = await send({ headers: { authorization } });
    expect(answer).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'UnrecognizedClientException' } });
  });

  it.each<[string, string[], number]>([
    ['both actions', ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], 200],
    ['the URL alone', ['lambda:InvokeFunctionUrl'], 403],
    ['the function alone', ['lambda:InvokeFunction'], 403],
  ])('a role with %s', async (_, actions, status) => {
    const answer = await send({ headers: signed(allow('oncall', ...actions)) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.json()).toEqual(forbidden);
  });

  it('a role whose permission holds by way of the URL only', async () => {
    const role = allow('oncall', 'lambda:InvokeFunctionUrl');
    account.iam.addPolicy(role, {
      Statement: {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: functionArn,
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      },
    });
    expect((await send({ headers: signed(role) })).status).toBe(200);
  });

  it('a role that the function’s own policy names', async () => {
    const role = addRole(account, 'named');
    const { permissions } = account.lambda;
    const principal = roleArn('named');
    permissions.add(functionArn, { action: 'lambda:InvokeFunctionUrl', principal, functionUrlAuthType: 'AWS_IAM' });
    expect((await send({ headers: signed(role) })).status).toBe(403);
    permissions.add(functionArn, { action: 'lambda:InvokeFunction', principal, invokedViaFunctionUrl: true });
    expect((await send({ headers: signed(role) })).status).toBe(200);
    expect((await send({ headers: signed(addRole(account, 'other')) })).status).toBe(403);
  });

  it('anybody at a public URL, once both permissions are there', async () => {
    const arn = addFunction(account, 'public', source);
    const hostname = new URL(account.lambda.urls.create(arn, 'NONE').url).hostname;
    const { permissions } = account.lambda;
    permissions.add(arn, { action: 'lambda:InvokeFunctionUrl', principal: '*', functionUrlAuthType: 'NONE' });
    expect((await send({ headers: {} }, hostname)).status).toBe(403);
    permissions.add(arn, { action: 'lambda:InvokeFunction', principal: '*', invokedViaFunctionUrl: true });
    const answer = await send({ headers: {} }, hostname);
    expect(answer.json().requestContext).toMatchObject({ accountId: 'anonymous' });
    expect(answer.json().requestContext.authorizer).toBeUndefined();
  });

  it('no URL, no answer', async () => {
    expect(await send({}, host.replace(/^.{4}/, 'none'))).toMatchObject({ status: 404 });
  });
});

describe('how it is reached', () => {
  it('through the served account, where the Host header decides', async () => {
    const server = await serve(account);
    try {
      const { hostname, port } = new URL(server.url);
      const headers = { ...signed('operator'), host, 'content-type': 'application/json' };
      const answer = await new Promise<{ status?: number; text: string }>((resolve, reject) => {
        const sent = httpRequest({ hostname, port, method: 'POST', path: '/', headers }, (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        });
        sent.on('error', reject);
        sent.end('{"answer":{"statusCode":201,"body":"through"}}');
      });
      expect(answer).toEqual({ status: 201, text: 'through' });
    } finally {
      await server.stop();
    }
  });

  it('by a function of the account', async () => {
    const { authorization } = signed('operator');
    const caller = addFunction(
      account,
      'caller',
      `export const handler = async () => {
        const answer = await fetch('https://${host}/', { method: 'POST', headers: { authorization: ${JSON.stringify(authorization)},
          'content-type': 'application/json' }, body: '{"answer":{"statusCode":202,"body":"seen"}}' });
        return [answer.status, await answer.text()];
      };`,
    );
    expect((await invoke(account, caller)).payload).toEqual([202, 'seen']);
  });
});

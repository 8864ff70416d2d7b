import { describe, expect, it } from 'vitest';
import { drive } from '../../simulator/sdk.ts';
import { AwsError } from '../../simulator/service.ts';
import { addRole, newAccount, roleArn } from './account.ts';
import { addFunction, invoke } from './functions.ts';

const start = '2026-11-20T03:00:00';

/** Runs one expression inside a function and gives what it came to. */
async function evaluate(expression: string, account = newAccount()): Promise<unknown> {
  const arn = addFunction(account, 'probe', `export const handler = async (event) => (${expression});`);
  return (await invoke(account, arn)).payload;
}

describe('the real SDK in a function', () => {
  const source = `
    import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
    const client = new SSMClient({});
    export const handler = async ({ name }) =>
      (await client.send(new GetParameterCommand({ Name: name }))).Parameter.Value;
  `;

  it('calls the account over its wire, with the role of the function and its session', async () => {
    const account = newAccount();
    account.ssm.putParameter({ name: '/shop/answer', value: '42' });
    addRole(account, 'reader', [['ssm:GetParameter'], [account.arn('ssm', 'parameter/shop/*')]]);
    const arn = addFunction(account, 'reader', source);
    expect(await invoke(account, arn, { name: '/shop/answer' })).toMatchObject({ payload: '42' });
    expect(account.calls).toMatchObject([{ operation: 'GetParameter', principal: roleArn('reader') }]);
  });

  it('is refused what the role does not allow, as an SDK error with AWS’s sentence', async () => {
    const account = newAccount();
    addRole(account, 'reader');
    const arn = addFunction(account, 'reader', source);
    const { payload } = await invoke(account, arn, { name: '/shop/answer' });
    expect(payload).toMatchObject({
      errorType: expect.stringMatching(/^AccessDenied/),
      errorMessage: expect.stringContaining(
        'assumed-role/reader/reader is not authorized to perform: ssm:GetParameter',
      ),
    });
  });

  it('retries a throttled call on virtual time', async () => {
    const account = newAccount();
    account.ssm.putParameter({ name: '/shop/answer', value: '42' });
    addRole(account, 'reader', [['ssm:GetParameter'], ['*']]);
    let throttles = 2;
    account.faults.push((point) =>
      point.kind === 'call' && throttles-- > 0
        ? { error: new AwsError('ThrottlingException', 'Rate exceeded') }
        : undefined,
    );
    const realMs = performance.now();
    const arn = addFunction(account, 'reader', source);
    expect(await invoke(account, arn, { name: '/shop/answer' })).toMatchObject({ payload: '42' });
    expect(account.calls.map(({ error }) => error)).toEqual(['ThrottlingException', 'ThrottlingException', undefined]);
    expect(account.lambda.invocations[0]?.durationMs).toBeGreaterThan(500);
    expect(performance.now() - realMs).toBeLessThan(5000);
  });

  it('gives up on time when a request time-out passes without an answer', async () => {
    const account = newAccount();
    account.faults.push((point) => (point.kind === 'call' ? { delayMs: 60_000 } : undefined));
    addRole(account, 'hasty', [['ssm:GetParameter'], ['*']]);
    const arn = addFunction(
      account,
      'hasty',
      `import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
       const client = new SSMClient({ maxAttempts: 1, requestHandler: { requestTimeout: 2000, throwOnRequestTimeout: true } });
       export const handler = async () => {
         const began = Date.now();
         try { await client.send(new GetParameterCommand({ Name: 'x' })); } catch (error) { return [error.name, Date.now() - began]; }
       };`,
    );
    expect((await invoke(account, arn)).payload).toEqual(['TimeoutError', 2000]);
  });

  it('prints no warning about the version of Node', async () => {
    const account = newAccount();
    addRole(account, 'reader', [['ssm:GetParameter'], ['*']]);
    await invoke(account, addFunction(account, 'reader', source), { name: 'missing' });
    expect(account.lambda.logs).toEqual([]);
  });
});

describe('time', () => {
  it('is the account’s: dates, timers and the deadline agree', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'timer',
      `import { setTimeout as wait } from 'node:timers/promises';
       import { promisify } from 'node:util';
       const born = new Date();
       export const handler = async (event, context) => {
         const began = performance.now();
         await new Promise((resolve) => setTimeout(resolve, 1000));
         await wait(500);
         await promisify(setTimeout)(250);
         let ticks = 0;
         await new Promise((resolve) => { const i = setInterval(() => { if (++ticks === 3) { clearInterval(i); resolve(); } }, 10); });
         return { born: born.toISOString(), now: new Date().toISOString(), waited: performance.now() - began, left: context.getRemainingTimeInMillis(), ticks };
       };`,
    );
    const { payload } = await invoke(account, arn);
    expect(payload).toEqual({
      born: `${start}.405Z`,
      now: `${start.slice(0, -2)}02.185Z`,
      waited: 1780,
      left: 58_220,
      ticks: 3,
    });
  });

  it.each([
    ['Date.now() equals new Date()', 'Date.now() === new Date().getTime()', true],
    ['Date() is text', 'typeof Date()', 'string'],
    [
      'arguments are kept',
      "new Date(2020, 0, 2, 3).getFullYear() + new Date('2021-05-06T00:00:00Z').toISOString()",
      '20202021-05-06T00:00:00.000Z',
    ],
    ['parse and UTC are intact', "Date.parse('1970-01-01T00:00:01Z') + Date.UTC(1970, 0, 1, 0, 0, 2)", 3000],
    ['instanceof holds', 'new Date() instanceof Date && new (class Sub extends Date {})() instanceof Date', true],
    ['the constructor property is the virtual one', 'new Date().constructor === Date', true],
    ['process.hrtime is virtual', 'process.hrtime.bigint() < 1000n', true],
  ])('%s', async (_, expression, expected) => {
    expect(await evaluate(expression)).toBe(expected);
  });

  it('fires AbortSignal.timeout on virtual time', async () => {
    const expression = `await new Promise((resolve) => {
      const signal = AbortSignal.timeout(5000);
      const began = Date.now();
      signal.addEventListener('abort', () => resolve([signal instanceof AbortSignal, signal.reason.name, Date.now() - began]));
    })`;
    expect(await evaluate(expression)).toEqual([true, 'TimeoutError', 5000]);
  });
});

describe('randomness', () => {
  const draw = `[Math.random(), crypto.randomUUID(), (await import('node:crypto')).randomBytes(4).toString('hex'), [...crypto.getRandomValues(new Uint8Array(3))]]`;

  it('is the same for the same seed and another for another', async () => {
    const [first, again, other] = [await evaluate(draw), await evaluate(draw), await evaluate(draw, newAccount(2))];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('differs between environments of one function', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'draw',
      `export const handler = async () => { await new Promise((r) => setTimeout(r, 9)); return crypto.randomUUID(); };`,
    );
    const [a, b] = await drive(account, Promise.all([account.lambda.invoke(arn, {}), account.lambda.invoke(arn, {})]));
    expect(a?.payload).not.toEqual(b?.payload);
  });

  it('leaves hashing alone', async () => {
    const expression = `(await import('node:crypto')).createHash('sha256').update('a').digest('hex')`;
    expect(await evaluate(expression)).toMatch(/^ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb$/);
  });
});

describe('environments', () => {
  const counting = `let count = 0; export const handler = async ({ ms }) => { count += 1; await new Promise((r) => setTimeout(r, ms)); return count; };`;

  it('start cold once and are warm afterwards, with their state', async () => {
    const account = newAccount();
    const arn = addFunction(account, 'count', counting);
    expect((await invoke(account, arn, { ms: 1 })).payload).toBe(1);
    expect((await invoke(account, arn, { ms: 1 })).payload).toBe(2);
    expect(account.lambda.invocations).toMatchObject([
      { coldStart: true, durationMs: 406 },
      { coldStart: false, durationMs: 6 },
    ]);
  });

  it('serve one invocation at a time: two at once have two', async () => {
    const account = newAccount();
    const arn = addFunction(account, 'count', counting);
    const both = [account.lambda.invoke(arn, { ms: 50 }), account.lambda.invoke(arn, { ms: 50 })];
    expect((await drive(account, Promise.all(both))).map(({ payload }) => payload)).toEqual([1, 1]);
    expect(account.lambda.invocations.map(({ coldStart }) => coldStart)).toEqual([true, true]);
  });

  it('are frozen between invocations', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'frozen',
      `const fired = []; export const handler = async ({ first }) => {
         if (first) setTimeout(() => fired.push(Date.now()), 1000);
         else await new Promise((r) => setTimeout(r, 1));
         return fired;
       };`,
    );
    await invoke(account, arn, { first: true });
    await account.clock.runUntil(account.clock.now() + 60_000);
    const thawed = account.clock.now();
    expect((await invoke(account, arn, { first: false })).payload).toEqual([thawed + 5]);
  });

  it('have Lambda’s variables and the function’s, and nothing of the machine', async () => {
    const account = newAccount();
    const arn = addFunction(account, 'env', 'export const handler = async () => process.env;', {
      environment: { BACKSTEP_TABLE: 'ledger' },
    });
    const { payload } = await invoke(account, arn);
    expect(payload).toMatchObject({
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'env',
      BACKSTEP_TABLE: 'ledger',
    });
    expect(payload).not.toHaveProperty('HOME');
    expect(payload).not.toHaveProperty('VITEST');
  });

  it('report version and platform of the runtime', async () => {
    const expression = `[process.version.split('.')[0], process.platform, (await import('node:os')).arch(), process.cwd()]`;
    expect(await evaluate(expression)).toEqual(['v24', 'linux', 'arm64', '/var/task']);
  });

  it('refuse more than the reserved concurrency', async () => {
    const account = newAccount();
    const arn = addFunction(account, 'one', counting, { reservedConcurrency: 1 });
    const both = [account.lambda.invoke(arn, { ms: 50 }), account.lambda.invoke(arn, { ms: 50 })];
    const [first, second] = await drive(account, Promise.allSettled(both));
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'TooManyRequestsException', status: 429 } });
  });
});

describe('errors', () => {
  it('carry type, message and the function’s own frames', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'thrower',
      `class LockLost extends Error { name = 'LockLost'; } export const handler = async () => { throw new LockLost('gone'); };`,
    );
    const result = await invoke(account, arn);
    expect(result).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'LockLost', errorMessage: 'gone' },
    });
    const { trace } = result.payload as { trace: string[] };
    expect(trace.length).toBeGreaterThan(1);
    for (const frame of trace.slice(1)) expect(frame).toContain('file:///var/task/index.mjs');
    expect(account.lambda.invocations).toMatchObject([{ error: 'LockLost' }]);
  });

  it.each([
    ['a thrown string', `throw 'no'`, { errorType: 'string', errorMessage: 'no', trace: [] }],
    ['an error of Node’s own code', `(await import('node:path')).join(1)`, { errorType: 'TypeError' }],
    [
      'process.exit',
      'process.exit(3)',
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') },
    ],
    [
      'an exception in a timer',
      `await new Promise(() => setTimeout(() => { throw new RangeError('late'); }, 5))`,
      { errorType: 'RangeError', errorMessage: 'late' },
    ],
  ])('%s', async (_, statement, expected) => {
    const account = newAccount();
    const arn = addFunction(account, 'thrower', `export const handler = async () => { ${statement}; };`);
    expect((await invoke(account, arn)).payload).toMatchObject(expected);
  });

  it('of Node’s own code are Errors inside the function', async () => {
    const expression = `await (await import('node:fs/promises')).readFile('/home/x/.aws/config').catch((error) => [error instanceof Error, error.code])`;
    expect(await evaluate(expression)).toEqual([true, 'ENOENT']);
  });

  it('end a function that runs out of time, and its environment', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'slow',
      `let count = 0; export const handler = async ({ ms }) => { count += 1; await new Promise((r) => setTimeout(r, ms)); console.log('late'); return count; };`,
      { timeoutSeconds: 3 },
    );
    expect((await invoke(account, arn, { ms: 4000 })).payload).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 3\.00 seconds$/),
    });
    expect((await invoke(account, arn, { ms: 1 })).payload).toBe(1);
    await account.clock.runUntil(account.clock.now() + 10_000);
    expect(account.lambda.logs.map(({ message }) => message)).toEqual(['late']);
    expect(account.lambda.invocations.map(({ coldStart }) => coldStart)).toEqual([true, true]);
  });

  it('at load fail the invocation', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'broken',
      `throw new TypeError('at import'); export const handler = async () => 1;`,
    );
    expect((await invoke(account, arn)).payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'at import' });
  });

  it('name a module that is not there', async () => {
    expect(await evaluate(`await import('node:cluster').catch((error) => error.message)`)).toBe(
      "The simulated Lambda runtime has no module 'node:cluster'.",
    );
  });

  it('refuse what would leave the account', async () => {
    const expression = `await import('node:child_process').then((m) => { try { m.execSync('id'); } catch (error) { return error.message; } })`;
    expect(await evaluate(expression)).toBe('The simulated Lambda runtime has no node:child_process.execSync.');
  });

  it('refuse responses above 6 MB', async () => {
    expect(await evaluate(`'x'.repeat(7e6)`)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });
});

describe('fetch and http', () => {
  it('fail as a name that does not resolve', async () => {
    const expression = `await fetch('https://nowhere.example.com/').catch((error) => [error.name, error.message, error.cause.code])`;
    expect(await evaluate(expression)).toEqual(['TypeError', 'fetch failed', 'ENOTFOUND']);
  });

  it('reach a registered URL with the body', async () => {
    const account = newAccount();
    const bodies: string[] = [];
    account.lambda.network.listen('https://callback.example.com/answer?x=1', (body) => bodies.push(body));
    const arn = addFunction(
      account,
      'caller',
      `export const handler = async () => { const r = await fetch('https://callback.example.com/answer?x=1', { method: 'PUT', body: JSON.stringify({ ok: true }) }); return [r.status, await r.text()]; };`,
    );
    expect((await invoke(account, arn)).payload).toEqual([200, '']);
    expect(bodies).toEqual(['{"ok":true}']);
  });

  it('stop at an aborted signal', async () => {
    const account = newAccount();
    account.lambda.network.listen('https://callback.example.com/', () => {});
    const arn = addFunction(
      account,
      'caller',
      `export const handler = async () => { const began = Date.now();
         return fetch('https://callback.example.com/', { signal: AbortSignal.timeout(10) }).then(() => 'answered', (error) => [error.name, Date.now() - began]); };`,
    );
    expect((await invoke(account, arn)).payload).toEqual(['TimeoutError', 10]);
  });

  it('node:https answers as streams', async () => {
    const account = newAccount();
    account.lambda.network.listen('https://callback.example.com/', () => {});
    const arn = addFunction(
      account,
      'caller',
      `import https from 'node:https';
       const get = (url) => new Promise((resolve) => https.get(url, async (response) => {
         let text = ''; for await (const chunk of response) text += chunk; resolve([response.statusCode, text]);
       }).on('error', (error) => resolve(error.code)));
       export const handler = async () => [await get('https://callback.example.com/'), await get('https://nowhere.example.com/')];`,
    );
    expect((await invoke(account, arn)).payload).toEqual([[200, ''], 'ENOTFOUND']);
  });
});

describe('faults and events', () => {
  const ok = `let runs = 0; export const handler = async () => ++runs;`;

  it('can fail an invocation before or after it took effect', async () => {
    const account = newAccount();
    const arn = addFunction(account, 'ok', ok);
    const error = new AwsError('ServiceException', 'An error occurred', { status: 500 });
    const effects = [{ error }, { errorAfter: error }];
    account.faults.push((point) => (point.kind === 'invocation' ? effects.shift() : undefined));
    await expect(invoke(account, arn)).rejects.toMatchObject({ code: 'ServiceException' });
    await expect(invoke(account, arn)).rejects.toMatchObject({ code: 'ServiceException' });
    expect((await invoke(account, arn)).payload).toBe(2);
  });

  it('can run an invocation twice', async () => {
    const account = newAccount();
    const arn = addFunction(account, 'ok', ok);
    account.faults.push((point) => (point.kind === 'invocation' ? { deliveries: 2 } : undefined));
    expect((await invoke(account, arn)).payload).toBe(2);
  });

  it('retries an event after one and two minutes, then sends it to the destination', async () => {
    const account = newAccount();
    const arn = addFunction(account, 'failing', `export const handler = async () => { throw new Error('no'); };`);
    const queue = account.sqs.createQueue({ name: 'failures' });
    account.lambda.configureEvents(arn, { onFailureArn: queue.arn });
    expect(await drive(account, account.lambda.invokeEvent(arn, { id: 7 }))).toBe('failed');
    const minutes = account.lambda.invocations.map(({ time }) => time.slice(11, 16));
    expect(minutes).toEqual(['03:00', '03:01', '03:03']);
    const [message] = account.sqs.messages(queue.arn);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { id: 7 },
      responsePayload: { errorMessage: 'no' },
    });
  });

  it('answers for a function that does not exist', async () => {
    const account = newAccount();
    await expect(invoke(account, account.arn('lambda', 'function:none'))).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
    });
  });

  it('runs the code of a version under the version’s ARN', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'ok',
      `export const handler = async (event, context) => [context.functionVersion, context.invokedFunctionArn];`,
    );
    const version = account.lambda.publishVersion(arn);
    expect(version).toBe(`${arn}:1`);
    expect(await invoke(account, version)).toEqual({ payload: ['1', version], executedVersion: '1' });
  });

  it('keeps bundles by content', () => {
    const account = newAccount();
    addFunction(account, 'a', ok);
    addFunction(account, 'b', ok);
    const [a, b] = account.lambda.bundles;
    expect(a?.sha256).toBe(b?.sha256);
    expect(a?.bytes).toBeGreaterThan(10);
  });

  it('keeps the console’s lines with their request', async () => {
    const account = newAccount();
    const arn = addFunction(
      account,
      'talker',
      `export const handler = async () => { console.warn('low on %s', 'time', { left: 1 }); };`,
    );
    await invoke(account, arn);
    const { requestId } = account.lambda.invocations[0] ?? {};
    expect(account.lambda.logs).toEqual([
      { time: `${start}.405Z`, functionName: 'talker', requestId, level: 'WARN', message: 'low on time { left: 1 }' },
    ]);
  });
});

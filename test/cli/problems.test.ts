import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../bin/cli.ts';
import { SimulatedAccount } from '../../simulator/account.ts';
import { type RunningServer, serve } from '../../simulator/server.ts';
import { recorded } from './io.ts';
import { forget, nowhere } from './served.ts';

let account: SimulatedAccount;
let server: RunningServer;

beforeEach(async () => {
  account = new SimulatedAccount({
    account: '111122223333',
    region: 'eu-west-1',
    startMs: Date.UTC(2026, 0, 15),
    seed: 1,
  });
  server = await serve(account, { speed: 60 });
  forget();
  Object.assign(process.env, {
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});
afterEach(async () => {
  forget();
  await server.stop();
});

async function run(words: readonly string[], environment: Record<string, string>) {
  Object.assign(process.env, environment);
  const { io, err, out } = recorded({ env: environment });
  const code = await main(words, io);
  return { code, err: err(), out: out() };
}

const known = (): Record<string, string> => {
  const { accessKeyId, secretAccessKey } = account.iam.credentialsFor('operator');
  return {
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
};
const install = (environment: string): void => {
  const value = JSON.stringify({
    stateMachineArn: 'arn:aws:states:eu-west-1:1:stateMachine:m',
    table: 't',
    bucket: 'b',
  });
  account.ssm.putParameter({ name: `/backstep/${environment}/installation`, value });
};

describe('what is missing is said in plain words, without a stack', () => {
  test('no region', async () => {
    const { AWS_REGION: _, ...rest } = known();
    const { code, err } = await run(['status'], rest);
    expect(err).toMatch(/^No AWS region is set\. Set AWS_REGION/);
    expect(code).toBe(64);
  });

  test('no credentials', async () => {
    const { code, err } = await run(['status'], { AWS_ENDPOINT_URL: server.url, AWS_REGION: 'eu-west-1' });
    expect(err).toMatch(/^No AWS credentials were found\. Sign in/);
    expect(err).not.toMatch(/^ +at /m);
    expect(code).toBe(64);
  });

  test('keys that AWS does not know', async () => {
    const { code, err } = await run(['status'], { ...known(), AWS_ACCESS_KEY_ID: 'AKIANOBODY' });
    expect(err).toMatch(/^AWS does not take these credentials: UnrecognizedClientException: /);
    expect(code).toBe(64);
  });

  test('an endpoint that does not answer', async () => {
    const { code, err } = await run(['status'], { ...known(), AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect(err).toMatch(/^http:\/\/127\.0\.0\.1:9, which AWS_ENDPOINT_URL names, does not answer \(ECONNREFUSED/);
    expect(code).toBe(2);
  });

  test('a permission', async () => {
    const role = 'arn:aws:iam::111122223333:role/reader';
    account.iam.addRole({ arn: role, policies: [] });
    const { accessKeyId, secretAccessKey } = account.iam.credentialsFor(role);
    const keys = { ...known(), AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const { code, err } = await run(['status'], keys);
    expect(err).toMatch(
      /^AWS answered AccessDeniedException: User: .* is not authorized to perform: ssm:GetParametersByPath/,
    );
    expect(err).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  });
});

describe('which environment', () => {
  test('none is installed', async () => {
    const { code, err } = await run(['status'], known());
    expect(err).toMatch(/^Backstep is not installed in this account and region: deploy it first/);
    expect(code).toBe(64);
  });

  test('several are: it has to be said which', async () => {
    install('production');
    install('staging');
    const { code, err, out } = await run(['rollback', 'checkout'], known());
    expect(err).toBe(
      'Several environments are installed here: production, staging. Say which with --environment, e.g. --environment production.\n',
    );
    expect(out).toBe('');
    expect(code).toBe(64);
  });

  test('one that is misspelt', async () => {
    install('production');
    const { code, err } = await run(['pause', '--environment', 'production '], known());
    expect(err).toContain(
      'No environment "production " is installed here. Did you mean production? There are: production.',
    );
    expect(code).toBe(64);
  });

  test('a parameter that no deployment of this version wrote', async () => {
    account.ssm.putParameter({ name: '/backstep/production/installation', value: '{"table":"t"}' });
    const { code, err } = await run(['status'], known());
    expect(err).toContain(
      'The parameter of the installation production has no stateMachineArn: deploy Backstep again.',
    );
    expect(code).toBe(2);
  });
});

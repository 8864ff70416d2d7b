/** Install as deployed: the stack's custom resource, and requests that a test wrote in CloudFormation's place. */
import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { Release } from '../../lib/domain/model.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import { Deployed, examples } from './deployed.ts';

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
});

const url = 'https://cloudformation-custom-resource-response.example.com/answer';

interface Answer {
  readonly Status: string;
  readonly Reason: string;
  readonly PhysicalResourceId: string;
}

/** Sends a request and returns what CloudFormation was told. */
async function request(changes: Record<string, unknown>): Promise<Answer> {
  let answer: string | undefined;
  const stop = deployed.account.lambda.network.listen(url, (body) => {
    answer = body;
  });
  await deployed.invoke('Install', {
    RequestType: 'Update',
    ResponseURL: url,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Installation',
    PhysicalResourceId: 'installed',
    ResourceProperties: { Environment: 'production', Configurations: [asset()] },
    ...changes,
  });
  stop();
  return JSON.parse(answer ?? '{}') as Answer;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** The configuration that the stack installed, as an asset. */
function asset(changes: Record<string, string> = {}): Record<string, string> {
  const { configurationKey, configurationSha256 } = deployed.context;
  const bucket = deployed.account.s3.buckets.find((name) => name.includes('assets')) ?? '';
  deployed.account.s3.put(bucket, 'configuration.json', deployed.read(configurationKey));
  return {
    Service: 'checkout',
    SourceBucket: bucket,
    SourceKey: 'configuration.json',
    Sha256: configurationSha256,
    ...changes,
  };
}

const ledger = async (): Promise<string[]> =>
  (await deployed.items<Release>('RELEASE#')).map(({ version, status }) => `${version} ${status}`);

test('the deployment imports what runs as assumed good', async () => {
  expect(await ledger()).toEqual(['v2.14.3 assumed-good']);
  const [release] = await deployed.items<Release>('RELEASE#');
  expect(release).toMatchObject({
    side: 'main',
    taskDefinition: deployed.definition(41),
    deployedAt: '2026-11-14T03:00:00.000Z',
  });
});

test('an update keeps the resource’s id and imports nothing twice', async () => {
  expect(await request({})).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'installed',
    Reason: 'checkout/main is known.',
  });
  expect(await ledger()).toEqual(['v2.14.3 assumed-good']);
});

test('a deployment under way is not assumed to be good', async () => {
  deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
  expect((await request({})).Reason).toMatch(/^checkout\/main is just being deployed/);
  expect(await ledger()).toEqual(['v2.14.3 assumed-good']);
});

test('bytes that are not those announced fail the deployment, in words', async () => {
  const wrong = { Environment: 'production', Configurations: [asset({ Sha256: '00' })] };
  const answer = await request({ ResourceProperties: wrong });
  expect(answer.Status).toBe('FAILED');
  expect(answer.Reason).toMatch(
    /^The configuration of checkout could not be installed: .* has SHA-256 [0-9a-f]{64}, expected 00\.$/,
  );
});

test('a missing asset fails the deployment, in words', async () => {
  const missing = { Environment: 'production', Configurations: [asset({ SourceKey: 'nothing.json' })] };
  const answer = await request({ ResourceProperties: missing });
  expect(answer.Status).toBe('FAILED');
  expect(answer.Reason).toMatch(/^The configuration of checkout could not be installed: /);
});

test('deleting the stack removes nothing', async () => {
  const before = await deployed.items('');
  expect(await request({ RequestType: 'Delete' })).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'installed',
  });
  expect(await deployed.items('')).toEqual(before);
  expect(deployed.read(deployed.context.configurationKey)).not.toBe('');
});

test('names that only the deployment knows are filled in, and the hash of the result is answered', async () => {
  const { configurationKey } = deployed.context;
  const body = deployed.read(configurationKey).replaceAll('"shop"', '"stand-in"');
  const bucket = deployed.account.s3.buckets.find((name) => name.includes('assets')) ?? '';
  deployed.account.s3.put(bucket, 'stand-in.json', body);
  const source = { SourceBucket: bucket, SourceKey: 'stand-in.json', Sha256: sha256(body) };
  const Substitutions = [{ StandIn: 'stand-in', Value: 'a"shop' }];
  const answer = await request({
    ResourceProperties: {
      Environment: 'production',
      Configurations: [{ Service: 'checkout', ...source, Substitutions }],
    },
  });
  const filled = body.replaceAll('"stand-in"', JSON.stringify('a"shop'));
  expect(answer).toMatchObject({ Status: 'FAILED', Reason: 'Cluster not found.' });
  expect(deployed.read(`configuration/checkout/${sha256(filled)}.json`)).toBe(filled);

  Substitutions[0] = { StandIn: 'stand-in', Value: 'shop' };
  const good = await request({
    ResourceProperties: {
      Environment: 'production',
      Configurations: [{ Service: 'checkout', ...source, Substitutions }],
    },
  });
  expect(good).toMatchObject({ Status: 'SUCCESS', Data: { checkout: deployed.context.configurationSha256 } });
});

test('without names to fill in, nothing but the reason is answered', async () => {
  expect(await request({})).not.toHaveProperty('Data');
});

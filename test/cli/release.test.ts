/** Releases told by a pipeline and marked by people, with the documented permissions and no others, on a served account. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../bin/cli.ts';
import type { Check, TimelineEntry } from '../../lib/domain/model.ts';
import { recorded } from './io.ts';
import { changed, Served } from './served.ts';

const root = join(import.meta.dirname, '../..');
/** A release like the one before it: no alarm starts anything. */
const harmless = changed(join(root, 'examples/01-checkout/scenario.json'), (text) =>
  text.replaceAll('"errorRate":0.3', '"errorRate":0.002'),
);

let served: Served;
beforeAll(async () => {
  served = await Served.from(harmless, 'PT6M', 1);
});
afterAll(() => served?.stop());

const pipeline = 'arn:aws:iam::111122223333:role/pipeline';
const oncall = 'arn:aws:iam::111122223333:role/oncall';

/** The policy of a page, as somebody would fill it in. */
function policyOf(page: string): never {
  const { account } = served.run;
  const [, text = ''] =
    /```json\n(\{\s*"Version": "2012-10-17"[\s\S]*?)```/.exec(readFileSync(join(root, page), 'utf8')) ?? [];
  const values: Record<string, string> = {
    REGION: account.region,
    ACCOUNT: account.id,
    ENVIRONMENT: 'production',
    SERVICE_NAME: 'checkout',
    TABLE: account.dynamodb.tables[0] ?? '',
    BUCKET: account.s3.buckets.find((name) => name.includes('storage')) ?? '',
  };
  const filled = text.replace(
    /\b(?:REGION|ACCOUNT|ENVIRONMENT|SERVICE_NAME|TABLE|BUCKET)\b/g,
    (name) => values[name] ?? name,
  );
  return JSON.parse(filled) as never;
}

const run = async (words: readonly string[], as: string): Promise<{ code: number; out: string; err: string }> => {
  const { code, out, err } = await served.command(words, { as });
  return { code, out: out(), err: err() };
};

test('a pipeline tells before the deployment and after it; the ledger has it once, and refuses what it was not given', async () => {
  served.run.account.iam.addRole({ arn: pipeline, policies: [policyOf('docs/releases.md')] });
  const register = ['release', 'register', 'checkout'];
  const early = await run(
    [...register, '--task-definition', 'checkout:43', '--version', '2.15.0', '--migrations', 'none'],
    pipeline,
  );
  expect(early).toMatchObject({ code: 0, err: '' });
  expect(early.out).toContain('Not in the ledger yet');

  const facts = ['--version', '2.14.4', '--commit', '1A2B3C4D', '--migrations', '0042_add_index=additive'];
  expect((await run([...register, ...facts], pipeline)).code).toBe(0);
  const more = [...register, '--configuration', '/shop/url=7', '--configuration', '/shop/key=8', '--json'];
  const again = JSON.parse((await run(more, pipeline)).out);
  expect(again.registered).toMatchObject({
    side: 'main',
    taskDefinition: expect.stringMatching(/:task-definition\/checkout:42$/),
    version: '2.14.4',
    commit: '1a2b3c4d',
    migrations: [{ name: '0042_add_index', kind: 'additive' }],
    configuration: [
      { name: '/shop/url', versionId: '7' },
      { name: '/shop/key', versionId: '8' },
    ],
    by: 'arn:aws:sts::111122223333:assumed-role/pipeline/ann',
  });
  expect(again.recorded).toMatchObject({ version: 'v2.14.4', registeredVersion: '2.14.4', standing: 'unproven' });

  const another = await run([...register, '--version', '2.15.0'], pipeline);
  expect(another).toMatchObject({ code: 64, err: expect.stringContaining('known as 2.14.4, commit 1a2b3c4d') });

  const { releases, registeredOnly } = JSON.parse((await run(['release', 'list', 'checkout', '--json'], pipeline)).out);
  expect(releases).toMatchObject([
    { registeredVersion: '2.14.4', commit: '1a2b3c4d', desiredCount: 3, kept: true },
    {
      version: 'v2.14.3',
      standing: 'assumed-good',
      kept: true,
      images: [{ digest: expect.stringMatching(/^sha256:/) }],
    },
  ]);
  expect(registeredOnly).toMatchObject([{ registeredVersion: '2.15.0', migrations: [] }]);

  const marking = await run(['release', 'mark', 'checkout', '2.14.4', 'good', '--reason', 'it is mine'], pipeline);
  expect(marking.code).toBe(2);
  expect(marking.err).toContain('dynamodb:UpdateItem');
});

test('people mark: who and why stand on the release and on the timeline, and the plan heeds it', async () => {
  served.run.account.iam.addRole({ arn: oncall, policies: [policyOf('docs/deploying.md')] });
  const said = await run(['release', 'mark', 'checkout', 'v2.14.3', 'bad', '--reason', 'leaks card numbers'], oncall);
  expect(said).toMatchObject({ code: 0, err: '' });
  expect(said.out.replace(/\s+/g, ' ')).toContain('v2.14.3 (checkout:41) of main is bad from now on');
  const listed = (await run(['release', 'list', 'checkout'], oncall)).out.replace(/\s+/g, ' ');
  expect(listed).toMatch(/Standing bad: ann said so at \S+: leaks card numbers/);
  expect(timeline()).toMatchObject([
    {
      kind: 'release.bad',
      message:
        'v2.14.3 (checkout:41) of main is bad, says arn:aws:sts::111122223333:assumed-role/oncall/ann: leaks card numbers',
    },
  ]);
  const further = JSON.parse((await run(['plan', 'checkout', '--json'], oncall)).out);
  expect(further).toMatchObject({ outcome: 'ready', target: 'v2.14.2' });

  await run(['release', 'mark', 'checkout', 'checkout:41', 'good', '--reason', 'was another service'], oncall);
  const ready = JSON.parse((await run(['plan', 'checkout', '--json'], oncall)).out);
  expect(ready).toMatchObject({ outcome: 'ready', target: 'v2.14.3' });
  // All that was told since is harmless, until it is not.
  expect(checkOf(ready)).toMatchObject({
    status: 'ok',
    evidence: expect.stringContaining('0042_add_index (additive)'),
  });
  await run(['release', 'register', 'checkout', '--migrations', '0042_drop_email=destructive'], pipeline);
  const blocked = JSON.parse((await run(['plan', 'checkout', '--json'], oncall)).out);
  expect(blocked.outcome).toBe('blocked');
  expect(checkOf(blocked)).toMatchObject({ status: 'failed', evidence: expect.stringContaining('0042_drop_email') });

  const history = (await run(['history', 'checkout'], oncall)).out;
  expect(history).toMatch(/2\.14\.4 {3}unproven {6}checkout:42 {2}1a2b3c4\n.* v2\.14\.3 {2}good {10}checkout:41\n/);

  // Every command calls a release what its pipeline calls it, and shows nothing of how the table keeps it.
  const { services } = JSON.parse((await run(['status', '--json'], oncall)).out);
  expect(services).toMatchObject([{ sides: [{ version: '2.14.4' }], lastRollback: { outcome: 'blocked' } }]);
  const { rollbacks } = JSON.parse((await run(['history', 'checkout', '--json'], oncall)).out);
  for (const shown of [...rollbacks, services[0].lastRollback])
    expect(Object.keys(shown)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(pk|sk|expiresAt)$/)]));

  const unknown = await run(['release', 'mark', 'checkout', 'v9', 'good', '--reason', 'x'], oncall);
  expect(unknown).toMatchObject({
    code: 64,
    err: expect.stringContaining('The ledger has no release "v9". Newest are'),
  });
});

test('what is written past the command breaks nothing, shows nothing, and lets nothing expire', async () => {
  const write = async (as: string, sk: string, name: string, value: unknown): Promise<void> => {
    const { AWS_ENDPOINT_URL, AWS_REGION, ...keys } = served.environment(as);
    const client = new DynamoDBClient({
      endpoint: AWS_ENDPOINT_URL ?? '',
      region: AWS_REGION ?? '',
      credentials: {
        accessKeyId: keys.AWS_ACCESS_KEY_ID ?? '',
        secretAccessKey: keys.AWS_SECRET_ACCESS_KEY ?? '',
        sessionToken: keys.AWS_SESSION_TOKEN ?? '',
      },
    });
    await client.send(
      new UpdateItemCommand({
        TableName: served.run.account.dynamodb.tables[0] ?? '',
        Key: marshall({ pk: 'SERVICE#checkout', sk }),
        UpdateExpression: 'SET #name = :value',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: marshall({ ':value': value }),
      }),
    );
  };
  for (const kind of ['LOCK', 'APPROVAL', 'DRIFT', 'RELEASE#9', 'ROLLBACK#9', 'OWED#scaling#x', 'REGISTERED#main#x:1'])
    await write(pipeline, kind, 'registered', { version: '\u001b[2Jowned' });
  const shown = await run(['history', 'checkout'], oncall);
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).not.toContain('owned');
  expect((await run(['status'], oncall)).code).toBe(0);
  const planned = JSON.parse((await run(['plan', 'checkout', '--to', 'v2.14.3', '--json'], oncall)).out);
  expect(planned.checks.length).toBeGreaterThan(3);

  const release = releaseKeys()[0] ?? '';
  await expect(write(oncall, release, 'expiresAt', 1)).rejects.toThrow('not authorized');
  await expect(write(pipeline, release, 'status', 'good')).rejects.toThrow('not authorized');
});

function releaseKeys(): string[] {
  const { dynamodb } = served.run.account;
  const items = dynamodb.tables.flatMap((name) => dynamodb.items(name));
  const keys = items.map((item) => unmarshall(item as Record<string, AttributeValue>).sk as string);
  return keys.filter((sk) => sk.startsWith('RELEASE#2'));
}

const checkOf = ({ checks }: { readonly checks: readonly Check[] }): Check | undefined =>
  checks.find(({ name }) => name === 'migrations');

function timeline(): TimelineEntry[] {
  const { dynamodb } = served.run.account;
  const items = dynamodb.tables.flatMap((name) => dynamodb.items(name));
  return items
    .map((item) => unmarshall(item as Record<string, AttributeValue>) as TimelineEntry)
    .filter(({ kind = '' }) => kind.startsWith('release.'));
}

describe('what cannot be used is refused before anything is asked', () => {
  test.each([
    [[], 'Nothing is told of the release: give at least one of'],
    [['--version', 'two words'], '--version: found "two words"; allowed: letters'],
    [['--commit', 'main'], '--commit: found "main"; allowed: 7 to 40 hexadecimal digits.'],
    [
      ['--migrations', 'a=b'],
      '--migrations: found "a=b"; allowed: name=kind with a kind of additive, destructive, none',
    ],
    [['--migrations', 'none,a=additive'], '--migrations: found "none"; allowed: name=kind'],
    [['--configuration', '/shop/key=hunter2'], "--configuration /shop/key: found something else than a version's id"],
    [['--version', '1', '--deployment', '7'], '--deployment: found "7"; allowed: the id of a deployment'],
  ])('%j', async (flags, message) => {
    const { io, err } = recorded();
    expect(await main(['release', 'register', 'checkout', ...flags], io)).toBe(64);
    expect(err()).toContain(message);
    expect(err()).not.toContain('hunter2');
  });

  test.each([
    [['fine', '--reason', 'x'], 'Found "fine"; allowed: good or bad'],
    [['good'], 'Say why with --reason'],
  ])('mark %j', async (words, message) => {
    const { io, err } = recorded();
    expect(await main(['release', 'mark', 'checkout', 'v1', ...words], io)).toBe(64);
    expect(err()).toContain(message);
  });

  test.each([['register'], ['list'], ['mark']])('the help of %s shows examples', async (name) => {
    const { io, out } = recorded();
    expect(await main(['help', 'release', name], io)).toBe(0);
    expect(out()).toContain(`Usage: backstep release ${name} SERVICE`);
    expect(out()).toContain('Examples:');
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { Release, RollbackRecord } from '../../lib/domain/model.ts';
import { readLedger, type StoredRelease } from '../../lib/domain/registration.ts';
import type { ReportInput, ReportResult } from '../../lib/domain/states.ts';
import { AwsError } from '../../simulator/service.ts';
import { Deployed, examples, executionArn, rollbackId } from './deployed.ts';

let stack: Deployed;
let input: ReportInput;

beforeEach(async () => {
  stack = await Deployed.from(examples.oneSide);
  const release = (revision: number, version: string): Release => ({
    service: 'checkout',
    side: 'main',
    version,
    taskDefinition: stack.definition(revision),
    images: [],
    deployedAt: `2026-11-${revision - 30}T03:00:00.000Z`,
    status: 'unverified',
  });
  const { planKey } = stack.storePlan([stack.revert()], {
    target: release(41, 'v2.14.3'),
    suspect: release(42, 'v2.14.4'),
  });
  await stack.wait(600);
  input = {
    now: stack.account.clock.iso(),
    context: stack.context,
    outcome: 'verified',
    reason: 'Healthy over the bake.',
    planKey,
    checkpointKey: stack.storeCheckpoint(),
    verdict: { result: 'healthy', measurements: [], reason: 'Healthy.' },
    failure: null,
  };
});

const report = (changes: Partial<ReportInput> = {}) => stack.invoke<ReportResult>('Report', { ...input, ...changes });
const file = (name: string) => stack.read(`reports/${rollbackId}/${name}`);
const files = () => stack.account.s3.list(stack.bucket, `reports/${rollbackId}/`);
const holder = async () => (await stack.items<{ owner?: { executionArn: string } }>('LOCK'))[0]?.owner?.executionArn;
const ledger = async () => (await stack.items<Release>('RELEASE#')).map(({ version, status }) => [version, status]);

describe('Report', () => {
  test('writes every file, and the answer points to them', async () => {
    const { succeeded, output } = await report();
    expect(files().map(({ key }) => key.split(`${rollbackId}/`)[1])).toEqual([
      'report.html',
      'report.json',
      'report.md',
      'scripts/application.sh',
      'scripts/database.sh',
      'scripts/infrastructure.sh',
      'scripts/undo.sh',
    ]);
    expect(succeeded).toBe(true);
    expect(output).toMatchObject({
      outcome: 'verified',
      status: 'verified',
      duration: expect.stringMatching(/^PT10M/),
      report: `s3://${stack.bucket}/reports/${rollbackId}/report.json`,
    });
    expect(JSON.parse(file('report.json'))).toMatchObject({
      rollbackId,
      execution: { status: 'verified', outcome: 'verified' },
    });
    expect(JSON.parse(file('report.json')).scripts.application).toBe(file('scripts/application.sh'));
  });

  test('verified: the target is good, the suspect bad, the rollback remembered, the lock free', async () => {
    await report();
    expect(await ledger()).toEqual(
      expect.arrayContaining([
        ['v2.14.3', 'good'],
        ['v2.14.4', 'bad'],
      ]),
    );
    expect((await stack.items<RollbackRecord>('ROLLBACK#'))[0]).toMatchObject({
      outcome: 'verified',
      endedAt: input.now,
    });
    expect(await holder()).toBeUndefined();
  });

  test('what the ledger recorded of a release stays, and what a person said of it before the rollback does not count', async () => {
    const images = [{ container: 'app', image: 'checkout:v2.14.4', digest: 'sha256:1' }];
    const [pk, sk] = ['SERVICE#checkout', 'RELEASE#2026-11-12T03:00:00.000Z#main#checkout:42'];
    const marked = { status: 'good', by: 'ann', reason: 'x', at: '2026-11-12T04:00:00.000Z' };
    await stack.put({
      pk,
      sk,
      service: 'checkout',
      side: 'main',
      images,
      commit: '1a2b3c4',
      status: 'unverified',
      marked,
    });
    await report();
    const suspect = (await stack.items<StoredRelease>('RELEASE#2026-11-12'))[0];
    expect(suspect).toMatchObject({ images, commit: '1a2b3c4', status: 'bad', statusAt: stack.context.startedAt });
    expect(suspect && readLedger([suspect], [])[0]?.status).toBe('bad');
  });

  test('not verified: nothing is said about releases', async () => {
    const before = await ledger();
    const { succeeded } = await report({ outcome: 'needs-attention', reason: 'No healthy verdict.' });
    expect(succeeded).toBe(false);
    expect(await ledger()).toEqual(before);
    expect(await holder()).toBeUndefined();
  });

  test('everybody is told, and the timeline ends with the report', async () => {
    await report();
    expect(
      stack.account.sns.published.map(
        ({ topicArn }) => /Notifications(Technical|Business|Executive)/.exec(topicArn)?.[1],
      ),
    ).toEqual(['Technical', 'Business', 'Executive']);
    expect(await stack.timeline()).toEqual(['notification.sent', 'notification.sent', 'notification.sent', 'reported']);
  });

  test('twice changes nothing more: no second message, the same files, the same ledger', async () => {
    await report();
    const before = {
      files: files().map(({ key }) => stack.read(key)),
      items: await stack.items(''),
      sent: stack.account.sns.published.length,
    };
    await report();
    expect(files().map(({ key }) => stack.read(key))).toEqual(before.files);
    expect(await stack.items('')).toEqual(before.items);
    expect(stack.account.sns.published).toHaveLength(before.sent);
  });

  test('a topic that cannot be reached is noted; report, ledger and lock are as ever', async () => {
    stack.account.iam.removeAction(stack.roleOf('Report'), 'sns:Publish');
    const { succeeded } = await report();
    expect(succeeded).toBe(true);
    expect(file('report.md')).toMatch(/failed \| technical \| .*not authorized to perform: SNS:Publish/i);
    expect(await stack.timeline()).toEqual([
      'notification.failed',
      'notification.failed',
      'notification.failed',
      'reported',
    ]);
    expect(await holder()).toBeUndefined();
  });

  test('when the report cannot be written the lock is given back all the same', async () => {
    stack.account.faults.push((point) =>
      point.kind === 'call' && point.operation === 'PutObject'
        ? { error: new AwsError('AccessDenied', 'no', { status: 403 }) }
        : undefined,
    );
    await expect(report()).rejects.toThrow();
    expect(await holder()).toBeUndefined();
  });

  test('a lock that is somebody else’s stays theirs', async () => {
    const other = executionArn.replace(/e1$/, 'other');
    await stack.lock(other, 2);
    await report({ outcome: 'halted' });
    expect(await holder()).toBe(other);
  });

  test('a start that was turned away has a short report and leaves the lock of another alone', async () => {
    const { fencingToken: _token, ...context } = stack.context;
    const other = executionArn.replace(/:e1$/, ':e2');
    await stack.lock(other);
    const observed = {
      context,
      outcome: 'observed' as const,
      reason: 'No release within 120 minutes.',
      planKey: null,
      checkpointKey: null,
      verdict: null,
    };
    const { output } = await report(observed);
    expect(output).toMatchObject({ outcome: 'observed', status: 'ready' });
    expect(file('report.md')).toContain('No release within 120 minutes.');
    expect(file('scripts/application.sh')).toMatch(/^# .*nothing to do/);
    expect(await holder()).toBe(other);
  });

  test('ready tells how to start for real', async () => {
    const { output } = await report({ outcome: 'ready', verdict: null });
    expect(output.startWith).toEqual({
      service: 'checkout',
      version: 'previous',
      reason: 'a test',
      confirm: 'ROLLBACK PRODUCTION',
    });
  });

  test('nothing of a task’s environment gets out', async () => {
    await report();
    const everything = [
      ...files().map(({ key }) => stack.read(key)),
      JSON.stringify(await stack.items('')),
      JSON.stringify(stack.account.sns.published),
      JSON.stringify(stack.account.lambda.logs),
    ];
    for (const text of everything) expect(text).not.toMatch(/hunter2|PASSWORD/);
  });
});

/** A rollback that a person's command carried out: asked by others for its sign of life, and taken up when it has none. */
import { beforeEach, expect, test } from 'vitest';
import { type DirectRun, directKey, silenceSeconds } from '../../lib/domain/direct.ts';
import { settleSeconds } from '../../lib/domain/lock.ts';
import type { AdmitResult } from '../../lib/domain/states.ts';
import { AwsError } from '../../simulator/service.ts';
import { Deployed, examples, rollbackId } from './deployed.ts';

const name = 'direct-checkout-20261120-030405-0123abcd';
const arn = `arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:${name}`;

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  await deployed.lock(arn, 7);
  await heartbeat();
});

async function heartbeat(change: Partial<DirectRun> = {}): Promise<void> {
  const now = deployed.account.clock.iso();
  const run: DirectRun = {
    startedAt: now,
    heartbeatAt: now,
    status: 'RUNNING',
    by: 'ann',
    input: '{"service":"checkout","confirm":"ROLLBACK PRODUCTION"}',
    state: 'WaitForService',
    enteredAt: now,
    variables: { context: { ...deployed.context, executionArn: arn, fencingToken: 7 } as never },
    ...change,
  };
  await deployed.put({ pk: 'SERVICE#checkout', sk: directKey(name), run });
}

/** Step Functions answers nobody. */
function breakStepFunctions(): () => void {
  const fault = (point: { kind: string; service?: string }) =>
    point.kind === 'call' && point.service === 'states'
      ? { error: new AwsError('InternalServerException', 'down', { status: 500 }) }
      : undefined;
  deployed.account.faults.push(fault);
  return () => deployed.account.faults.splice(deployed.account.faults.indexOf(fault), 1);
}

const admit = () =>
  deployed.invoke<AdmitResult>('Admit', {
    executionArn: `${arn}-another`,
    startedAt: deployed.account.clock.iso(),
    now: deployed.account.clock.iso(),
    input: { service: 'checkout', confirm: 'ROLLBACK PRODUCTION' },
  });

test('while it gives signs of life another start belongs to it, without Step Functions', async () => {
  breakStepFunctions();
  await deployed.wait(silenceSeconds - 10);
  expect(await admit()).toMatchObject({ decision: 'end', outcome: 'duplicate' });
});

test('silent, its lock is waited for and then taken over, without Step Functions', async () => {
  breakStepFunctions();
  await deployed.wait(silenceSeconds + 5);
  expect(await admit()).toMatchObject({ decision: 'end', outcome: 'observed' });
  await deployed.wait(settleSeconds);
  expect(await admit()).toMatchObject({ decision: 'execute', context: { fencingToken: 8 } });
});

test('one that ended by itself is not waited for longer than any other', async () => {
  await heartbeat({ status: 'ABORTED', endedAt: deployed.account.clock.iso() });
  await deployed.wait(settleSeconds);
  expect(await admit()).toMatchObject({ decision: 'execute' });
});

test('a name alone proves nothing: without its item Step Functions is asked', async () => {
  await deployed.forget(directKey(name));
  const undo = breakStepFunctions();
  await expect(admit()).rejects.toThrow('down');
  undo();
  await deployed.wait(settleSeconds);
  expect(await admit()).toMatchObject({ decision: 'execute' });
});

test('Sweep tells of a dead one once, and has it taken up as soon as Step Functions answers', async () => {
  const sweep = () => deployed.invoke<{ reported: string[] }>('Sweep', {});
  expect((await sweep()).reported).toEqual([]);
  await deployed.wait(silenceSeconds);
  const undo = breakStepFunctions();
  await expect(sweep()).rejects.toThrow('1 of 1 looks failed');
  await expect(sweep()).rejects.toThrow('1 of 1 looks failed');
  expect(deployed.account.sns.published).toHaveLength(1);
  expect(deployed.account.sns.published[0]?.message).toContain("was carried out directly, by a person's command");
  undo();
  await sweep();
  await sweep();
  expect(deployed.account.states.executions.map((one) => one.name)).toEqual([name]);
  await deployed.wait(120);
  const [execution] = deployed.account.states.executions;
  expect(execution?.status).toBe('SUCCEEDED');
  expect(execution?.stateMachineArn).toMatch(/backstep-production-reap$/);
  const [lock] = await deployed.items<{ owner?: object; token: number }>('LOCK');
  expect(lock).toMatchObject({ token: 7 });
  expect(lock?.owner).toBeUndefined();
  const report = deployed.read(`reports/${rollbackId}/report.json`);
  expect(JSON.parse(report).execution).toMatchObject({ outcome: 'halted' });
  expect(JSON.parse(report).execution.reason).toContain('gave its last sign of life at');
});

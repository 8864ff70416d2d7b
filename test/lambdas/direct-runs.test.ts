/** A rollback that a person's command carried out: asked by others for its sign of life, and taken up when it has none. */
import { beforeEach, describe, expect, test } from 'vitest';
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

describe('an ordinary rollback that Step Functions does not carry on', () => {
  const ordinary = `${arn.slice(0, arn.lastIndexOf(':'))}:e1`;
  const directly = (input: object = {}) =>
    deployed.invoke<AdmitResult>('Admit', {
      executionArn: arn.replace('0123abcd', '89abcdef'),
      startedAt: deployed.account.clock.iso(),
      now: deployed.account.clock.iso(),
      input: { service: 'checkout', confirm: 'ROLLBACK PRODUCTION', ...input },
    });

  beforeEach(async () => {
    await deployed.lock(ordinary, 7);
    breakStepFunctions();
  });

  test('keeps its lock from a direct start, which says how it is taken over', async () => {
    const { decision, reasons } = await directly();
    expect(decision).toBe('end');
    expect(reasons.join(' ')).toMatch(
      /Step Functions does not say whether it still runs \(InternalServerException: down\).*--direct --take-over checkout-20261120-030405-1f2e3d/,
    );
  });

  test('is taken over by its id and by nothing else, with time to settle; its next change is refused', async () => {
    expect(await directly({ takeOver: 'another' })).toMatchObject({ decision: 'end', outcome: 'duplicate' });
    const taken = await directly({ takeOver: rollbackId });
    const settledAt = new Date(deployed.account.clock.now() + settleSeconds * 1_000).toISOString();
    expect(taken).toMatchObject({ decision: 'execute', context: { fencingToken: 8 } });
    expect(Math.abs(Date.parse(taken.context.settledAt ?? '') - Date.parse(settledAt))).toBeLessThan(10_000);
    // Admit's answer got lost: asked again, it does not forget to wait.
    expect((await directly({ takeOver: rollbackId })).context.settledAt).toBe(taken.context.settledAt);

    const input = deployed.actionInput({
      id: '1',
      type: 'RevertService',
      by: 'update-service',
      side: 'main',
      description: 'Put main on checkout:40.',
      reason: 'A test.',
      forward: { taskDefinition: deployed.definition(40) },
      reverse: { taskDefinition: deployed.definition(41) },
    });
    const old = { ...input, context: { ...input.context, executionArn: ordinary, fencingToken: 7 } };
    await expect(deployed.invoke('RevertService', old)).rejects.toMatchObject({ name: 'LockLost' });
    expect(deployed.calls('UpdateService')).toBe(0);
  });

  test('is left alone by a dry run', async () => {
    const planned = await directly({ takeOver: rollbackId, dryRun: true });
    expect(planned).toMatchObject({ decision: 'execute' });
    expect(planned.context.fencingToken).toBeUndefined();
    expect(await deployed.items('LOCK')).toMatchObject([{ token: 7 }]);
  });
});

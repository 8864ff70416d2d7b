/** Admit as deployed: the bundle, under its own role, against the account of the first example. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { LockState } from '../../lib/domain/lock.ts';
import type { Json, TimelineEntry } from '../../lib/domain/model.ts';
import { stateMachineArn } from '../../lib/domain/names.ts';
import type { AdmitResult } from '../../lib/domain/states.ts';
import { AwsError, type FaultPoint } from '../../simulator/service.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import { Deployed, examples } from './deployed.ts';

const confirm = 'ROLLBACK PRODUCTION';
const machine = stateMachineArn('aws', 'eu-west-1', '111122223333', 'production');
const executionArn = 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:e7';
const alarmName = 'backstep/production/checkout/error_rate_spike';

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  await deployed.forget('LOCK');
});

const admit = (input: Json): Promise<AdmitResult> => {
  const now = deployed.account.clock.iso();
  return deployed.invoke('Admit', { executionArn, startedAt: now, now, input });
};

const lock = async (): Promise<LockState | undefined> => (await deployed.items<LockState>('LOCK'))[0];

const trigger = (time: string) => ({
  trigger: {
    alarmName,
    alarmArn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${alarmName}`,
    state: 'ALARM',
    time,
    eventId: 'e',
  },
});

describe('a start by hand', () => {
  test('with the phrase takes the lock and goes on', async () => {
    const result = await admit({ service: 'checkout', confirm });
    expect(result).toMatchObject({ decision: 'execute', context: { service: 'checkout', fencingToken: 1 } });
    expect(result.context.rollbackId).toMatch(/^checkout-20261120-\d{6}-[0-9a-f]{6}$/);
    expect(await lock()).toMatchObject({ token: 1, owner: { executionArn, rollbackId: result.context.rollbackId } });
  });

  test('takes the lock of a service that was never locked, whatever a pipeline has written there', async () => {
    await deployed.put({ pk: 'SERVICE#checkout', sk: 'LOCK', registered: { version: '1' } });
    const result = await admit({ service: 'checkout', confirm });
    expect(result).toMatchObject({ decision: 'execute', context: { fencingToken: 1 } });
    expect(await lock()).toMatchObject({ token: 1, owner: { executionArn } });
  });

  test('run twice changes nothing more', async () => {
    const now = deployed.account.clock.iso();
    const payload = { executionArn, startedAt: now, now, input: { service: 'checkout', confirm } };
    const first = await deployed.invoke<AdmitResult>('Admit', payload);
    const items = await deployed.items('');
    const second = await deployed.invoke<AdmitResult>('Admit', payload);
    expect(second.context).toEqual(first.context);
    expect((await deployed.items('')).length).toBe(items.length);
  });

  test.each([
    ['without the phrase', { service: 'checkout' }, 'needs "confirm": "ROLLBACK PRODUCTION"'],
    ['as a dry run', { service: 'checkout', dryRun: true, confirm }, 'Dry run'],
  ])('%s goes on to a plan without the lock', async (_name, input, reason) => {
    const result = await admit(input);
    expect(result.decision).toBe('execute');
    expect(result.context.fencingToken).toBeUndefined();
    expect(result.reasons.join(' ')).toContain(reason);
    expect(await lock()).toBeUndefined();
  });

  test.each<[string, Json, RegExp]>([
    ['nothing', {}, /"service" is missing: production has checkout\. This would work: \{"service":"checkout"\}$/],
    [
      'an unknown service',
      { service: 'chekout', dryRun: true },
      /Did you mean "checkout"\? This would work: \{"service":"checkout","dryRun":true\}$/,
    ],
    ['a service that no parameter can be named after', { service: 'check out/../x' }, /production has checkout\./],
    ['two mistakes', { service: 'checkout', dryRun: 'true', timeout: 1 }, /"timeout" is 1: .*"dryRun" is "true": /],
  ])('with %s is refused with an input that would work', async (_name, input, message) => {
    await expect(admit(input)).rejects.toMatchObject({ name: 'InvalidInput', message: expect.stringMatching(message) });
    expect(await deployed.items('TIMELINE#')).toEqual([]);
    expect(await lock()).toBeUndefined();
  });
});

describe('an alarm', () => {
  test('written by hand while the alarm is off opens nothing that a start by hand would not', async () => {
    const { context, reasons, decision } = await admit(trigger(deployed.account.clock.iso()));
    expect(decision).toBe('execute');
    expect(context.request.trigger).toBeUndefined();
    expect(context.fencingToken).toBeUndefined();
    expect(reasons.join(' ')).toMatch(/so this counts as a start by hand.*needs "confirm"/);
  });

  test('of somebody else’s is no service of ours', async () => {
    const foreign = { trigger: { ...trigger(deployed.account.clock.iso()).trigger, alarmName: 'their-alarm' } };
    await expect(admit(foreign)).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  // The stack's own rule stays silent, or its execution would be there first.
  beforeEach(() => {
    deployed.account.faults.push((point) => (point.kind === 'event' ? { deliveries: 0 } : undefined));
  });

  const stateOf = () =>
    deployed.account.cloudwatch.alarms.find(({ input }) => input.AlarmName === alarmName)?.state.value;
  const until = (state: string) =>
    deployed.account.clock.runUntil(deployed.account.clock.now() + 1_800_000, () => stateOf() === state);
  const deploy = (taskDefinition: string) =>
    deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition });

  test('that CloudWatch confirms, after a release, takes the lock by itself', async () => {
    await deployed.wait(600);
    deploy('checkout:42');
    await until('ALARM');
    const { context, reasons, decision } = await admit(trigger(deployed.account.clock.iso()));
    expect(decision).toBe('execute');
    expect(context.fencingToken).toBe(1);
    expect(context.request.trigger).toMatchObject({ alarmName, triggerId: 'error_rate_spike', autoExecute: true });
    expect(reasons.join(' ')).toMatch(
      /CloudWatch confirms .* The release of checkout:42 on main began \d+ minutes before/,
    );
  });

  test('that is off again is backed by its history, and then nothing is to be cured', async () => {
    await deployed.wait(600);
    deploy('checkout:42');
    await until('ALARM');
    const time = deployed.account.clock.iso();
    await deployed.wait(30);
    deploy('checkout:40');
    await until('OK');
    const { outcome, reasons } = (await admit(trigger(time))) as Extract<AdmitResult, { decision: 'end' }>;
    expect(outcome).toBe('observed');
    expect(reasons.join(' ')).toMatch(/CloudWatch confirms .* before the release of checkout:40 on main began/);
    expect(await lock()).toBeUndefined();
  });
});

describe('the lock', () => {
  const start = (name: string) =>
    deployed.account.states.startExecution({
      stateMachineArn: machine,
      name,
      input: JSON.stringify({ service: 'checkout', confirm }),
      principal: { arn: 'operator' },
    });

  test('is won by one of two starts in the same instant; the other is told which', async () => {
    start('a');
    start('b');
    await deployed.wait(20);
    const outcomes = deployed.account.states.executions.map(({ status, output }) => [
      status,
      output ? JSON.parse(output).outcome : undefined,
    ]);
    expect(outcomes).toContainEqual(['SUCCEEDED', 'duplicate']);
    expect(outcomes).toContainEqual(['RUNNING', undefined]);
    expect(deployed.calls('UpdateService')).toBe(1);
    const owner = (await lock())?.owner;
    const told = (await deployed.items<TimelineEntry>('TIMELINE#')).filter(({ kind }) => kind === 'joined');
    expect(told).toEqual([expect.objectContaining({ rollbackId: owner?.rollbackId })]);
  });

  test('whose taking was answered by an error is found to be ours', async () => {
    let failed = false;
    deployed.account.faults.push((point: FaultPoint) => {
      if (failed || point.kind !== 'call' || point.operation !== 'PutItem') return undefined;
      failed = true;
      return { errorAfter: new AwsError('InternalServerError', 'lost', { status: 500 }) };
    });
    expect(await admit({ service: 'checkout', confirm })).toMatchObject({
      decision: 'execute',
      context: { fencingToken: 1 },
    });
    expect(failed).toBe(true);
    expect(await lock()).toMatchObject({ token: 1, owner: { executionArn } });
  });

  test('of an execution that Step Functions does not know is taken over with the next token', async () => {
    await deployed.lock('arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:gone', 7);
    await deployed.wait(120);
    expect(await admit({ service: 'checkout', confirm })).toMatchObject({
      decision: 'execute',
      context: { fencingToken: 8 },
    });
  });

  test('does not keep a person from a dry run', async () => {
    start('a');
    await deployed.wait(20);
    expect(await admit({ service: 'checkout', dryRun: true })).toMatchObject({ decision: 'execute' });
    expect(await admit({ service: 'checkout', confirm })).toMatchObject({ decision: 'end', outcome: 'duplicate' });
  });
});

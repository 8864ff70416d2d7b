/** What another rollback does between Admit's reading and its taking the lock: Admit as deployed, calls held up by faults. */
import type { AttributeValue, PutItemInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LockState } from '../../lib/domain/lock.ts';
import type { AdmitResult } from '../../lib/domain/states.ts';
import { operate } from '../../simulator/scenario/schedule.ts';
import type { FaultPoint } from '../../simulator/service.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import { Deployed, examples } from './deployed.ts';

const executionArn = 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:e7';
const alarmName = 'backstep/production/checkout/error_rate_spike';

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  await deployed.forget('LOCK');
  const { account } = deployed;
  // The stack's own rule stays silent, or its execution would be there first.
  account.faults.push((point) => (point.kind === 'event' ? { deliveries: 0 } : undefined));
  await deployed.wait(600);
  deployRelease(account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
  const isOn = () => account.cloudwatch.alarms.some(({ name, state }) => name === alarmName && state.value === 'ALARM');
  await account.clock.runUntil(account.clock.now() + 1_800_000, isOn);
});

function admit(): Promise<AdmitResult> {
  const now = deployed.account.clock.iso();
  const alarmArn = deployed.account.arn('cloudwatch', `alarm:${alarmName}`);
  const trigger = { alarmName, alarmArn, state: 'ALARM', time: now, eventId: 'e' };
  return deployed.invoke('Admit', { executionArn, startedAt: now, now, input: { trigger } });
}

const lock = async (): Promise<LockState | undefined> => (await deployed.items<LockState>('LOCK'))[0];

/** Another rollback took the lock, changed the service, halted, and gave the lock back: all within these seconds. */
function anotherCameAndWent(): void {
  const { account, table } = deployed;
  const now = account.clock.iso();
  const items: Record<string, unknown>[] = [
    { pk: 'SERVICE#checkout', sk: 'LOCK', token: 1 },
    {
      pk: 'SERVICE#checkout',
      sk: `ROLLBACK#${now}#another`,
      service: 'checkout',
      rollbackId: 'another',
      executionArn: 'another',
      startedAt: now,
      automatic: true,
      executes: true,
      outcome: 'halted',
      endedAt: now,
    },
  ];
  for (const item of items) {
    const input: PutItemInput = { TableName: table, Item: marshall(item) };
    operate(account.dynamodb, 'PutItem', input);
  }
}

const isLock = (item: Record<string, AttributeValue> | undefined): boolean => item?.sk?.S === 'LOCK';

/** The first call of Admit that `meant` describes is held up, or only looked at. */
function atFirst(meant: (point: Extract<FaultPoint, { kind: 'call' }>) => boolean, then: () => number): void {
  let done = false;
  deployed.account.faults.unshift((point) => {
    if (done || point.kind !== 'call' || !meant(point)) return undefined;
    done = true;
    return { delayMs: then() };
  });
}

describe('a rollback that comes and goes', () => {
  test('just before the lock is written makes Admit judge everything again', async () => {
    atFirst(
      ({ operation, input }) => operation === 'PutItem' && isLock((input as PutItemInput).Item),
      () => {
        anotherCameAndWent();
        return 0;
      },
    );
    const result = await admit();
    expect(result).toMatchObject({ decision: 'end', outcome: 'observed' });
    expect(result.reasons.join(' ')).toContain('the cooldown is 60 minutes');
    expect(await lock()).toEqual(expect.not.objectContaining({ owner: expect.anything() }));
  });

  test('while the lock is being read is in the ledger that is read after it', async () => {
    atFirst(
      ({ operation, input }) => operation === 'GetItem' && isLock((input as { Key?: PutItemInput['Item'] }).Key),
      () => {
        deployed.account.clock.after(300, anotherCameAndWent);
        return 600;
      },
    );
    const result = await admit();
    expect(result).toMatchObject({ decision: 'end', outcome: 'observed' });
    expect(result.reasons.join(' ')).toContain('the cooldown is 60 minutes');
  });

  test('never: the alarm rolls back, so that the two above show something', async () => {
    expect(await admit()).toMatchObject({ decision: 'execute', context: { fencingToken: 1 } });
  });
});

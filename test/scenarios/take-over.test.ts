/** A person takes the lock from a rollback that may still live: S1 holds, because what it would change next is refused. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { settleSeconds } from '../../lib/domain/lock.ts';
import { rollbackIdOf } from '../../lib/domain/names.ts';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { variation } from '../variations.ts';
import { confirm, inTwoSteps, play, release, type Story, start } from './shop.ts';

type Event = Story['events'][number];

const rule =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee';
const blue = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-blue/73e2d6bc24d8a067';
const green = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-green/09966783158cda59';

const first = 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:first';
const takeOver = rollbackIdOf('checkout', '2026-01-15T10:04:00.000Z', createHash('sha256').update(first).digest('hex'));
const takenAt = 'PT6M30S';
const input = { service: 'checkout', version: 'v2.14.3', confirm };
const goneOn = { status: 'SUCCEEDED', outcome: 'verified' } as const;

/** A healthy v2.14.4 has all traffic; `first` goes back in two steps: 10 % from PT4M3S, all from about PT7M. */
const takenOver = (events: readonly Event[], executions: NonNullable<Story['expect']>['executions']): Story => ({
  name: 'given a rollback between two steps, when another takes its lock over, then one at a time changes the service',
  ...inTwoSteps,
  events: [
    release('PT1M', 'checkout:42', 'checkout-green'),
    { at: 'PT3M', type: 'weights', rule, weights: { [blue]: 0, [green]: 100 } },
    { at: 'PT4M', type: 'start', name: 'first', input },
    start(takenAt, { ...input, takeOver }),
    ...events,
  ],
  until: 'PT20M',
  expect: { executions, account: { [`weights.${rule}`]: { 'checkout-blue': 100, 'checkout-green': 0 } } },
});

function lockOf({ account, stack }: FinishedRun) {
  const table = Object.values(stack.resources).find(({ type }) => type === 'AWS::DynamoDB::Table');
  return account.dynamodb.items(table?.physicalId ?? '').find(({ sk }) => sk?.S === 'LOCK');
}

test('its next step is refused, and the other changes nothing before its last Lambda has ended', async () => {
  const refused = { status: 'FAILED', outcome: 'halted', reason: 'ShiftTraffic failed with LockLost' } as const;
  const run = await play(takenOver([], [refused, goneOn]));
  expect(run.document.failures).toEqual([]);
  const reasons = run.document.timeline.filter(({ kind }) => kind === 'admitted').map(({ message }) => message);
  expect(reasons[1]).toContain(`The lock is taken from rollback ${takeOver}, because a person says so.`);
  const secondsAfter = run.document.timeline
    .filter(({ kind }) => kind === 'action.applied')
    .map(({ time }) => (Date.parse(time) - Date.parse('2026-01-15T10:06:30Z')) / 1_000);
  expect(secondsAfter).toHaveLength(2);
  expect(secondsAfter[0]).toBeLessThan(0);
  expect(secondsAfter[1]).toBeGreaterThanOrEqual(settleSeconds);
  expect(lockOf(run)).toMatchObject({ token: { N: '2' } });
  expect(lockOf(run)?.owner).toBeUndefined();
});

variation('by one that is stopped while it waits: the lock is given back, and whoever comes next goes on', async () => {
  const stopped = { at: 'PT6M40S', type: 'stop', cause: 'the wrong service', execution: 2 } as const;
  const ends = [{ outcome: 'halted' }, { status: 'ABORTED' }, goneOn] as const;
  const run = await play(takenOver([stopped, start('PT10M', input)], [...ends]));
  expect(run.document.failures).toEqual([]);
  expect(lockOf(run)?.owner).toBeUndefined();
});

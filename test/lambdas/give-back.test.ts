/** GiveBack as deployed: as a state, and on its schedule. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ShiftTrafficAction } from '../../lib/domain/model.ts';
import type { GiveBackResult } from '../../lib/domain/states.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { AwsError } from '../../simulator/service.ts';
import { Deployed, examples, executionArn } from './deployed.ts';

let stack: Deployed;
let rule: string;
let blue: string;
let green: string;

beforeEach(async () => {
  stack = await Deployed.from(examples.twoSides);
  // No schedule is heard: only these tests give anything back.
  stack.account.faults.push((point) => (point.kind === 'event' ? { deliveries: 0 } : undefined));
  [rule = ''] = stack.configuration.traffic.rules;
  [blue = '', green = ''] = stack.configuration.sides.map((side) => side.targetGroup ?? '');
});

const weights = (toBlue: number) => ({ [blue]: toBlue, [green]: 100 - toBlue });
const toGreen = (): ShiftTrafficAction => ({
  id: '1',
  type: 'ShiftTraffic',
  toSide: 'green',
  description: 'Move the traffic to green.',
  reason: 'A test.',
  forward: [{ rule, weights: weights(0), stickiness: { enabled: false } }],
  reverse: [{ rule, weights: weights(100), stickiness: { enabled: true, durationSeconds: 3600 } }],
});
const live = () => weightsOf(rule, stack.account.elbv2.rule(rule).actions);
const setRule = (toBlue: number, enabled: boolean) =>
  stack.account.elbv2.modifyRule(rule, {
    actions: stack.account.elbv2.rule(rule).actions.map((action) => ({
      ...action,
      ForwardConfig: {
        TargetGroups: Object.entries(weights(toBlue)).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
        TargetGroupStickinessConfig: enabled ? { Enabled: true, DurationSeconds: 3600 } : { Enabled: false },
      },
    })),
  });
const shift = () => stack.invoke('ShiftTraffic', stack.actionInput(toGreen()));
const open = async () => (await stack.items<{ settledAt?: string }>('OWED#')).filter(({ settledAt }) => !settledAt);
const asState = () =>
  stack.invoke<GiveBackResult>('GiveBack', { now: stack.account.clock.iso(), context: stack.context });
const onSchedule = () => stack.invoke<GiveBackResult>('GiveBack', { source: 'aws.events', detail: {} });
const modified = () => stack.calls('ModifyRule');

describe('the debt', () => {
  test('lies in the table before stickiness goes off', async () => {
    const lay: boolean[] = [];
    stack.account.faults.push((point) => {
      const items = stack.account.dynamodb.items(stack.table);
      if (point.kind === 'call' && point.operation === 'ModifyRule')
        lay.push(items.some(({ sk }) => sk?.S === `OWED#stickiness#${rule}`));
      return undefined;
    });
    await shift();
    expect(lay).toEqual([true]);
    expect(await open()).toMatchObject([
      {
        kind: 'stickiness',
        resource: rule,
        rollbackId: stack.context.rollbackId,
        before: { weights: weights(100), stickiness: { enabled: true, durationSeconds: 3600 } },
        steps: [{ weights: weights(0) }],
      },
    ]);
  });

  test('is the same after a second attempt', async () => {
    const input = stack.actionInput(toGreen());
    await stack.invoke('ShiftTraffic', input);
    const once = await open();
    await stack.invoke('ShiftTraffic', input);
    expect(await open()).toEqual(once);
  });

  test('is not made for a rule without stickiness', async () => {
    setRule(100, false);
    await shift();
    expect(await open()).toEqual([]);
  });
});

describe('as a state', () => {
  test('gives nothing while cookies live, and says when', async () => {
    await shift();
    expect((await asState()).message).toMatch(/comes back at/);
    expect(live()?.stickiness.enabled).toBe(false);
    expect(await stack.timeline()).toContain('owed.waiting');
    expect(await open()).toHaveLength(1);
  });

  test('gives back at once when the weights went back, and keeps them', async () => {
    await shift();
    setRule(100, false);
    expect((await asState()).message).toMatch(/is on again for 3600 s: the weights are as before/);
    expect(live()).toMatchObject({ weights: weights(100), stickiness: { enabled: true, durationSeconds: 3600 } });
    expect(await open()).toEqual([]);
    expect(await stack.timeline()).toContain('owed.given-back');
  });

  test('leaves it to another rollback that has begun meanwhile', async () => {
    await shift();
    setRule(100, false);
    const other = stack.account.states.startExecution({
      stateMachineArn: executionArn.replace(':execution:', ':stateMachine:').replace(/:e1$/, ''),
      input: '{"service":"nobody"}',
      principal: { arn: 'arn:aws:iam::111122223333:user/ann' } as never,
    });
    await stack.lock(other.executionArn, 2);
    expect((await asState()).message).toMatch(/at work: what is owed waits/);
    expect(live()?.stickiness.enabled).toBe(false);
  });

  test('says nothing where nothing is owed', async () => {
    expect(await asState()).toEqual({ message: '' });
  });
});

describe('on its schedule', () => {
  test('gives back what is due, once, of services that nobody is at work on', async () => {
    await shift();
    await stack.forget('LOCK');
    await onSchedule();
    expect(live()?.stickiness.enabled).toBe(false);
    await stack.wait(3600);
    expect((await onSchedule()).message).toMatch(/cookies from before the rollback have expired/);
    expect(live()).toMatchObject({ weights: weights(0), stickiness: { enabled: true, durationSeconds: 3600 } });
    const after = { calls: modified(), timeline: await stack.timeline() };
    expect(await onSchedule()).toEqual({ message: '' });
    expect({ calls: modified(), timeline: await stack.timeline() }).toEqual(after);
  });

  test('never fights a person who has set other weights', async () => {
    await shift();
    await stack.forget('LOCK');
    setRule(30, false);
    expect((await onSchedule()).message).toMatch(/Somebody has set the weights/);
    await stack.wait(4000);
    await onSchedule();
    expect(live()).toMatchObject({ weights: weights(30), stickiness: { enabled: false } });
    expect(await stack.timeline()).toContain('owed.dropped');
  });

  test('takes a rule that is gone for settled', async () => {
    await shift();
    await stack.forget('LOCK');
    stack.account.faults.push((point) =>
      point.kind === 'call' && point.operation === 'DescribeRules'
        ? { error: new AwsError('RuleNotFound', 'One or more rules not found', { status: 400 }) }
        : undefined,
    );
    expect((await onSchedule()).message).toMatch(/is gone/);
    expect(await open()).toEqual([]);
  });

  test('an attempt that dies after the change is found as done by the next', async () => {
    await shift();
    await stack.forget('LOCK');
    await stack.wait(3600);
    let dead = false;
    stack.account.faults.push((point) => {
      if (point.kind !== 'call' || !point.principal.includes('GiveBack')) return undefined;
      const error = dead ? { error: new AwsError('Killed', 'The Lambda is dead', { status: 400 }) } : undefined;
      dead ||= point.operation === 'ModifyRule';
      return error;
    });
    await expect(onSchedule()).rejects.toThrow(/could not be given back/);
    stack.account.faults.pop();
    const calls = modified();
    expect((await onSchedule()).message).toMatch(/is on already/);
    expect(modified()).toBe(calls);
    expect(live()?.stickiness.enabled).toBe(true);
    expect(await open()).toEqual([]);
  });
});

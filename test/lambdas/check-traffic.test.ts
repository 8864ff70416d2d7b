/** The health gate between two steps, against the numbers that the simulated load balancer really counted. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ShiftTrafficAction } from '../../lib/domain/model.ts';
import type { ActionInput, ApplyResult, CheckResult } from '../../lib/domain/states.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { Deployed, examples } from './deployed.ts';

let stack: Deployed;
let rule: string;
let blue: string;
let green: string;

beforeEach(async () => {
  stack = await Deployed.from(examples.twoSides);
  [rule = ''] = stack.configuration.traffic.rules;
  [blue = '', green = ''] = stack.configuration.sides.map((side) => side.targetGroup ?? '');
});

const set = (toBlue: number, toGreen: number) => ({
  rule,
  weights: { [blue]: toBlue, [green]: toGreen },
  stickiness: { enabled: false },
});
/** A fifth of the traffic from blue, which the example's world begins with, to green. */
const step = (): ShiftTrafficAction => ({
  id: '1',
  type: 'ShiftTraffic',
  toSide: 'green',
  description: 'Step 1 of 2.',
  reason: 'A test.',
  forward: [set(80, 20)],
  reverse: [{ ...set(100, 0), stickiness: { enabled: true, durationSeconds: 3600 } }],
  gate: { percent: 20, holdSeconds: 120 },
});
const behaves = (revision: number, behaviour: object) => {
  const { ecs } = stack.account;
  const arn = stack.definition(revision);
  const known = ecs.services.flatMap(({ tasks }) => tasks).find(({ definition }) => definition.arn === arn)?.definition;
  if (!known) throw new Error(`Nothing runs revision ${revision}.`);
  ecs.setBehaviour(arn, { ...known.behaviour, ...behaviour });
};

/** Applies the step and gives what its checks are asked with. */
async function applied(): Promise<ActionInput> {
  const input = stack.actionInput(step(), 3_600);
  await stack.invoke<ApplyResult>('ShiftTraffic', input);
  return { ...input, appliedAt: input.now };
}
/** Looks again as the state machine does, until the gate is through. */
async function gate(input: ActionInput): Promise<{ result: CheckResult; looks: string[]; seconds: number }> {
  const looks: string[] = [];
  const begun = stack.account.clock.now();
  for (;;) {
    const result = await stack.invoke<CheckResult>('CheckTraffic', { ...input, now: stack.account.clock.iso() });
    if (result.status !== 'waiting') return { result, looks, seconds: (stack.account.clock.now() - begun) / 1_000 };
    looks.push(result.message);
    await stack.wait(result.waitSeconds);
  }
}

describe('the gate of a step', () => {
  test('holds, measures the side that gained, and goes on', async () => {
    const { result, looks, seconds } = await gate(await applied());
    expect(result).toMatchObject({
      status: 'done',
      message: expect.stringMatching(
        /^Side green with 20 % is healthy enough to go on: green failed .* % of \d{3} requests, blue /,
      ),
    });
    expect(looks[0]).toMatch(/^Side green with 20 % is held, \d+ of 120 s: checkout-green: 3 of 3 targets healthy/);
    expect(seconds).toBeGreaterThanOrEqual(120);
    expect(seconds).toBeLessThanOrEqual(300);
  });

  test('goes back where the side that gained fails more', async () => {
    behaves(40, { errorRate: 0.2 });
    expect((await gate(await applied())).result).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/is not healthy enough to get more: green failed .*so it is worse/),
    });
  });

  test('goes on where it fails, but less than what it takes the traffic from', async () => {
    behaves(40, { errorRate: 0.1 });
    behaves(41, { errorRate: 0.5 });
    expect((await gate(await applied())).result).toMatchObject({
      status: 'done',
      message: expect.stringContaining('so it is better'),
    });
  });

  test('goes back where both fail alike: that is no cure', async () => {
    behaves(40, { errorRate: 0.4 });
    behaves(41, { errorRate: 0.4 });
    const { result, seconds } = await gate(await applied());
    expect(result).toMatchObject({ status: 'failed', message: expect.stringContaining('not better than blue') });
    expect(seconds).toBeGreaterThan(295);
  });

  test('goes back at once where no target is left', async () => {
    const input = await applied();
    behaves(40, { healthy: false });
    await stack.wait(40);
    const now = stack.account.clock.iso();
    expect(await stack.invoke<CheckResult>('CheckTraffic', { ...input, now })).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('checkout-green: 0 of '),
    });
  });

  test('goes on by its targets where CloudWatch may not be read', async () => {
    stack.account.iam.removeAction(stack.roleOf('CheckTraffic'), 'cloudwatch:GetMetricData');
    const { result, seconds } = await gate(await applied());
    expect(result).toMatchObject({
      status: 'done',
      message: expect.stringMatching(/Nothing could be measured.*not authorized/),
    });
    expect(seconds).toBeGreaterThan(295);
  });

  test('looks a second time and finds the same', async () => {
    const input = await applied();
    await stack.wait(200);
    const now = stack.account.clock.iso();
    const first = await stack.invoke<CheckResult>('CheckTraffic', { ...input, now });
    expect(await stack.invoke<CheckResult>('CheckTraffic', { ...input, now })).toEqual(first);
    expect(await stack.timeline()).toEqual(['action.applied', 'check.done']);
  });
});

describe('the second step', () => {
  const rest = (): ShiftTrafficAction => {
    const { gate: _gate, ...first } = step();
    return { ...first, id: '2', forward: [set(0, 100)], reverse: first.forward };
  };

  test('goes from the first, once, however often it is asked for', async () => {
    await applied();
    const input = { ...stack.actionInput(rest()), actionId: '2' };
    expect(await stack.invoke<ApplyResult>('ShiftTraffic', input)).toMatchObject({
      message: 'Weights set from checkout-blue 80, checkout-green 20 to checkout-blue 0, checkout-green 100.',
    });
    expect(await stack.invoke<ApplyResult>('ShiftTraffic', input)).toMatchObject({
      changed: true,
      message: expect.stringContaining('found so'),
    });
    expect(stack.calls('ModifyRule')).toBe(2);
  });

  test('asks only the side that gains for targets: the one that is left may be dead', async () => {
    await applied();
    behaves(41, { healthy: false });
    await stack.wait(60);
    await stack.invoke<ApplyResult>('ShiftTraffic', { ...stack.actionInput(rest()), actionId: '2' });
    expect(weightsOf(rule, stack.account.elbv2.rule(rule).actions)?.weights).toEqual({ [blue]: 0, [green]: 100 });
  });
});

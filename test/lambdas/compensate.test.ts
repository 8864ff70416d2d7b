/** Compensate as deployed: one pass after the other, until nothing is left to be undone. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Action, RevertServiceAction, ShiftTrafficAction } from '../../lib/domain/model.ts';
import { checkpointKey } from '../../lib/domain/names.ts';
import type { CompensateInput, CompensateResult } from '../../lib/domain/states.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { AwsError } from '../../simulator/service.ts';
import { primaryOf } from '../../simulator/services/ecs/model.ts';
import { Deployed, examples, rollbackId } from './deployed.ts';

let stack: Deployed;

const silence = (): void => {
  stack.account.faults.push((point) => (point.kind === 'event' ? { deliveries: 0 } : undefined));
};

/** What the state machine passes after `actions`, of which the last was begun and failed. */
function stopped(actions: readonly Action[], more: Partial<CompensateInput> = {}): CompensateInput {
  const now = stack.account.clock.iso();
  const plan = stack.storePlan(actions);
  const checkpoint = { rollbackId, takenAt: now, sides: [], rules: [], documents: {} };
  stack.account.s3.put(stack.bucket, checkpointKey(rollbackId), JSON.stringify(checkpoint));
  return {
    now,
    since: now,
    context: stack.context,
    ...plan,
    checkpointKey: checkpointKey(rollbackId),
    index: actions.length - 1,
    outcome: 'halted',
    reason: 'It stopped.',
    failure: null,
    ...more,
  };
}
const compensate = (input: CompensateInput) => stack.invoke<CompensateResult>('Compensate', input);

/** Passes as the state machine makes them. */
async function toTheEnd(input: CompensateInput): Promise<CompensateResult> {
  for (let pass = 0; pass < 100; pass++) {
    const result = await compensate({ ...input, now: stack.account.clock.iso() });
    if (result.status === 'done') return result;
    await stack.wait(result.waitSeconds);
  }
  throw new Error('It never ends.');
}

describe('traffic', () => {
  let rule: string;
  let blue: string;
  let green: string;

  beforeEach(async () => {
    stack = await Deployed.from(examples.twoSides);
    silence();
    [rule = ''] = stack.configuration.traffic.rules;
    [blue = '', green = ''] = stack.configuration.sides.map((side) => side.targetGroup ?? '');
    await stack.invoke('ShiftTraffic', stack.actionInput(toGreen()));
  });

  const toGreen = (): ShiftTrafficAction => ({
    id: '1',
    type: 'ShiftTraffic',
    toSide: 'green',
    description: 'Move the traffic to green.',
    reason: 'A test.',
    forward: [{ rule, weights: { [blue]: 0, [green]: 100 }, stickiness: { enabled: false } }],
    reverse: [{ rule, weights: { [blue]: 100, [green]: 0 }, stickiness: { enabled: true, durationSeconds: 3600 } }],
  });
  const live = () => weightsOf(rule, stack.account.elbv2.rule(rule).actions);
  async function greenDies(): Promise<void> {
    const { ecs } = stack.account;
    const definition = ecs.requireService('shop', 'checkout-green').tasks[0]?.definition;
    if (!definition) throw new Error('Green runs tasks.');
    ecs.setBehaviour(definition.arn, { ...definition.behaviour, healthy: false });
    await stack.wait(120);
  }

  test('goes back from a side whose targets died, and the state gets a name; stickiness is left to GiveBack', async () => {
    await greenDies();
    const result = await toTheEnd(stopped([toGreen()]));
    expect(live()).toMatchObject({ weights: { [blue]: 100, [green]: 0 }, stickiness: { enabled: false } });
    expect(result).toMatchObject({
      outcome: 'halted',
      reason: expect.stringMatching(/^It stopped\. The traffic was put back\..*All traffic is on side blue/),
    });
    expect(await stack.timeline()).toEqual(['action.applied', 'undo.begun', 'compensated']);
  });

  test('twice, and with an answer that is lost, moves nothing more', async () => {
    await greenDies();
    let lost = false;
    stack.account.faults.push((point) => {
      if (lost || point.kind !== 'call' || point.operation !== 'ModifyRule') return undefined;
      lost = true;
      return { errorAfter: new AwsError('ServiceUnavailable', 'Service unavailable', { status: 503 }) };
    });
    const input = stopped([toGreen()]);
    await compensate(input);
    const moved = stack.calls('ModifyRule');
    await compensate(input);
    await toTheEnd(input);
    expect(stack.calls('ModifyRule')).toBe(moved);
    expect(live()?.weights).toEqual({ [blue]: 100, [green]: 0 });
  });

  test('an attempt that dies after its change is known by the next for what it did', async () => {
    await greenDies();
    let dead = false;
    stack.account.faults.push((point) => {
      if (point.kind !== 'call' || !point.principal.includes('Compensate')) return undefined;
      const error = dead ? { error: new AwsError('Killed', 'The Lambda is dead', { status: 400 }) } : undefined;
      dead ||= point.operation === 'ModifyRule';
      return error;
    });
    const input = stopped([toGreen()]);
    // Its answer is all that is lost: nothing comes after the change.
    await compensate(input);
    stack.account.faults.pop();
    expect(await toTheEnd(input)).toMatchObject({ reason: expect.stringContaining('The traffic was put back.') });
  });

  test('stays with healthy targets: nothing says that the other side is better', async () => {
    const result = await compensate(stopped([toGreen()]));
    expect(result).toMatchObject({ status: 'done', reason: expect.stringMatching(/nothing measured.*on side green/) });
    expect(stack.calls('ModifyRule')).toBe(1);
  });

  test.each(['LockLost', 'KillSwitchOn', 'PlanChanged'])('stays after %s, and the state gets a name', async (error) => {
    await greenDies();
    const failure = { state: 'CheckTraffic', error, cause: '' };
    const result = await compensate(stopped([toGreen()], { failure }));
    expect(result).toMatchObject({
      status: 'done',
      outcome: 'halted',
      reason: expect.stringMatching(
        /Nothing was undone\. Begun and not finished: Move the traffic to green.*All traffic is on side green/,
      ),
    });
    expect(stack.calls('ModifyRule')).toBe(1);
  });

  test('stays when the lock is lost only now', async () => {
    await greenDies();
    await stack.lock('arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:other', 2);
    expect(await compensate(stopped([toGreen()]))).toMatchObject({
      status: 'done',
      reason: expect.stringMatching(/Nothing was undone: The lock of checkout is not ours/),
    });
    expect(stack.calls('ModifyRule')).toBe(1);
  });

  test('stays when somebody flips the kill switch only now', async () => {
    await greenDies();
    stack.account.ssm.putParameter({ name: '/backstep/production/kill-switch', value: 'on: stop it' });
    expect(await compensate(stopped([toGreen()]))).toMatchObject({
      status: 'done',
      reason: expect.stringMatching(/Nothing was undone: The kill switch .* is on/),
    });
    expect(stack.calls('ModifyRule')).toBe(1);
  });

  test('stays by a plan that is not the one decided on, which still tells what was done', async () => {
    await greenDies();
    const input = stopped([toGreen()]);
    stack.storePlan([toGreen()], { reason: 'another' });
    expect(await compensate(input)).toMatchObject({
      status: 'done',
      reason: expect.stringContaining('decided on was'),
    });
    expect(stack.calls('ModifyRule')).toBe(1);
  });

  test('without the permission it fails with its name', async () => {
    await greenDies();
    stack.account.iam.removeAction(stack.roleOf('Compensate'), 'elasticloadbalancing:ModifyRule');
    await expect(compensate(stopped([toGreen()]))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('a service', () => {
  beforeEach(async () => {
    stack = await Deployed.from(examples.oneSide);
    silence();
  });

  /** From what runs to a revision whose tasks die when they start. */
  const revert = (): RevertServiceAction => ({
    id: '1',
    type: 'RevertService',
    by: 'update-service',
    side: 'main',
    description: 'Put ECS service checkout from checkout:41 on checkout:42',
    reason: 'A test.',
    forward: { taskDefinition: stack.definition(42) },
    reverse: { taskDefinition: stack.definition(41) },
  });
  const primary = () => primaryOf(stack.account.ecs.requireService('shop', 'checkout')).definition.arn;

  test('whose target cannot start goes back to what still serves, and is waited for', async () => {
    const { ecs } = stack.account;
    const target = ecs.definitions.find('checkout:42');
    if (!target) throw new Error('The example has checkout:42.');
    ecs.setBehaviour('checkout:42', { ...target.behaviour, crashAfterSeconds: 1 });
    await stack.invoke('RevertService', stack.actionInput(revert()));
    await stack.wait(240);
    const result = await toTheEnd(stopped([revert()]));
    expect(result).toMatchObject({ outcome: 'halted', reason: expect.stringContaining('was put back on checkout:41') });
    expect(primary()).toBe(stack.definition(41));
    const calls = stack.calls('UpdateService');
    await toTheEnd(stopped([revert()]));
    expect(stack.calls('UpdateService')).toBe(calls);
  });

  test('whose target starts is left alone', async () => {
    await stack.invoke('RevertService', stack.actionInput(revert()));
    await stack.wait(20);
    expect(await compensate(stopped([revert()]))).toMatchObject({ status: 'done', outcome: 'halted' });
    expect(primary()).toBe(stack.definition(42));
  });
});

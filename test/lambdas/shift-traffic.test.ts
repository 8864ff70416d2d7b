import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ShiftTrafficAction } from '../../lib/domain/model.ts';
import type { ApplyResult, CheckResult } from '../../lib/domain/states.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { AwsError } from '../../simulator/service.ts';
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

/** From blue, which the example's world begins with, to green. */
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
const setActions = (change: (actions: readonly Action[]) => Action[]) =>
  stack.account.elbv2.modifyRule(rule, { actions: change(stack.account.elbv2.rule(rule).actions) });

describe('ShiftTraffic', () => {
  test('moves the traffic and switches stickiness off in one call', async () => {
    const result = await stack.invoke<ApplyResult>('ShiftTraffic', stack.actionInput(toGreen()));
    expect(result).toMatchObject({
      changed: true,
      message: expect.stringMatching(/checkout-green 100.*stickiness switched off/),
    });
    expect(live()).toMatchObject({ weights: { [blue]: 0, [green]: 100 }, stickiness: { enabled: false } });
    expect(stack.calls('ModifyRule')).toBe(1);
    expect(await stack.timeline()).toEqual(['action.applied']);
  });

  test('lets scaling in of both sides rest before, owed as it was', async () => {
    const targets = ['checkout-blue', 'checkout-green'].map((service) =>
      stack.account.autoscaling.register({
        ServiceNamespace: 'ecs',
        ScalableDimension: 'ecs:service:DesiredCount',
        ResourceId: `service/shop/${service}`,
        MinCapacity: 1,
        MaxCapacity: 6,
      }),
    );
    const order: string[] = [];
    stack.account.faults.push((point) => {
      if (point.kind === 'call' && /Register|Modify/.test(point.operation)) order.push(point.operation);
      return undefined;
    });
    const { message } = await stack.invoke<ApplyResult>('ShiftTraffic', stack.actionInput(toGreen()));
    expect(message).toMatch(
      /^Side blue: Of its scaling, .* suspended until the rollback ends\. Side green: .* Weights set/,
    );
    expect(order).toEqual(['RegisterScalableTarget', 'RegisterScalableTarget', 'ModifyRule']);
    for (const { suspended } of targets)
      expect(suspended).toEqual({
        DynamicScalingInSuspended: true,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: true,
      });
    expect(await stack.items('OWED#scaling#')).toMatchObject([
      { before: { dynamicIn: false, scheduled: false } },
      { before: { dynamicIn: false, scheduled: false } },
    ]);
    expect(await stack.timeline()).toEqual(['action.applied']);
  });

  test('twice changes nothing more', async () => {
    const input = stack.actionInput(toGreen());
    await stack.invoke('ShiftTraffic', input);
    const again = await stack.invoke<ApplyResult>('ShiftTraffic', input);
    expect(again.message).toMatch(/^Weights set from checkout-blue 100.* by an earlier attempt of this step/);
    expect(stack.calls('ModifyRule')).toBe(1);
    expect(await stack.timeline()).toEqual(['action.applied']);
  });

  test('a change of an attempt that died before it could write is on the timeline all the same', async () => {
    let dead = false;
    stack.account.faults.push((point) => {
      if (point.kind !== 'call' || !point.principal.includes('ShiftTraffic')) return undefined;
      const error = dead ? { error: new AwsError('Killed', 'The Lambda is dead', { status: 400 }) } : undefined;
      dead ||= point.operation === 'ModifyRule';
      return error;
    });
    const input = stack.actionInput(toGreen());
    await expect(stack.invoke('ShiftTraffic', input)).rejects.toMatchObject({ name: 'Killed' });
    stack.account.faults.length = 0;
    expect(await stack.invoke<ApplyResult>('ShiftTraffic', input)).toMatchObject({ changed: true });
    expect(await stack.timeline()).toEqual(['action.applied']);
  });

  test('weights that the plan already found are left alone, and said to be', async () => {
    const action = toGreen();
    const input = stack.actionInput({
      ...action,
      forward: [{ rule, weights: { [blue]: 100, [green]: 0 }, stickiness: { enabled: true, durationSeconds: 3600 } }],
    });
    expect(await stack.invoke<ApplyResult>('ShiftTraffic', input)).toMatchObject({ changed: false });
    expect(await stack.timeline()).toEqual(['action.unchanged']);
  });

  test('keeps OIDC in front, with its secret', async () => {
    const secret = 'the-client-secret';
    setActions((actions) => [
      {
        Type: 'authenticate-oidc',
        Order: 1,
        AuthenticateOidcConfig: {
          Issuer: 'https://id.example.com',
          AuthorizationEndpoint: 'https://id.example.com/authorize',
          TokenEndpoint: 'https://id.example.com/token',
          UserInfoEndpoint: 'https://id.example.com/userinfo',
          ClientId: 'shop',
          ClientSecret: secret,
        },
      },
      ...actions.map((action) => ({ ...action, Order: 2 })),
    ]);
    await stack.invoke('ShiftTraffic', stack.actionInput(toGreen()));
    const [first, second] = stack.account.elbv2.rule(rule).actions;
    expect(first).toMatchObject({
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: { ClientId: 'shop', ClientSecret: secret },
    });
    expect(second).toMatchObject({ Type: 'forward', Order: 2 });
    expect(live()?.weights[green]).toBe(100);
  });

  test('moves nothing to a side without enough healthy targets, and the check says why', async () => {
    const { ecs } = stack.account;
    const definition = ecs.requireService('shop', 'checkout-green').tasks[0]?.definition;
    if (!definition) throw new Error('Green runs tasks.');
    ecs.setBehaviour(definition.arn, { ...definition.behaviour, healthy: false });
    await stack.wait(120);
    const input = stack.actionInput(toGreen());
    const result = await stack.invoke<ApplyResult>('ShiftTraffic', input);
    expect(result).toMatchObject({
      changed: false,
      message: expect.stringMatching(/not moved.*checkout-green: 0 of \d targets healthy/),
    });
    expect(stack.calls('ModifyRule')).toBe(0);
    expect(await stack.invoke<CheckResult>('CheckTraffic', input)).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/not moved.*2 healthy targets are required/),
    });
  });

  test('leaves weights alone that somebody has set since the plan, and the check says so', async () => {
    // While a snapshot was awaited, or the side was reverted, a person moved everybody to green by hand.
    setActions(([forward]) => [
      {
        Type: 'forward',
        Order: forward?.Order ?? 1,
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: blue, Weight: 0 },
            { TargetGroupArn: green, Weight: 100 },
          ],
        },
      },
    ]);
    const first = [{ rule, weights: { [blue]: 90, [green]: 10 }, stickiness: { enabled: false } }];
    const input = stack.actionInput({ ...toGreen(), forward: first, gate: { percent: 10, holdSeconds: 60 } });
    expect(await stack.invoke<ApplyResult>('ShiftTraffic', input)).toMatchObject({
      changed: false,
      message: expect.stringMatching(
        /^The traffic was not moved: somebody has set the weights to .*checkout-green 100/,
      ),
    });
    expect(stack.calls('ModifyRule')).toBe(0);
    expect(await stack.invoke<CheckResult>('CheckTraffic', input)).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/^Somebody else changed the weights/),
    });
    expect(live()?.weights).toEqual({ [blue]: 0, [green]: 100 });
  });

  test('a step that comes again after the next one takes nothing back', async () => {
    const half = [{ rule, weights: { [blue]: 50, [green]: 50 }, stickiness: { enabled: false } }];
    const steps: ShiftTrafficAction[] = [
      { ...toGreen(), forward: half, gate: { percent: 50, holdSeconds: 60 } },
      { ...toGreen(), id: '2', reverse: half },
    ];
    const reference = stack.storePlan(steps);
    const of = (actionId: string) => ({ ...stack.actionInput(toGreen()), ...stack.storePlan(steps), actionId });
    expect(of('1').planSha256).toBe(reference.planSha256);
    await stack.invoke('ShiftTraffic', of('1'));
    await stack.invoke('ShiftTraffic', of('2'));
    expect(await stack.invoke<ApplyResult>('ShiftTraffic', of('1'))).toMatchObject({ changed: false });
    expect(live()?.weights).toEqual({ [blue]: 0, [green]: 100 });
  });

  test('changes nothing once somebody else holds the lock', async () => {
    await stack.lock('arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:other', 2);
    await expect(stack.invoke('ShiftTraffic', stack.actionInput(toGreen()))).rejects.toMatchObject({
      name: 'LockLost',
    });
    expect(stack.calls('ModifyRule')).toBe(0);
  });

  test('changes nothing by a plan that is not the one decided on', async () => {
    const input = stack.actionInput(toGreen());
    stack.storePlan([toGreen()], { reason: 'another' });
    await expect(stack.invoke('ShiftTraffic', input)).rejects.toMatchObject({ name: 'PlanChanged' });
    expect(stack.calls('ModifyRule')).toBe(0);
  });

  test('an answer that gets lost is found as done by the next attempt', async () => {
    let lost = false;
    stack.account.faults.push((point) => {
      if (lost || point.kind !== 'call' || point.operation !== 'ModifyRule') return undefined;
      lost = true;
      return { errorAfter: new AwsError('ServiceUnavailable', 'Service unavailable', { status: 503 }) };
    });
    const input = stack.actionInput(toGreen());
    await stack.invoke('ShiftTraffic', input);
    expect(live()?.weights).toEqual({ [blue]: 0, [green]: 100 });
    expect((await stack.invoke<CheckResult>('CheckTraffic', input)).status).toBe('done');
  });

  test('without the permission it fails with AccessDenied and changes nothing', async () => {
    stack.account.iam.removeAction(stack.roleOf('ShiftTraffic'), 'elasticloadbalancing:ModifyRule');
    await expect(stack.invoke('ShiftTraffic', stack.actionInput(toGreen()))).rejects.toThrow(
      /not authorized to perform: elasticloadbalancing:ModifyRule/,
    );
    expect(live()?.weights).toEqual({ [blue]: 100, [green]: 0 });
  });
});

describe('CheckTraffic', () => {
  test('done when the weights read back', async () => {
    const input = stack.actionInput(toGreen());
    await stack.invoke('ShiftTraffic', input);
    const later = { ...input, now: stack.account.clock.iso() };
    expect(await stack.invoke<CheckResult>('CheckTraffic', later)).toMatchObject({
      status: 'done',
      message: expect.stringContaining('checkout-green: 3 of 3 targets healthy'),
    });
    expect(await stack.timeline()).toEqual(['action.applied', 'check.done']);
  });

  test('failed when somebody else moved the traffic meanwhile', async () => {
    const input = stack.actionInput(toGreen());
    await stack.invoke('ShiftTraffic', input);
    const half = [blue, green].map((TargetGroupArn) => ({ TargetGroupArn, Weight: 50 }));
    setActions((actions) =>
      actions.map((action) => ({ ...action, ForwardConfig: { ...action.ForwardConfig, TargetGroups: half } })),
    );
    expect(await stack.invoke<CheckResult>('CheckTraffic', input)).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/Somebody else.*checkout-blue 50/),
    });
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { ScaleInAction } from '../../lib/domain/model.ts';
import type { ApplyResult } from '../../lib/domain/states.ts';
import { AwsError } from '../../simulator/service.ts';
import { Deployed, examples } from './deployed.ts';

let stack: Deployed;

beforeEach(async () => {
  stack = await Deployed.from(examples.twoSides);
  // Green never got any traffic in the example's world; its plan was made on what it runs.
  await stack.wait(360);
});

const green = () => stack.account.ecs.requireService('shop', 'checkout-green');
const action: ScaleInAction = {
  id: '1',
  type: 'ScaleIn',
  side: 'green',
  description: 'Take the tasks of side green out.',
  reason: 'A test.',
  forward: { desiredCount: 0 },
  reverse: { desiredCount: 3 },
  afterVerification: true,
};
function input(side = 'green') {
  const asked = stack.actionInput({ ...action, side });
  const current = stack.configuration.sides.map(({ name }) => ({
    side: name,
    taskDefinition: stack.definition(name === 'green' ? 40 : 41),
    version: '',
    deploymentStartedAt: '',
    desiredCount: 3,
    runningCount: 3,
    healthyTargets: 3,
    controller: 'ECS' as const,
    rolloutState: 'COMPLETED',
  }));
  return { ...asked, ...stack.storePlan([{ ...action, side }], { current }) };
}
const run = (payload = input()) => stack.invoke<ApplyResult>('ScaleIn', payload);

describe('ScaleIn', () => {
  test('takes the tasks out, and starts no deployment', async () => {
    expect(await run()).toMatchObject({ changed: true, message: expect.stringContaining('from 3 tasks to 0') });
    expect(green()).toMatchObject({ desiredCount: 0, deployments: { length: 1 } });
    expect(await stack.timeline()).toEqual(['action.applied', 'check.done']);
    await stack.wait(120);
    expect(green().tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING')).toEqual([]);
  });

  test('twice changes nothing more', async () => {
    const payload = input();
    await run(payload);
    expect(await run(payload)).toMatchObject({ changed: true, message: expect.stringContaining('found so') });
    expect(stack.calls('UpdateService')).toBe(1);
    expect(await stack.timeline()).toEqual(['action.applied', 'check.done']);
  });

  test('an attempt that died after its change is found by the next', async () => {
    let dead = false;
    stack.account.faults.push((point) => {
      if (point.kind !== 'call' || !point.principal.includes('ScaleIn')) return undefined;
      const error = dead ? { error: new AwsError('Killed', 'The Lambda is dead', { status: 400 }) } : undefined;
      dead ||= point.operation === 'UpdateService';
      return error;
    });
    const payload = input();
    await expect(run(payload)).rejects.toMatchObject({ name: 'Killed' });
    stack.account.faults.length = 0;
    expect(await run(payload)).toMatchObject({ changed: true });
    expect(stack.calls('UpdateService')).toBe(1);
    expect(await stack.timeline()).toEqual(['action.applied', 'check.done']);
  });

  test('a side with weight keeps its tasks', async () => {
    expect(await run(input('blue'))).toMatchObject({
      changed: false,
      message: expect.stringContaining('weight again'),
    });
    expect(stack.calls('UpdateService')).toBe(0);
    expect(await stack.timeline()).toEqual(['action.refused']);
  });

  test('a minimum of Application Auto Scaling keeps them', async () => {
    const { autoscaling } = stack.account;
    autoscaling.register({
      ServiceNamespace: 'ecs',
      ResourceId: 'service/shop/checkout-green',
      ScalableDimension: 'ecs:service:DesiredCount',
      MinCapacity: 2,
      MaxCapacity: 6,
    });
    expect(await run()).toMatchObject({ changed: false, message: expect.stringContaining('at least 2 tasks') });
    expect(green().desiredCount).toBe(3);
  });

  test('CloudWatch that does not answer keeps them', async () => {
    stack.account.iam.removeAction(stack.roleOf('ScaleIn'), 'cloudwatch:GetMetricData');
    expect(await run()).toMatchObject({
      changed: false,
      message: expect.stringContaining('CloudWatch could not tell'),
    });
  });

  test('changes nothing once somebody else holds the lock', async () => {
    const payload = input();
    await stack.lock('arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:other', 2);
    await expect(run(payload)).rejects.toMatchObject({ name: 'LockLost' });
    expect(stack.calls('UpdateService')).toBe(0);
  });
});

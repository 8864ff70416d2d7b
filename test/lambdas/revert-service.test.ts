import { beforeEach, describe, expect, test } from 'vitest';
import type { RevertServiceAction } from '../../lib/domain/model.ts';
import type { ActionInput, ApplyResult, CheckResult } from '../../lib/domain/states.ts';
import { AwsError } from '../../simulator/service.ts';
import type { TaskBehaviour } from '../../simulator/services/ecs/behaviour.ts';
import { Deployed, examples } from './deployed.ts';

let stack: Deployed;

beforeEach(async () => {
  stack = await Deployed.from(examples.oneSide);
});

/** The example's world runs checkout:41; from there to :40. */
const revert = (from = 41, to = 40): RevertServiceAction => ({
  id: '1',
  type: 'RevertService',
  by: 'update-service',
  side: 'main',
  description: `Put main on checkout:${to}.`,
  reason: 'A test.',
  forward: { taskDefinition: stack.definition(to) },
  reverse: { taskDefinition: stack.definition(from) },
});
const deploy = (revision: number) =>
  stack.account.ecs.updateService({ cluster: 'shop', service: 'checkout', taskDefinition: `checkout:${revision}` });
/** Changes how tasks of the target behave. */
function behaves(change: Partial<TaskBehaviour>): void {
  const definition = stack.account.ecs.definitions.find('checkout:40');
  if (!definition) throw new Error('The example has checkout:40.');
  stack.account.ecs.setBehaviour('checkout:40', { ...definition.behaviour, ...change });
}

const running = () =>
  stack.account.ecs
    .requireService('shop', 'checkout')
    .tasks.filter((task) => task.lastStatus === 'RUNNING')
    .map((task) => task.definition.revision);

/** The state machine's loop of Wait and CheckService. */
async function follow(input: ActionInput): Promise<CheckResult & { seconds: number; checks: number }> {
  let seconds = 0;
  for (let checks = 1; ; checks++) {
    const result = await stack.invoke<CheckResult>('CheckService', { ...input, now: stack.account.clock.iso() });
    if (result.status !== 'waiting') return { ...result, seconds, checks };
    seconds += result.waitSeconds;
    await stack.wait(result.waitSeconds);
  }
}

describe('RevertService', () => {
  test('starts the deployment and leaves the count alone; the checks follow it until it is there', async () => {
    const input = stack.actionInput(revert());
    expect(await stack.invoke<ApplyResult>('RevertService', input)).toMatchObject({ changed: true });
    const { status, message, checks } = await follow(input);
    expect(status).toBe('done');
    expect(message).toMatch(/checkout:40 runs 3 of 3 tasks, rollout COMPLETED; .*3 of 3 targets healthy/);
    expect(running()).toEqual([40, 40, 40]);
    expect(checks).toBeLessThan(20);
  });

  test('twice changes nothing more', async () => {
    const input = stack.actionInput(revert());
    await stack.invoke('RevertService', input);
    await stack.invoke('RevertService', input);
    expect(stack.calls('UpdateService')).toBe(1);
  });

  test('an answer that gets lost does not start a second deployment', async () => {
    let lost = false;
    stack.account.faults.push((point) => {
      if (lost || point.kind !== 'call' || point.operation !== 'UpdateService') return undefined;
      lost = true;
      return { errorAfter: new AwsError('ServerException', 'Service unavailable', { status: 503 }) };
    });
    const input = stack.actionInput(revert());
    await stack.invoke('RevertService', input).catch(() => undefined);
    const again = await stack.invoke<ApplyResult>('RevertService', input);
    expect(again.message).toContain('from checkout:41 to checkout:40');
    expect(stack.account.ecs.requireService('shop', 'checkout').deployments).toHaveLength(2);
  });

  test('already there: nothing to do', async () => {
    const result = await stack.invoke<ApplyResult>('RevertService', stack.actionInput(revert(42, 41)));
    expect(result).toMatchObject({ changed: false, message: expect.stringContaining('already is on checkout:41') });
    expect(stack.calls('UpdateService')).toBe(0);
  });

  test('a deployment that somebody began after the plan is left alone, and named', async () => {
    const input = stack.actionInput(revert());
    deploy(42);
    expect(await stack.invoke<ApplyResult>('RevertService', input)).toMatchObject({ changed: false });
    expect(stack.calls('UpdateService')).toBe(0);
    expect(await follow(input)).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/checkout:42.*may be the fix/),
    });
  });

  test('changes nothing once the lock is somebody else’s', async () => {
    await stack.lock('arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:other', 2);
    await expect(stack.invoke('RevertService', stack.actionInput(revert()))).rejects.toMatchObject({
      name: 'LockLost',
    });
    expect(stack.calls('UpdateService')).toBe(0);
  });
});

describe('CheckService', () => {
  test('fails with the numbers when the target never becomes healthy', async () => {
    behaves({ healthy: false });
    const input = stack.actionInput(revert());
    await stack.invoke('RevertService', input);
    const { status, message, seconds } = await follow(input);
    expect(status).toBe('failed');
    expect(message).toMatch(/failed|deadline/);
    expect(message).toMatch(/of 3 tasks/);
    expect(seconds).toBeLessThanOrEqual(310);
  });

  test('fails when the circuit breaker takes our deployment back', async () => {
    stack.account.ecs.requireService('shop', 'checkout').circuitBreaker = { enable: true, rollback: true };
    behaves({ crashAfterSeconds: 2 });
    const input = stack.actionInput(revert(), 900);
    await stack.invoke('RevertService', input);
    const { status, message } = await follow(input);
    expect(status).toBe('failed');
    expect(message).toMatch(/tasks of checkout:40 failed|gave the deployment of checkout:40 up|went back/);
  });

  test('fails when somebody deploys over it', async () => {
    const input = stack.actionInput(revert());
    await stack.invoke('RevertService', input);
    deploy(42);
    expect(await follow(input)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining("Somebody else's deployment"),
    });
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { RevertServiceAction } from '../../lib/domain/model.ts';
import type { VerifyInput, VerifyResult } from '../../lib/domain/states.ts';
import type { TaskBehaviour } from '../../simulator/services/ecs/behaviour.ts';
import { Deployed, examples } from './deployed.ts';

let stack: Deployed;
let input: VerifyInput;

beforeEach(async () => {
  stack = await Deployed.from(examples.oneSide);
  const action: RevertServiceAction = {
    id: '1',
    type: 'RevertService',
    by: 'update-service',
    side: 'main',
    description: '',
    reason: '',
    forward: { taskDefinition: stack.definition(41) },
    reverse: { taskDefinition: stack.definition(42) },
  };
  const { context, planKey, planSha256, deadline, now } = stack.actionInput(action);
  input = { now, context, planKey, planSha256, deadline, mitigatedAt: now, progress: null };
});

/** Passes as the state machine makes them, until one ends or `seconds` are over. */
async function bake(seconds: number): Promise<VerifyResult[]> {
  const passes: VerifyResult[] = [];
  const endMs = stack.account.clock.now() + seconds * 1000;
  for (;;) {
    const progress = passes.at(-1)?.progress ?? null;
    const result = await stack.invoke<VerifyResult>('VerifyHealth', {
      ...input,
      now: stack.account.clock.iso(),
      progress,
    });
    passes.push(result);
    if (result.status !== 'waiting' || stack.account.clock.now() + result.waitSeconds * 1000 > endMs) return passes;
    await stack.wait(result.waitSeconds);
  }
}

function behaves(change: Partial<TaskBehaviour>): void {
  const definition = stack.account.ecs.definitions.find('checkout:41');
  if (!definition) throw new Error('The example has checkout:41.');
  stack.account.ecs.setBehaviour('checkout:41', { ...definition.behaviour, ...change });
}

describe('VerifyHealth', () => {
  test('a healthy service is verified after the bake, one pass a minute', async () => {
    const passes = await bake(3600);
    const last = passes.at(-1);
    expect(passes[0]?.verdict.result).toBe('inconclusive');
    expect(passes[1]).toMatchObject({ status: 'waiting', verdict: { result: 'healthy' }, progress: { phase: 'bake' } });
    expect(last).toMatchObject({ status: 'verified', verdict: { result: 'healthy' } });
    expect(passes.length).toBeLessThanOrEqual(stack.configuration.policy.bakeMinutes + 3);
    expect(await stack.timeline()).toEqual(['verdict.inconclusive', 'verdict.healthy', 'verify.verified']);
  });

  test('the verdict quotes probe, targets and metrics with their limits', async () => {
    const measurements = (await bake(240)).at(-1)?.verdict.measurements ?? [];
    expect(measurements.map(({ name, ok }) => [name, ok])).toEqual([
      ['probe https://shop.example.com/health', true],
      ['targets of main', true],
      ['healthy hosts of main', true],
      ['error rate of main', true],
      ['p95 response time of main', true],
      ['availability of main', true],
    ]);
    const errors = measurements.find(({ name }) => name.startsWith('error rate'));
    expect(errors?.evidence).toMatch(
      /^Error rate of main [\d.]+ % over \d+ requests from \d\d:\d\d UTC, within the limit of at most 5 % \(from the configured fallback: no baseline is published\)\.$/,
    );
  });

  test('the numbers are those of minutes after the mitigation only', async () => {
    behaves({ errorRate: 0.5 });
    await stack.wait(300);
    behaves({ errorRate: 0 });
    input = {
      ...input,
      mitigatedAt: stack.account.clock.iso(),
      deadline: new Date(stack.account.clock.now() + 300_000).toISOString(),
    };
    const passes = await bake(240);
    expect(passes.map(({ verdict }) => verdict.result)).not.toContain('unhealthy');
    expect(passes.at(-1)?.verdict.result).toBe('healthy');
  });

  test('errors that never stop need a person at the deadline, with the number', async () => {
    behaves({ errorRate: 0.3 });
    await stack.wait(60);
    const passes = await bake(3600);
    expect(passes.at(-1)).toMatchObject({
      status: 'needs-attention',
      message: expect.stringMatching(/deadline.*Error rate of main \d+(\.\d+)? %.*outside/),
    });
    expect(stack.account.clock.iso() <= new Date(Date.parse(input.deadline) + 5_000).toISOString()).toBe(true);
  });

  test('errors that come back during the bake need a person after three minutes', async () => {
    await bake(240);
    const before = await bake(0);
    input = { ...input, progress: before[0]?.progress ?? null };
    behaves({ errorRate: 0.3 });
    const passes = await bake(3600);
    expect(passes.at(-1)).toMatchObject({
      status: 'needs-attention',
      message: expect.stringMatching(/3 consecutive passes/),
    });
  });

  test('a probe that gets no answer in time is an answer', async () => {
    behaves({ latencyMs: { p50: 20_000, p95: 30_000 } });
    const [first] = await bake(0);
    expect(first?.verdict).toMatchObject({
      result: 'unhealthy',
      reason: expect.stringMatching(/gave no answer \(none within \d+ ms\)/),
    });
  });

  test('without the permission to read metrics it fails instead of guessing', async () => {
    stack.account.iam.removeAction(stack.roleOf('VerifyHealth'), 'cloudwatch:GetMetricData');
    await stack.wait(150);
    const now = stack.account.clock.iso();
    await expect(stack.invoke('VerifyHealth', { ...input, now })).rejects.toThrow(
      /not authorized to perform: cloudwatch:GetMetricData/,
    );
  });

  test('a triggering alarm that is still on holds the end of the bake back', async () => {
    const [alarm] = stack.configuration.triggers.flatMap((trigger) => trigger.alarms);
    const trigger = {
      alarmName: alarm?.name,
      alarmArn: '',
      time: input.now,
      eventId: '',
      triggerId: '',
      autoExecute: true,
    };
    const context = { ...input.context, request: { ...input.context.request, trigger } };
    await stack.wait(180);
    const now = stack.account.clock.iso();
    const progress = {
      phase: 'bake',
      firstHealthyAt: input.now,
      bakeUntil: input.now,
      passes: 30,
      consecutiveUnhealthy: 0,
      inconclusivePasses: 0,
    };
    stack.account.cloudwatch.setState(alarm?.name ?? '', 'ALARM', 'a test');
    const held = await stack.invoke<VerifyResult>('VerifyHealth', { ...input, context, progress, now });
    expect(held).toMatchObject({ status: 'waiting', message: expect.stringContaining('still in ALARM') });
    stack.account.cloudwatch.setState(alarm?.name ?? '', 'OK', 'a test');
    expect(await stack.invoke<VerifyResult>('VerifyHealth', { ...input, context, progress, now })).toMatchObject({
      status: 'verified',
    });
  });
});

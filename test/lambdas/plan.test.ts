/** Plan as deployed: the bundle, under its own role, against the accounts of the examples. */
import { createHash } from 'node:crypto';
import { DeregisterTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Checkpoint, Plan, RollbackRecord } from '../../lib/domain/model.ts';
import { checkpointKey, planKey } from '../../lib/domain/names.ts';
import type { PlanResult } from '../../lib/domain/states.ts';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import { deployRelease, setWeights } from '../../simulator/world/events.ts';
import { Deployed, examples, rollbackId } from './deployed.ts';

let deployed: Deployed;

const plan = (request: Record<string, unknown> = {}): Promise<PlanResult> =>
  deployed.invoke('Plan', {
    now: deployed.account.clock.iso(),
    context: { ...deployed.context, request: { ...deployed.context.request, ...request } },
  });

const stored = (): Plan => JSON.parse(deployed.read(planKey(rollbackId))) as Plan;

const release = async (): Promise<void> => {
  deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
  await deployed.wait(180);
};

/** Attempts at checkout:42, each with a revision of its own, and where ECS rolled back another one for checkout:41. */
function failedDeployments(count: number, status: 'STOPPED' | 'ROLLBACK_SUCCESSFUL'): void {
  const { clock, ecs } = deployed.account;
  const service = ecs.services.find(({ name }) => name === 'checkout');
  const [before] = service?.serviceDeployments ?? [];
  const definition = ecs.definitions.find('checkout:42');
  if (!service || !before || !definition) throw new Error('The example runs checkout and knows checkout:42.');
  for (let i = 0; i < count; i += 1) {
    const attempt = ecs.deployments.records.revision(service, definition, clock.now());
    const record = ecs.deployments.records.record(service, attempt, [before.target], clock.now(), status);
    if (status === 'STOPPED') continue;
    const revision = ecs.deployments.records.revision(service, before.target.definition, clock.now());
    record.rollback = { reason: 'A task failed.', startedMs: clock.now(), revision };
  }
}

describe('one side', () => {
  beforeEach(async () => {
    deployed = await Deployed.from(examples.oneSide);
  });

  test('with a bad release: back to what was there before, with everything stored', async () => {
    await release();
    const result = await plan();
    expect(result).toMatchObject({
      decision: 'execute',
      outcome: null,
      planKey: planKey(rollbackId),
      checkpointKey: checkpointKey(rollbackId),
      actions: [{ id: '1', type: 'RevertService' }],
    });
    expect(stored()).toMatchObject({
      target: { taskDefinition: deployed.definition(41), version: 'v2.14.3' },
      suspect: { taskDefinition: deployed.definition(42), version: 'v2.14.4' },
    });
    expect(stored().checks.filter(({ status }) => status === 'failed')).toEqual([]);
    const [record] = await deployed.items<RollbackRecord>('ROLLBACK#');
    expect(record).toMatchObject({ rollbackId, executes: true, reverts: { main: deployed.definition(41) } });
    expect(await deployed.timeline()).toEqual(['plan.checked', 'plan.ready']);
  });

  test('the checkpoint is stored before the plan, and holds what the plan does not', async () => {
    await release();
    await plan();
    const puts = deployed.account.calls.filter(
      ({ operation, resources }) => operation === 'PutObject' && !resources[0]?.includes('configuration'),
    );
    expect(puts.map(({ resources }) => resources[0]?.split('/').slice(1).join('/')).slice(-2)).toEqual([
      checkpointKey(rollbackId),
      planKey(rollbackId),
    ]);
    const checkpoint = JSON.parse(deployed.read(checkpointKey(rollbackId))) as Checkpoint;
    expect(checkpoint.sides).toMatchObject([
      { side: 'main', taskDefinition: deployed.definition(42), desiredCount: 3 },
    ]);
    expect(JSON.stringify(checkpoint.documents)).toContain('containerDefinitions');
    expect(JSON.stringify(stored())).not.toContain('containerDefinitions');
  });

  test('run twice gives the first plan again, even if the account has moved on', async () => {
    await release();
    const first = await plan();
    const before = deployed.read(checkpointKey(rollbackId));
    await deployed.wait(60);
    deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:40' });
    await deployed.wait(60);
    expect(await plan()).toEqual(first);
    expect(deployed.read(checkpointKey(rollbackId))).toBe(before);
  });

  test('changes nothing', async () => {
    await release();
    await plan();
    const changing = /^(Update|Modify|Register|Deregister|Create|Delete)/;
    const own = deployed.account.calls.filter(({ principal }) => principal === deployed.roleOf('Plan'));
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter(({ operation, service }) => changing.test(operation) && service !== 'dynamodb')).toEqual([]);
  });

  test('dry run, and a start that a person has not confirmed, end ready with the same actions', async () => {
    await release();
    expect(await plan({ dryRun: true })).toMatchObject({
      decision: 'end',
      outcome: 'ready',
      actions: [{ type: 'RevertService' }],
    });
    expect(await deployed.items('ROLLBACK#')).toEqual([]);
  });

  test('on the target already: nothing to do', async () => {
    expect(await plan({ version: 'v2.14.3' })).toMatchObject({
      decision: 'end',
      outcome: 'already-at-target',
      actions: [],
    });
  });

  test.each([
    ['revision-40', 'checkout:40'],
    ['checkout:40', 'checkout:40'],
    ['v2.14.2', 'checkout:40'],
  ])('named %s, also from ECS’s history alone', async (version, expected) => {
    await release();
    await plan({ version });
    expect(stored().target?.taskDefinition).toBe(deployed.account.arn('ecs', `task-definition/${expected}`));
  });

  test('after a day of deployments that failed: older ones are still found', async () => {
    failedDeployments(25, 'STOPPED');
    await release();
    await plan({ version: 'v2.14.2' });
    expect(stored().target?.taskDefinition).toBe(deployed.definition(40));
  });

  test('after more rolled-back deployments than ECS describes revisions in one call', async () => {
    failedDeployments(20, 'ROLLBACK_SUCCESSFUL');
    await release();
    expect(await plan()).toMatchObject({ decision: 'execute' });
    expect(stored().target?.taskDefinition).toBe(deployed.definition(41));
  });

  test('named something that does not exist: blocked, with what is known', async () => {
    const result = await plan({ version: 'v9.9.9' });
    expect(result).toMatchObject({ decision: 'end', outcome: 'blocked' });
    expect(result.reason).toMatch(
      /No known release has the version or commit "v9.9.9". Known are v2.14.3 \(checkout:41\)/,
    );
  });

  test('named a revision that does not exist: blocked', async () => {
    const result = await plan({ version: 'revision-99' });
    expect(result).toMatchObject({ outcome: 'blocked' });
    expect(result.reason).toContain('ECS knows no task definition checkout:99.');
  });

  test('whose target is INACTIVE: a copy brings it back', async () => {
    await release();
    const ecs = new ECSClient(clientConfig(deployed.account));
    await drive(deployed.account, ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'checkout:41' })));
    expect(await plan()).toMatchObject({ decision: 'execute' });
    expect(stored().actions).toMatchObject([{ forward: { register: { of: deployed.definition(41) } } }]);
  });
});

describe('two sides', () => {
  beforeEach(async () => {
    deployed = await Deployed.from(examples.twoSides);
  });

  test('the traffic goes to the side that runs the target', async () => {
    const [blue, green] = deployed.configuration.sides;
    deployRelease(deployed.account, {
      cluster: green?.cluster ?? '',
      service: green?.service ?? '',
      taskDefinition: 'checkout:42',
    });
    await deployed.wait(180);
    const weights = { [blue?.targetGroup ?? '']: 0, [green?.targetGroup ?? '']: 100 };
    setWeights(deployed.account, { rule: deployed.configuration.traffic.rules[0] ?? '', weights });
    const result = await plan();
    const { actions, checks } = stored();
    expect({ outcome: result.outcome, failed: checks.filter(({ status }) => status === 'failed') }).toEqual({
      outcome: null,
      failed: [],
    });
    expect(actions).toMatchObject([{ type: 'ShiftTraffic', toSide: blue?.name }]);
  });

  /** Green runs v2.14.2 and has weight 0, whatever it had before. */
  const strategyReason = async (): Promise<string> => {
    const { configuration, account, bucket, context } = deployed;
    const body = JSON.stringify({ ...configuration, policy: { ...configuration.policy, strategy: 'auto' } });
    const configurationKey = 'configuration/checkout/auto.json';
    account.s3.put(bucket, configurationKey, body);
    const configurationSha256 = createHash('sha256').update(body).digest('hex');
    const request = { ...context.request, version: 'v2.14.2' };
    const now = account.clock.iso();
    await deployed.invoke('Plan', { now, context: { ...context, request, configurationKey, configurationSha256 } });
    return stored().strategyReason;
  };
  const knownGood = async () => {
    const [, green] = deployed.configuration.sides;
    for (const item of await deployed.items<Record<string, unknown>>('RELEASE#')) {
      if (item.side === green?.name) await deployed.put({ ...item, status: 'good' });
    }
  };

  test('tasks that answered nobody since they started get the traffic in steps', async () => {
    await knownGood();
    expect(await strategyReason()).toContain('The tasks of side green have answered nobody since they started');
  });

  test('tasks that did serve get it at once, with the number that CloudWatch counted', async () => {
    const [blue, green] = deployed.configuration.sides;
    const to = (share: number) => ({ [blue?.targetGroup ?? '']: 100 - share, [green?.targetGroup ?? '']: share });
    const rule = deployed.configuration.traffic.rules[0] ?? '';
    await knownGood();
    setWeights(deployed.account, { rule, weights: to(50) });
    await deployed.wait(300);
    setWeights(deployed.account, { rule, weights: to(0) });
    await deployed.wait(120);
    expect(await strategyReason()).toMatch(
      /side green answered \d{4} requests since its tasks started, so the traffic moves at once/,
    );
  });

  test('where CloudWatch may not be asked, that is said, and steps are taken', async () => {
    await knownGood();
    deployed.account.iam.removeAction(deployed.roleOf('Plan'), 'cloudwatch:GetMetricData');
    expect(await strategyReason()).toContain('CloudWatch could not tell whether the tasks of side green ever served');
  });

  test('whose configured rule is a default rule: blocked beforehand, with the ARN to configure instead', async () => {
    const { elbv2, s3 } = deployed.account;
    const [listener] = elbv2.listeners.values();
    const rules = listener ? [elbv2.defaultRuleArn(listener)] : [];
    const body = JSON.stringify({ ...deployed.configuration, traffic: { rules } });
    const configurationKey = 'configuration/checkout/default-rule.json';
    s3.put(deployed.bucket, configurationKey, body);
    const configurationSha256 = createHash('sha256').update(body).digest('hex');
    const context = { ...deployed.context, configurationKey, configurationSha256 };
    const result = await deployed.invoke<PlanResult>('Plan', { now: deployed.account.clock.iso(), context });
    expect(result).toMatchObject({ decision: 'end', outcome: 'blocked' });
    expect(result.reason).toContain("configure its listener's ARN instead");
  });

  test('whose targets keep sessions: blocked beforehand, because AWS would refuse to switch group stickiness off', async () => {
    const [blue] = deployed.configuration.sides;
    deployed.account.elbv2.targetGroup(blue?.targetGroup ?? '').attributes.set('stickiness.enabled', 'true');
    const result = await plan({ version: 'v2.14.2' });
    expect(result).toMatchObject({ decision: 'end', outcome: 'blocked' });
    expect(result.reason).toContain('switch stickiness.enabled off');
  });
});

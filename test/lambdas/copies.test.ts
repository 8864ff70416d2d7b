/** Plan and RevertService as deployed, where the target's own task definition cannot bring it back. */
import { DeregisterTaskDefinitionCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CopyOrder, Plan, RevertServiceAction, RollbackRecord } from '../../lib/domain/model.ts';
import { planKey } from '../../lib/domain/names.ts';
import type { ActionInput, ApplyResult, CheckResult, PlanResult } from '../../lib/domain/states.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import { AwsError } from '../../simulator/service.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import type { AccountSpec } from '../../simulator/world/spec.ts';
import { variation } from '../variations.ts';
import { Deployed, examples, rollbackId } from './deployed.ts';

const registry = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout';
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const other = 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:other';

/** The example's shop with a registry, and :41 with a variable, a role and a tag of its own. */
function shop(): Partial<AccountSpec> {
  const { account } = loadScenario(`${examples.oneSide}/scenario.json`);
  return {
    roles: ['arn:aws:iam::111122223333:role/task'],
    repositories: [
      {
        name: 'checkout',
        images: [
          { digest: digest('a'), tags: ['v2.14.2'] },
          { digest: digest('b'), tags: ['v2.14.3'] },
          { digest: digest('c'), tags: ['v2.14.4'] },
        ],
      },
    ],
    taskDefinitions: account.taskDefinitions?.map((definition) =>
      definition.revision === 41
        ? {
            ...definition,
            taskRoleArn: 'arn:aws:iam::111122223333:role/task',
            containers: [{ name: 'app', image: `${registry}:v2.14.3`, environment: { PASSWORD: 'hunter2' } }],
          }
        : definition,
    ) as AccountSpec['taskDefinitions'],
  };
}

let deployed: Deployed;
beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide, { account: shop() });
  deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
  await deployed.wait(180);
});

const moveTag = (): void => {
  deployed.account.ecr.push('checkout', digest('d'), ['v2.14.3'], deployed.account.clock.now());
};
const deregister = (revision: number): Promise<unknown> =>
  drive(
    deployed.account,
    new ECSClient(clientConfig(deployed.account)).send(
      new DeregisterTaskDefinitionCommand({ taskDefinition: `checkout:${revision}` }),
    ),
  );

/** Plans, and gives what the state machine would pass to the only action's states. */
async function plan(request: object = {}): Promise<{ result: PlanResult; stored: Plan; input: ActionInput }> {
  const now = deployed.account.clock.iso();
  const context = { ...deployed.context, request: { ...deployed.context.request, ...request } };
  const result = await deployed.invoke<PlanResult>('Plan', { now, context });
  const { planKey: key, planSha256, deadline } = result;
  const input = { now, context: deployed.context, planKey: key, planSha256, actionId: '1', deadline, appliedAt: null };
  return { result, stored: JSON.parse(deployed.read(planKey(rollbackId))) as Plan, input };
}
const orderIn = (stored: Plan): CopyOrder => {
  const { forward } = stored.actions[0] as RevertServiceAction;
  if (!('register' in forward)) throw new Error('The plan makes no copy.');
  return forward.register;
};
const revert = (input: ActionInput): Promise<ApplyResult> => deployed.invoke<ApplyResult>('RevertService', input);
const primary = (): string =>
  deployed.account.ecs.requireService('shop', 'checkout').deployments.find(({ status }) => status === 'PRIMARY')
    ?.definition.arn ?? '';
const family = () => deployed.account.ecs.definitions.all.filter(({ family: name }) => name === 'checkout');

async function follow(input: ActionInput): Promise<CheckResult> {
  for (;;) {
    const result = await deployed.invoke<CheckResult>('CheckService', { ...input, now: deployed.account.clock.iso() });
    if (result.status !== 'waiting') return result;
    await deployed.wait(result.waitSeconds);
  }
}

describe('Plan', () => {
  test('says that a copy is registered and why, and stores the request beside the checkpoints', async () => {
    moveTag();
    const { result, stored } = await plan();
    expect(result).toMatchObject({ decision: 'execute' });
    const order = orderIn(stored);
    expect(order).toMatchObject({
      of: deployed.definition(41),
      images: { app: `${registry}@${digest('b')}` },
      why: expect.stringMatching(/tag v2\.14\.3 is sha256:d{12} now, and the release ran sha256:b{12}\./),
    });
    expect(order.key).toMatch(/^checkpoints\/copies\//);
    expect(JSON.parse(deployed.read(order.key))).toMatchObject({
      family: 'checkout',
      taskRoleArn: 'arn:aws:iam::111122223333:role/task',
      containerDefinitions: [
        { image: `${registry}@${digest('b')}`, environment: [{ name: 'PASSWORD', value: 'hunter2' }] },
      ],
    });
    expect(JSON.stringify(stored)).not.toContain('hunter2');
    expect(stored.checks).toContainEqual({
      name: 'task definition',
      status: 'warning',
      evidence: expect.stringMatching(/^It takes a copy of checkout:41: /),
    });
    expect(deployed.calls('RegisterTaskDefinition')).toBe(0);
    const [record] = await deployed.items<RollbackRecord>('ROLLBACK#');
    expect(record?.copies?.main).toMatchObject({
      taskDefinition: deployed.definition(41),
      images: [{ digest: digest('b') }],
    });
  });

  test('makes no copy where tag and definition are as they were', async () => {
    const { stored } = await plan();
    expect(stored.actions).toMatchObject([{ forward: { taskDefinition: deployed.definition(41) } }]);
    expect(stored.checks.find(({ name }) => name === 'images')).toMatchObject({ status: 'ok' });
  });

  test('is blocked by an image that is gone or archived, and says which', async () => {
    const image = deployed.account.ecr.repository('checkout').images.find((one) => one.digest === digest('b'));
    if (!image) throw new Error('It was pushed.');
    image.status = 'ARCHIVED';
    const { result } = await plan();
    expect(result).toMatchObject({ decision: 'end', outcome: 'blocked' });
    expect(result.reason).toMatch(/checkout:v2\.14\.3, which is ARCHIVED.*restore it in ECR first/);
  });

  test('goes on where ECR may not be asked, and says so', async () => {
    deployed.account.faults.push((point) =>
      point.kind === 'call' && point.operation === 'DescribeImages'
        ? { error: new AwsError('AccessDeniedException', 'not authorized to perform: ecr:DescribeImages') }
        : undefined,
    );
    const { result, stored } = await plan();
    expect(result).toMatchObject({ decision: 'execute' });
    expect(stored.checks.find(({ name }) => name === 'images')).toMatchObject({
      status: 'not checked',
      evidence: expect.stringContaining('AccessDeniedException'),
    });
  });

  test('says of registries that cannot be asked what they are, and goes on', async () => {
    const foreign = '999900001111.dkr.ecr.eu-west-1.amazonaws.com/proxy:1';
    const ecs = new ECSClient(clientConfig(deployed.account));
    const { input } = deployed.account.ecs.definitions.find('checkout:41') ?? {};
    const containerDefinitions = [
      ...(input?.containerDefinitions ?? []),
      { name: 'proxy', image: foreign },
      { name: 'agent', image: 'ghcr.io/agent:1' },
    ];
    await drive(
      deployed.account,
      ecs.send(new RegisterTaskDefinitionCommand({ family: 'checkout', containerDefinitions })),
    );
    const { result, stored } = await plan({ version: 'revision-43' });
    expect(result).toMatchObject({ decision: 'execute' });
    const images = stored.checks.find(({ name }) => name === 'images');
    // No digest is recorded of a revision that nobody knows.
    expect(images?.status).toBe('warning');
    expect(images?.evidence).toContain(
      `proxy runs ${foreign}, which ECR did not tell about: RepositoryNotFoundException`,
    );
    expect(images?.evidence).toContain('agent runs ghcr.io/agent:1, and only Amazon ECR is asked, not ghcr.io.');
  });

  test('run twice stores one request and gives one plan', async () => {
    moveTag();
    const first = await plan();
    const second = await plan();
    expect(second.stored).toEqual(first.stored);
    expect(deployed.account.s3.list(deployed.bucket, 'checkpoints/copies/')).toHaveLength(1);
  });

  test('the same content and digests under another revision is already at the target', async () => {
    const record = deployed.account.ecs.definitions.find('checkout:42');
    const ecs = new ECSClient(clientConfig(deployed.account));
    await drive(deployed.account, ecs.send(new RegisterTaskDefinitionCommand(record?.input as never)));
    deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:43' });
    await deployed.wait(300);
    const { result } = await plan({ version: 'revision-42' });
    expect(result).toMatchObject({ outcome: 'already-at-target', actions: [] });
  });
});

/** A good release whose definition ECS has deleted since; the ledger recorded it. */
async function deleted(key: string): Promise<void> {
  const image = `${registry}:v2.14.2`;
  await deployed.put({
    pk: 'SERVICE#checkout',
    sk: 'RELEASE#2026-10-01T00:00:00.000Z#main#checkout:39',
    service: 'checkout',
    side: 'main',
    version: 'v2.14.2-rc1',
    taskDefinition: deployed.definition(39),
    images: [{ container: 'app', image, digest: digest('a') }],
    deployedAt: '2026-10-01T00:00:00.000Z',
    status: 'good',
    definitionKey: key,
  });
  const taskDefinition = {
    taskDefinitionArn: deployed.definition(39),
    family: 'checkout',
    revision: 39,
    status: 'ACTIVE',
    registeredAt: '2026-10-01T00:00:00.000Z',
    containerDefinitions: [{ name: 'app', image, environment: [{ name: 'PASSWORD', value: 'hunter2' }] }],
  };
  const document = { taskDefinition, tags: [{ key: 'team', value: 'shop' }] };
  deployed.account.s3.put(deployed.bucket, 'definitions/checkout-39.json', JSON.stringify(document));
}

describe('a definition that ECS has deleted', () => {
  test('is registered again from what the ledger recorded', async () => {
    await deleted('definitions/checkout-39.json');
    const { input, stored } = await plan({ version: 'v2.14.2-rc1' });
    expect(orderIn(stored).why).toBe('checkout:39 is DELETED, and ECS starts no tasks from it.');
    expect(await revert(input)).toMatchObject({ changed: true });
    expect(deployed.account.ecs.definitions.find('checkout:43')?.input).toMatchObject({
      containerDefinitions: [{ image: `${registry}:v2.14.2`, environment: [{ name: 'PASSWORD', value: 'hunter2' }] }],
      tags: expect.arrayContaining([{ key: 'team', value: 'shop' }]),
    });
  });

  test('blocks where the record is gone as well', async () => {
    await deleted('definitions/nowhere.json');
    const { result } = await plan({ version: 'v2.14.2-rc1' });
    expect(result).toMatchObject({ outcome: 'blocked' });
    expect(result.reason).toContain('ECS knows no task definition checkout:39.');
  });
});

describe('RevertService', () => {
  test.each([
    ['of an INACTIVE definition', () => deregister(41), `${registry}:v2.14.3`],
    ['of one whose tag moved', async () => moveTag(), `${registry}@${digest('b')}`],
  ])('registers a copy %s and puts the service on it', async (_name, happens, image) => {
    await happens();
    const { input } = await plan();
    expect(await revert(input)).toMatchObject({ changed: true });
    expect(primary()).toBe(deployed.definition(43));
    expect(await follow(input)).toMatchObject({
      status: 'done',
      message: expect.stringContaining('checkout:43 runs 3 of 3'),
    });
    const copy = deployed.account.ecs.definitions.find('checkout:43');
    expect(copy?.input).toMatchObject({
      family: 'checkout',
      taskRoleArn: 'arn:aws:iam::111122223333:role/task',
      containerDefinitions: [{ image, environment: [{ name: 'PASSWORD', value: 'hunter2' }] }],
    });
    expect(copy?.input.tags).toContainEqual({ key: 'backstep:copy-of', value: deployed.definition(41) });
    const [record] = await deployed.items<RollbackRecord>('ROLLBACK#');
    expect(record?.reverts).toEqual({ main: deployed.definition(43) });
    expect(await deployed.timeline()).toContain('definition.registered');
    // The tasks run what the release ran.
    const digests = deployed.account.ecs
      .requireService('shop', 'checkout')
      .tasks.filter((task) => task.lastStatus === 'RUNNING')
      .map((task) => task.deployment.revision.images[0]?.imageDigest);
    expect(new Set(digests)).toEqual(new Set([digest('b')]));
  });

  test('twice registers one, and updates once', async () => {
    moveTag();
    const { input } = await plan();
    await revert(input);
    await revert(input);
    expect(deployed.calls('RegisterTaskDefinition')).toBe(1);
    expect(deployed.calls('UpdateService')).toBe(1);
  });

  test.each([
    ['RegisterTaskDefinition', 'ecs'],
    ['UpdateService', 'ecs'],
    ['PutItem', 'dynamodb'],
    ['UpdateItem', 'dynamodb'],
    ['PutEvents', 'events'],
  ])('an answer of %s that gets lost makes no second copy', async (operation) => {
    moveTag();
    const { input } = await plan();
    let lost = false;
    deployed.account.faults.push((point) => {
      if (lost || point.kind !== 'call' || point.operation !== operation) return undefined;
      lost = true;
      return { errorAfter: new AwsError('ServerException', 'Service unavailable', { status: 503 }) };
    });
    await revert(input).catch(() => undefined);
    await revert(input);
    expect(lost).toBe(true);
    expect(family().map(({ revision }) => revision)).toEqual([40, 41, 42, 43]);
    expect(primary()).toBe(deployed.definition(43));
  });

  variation(
    'killed after any of its calls and run again, it makes one copy and one deployment',
    async () => {
      moveTag();
      const { input } = await plan();
      const from = deployed.account.calls.length;
      await revert(input);
      const calls = deployed.account.calls.length - from;
      expect(calls).toBeGreaterThan(8);
      for (let killed = 1; killed <= calls; killed++) {
        deployed = await Deployed.from(examples.oneSide, { account: shop() });
        deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
        await deployed.wait(180);
        moveTag();
        const again = await plan();
        let count = 0;
        const dies = { on: true };
        deployed.account.faults.push((point) => {
          if (!dies.on || point.kind !== 'call' || ++count < killed) return undefined;
          const gone = new AwsError('ServerException', 'The Lambda is gone', { status: 503 });
          return count === killed ? { errorAfter: gone } : { error: gone };
        });
        await revert(again.input).catch(() => undefined);
        dies.on = false;
        await revert(again.input);
        expect({ killed, revisions: family().map(({ revision }) => revision) }).toEqual({
          killed,
          revisions: [40, 41, 42, 43],
        });
        expect(primary()).toBe(deployed.definition(43));
        expect(
          deployed.account.ecs
            .requireService('shop', 'checkout')
            .deployments.filter(({ definition }) => definition.revision === 43),
        ).toHaveLength(1);
      }
    },
    120_000,
  );

  test('takes the copy that an earlier rollback registered', async () => {
    moveTag();
    const { input } = await plan();
    await revert(input);
    await deployed.forget(`COPY#${rollbackId}#main`);
    deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
    await deployed.wait(180);
    expect(await revert({ ...input, now: deployed.account.clock.iso() })).toMatchObject({ changed: true });
    expect(family()).toHaveLength(4);
    expect(primary()).toBe(deployed.definition(43));
  });

  test('registers nothing once the lock is somebody else’s', async () => {
    moveTag();
    const { input } = await plan();
    await deployed.lock(other, 2);
    await expect(revert(input)).rejects.toMatchObject({ name: 'LockLost' });
    expect(deployed.calls('RegisterTaskDefinition')).toBe(0);
  });

  test('registers nothing from a request that is not the plan’s', async () => {
    moveTag();
    const { input, stored } = await plan();
    const { key } = orderIn(stored);
    deployed.account.s3.put(deployed.bucket, key, deployed.read(key).replace('hunter2', 'changed'));
    await expect(revert(input)).rejects.toMatchObject({ name: 'PlanChanged' });
    expect(deployed.calls('RegisterTaskDefinition')).toBe(0);
  });

  test('registers nothing where somebody deployed since: it may be the fix', async () => {
    moveTag();
    const { input } = await plan();
    deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:40' });
    expect(await revert(input)).toMatchObject({ changed: false });
    expect(deployed.calls('RegisterTaskDefinition')).toBe(0);
    expect(await follow(input)).toMatchObject({ status: 'failed', message: expect.stringContaining('checkout:40') });
  });
});

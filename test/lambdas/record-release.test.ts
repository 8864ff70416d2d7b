/** RecordRelease as deployed: told by ECS's own events through the stack's rule, and by events that a test wrote. */
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Plan, Release, RevertServiceAction } from '../../lib/domain/model.ts';
import { planKey } from '../../lib/domain/names.ts';
import type { PlanResult } from '../../lib/domain/states.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { AwsError, type FaultPoint } from '../../simulator/service.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import { Deployed, examples, rollbackId } from './deployed.ts';

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  silence();
});

/** What is released here is bad: without this, its alarm would roll it back. */
function silence(): void {
  deployed.account.faults.push((point: FaultPoint) =>
    point.kind === 'event' && point.source === 'aws.cloudwatch' ? { deliveries: 0 } : undefined,
  );
}

const ledger = async (): Promise<string[]> =>
  (await deployed.items<Release>('RELEASE#')).map(({ version, status, side }) => `${side} ${version} ${status}`);

const deploy = async (taskDefinition: string): Promise<string> => {
  const id = deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition });
  await deployed.wait(300);
  return id;
};

const event = (deploymentId: string, eventName = 'SERVICE_DEPLOYMENT_COMPLETED') => ({
  resources: [deployed.account.arn('ecs', 'service/shop/checkout')],
  detail: { eventName, deploymentId },
});

describe('the ledger', () => {
  test('gets each release once, with what ran', async () => {
    await deploy('checkout:42');
    expect(await ledger()).toEqual(['main v2.14.3 assumed-good', 'main v2.14.4 unverified']);
    const [, newest] = await deployed.items<Release>('RELEASE#');
    expect(newest).toMatchObject({
      taskDefinition: deployed.definition(42),
      deploymentId: expect.stringMatching(/^ecs-svc\//),
    });
    expect(newest?.images[0]).toMatchObject({
      image: expect.stringContaining('checkout:v2.14.4'),
      digest: expect.stringMatching(/^sha256:/),
    });
  });

  test('stays as it is when an event comes twice', async () => {
    deployed.account.faults.push((point: FaultPoint) =>
      point.kind === 'event' && point.detailType === 'ECS Deployment State Change' ? { deliveries: 3 } : undefined,
    );
    await deploy('checkout:42');
    expect(
      deployed.account.lambda.invocations.filter(({ functionName }) => functionName.includes('RecordRelease')).length,
    ).toBeGreaterThan(1);
    expect(await ledger()).toEqual(['main v2.14.3 assumed-good', 'main v2.14.4 unverified']);
  });

  test('knows a release that comes back', async () => {
    await deploy('checkout:42');
    await deploy('checkout:41');
    expect(await ledger()).toEqual([
      'main v2.14.3 assumed-good',
      'main v2.14.4 unverified',
      'main v2.14.3 assumed-good',
    ]);
  });
});

test('an old release that nobody needs gets its end with the next one, and one of the newest five good ones none', async () => {
  const old = (days: number) => {
    const deployedAt = new Date(deployed.account.clock.now() - days * 86_400_000).toISOString();
    const taskDefinition = deployed.definition(days);
    const sk = `RELEASE#${deployedAt}#main#checkout:${days}`;
    const release = { service: 'checkout', side: 'main', version: `v${days}`, taskDefinition, images: [], deployedAt };
    return { pk: 'SERVICE#checkout', sk, ...release, status: 'good' };
  };
  for (const days of [900, 800, 700, 600, 500]) await deployed.put(old(days));
  await deploy('checkout:42');
  const records = await deployed.items<Release & { expiresAt?: number }>('RELEASE#');
  const ending = records.flatMap(({ version, expiresAt }) => (expiresAt ? [[version, expiresAt]] : []));
  const inDays = 30 + 30;
  expect(ending).toEqual([['v900', expect.closeTo(deployed.account.clock.now() / 1_000 + inDays * 86_400, -3)]]);
});

describe('an event', () => {
  test.each([
    [
      'of a deployment that only began',
      () => event('ecs-svc/1', 'SERVICE_DEPLOYMENT_IN_PROGRESS'),
      'brings nothing into service',
    ],
    ['of a deployment that is over', () => event('ecs-svc/1'), 'is no longer a deployment of'],
    [
      'of a service that is not protected',
      () => ({ ...event('ecs-svc/1'), resources: [deployed.account.arn('ecs', 'service/shop/other')] }),
      'belongs to no configured service',
    ],
  ])('%s is ignored', async (_name, make, reason) => {
    expect(await deployed.invoke('RecordRelease', make())).toEqual({
      recorded: false,
      reason: expect.stringContaining(reason),
    });
    expect(await ledger()).toEqual(['main v2.14.3 assumed-good']);
  });

  test('of a rollback’s own deployment is ignored', async () => {
    await deploy('checkout:42');
    const result = await deployed.invoke<{ actions: unknown[] }>('Plan', {
      now: deployed.account.clock.iso(),
      context: deployed.context,
    });
    expect(result.actions).toHaveLength(1);
    const id = await deploy('checkout:41');
    expect(await deployed.invoke('RecordRelease', event(id))).toEqual({
      recorded: false,
      reason: `${id} is the deployment of rollback ${rollbackId}.`,
    });
    expect(await ledger()).toEqual(['main v2.14.3 assumed-good', 'main v2.14.4 unverified']);
  });
});

describe('a recorded release', () => {
  const parameter = 'arn:aws:ssm:eu-west-1:111122223333:parameter/checkout/url';

  async function withEverything(): Promise<void> {
    const { account } = loadScenario(join(examples.oneSide, 'scenario.json'));
    deployed = await Deployed.from(examples.oneSide, {
      account: {
        taskDefinitions: (account.taskDefinitions ?? []).map(({ image = '', ...one }) => ({
          ...one,
          containers: [{ name: 'app', image, secrets: { URL: parameter } }],
        })),
        services: (account.services ?? []).map((one) => ({ ...one, scaling: { min: 2, max: 8 } })),
        parameters: [{ name: '/checkout/url', value: 'https://secret.example.com', version: 7 }],
      },
    });
    silence();
  }

  const newest = async (): Promise<Release | undefined> => (await deployed.items<Release>('RELEASE#')).at(-1);

  test('says how the service stood, and its definition lies in the bucket; Install records the same', async () => {
    await withEverything();
    const [rule = ''] = deployed.configuration.traffic.rules;
    const stood = {
      desiredCount: 3,
      scaling: { minimum: 2, maximum: 8 },
      configuration: [{ name: parameter, versionId: '7' }],
      definitionKey: expect.stringMatching(/^definitions\/checkout\/[0-9a-f]{64}\.json$/),
      rules: [{ rule, weights: expect.any(Object), stickiness: { enabled: false } }],
    };
    const installed = await newest();
    expect(installed).toMatchObject({ ...stood, status: 'assumed-good' });
    expect(installed && recorded(installed)).toMatchObject({ taskDefinitionArn: deployed.definition(41) });

    await deploy('checkout:42');
    const release = await newest();
    expect(release).toMatchObject({ ...stood, version: 'v2.14.4' });
    expect(release && recorded(release)).toMatchObject({ family: 'checkout', revision: 42 });
    expect(release?.definitionKey).not.toBe(installed?.definitionKey);
    expect(JSON.stringify(await deployed.items('RELEASE#'))).not.toContain('secret.example.com');
  });

  const recorded = ({ definitionKey = '' }: Release): unknown =>
    JSON.parse(deployed.read(definitionKey)).taskDefinition;

  test('comes back from its record where ECS has deleted its task definition', async () => {
    await withEverything();
    await deploy('checkout:42');
    deployed.account.faults.push((point: FaultPoint) =>
      point.kind === 'call' &&
      point.operation === 'DescribeTaskDefinition' &&
      (point.input as { taskDefinition: string }).taskDefinition.endsWith('checkout:41')
        ? { error: new AwsError('ClientException', 'Unable to describe task definition.') }
        : undefined,
    );
    const now = deployed.account.clock.iso();
    const { outcome, reason } = await deployed.invoke<PlanResult>('Plan', { now, context: deployed.context });
    expect([outcome, reason]).toEqual([null, expect.any(String)]);
    const { actions } = JSON.parse(deployed.read(planKey(rollbackId))) as Plan;
    const { forward } = actions[0] as RevertServiceAction;
    if (!('register' in forward)) throw new Error('The plan makes no copy.');
    expect(JSON.parse(deployed.read(forward.register.key))).toMatchObject({
      family: 'checkout',
      containerDefinitions: [{ name: 'app', secrets: [{ name: 'URL', valueFrom: parameter }] }],
    });
  });

  test('is recorded without what AWS refuses to tell', async () => {
    await withEverything();
    const before = await newest();
    const refused = ['DescribeScalableTargets', 'DescribeRules', 'DescribeParameters', 'PutObject'];
    deployed.account.faults.push((point: FaultPoint) =>
      point.kind === 'call' && refused.includes(point.operation) && point.principal?.includes('RecordRelease')
        ? { error: new AwsError('AccessDeniedException', 'not today') }
        : undefined,
    );
    await deploy('checkout:42');
    const release = await newest();
    expect(release?.version).toBe('v2.14.4');
    const lost = Object.keys(before ?? {}).filter((key) => !Object.keys(release ?? {}).includes(key));
    expect(lost.sort()).toEqual(['configuration', 'definitionKey', 'rules', 'scaling']);
  });
});

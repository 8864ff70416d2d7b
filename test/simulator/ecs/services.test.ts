/** Scheduling, capacity, counts, task definitions, and images resolved once per deployment. */
import {
  DescribeTaskSetsCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { moveTraffic } from '../../../simulator/services/ecs/traffic.ts';
import { addRole } from '../account.ts';
import { blue, green, openShop, pass, rule, twoSides } from '../world/shop.ts';
import { bad, blueGreen, cluster, EcsShop, good, service } from './shop.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

describe('a daemon service', () => {
  it('stops the old task of an instance before it starts the new one', async () => {
    const shop = new EcsShop({ scheduling: 'DAEMON', launchType: 'EC2', desiredCount: 3, minimumHealthyPercent: 60 });
    expect((await shop.service()).schedulingStrategy).toBe('DAEMON');
    await shop.deploy(bad);
    await pass(shop.account, 2);
    expect(shop.running()).toEqual({ [good]: 2 });
    await pass(shop.account, 600);
    expect(shop.running()).toEqual({ [bad]: 3 });
    expect((await shop.newest()).status).toBe('SUCCESSFUL');
  });

  it('has no desired count of its own, no room beside, and rolls only', async () => {
    const shop = new EcsShop({ scheduling: 'DAEMON', launchType: 'EC2' });
    await expect(shop.update({ desiredCount: 5 })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('does not support a desired count'),
    });
    await expect(shop.update({ deploymentConfiguration: { maximumPercent: 200 } })).rejects.toThrow('maximumPercent');
    await expect(shop.update({ deploymentConfiguration: { strategy: 'CANARY' } })).rejects.toThrow('CANARY');
  });
});

describe('capacity providers', () => {
  it('are shown instead of the launch type, and changing them starts no deployment', async () => {
    const shop = new EcsShop({ capacityProviders: [{ capacityProvider: 'FARGATE', weight: 1, base: 1 }] });
    expect(await shop.service()).toMatchObject({
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE', base: 1 }],
    });
    expect((await shop.service()).launchType).toBeUndefined();
    await shop.update({ capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] });
    expect((await shop.service()).capacityProviderStrategy).toMatchObject([{ capacityProvider: 'FARGATE_SPOT' }]);
    expect(await shop.deployments()).toHaveLength(1);
    await shop.update({ capacityProviderStrategy: [] });
    expect((await shop.service()).launchType).toBe('FARGATE');
  });
});

describe('a desired count of 0', () => {
  it('lets a deployment complete without a task, and a later count runs the new definition', async () => {
    const shop = new EcsShop({ desiredCount: 0 });
    await shop.deploy(bad);
    await pass(shop.account, 5);
    expect((await shop.newest()).status).toBe('SUCCESSFUL');
    await shop.update({ desiredCount: 1 });
    await pass(shop.account, 30);
    expect(shop.running()).toEqual({ [bad]: 1 });
  });
});

describe('UpdateService', () => {
  it('changes the strategy together with what ECS needs to move the traffic', async () => {
    const shop = new EcsShop();
    const strategy = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 } as const;
    await expect(shop.update({ deploymentConfiguration: { strategy: 'BLUE_GREEN' } })).rejects.toThrow('bakeTime');
    await expect(shop.update({ deploymentConfiguration: strategy })).rejects.toThrow('advancedConfiguration');
    await expect(
      shop.update({
        deploymentConfiguration: { lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }] },
      }),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const loadBalancers = [
      {
        targetGroupArn: blue,
        containerName: 'checkout',
        containerPort: 8080,
        advancedConfiguration: {
          alternateTargetGroupArn: green,
          productionListenerRule: rule,
          roleArn: 'arn:aws:iam::111122223333:role/ecsInfrastructureRole',
        },
      },
    ];
    await shop.update({ deploymentConfiguration: strategy, loadBalancers, taskDefinition: bad });
    await pass(shop.account, 300);
    expect(shop.onGreen()).toBe(100);
    expect(await shop.newest()).toMatchObject({ status: 'SUCCESSFUL' });
  });

  it('needs iam:PassRole for the role that moves the traffic', async () => {
    const account = openShop(twoSides);
    const role = addRole(account, 'deployer', [['ecs:*'], ['*']]);
    const ecs = new ECSClient(clientConfig(account, role));
    const loadBalancers = [{ advancedConfiguration: { roleArn: 'arn:aws:iam::111122223333:role/x' } as never }];
    const update = new UpdateServiceCommand({ cluster, service: 'checkout-blue', loadBalancers });
    await expect(drive(account, ecs.send(update))).rejects.toThrow('iam:PassRole');
  });

  it('does not deploy a definition anew that has become INACTIVE, but keeps running and scaling it', async () => {
    const shop = new EcsShop();
    const record = shop.account.ecs.definitions.find(good);
    if (record) record.status = 'INACTIVE';
    await expect(shop.update({ forceNewDeployment: true })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'TaskDefinition is inactive',
    });
    await shop.update({ desiredCount: 3 });
    await pass(shop.account, 60);
    expect(shop.running()).toEqual({ [good]: 3 });
  });
});

describe('services that ECS does not deploy', () => {
  it.each([
    ['CODE_DEPLOY', { taskDefinition: bad }, 'Unable to update task definition on services with a CODE_DEPLOY'],
    ['CODE_DEPLOY', { forceNewDeployment: true }, 'Cannot force a new deployment'],
    ['CODE_DEPLOY', { platformVersion: '1.4.0' }, 'Unable to update platform version'],
    ['EXTERNAL', { taskDefinition: bad }, 'Unable to update task definition on services with a EXTERNAL'],
    ['EXTERNAL', { deploymentConfiguration: { maximumPercent: 150 } }, 'Unable to update deployment configuration'],
  ] as const)('%s refuses %j', async (controller, change, message) => {
    const shop = new EcsShop({ controller });
    await expect(shop.update(change)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(message),
    });
  });

  it('take a desired count, and show their task sets', async () => {
    const shop = new EcsShop({ controller: 'CODE_DEPLOY' });
    await shop.update({ desiredCount: 3, deploymentConfiguration: { maximumPercent: 150 } });
    await pass(shop.account, 60);
    const { deployments, taskSets, ...shown } = await shop.service();
    expect(shown).toMatchObject({ runningCount: 3, deploymentController: { type: 'CODE_DEPLOY' } });
    expect(deployments).toEqual([]);
    expect(taskSets).toMatchObject([
      { status: 'PRIMARY', computedDesiredCount: 3, runningCount: 3, stabilityStatus: 'STEADY_STATE' },
    ]);
    const described = await drive(
      shop.account,
      shop.ecs.send(new DescribeTaskSetsCommand({ cluster, service, taskSets: [taskSets?.[0]?.taskSetArn ?? ''] })),
    );
    expect(described.taskSets).toHaveLength(1);
  });
});

describe('RegisterTaskDefinition', () => {
  it('takes no field that only Describe answers, and no role that is none', async () => {
    const { account, ecs } = new EcsShop();
    const definition = { family: 'checkout', containerDefinitions: [{ name: 'app', image: 'x' }] };
    const readOnly = { revision: 99, status: 'INACTIVE', taskDefinitionArn: 'arn:x', registeredBy: 'me' };
    const { taskDefinition } = await drive(
      account,
      ecs.send(new RegisterTaskDefinitionCommand({ ...definition, ...readOnly })),
    );
    expect(taskDefinition).toMatchObject({ revision: 14, status: 'ACTIVE' });
    expect(account.ecs.definitions.find('checkout:14')?.input).not.toHaveProperty('registeredBy');
    await expect(
      drive(account, ecs.send(new RegisterTaskDefinitionCommand({ ...definition, taskRoleArn: 'nobody' }))),
    ).rejects.toMatchObject({ name: 'ClientException', message: 'Role is not valid' });
  });
});

describe('images', () => {
  const image = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/checkout';
  const spec = {
    repositories: [
      { name: 'shop/checkout', images: [{ tags: ['live', '1.4.0'], digest: digest('a') }, { digest: digest('b') }] },
    ],
    taskDefinitions: [
      { family: 'checkout', revision: 12, image: `${image}:live`, behaviour: { startSeconds: 20 } },
      { family: 'checkout', revision: 13, image: `${image}@${digest('c')}`, behaviour: { startSeconds: 20 } },
    ],
  };
  const imagesOf = async (shop: EcsShop) =>
    (await shop.revision((await shop.newest()).targetServiceRevision?.arn))?.containerImages;

  it('are resolved once per deployment: a tag that moved counts from the next one on', async () => {
    const shop = new EcsShop({}, spec);
    expect(await imagesOf(shop)).toMatchObject([{ image: `${image}:live`, imageDigest: digest('a') }]);
    shop.account.ecr.push('shop/checkout', digest('b'), ['live'], shop.account.clock.now());
    await shop.update({ desiredCount: 3 });
    await pass(shop.account, 60);
    const digests = async () => {
      const { taskArns = [] } = await drive(shop.account, shop.ecs.send(new ListTasksCommand({ cluster })));
      const { tasks = [] } = await drive(
        shop.account,
        shop.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns })),
      );
      return tasks.map(({ containers }) => containers?.[0]?.imageDigest);
    };
    expect(await digests()).toEqual([digest('a'), digest('a'), digest('a')]);
    await shop.update({ forceNewDeployment: true });
    expect(await imagesOf(shop)).toMatchObject([{ imageDigest: digest('b') }]);
    await pass(shop.account, 300);
    expect(await digests()).toEqual([digest('b'), digest('b'), digest('b')]);
  });

  it('behave as they were pushed to behave', async () => {
    const shop = new EcsShop({}, spec);
    shop.account.ecr.push('shop/checkout', digest('b'), ['live'], shop.account.clock.now());
    const present = shop.account.ecs.definitions.find(good)?.behaviour;
    if (present) shop.account.ecs.definitions.setImageBehaviour(digest('b'), { ...present, errorRate: 0.7 });
    await shop.update({ forceNewDeployment: true });
    await pass(shop.account, 300);
    const revision = shop.account.ecs.requireService(cluster, service).deployments[0]?.revision;
    expect(revision?.imageBehaviour?.errorRate).toBe(0.7);
    // A copy pinned to the digest that was good is good again.
    const pinned = new RegisterTaskDefinitionCommand({
      family: 'checkout',
      containerDefinitions: [{ name: 'app', image: `${image}@${digest('a')}` }],
    });
    await drive(shop.account, shop.ecs.send(pinned));
    expect(shop.account.ecs.definitions.find('checkout:14')?.behaviour.errorRate).toBe(0);
  });

  it('that are gone or archived cannot be pulled', async () => {
    const shop = new EcsShop({ circuitBreaker: { enable: true, rollback: true } }, spec);
    await shop.deploy(bad);
    await pass(shop.account, 21);
    const stopped = () => shop.account.ecs.requireService(cluster, service).tasks.find(({ stopCode }) => stopCode);
    expect(stopped()).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(/^CannotPullContainerError: .*@sha256:c+: not found$/),
    });
    const archived = new EcsShop({}, spec);
    const record = archived.account.ecr.repository('shop/checkout').images[0];
    if (record) record.status = 'ARCHIVED';
    await archived.update({ desiredCount: 3 });
    await pass(archived.account, 30);
    const failed = archived.account.ecs.requireService(cluster, service).tasks.find(({ stopCode }) => stopCode);
    expect(failed?.stoppedReason).toMatch(/CannotPullContainerError: .*ARCHIVED/);
  });
});

it('traffic that ECS moves keeps the login and the stickiness of the rule', () => {
  const shop = new EcsShop({ strategy: blueGreen });
  const { elbv2 } = shop.account;
  const login = {
    Type: 'authenticate-oidc' as const,
    Order: 1,
    AuthenticateOidcConfig: {
      Issuer: 'https://login.example.com',
      AuthorizationEndpoint: 'https://login.example.com/a',
      TokenEndpoint: 'https://login.example.com/t',
      UserInfoEndpoint: 'https://login.example.com/u',
      ClientId: 'shop',
      ClientSecret: 'hidden',
    },
  };
  const forward = {
    Type: 'forward' as const,
    Order: 2,
    ForwardConfig: {
      TargetGroups: [{ TargetGroupArn: blue, Weight: 100 }],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    },
  };
  elbv2.modifyRule(rule, { actions: [login, forward] });
  moveTraffic(shop.account, rule, blue, green, 0.1);
  expect(elbv2.rule(rule).actions).toMatchObject([
    { AuthenticateOidcConfig: { ClientSecret: 'hidden' } },
    {
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: 999 },
          { TargetGroupArn: green, Weight: 1 },
        ],
        TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
      },
    },
  ]);
});

import {
  DeregisterTaskDefinitionCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { deployRelease, setBehaviour } from '../../../simulator/world/events.ts';
import { checkout, oneSide, openShop, pass } from '../world/shop.ts';

const cluster = 'shop';
const service = 'checkout';
const good = 'checkout:12';
const bad = 'checkout:13';

function shop(change: Partial<typeof checkout> & Record<string, unknown> = {}) {
  const account = openShop({ ...oneSide, services: [{ ...checkout, ...change }] });
  const ecs = new ECSClient(clientConfig(account));
  const describeService = async () => {
    const { services } = await drive(account, ecs.send(new DescribeServicesCommand({ cluster, services: [service] })));
    const [found] = services ?? [];
    if (!found) throw new Error('no service');
    return found;
  };
  const deploy = (taskDefinition: string, force = false) =>
    drive(account, ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition, forceNewDeployment: force })));
  const deployments = async () => {
    const { serviceDeployments = [] } = await drive(
      account,
      ecs.send(new ListServiceDeploymentsCommand({ cluster, service })),
    );
    return serviceDeployments;
  };
  return { account, ecs, describeService, deploy, deployments };
}

const eventNames = (account: SimulatedAccount) =>
  account.events.received.map(({ detail }) => (detail as { eventName: string; reason: string }).eventName);

describe('a rolling deployment', () => {
  it('starts beside the old tasks, drains them, and completes', async () => {
    const { account, describeService, deploy, deployments } = shop();
    await deploy(bad);
    await pass(account, 10);
    expect((await describeService()).deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', pendingCount: 2, runningCount: 0, desiredCount: 2 },
      { status: 'ACTIVE', rolloutState: 'COMPLETED', pendingCount: 0, runningCount: 2 },
    ]);
    // 20 s to start, at most one health check interval of 10 s, 60 s of draining and 5 s to stop.
    await pass(account, 35);
    expect((await describeService()).deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', runningCount: 2 },
      { status: 'ACTIVE', runningCount: 2 },
    ]);
    await pass(account, 65);
    const done = await describeService();
    expect(done.deployments).toMatchObject([{ status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 }]);
    expect(done.taskDefinition).toMatch(/task-definition\/checkout:13$/);
    expect(done.runningCount).toBe(2);
    expect(await deployments()).toMatchObject([{ status: 'SUCCESSFUL' }, { status: 'SUCCESSFUL' }]);
    expect(eventNames(account)).toEqual(['SERVICE_DEPLOYMENT_IN_PROGRESS', 'SERVICE_DEPLOYMENT_COMPLETED']);
  });

  it('emits its events as ECS shapes them', async () => {
    const { account, deploy } = shop();
    const { service: updated } = await deploy(bad);
    const [primary] = updated?.deployments ?? [];
    expect(account.events.received).toMatchObject([
      {
        source: 'aws.ecs',
        'detail-type': 'ECS Deployment State Change',
        resources: ['arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout'],
        detail: {
          eventType: 'INFO',
          eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
          deploymentId: primary?.id,
          updatedAt: primary?.createdAt?.toISOString(),
          reason: `ECS deployment ${primary?.id} in progress.`,
        },
      },
    ]);
  });

  it('does not begin for the task definition that runs, unless forced', async () => {
    const { account, deploy, deployments } = shop();
    await deploy(good);
    expect(await deployments()).toHaveLength(1);
    expect(account.events.received).toEqual([]);
    await deploy(good, true);
    expect(await deployments()).toMatchObject([{ status: 'IN_PROGRESS' }, { status: 'SUCCESSFUL' }]);
  });

  it('is superseded by a newer one', async () => {
    const { account, describeService, deploy, deployments } = shop();
    await deploy(bad);
    await pass(account, 10);
    await deploy(good);
    expect((await describeService()).deployments).toHaveLength(3);
    await pass(account, 180);
    expect(await deployments()).toMatchObject([
      { status: 'SUCCESSFUL' },
      { status: 'STOPPED' },
      { status: 'SUCCESSFUL' },
    ]);
    expect((await describeService()).deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  });

  it('never completes while the new tasks fail their health checks', async () => {
    const { account, describeService, deploy } = shop();
    setBehaviour(account, bad, { healthy: false });
    await deploy(bad);
    await pass(account, 3600);
    const { deployments, events } = await describeService();
    expect(deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'IN_PROGRESS' },
      { status: 'ACTIVE', runningCount: 2 },
    ]);
    expect(deployments?.[0]?.failedTasks).toBeGreaterThan(5);
    expect(events?.some(({ message }) => message?.includes('is unhealthy in (target-group'))).toBe(true);
  });

  it('gives tasks their grace period before health checks count', async () => {
    const { account, describeService, deploy } = shop({ healthCheckGracePeriodSeconds: 300 });
    setBehaviour(account, bad, { healthy: false });
    await deploy(bad);
    await pass(account, 300);
    expect((await describeService()).deployments?.[0]?.failedTasks).toBe(0);
    await pass(account, 60);
    expect((await describeService()).deployments?.[0]?.failedTasks).toBe(2);
  });
});

describe('the deployment circuit breaker', () => {
  it('returns to the last completed deployment', async () => {
    const { account, describeService, deploy, deployments, ecs } = shop({
      circuitBreaker: { enable: true, rollback: true },
    });
    const before = (await describeService()).deployments?.[0]?.id;
    setBehaviour(account, bad, { crashAfterSeconds: 3 });
    await deploy(bad);
    await pass(account, 600);
    expect((await describeService()).deployments).toMatchObject([
      { id: before, status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2 },
    ]);
    const [newest] = await deployments();
    expect(newest?.status).toBe('ROLLBACK_SUCCESSFUL');
    const described = await drive(
      account,
      ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [newest?.serviceDeploymentArn ?? ''] })),
    );
    const rollback = described.serviceDeployments?.[0]?.rollback;
    const revisions = await drive(
      account,
      ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [rollback?.serviceRevisionArn ?? ''] })),
    );
    expect(revisions.serviceRevisions?.[0]?.taskDefinition).toMatch(/checkout:12$/);
    expect(account.events.received.map(({ detail }) => detail)).toMatchObject([
      { eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS' },
      {
        eventType: 'ERROR',
        eventName: 'SERVICE_DEPLOYMENT_FAILED',
        reason: 'ECS deployment circuit breaker: task failed to start.',
      },
      {
        eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
        reason: `ECS deployment circuit breaker: rolling back to deploymentId ${before}.`,
      },
      { eventName: 'SERVICE_DEPLOYMENT_COMPLETED' },
    ]);
  });

  it('without rollback leaves the old tasks serving', async () => {
    const { account, describeService, deploy } = shop({ circuitBreaker: { enable: true, rollback: false } });
    setBehaviour(account, bad, { imageMissing: true });
    await deploy(bad);
    await pass(account, 3600);
    expect((await describeService()).deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'FAILED', runningCount: 0, pendingCount: 0 },
      { status: 'ACTIVE', runningCount: 2 },
    ]);
  });
});

describe('counts and percentages', () => {
  it('change without a deployment', async () => {
    const { account, deployments, describeService, ecs } = shop();
    await drive(account, ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount: 4 })));
    await pass(account, 60);
    expect(await describeService()).toMatchObject({ desiredCount: 4, runningCount: 4 });
    await drive(account, ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount: 1 })));
    await pass(account, 120);
    expect(await describeService()).toMatchObject({ desiredCount: 1, runningCount: 1 });
    expect(await deployments()).toHaveLength(1);
    expect(account.events.received).toEqual([]);
  });
});

describe('tasks', () => {
  it('that crash are replaced', async () => {
    const { account, describeService, ecs } = shop();
    setBehaviour(account, good, { crashAfterSeconds: 7 * 86_400 + 60 });
    await pass(account, 61);
    const stopped = await drive(
      account,
      ecs.send(new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED' })),
    );
    const { tasks } = await drive(
      account,
      ecs.send(new DescribeTasksCommand({ cluster, tasks: stopped.taskArns ?? [] })),
    );
    expect(tasks).toMatchObject([
      { stopCode: 'EssentialContainerExited', containers: [{ exitCode: 1 }] },
      { stopCode: 'EssentialContainerExited' },
    ]);
    await pass(account, 60);
    expect(await describeService()).toMatchObject({ runningCount: 2, pendingCount: 0 });
  });

  it('run the image digest that their revision recorded', async () => {
    const { account, ecs } = shop();
    const { taskArns = [] } = await drive(account, ecs.send(new ListTasksCommand({ cluster, serviceName: service })));
    const { tasks } = await drive(account, ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns })));
    expect(tasks?.[0]?.containers?.[0]).toMatchObject({
      image: 'shop/checkout:1.4.0',
      imageDigest: account.ecs.definitions.digestOf('shop/checkout:1.4.0'),
    });
  });
});

describe('UpdateService refuses', () => {
  it.each([
    ['an unknown service', { service: 'nothing' }, 'ServiceNotFoundException', 'Service not found.'],
    ['an unknown cluster', { cluster: 'nothing' }, 'ClusterNotFoundException', 'Cluster not found.'],
    ['an unknown definition', { taskDefinition: 'checkout:99' }, 'ClientException', 'TaskDefinition not found.'],
    ['an inactive one', { taskDefinition: 'checkout:11' }, 'InvalidParameterException', 'TaskDefinition is inactive'],
  ])('%s', async (_name, change, name, message) => {
    const account = openShop({
      ...oneSide,
      taskDefinitions: [{ family: 'checkout', revision: 11, status: 'INACTIVE' }, ...(oneSide.taskDefinitions ?? [])],
    });
    const ecs = new ECSClient(clientConfig(account));
    const update = new UpdateServiceCommand({ cluster, service, taskDefinition: bad, ...change });
    await expect(drive(account, ecs.send(update))).rejects.toMatchObject({ name, message });
  });

  it('what is not simulated, instead of ignoring it', () => {
    const { account } = shop();
    const update = (change: object) => () => account.ecs.updateService({ cluster, service, ...change });
    expect(update({ platformVersion: '1.3.0' })).toThrow('UpdateService with platformVersion is not simulated');
    const hooks = [{ targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] }];
    expect(update({ deploymentConfiguration: { lifecycleHooks: hooks } })).toThrow('hooks of rolling deployments');
  });

  it('a new task definition where CodeDeploy is in charge', async () => {
    const { deploy } = shop({ controller: 'CODE_DEPLOY' });
    await expect(deploy(bad)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('Use AWS CodeDeploy'),
    });
  });
});

describe('task definitions', () => {
  it('are registered as the next revision, with the behaviour of their image', async () => {
    const { account, ecs } = shop();
    const digest = account.ecs.definitions.digestOf('shop/checkout:1.5.0');
    const { taskDefinition } = await drive(
      account,
      ecs.send(
        new RegisterTaskDefinitionCommand({
          family: 'checkout',
          containerDefinitions: [{ name: 'app', image: `shop/checkout@${digest}` }],
        }),
      ),
    );
    expect(taskDefinition).toMatchObject({ revision: 14, status: 'ACTIVE' });
    expect(account.ecs.definitions.find('checkout:14')?.behaviour.errorRate).toBe(0.4);
  });

  it('stay readable when INACTIVE, and a family stands for its newest ACTIVE revision', async () => {
    const { account, ecs } = shop();
    await drive(account, ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: bad })));
    const family = await drive(account, ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'checkout' })));
    expect(family.taskDefinition?.revision).toBe(12);
    const exact = await drive(account, ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: bad })));
    expect(exact.taskDefinition?.status).toBe('INACTIVE');
    await expect(
      drive(account, ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'nothing' }))),
    ).rejects.toMatchObject({ name: 'ClientException', message: 'Unable to describe task definition.' });
  });

  it('need iam:PassRole for the roles they name', async () => {
    const { account } = shop();
    const role = 'arn:aws:iam::111122223333:role/deployer';
    account.iam.addRole({
      arn: role,
      policies: [{ Statement: [{ Effect: 'Allow', Action: 'ecs:*', Resource: '*' }] }],
    });
    const ecs = new ECSClient(clientConfig(account, role));
    const register = new RegisterTaskDefinitionCommand({
      family: 'checkout',
      taskRoleArn: 'arn:aws:iam::111122223333:role/task',
      containerDefinitions: [{ name: 'app', image: 'x' }],
    });
    await expect(drive(account, ecs.send(register))).rejects.toThrow('iam:PassRole');
  });
});

describe('history', () => {
  const history = [
    { taskDefinition: 'checkout:12', at: '-P100D' },
    { taskDefinition: 'checkout:12', at: '-P10D' },
    { taskDefinition: 'checkout:13', at: '-P8D', status: 'ROLLBACK_SUCCESSFUL', rolledBackTo: 'checkout:12' },
  ];

  it('is what the spec says, for 90 days', async () => {
    const { deployments } = shop({ history });
    expect(await deployments()).toMatchObject([
      { status: 'SUCCESSFUL', createdAt: new Date('2026-11-13T03:00:00Z') },
      { status: 'ROLLBACK_SUCCESSFUL', createdAt: new Date('2026-11-12T03:00:00Z') },
      { status: 'SUCCESSFUL', createdAt: new Date('2026-11-10T03:00:00Z') },
    ]);
  });
});

it('gives the same account for the same seed', async () => {
  const run = async () => {
    const { account, describeService } = shop();
    deployRelease(account, { cluster, service, taskDefinition: bad });
    await pass(account, 300);
    return JSON.stringify([await describeService(), account.events.received]);
  };
  expect(await run()).toBe(await run());
});

import {
  CodeDeployClient,
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  type DeploymentInfo,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  type RevisionLocation,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { describe, expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { revisionOf } from '../../../simulator/services/codedeploy/appspec.ts';
import { trafficShare } from '../../../simulator/services/ecs/traffic.ts';
import type { CodeDeployGroupSpec } from '../../../simulator/world/codedeploy-spec.ts';
import { setBehaviour } from '../../../simulator/world/events.ts';
import { addRole } from '../account.ts';
import { green, listener, pass } from '../world/shop.ts';
import { applicationName, deploymentGroupName, openCodeDeployShop, testListener } from './shop.ts';

const ids = { applicationName, deploymentGroupName };
const arn = (revision: number) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:${revision}`;
const to = (revision: number): RevisionLocation =>
  revisionOf({ taskDefinition: arn(revision), containerName: 'checkout', containerPort: 8080 });

class Shop {
  readonly opened: ReturnType<typeof openCodeDeployShop>;

  constructor(change: Partial<CodeDeployGroupSpec> = {}) {
    this.opened = openCodeDeployShop(change);
  }

  get account() {
    return this.opened.account;
  }

  async create(change: Partial<CreateDeploymentCommand['input']> = {}): Promise<string> {
    const create = new CreateDeploymentCommand({ ...ids, revision: to(13), ...change });
    return (await this.opened.send(create)).deploymentId ?? '';
  }

  async get(deploymentId: string): Promise<DeploymentInfo> {
    return (await this.opened.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo ?? {};
  }

  stop(deploymentId: string, autoRollbackEnabled?: boolean) {
    const stop = new StopDeploymentCommand({
      deploymentId,
      ...(autoRollbackEnabled === undefined ? {} : { autoRollbackEnabled }),
    });
    return this.opened.send(stop);
  }

  pass(seconds: number) {
    return pass(this.account, seconds);
  }

  onGreen(route = listener): number {
    return trafficShare(this.account, route, green);
  }

  /** Definition, status and running tasks of each task set. */
  taskSets(): [number, string, number][] {
    const service = this.account.ecs.requireService('shop', 'checkout');
    return service.deployments.map((one) => [
      one.definition.revision,
      one.status,
      service.tasks.filter((task) => task.deployment === one && task.lastStatus === 'RUNNING' && !task.draining).length,
    ]);
  }

  states(): unknown[] {
    return this.account.events.received
      .filter(({ source }) => source === 'aws.codedeploy')
      .map(({ detail }) => (detail as { state: string }).state);
  }
}

describe('a deployment', () => {
  it('installs, moves all traffic, waits, ends the original task set and succeeds', async () => {
    const shop = new Shop({ testListeners: [testListener] });
    const id = await shop.create();
    expect(await shop.get(id)).toMatchObject({ status: 'Created', creator: 'user', deploymentConfigName: /AllAtOnce/ });
    await shop.pass(20);
    expect(await shop.get(id)).toMatchObject({ status: 'InProgress' });
    expect([shop.onGreen(), shop.onGreen(testListener)]).toEqual([0, 0]);
    await shop.pass(40);
    expect([shop.onGreen(), shop.onGreen(testListener)]).toEqual([100, 100]);
    expect(shop.taskSets()).toEqual([
      [13, 'PRIMARY', 2],
      [12, 'ACTIVE', 2],
    ]);
    expect(await shop.get(id)).toMatchObject({ status: 'InProgress', instanceTerminationWaitTimeStarted: true });
    await shop.pass(5 * 60 + 90);
    expect(shop.taskSets()).toEqual([[13, 'PRIMARY', 2]]);
    expect(await shop.get(id)).toMatchObject({ status: 'Succeeded', deploymentOverview: { Succeeded: 1 } });
    expect(shop.states()).toEqual(['START', 'SUCCESS']);
    const { deploymentGroupInfo } = await shop.opened.send(new GetDeploymentGroupCommand(ids));
    expect(deploymentGroupInfo).toMatchObject({
      lastSuccessfulDeployment: { deploymentId: id },
      targetRevision: to(13),
    });
  });

  it('of a canary configuration moves a tenth first', async () => {
    const shop = new Shop();
    await shop.create({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' });
    await shop.pass(90);
    expect(shop.onGreen()).toBe(10);
    await shop.pass(300);
    expect(shop.onGreen()).toBe(100);
  });

  it('waits as Ready until somebody continues it, and can end its last wait early', async () => {
    const shop = new Shop({ readyWaitMinutes: 30, readyAction: 'STOP_DEPLOYMENT' });
    const deploymentId = await shop.create();
    await shop.pass(600);
    expect(await shop.get(deploymentId)).toMatchObject({ status: 'Ready', deploymentOverview: { Ready: 1 } });
    const next = (deploymentWaitType: 'READY_WAIT' | 'TERMINATION_WAIT') =>
      shop.opened.send(new ContinueDeploymentCommand({ deploymentId, deploymentWaitType }));
    await expect(next('TERMINATION_WAIT')).rejects.toMatchObject({ name: 'DeploymentIsNotInReadyStateException' });
    await next('READY_WAIT');
    await shop.pass(10);
    expect(shop.onGreen()).toBe(100);
    await next('TERMINATION_WAIT');
    await shop.pass(90);
    expect((await shop.get(deploymentId)).status).toBe('Succeeded');
    await expect(next('READY_WAIT')).rejects.toMatchObject({ name: 'DeploymentAlreadyCompletedException' });
  });

  it('that nobody continues stops, where its group says so', async () => {
    const shop = new Shop({ readyWaitMinutes: 10, readyAction: 'STOP_DEPLOYMENT' });
    const id = await shop.create();
    await shop.pass(1200);
    expect(await shop.get(id)).toMatchObject({ status: 'Stopped', errorInformation: { code: 'TIMEOUT' } });
    expect(shop.onGreen()).toBe(0);
  });
});

describe('StopDeployment', () => {
  it('with rollback gives the traffic back in a deployment of its own', async () => {
    const shop = new Shop();
    const id = await shop.create();
    await shop.pass(120);
    expect(shop.onGreen()).toBe(100);
    expect(await shop.stop(id, true)).toMatchObject({ status: 'Succeeded' });
    const stopped = await shop.get(id);
    const back = stopped.rollbackInfo?.rollbackDeploymentId ?? '';
    expect(stopped).toMatchObject({ status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } });
    await shop.pass(10);
    expect(shop.onGreen()).toBe(0);
    await shop.pass(120);
    expect(await shop.get(back)).toMatchObject({
      status: 'Succeeded',
      creator: 'codeDeployRollback',
      rollbackInfo: { rollbackTriggeringDeploymentId: id },
      revision: to(12),
    });
    expect(shop.taskSets()).toEqual([[12, 'PRIMARY', 2]]);
    expect((await shop.opened.send(new ListDeploymentsCommand(ids))).deployments).toEqual([back, id]);
    const again = await shop.create();
    await shop.pass(600);
    expect((await shop.get(again)).status).toBe('Succeeded');
  });

  it('while the original task set ends starts it again first', async () => {
    const shop = new Shop({ terminationWaitMinutes: 0 });
    const id = await shop.create();
    await shop.pass(80);
    expect(shop.taskSets()).toEqual([
      [13, 'PRIMARY', 2],
      [12, 'ACTIVE', 0],
    ]);
    await shop.stop(id, true);
    await shop.pass(10);
    expect(shop.onGreen()).toBe(100);
    await shop.pass(200);
    expect(shop.onGreen()).toBe(0);
    expect(shop.taskSets()).toEqual([[12, 'PRIMARY', 2]]);
  });

  it('without rollback leaves everything as it is; the next deployment tidies up', async () => {
    const shop = new Shop();
    const id = await shop.create({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent15Minutes' });
    await shop.pass(120);
    await shop.stop(id);
    await shop.pass(1200);
    expect(shop.onGreen()).toBe(10);
    expect(shop.taskSets()).toEqual([
      [12, 'PRIMARY', 2],
      [13, 'ACTIVE', 2],
    ]);
    const next = await shop.create({ revision: to(12) });
    await shop.pass(600);
    expect((await shop.get(next)).status).toBe('Succeeded');
    expect(shop.taskSets()).toEqual([[12, 'PRIMARY', 2]]);
    expect(shop.onGreen()).toBe(100);
  });

  it('rolls back by itself where the group says so', async () => {
    const shop = new Shop({ autoRollback: ['DEPLOYMENT_STOP_ON_REQUEST'] });
    const id = await shop.create();
    await shop.pass(120);
    await shop.stop(id);
    await shop.pass(30);
    expect(shop.onGreen()).toBe(0);
  });

  it('refuses what is over', async () => {
    const shop = new Shop();
    const id = await shop.create();
    await shop.pass(900);
    await expect(shop.stop(id, true)).rejects.toMatchObject({ name: 'DeploymentAlreadyCompletedException' });
    await expect(shop.stop('d-000000000')).rejects.toMatchObject({ name: 'DeploymentDoesNotExistException' });
  });
});

describe('a failing deployment', () => {
  it('times out after an hour without healthy tasks, and rolls back', async () => {
    const shop = new Shop({ autoRollback: ['DEPLOYMENT_FAILURE'] });
    setBehaviour(shop.account, 'checkout:13', { healthy: false });
    const id = await shop.create();
    await shop.pass(3500);
    expect((await shop.get(id)).status).toBe('InProgress');
    await shop.pass(400);
    const failed = await shop.get(id);
    expect(failed).toMatchObject({ status: 'Failed', errorInformation: { code: 'TIMEOUT' } });
    expect(failed.rollbackInfo?.rollbackDeploymentId).toMatch(/^d-/);
    expect(shop.onGreen()).toBe(0);
    expect(shop.taskSets()).toEqual([[12, 'PRIMARY', 2]]);
  });

  it('of a definition that is INACTIVE fails as ECS words it', async () => {
    const shop = new Shop();
    const record = shop.account.ecs.definitions.find('checkout:13');
    if (record) record.status = 'INACTIVE';
    const id = await shop.create();
    await shop.pass(10);
    expect(await shop.get(id)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'ECS_UPDATE_ERROR', message: expect.stringContaining('TaskDefinition is inactive') },
    });
  });

  it('is stopped by an alarm', async () => {
    const shop = new Shop({ alarms: ['errors'], autoRollback: ['DEPLOYMENT_STOP_ON_ALARM'] });
    shop.account.cloudwatch.putAlarm({
      AlarmName: 'errors',
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'HTTPCode_Target_5XX_Count',
      Dimensions: [{ Name: 'LoadBalancer', Value: 'app/shop/50dc6c495c0c9188' }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    const id = await shop.create();
    await shop.pass(260);
    expect(await shop.get(id)).toMatchObject({ status: 'Stopped', errorInformation: { code: 'ALARM_ACTIVE' } });
    await shop.pass(30);
    expect(shop.onGreen()).toBe(0);
  });
});

describe('CreateDeployment', () => {
  const yaml = `version: 0.0
Resources:
  # the service
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "${arn(13)}"
        LoadBalancerInfo:
          ContainerName: checkout # its container
          ContainerPort: 8080
Hooks:
- BeforeInstall: 'validate'
`;

  it('takes an AppSpec in YAML', async () => {
    const shop = new Shop();
    await shop.create({ revision: { revisionType: 'AppSpecContent', appSpecContent: { content: yaml } } });
    await shop.pass(600);
    expect(shop.taskSets()).toEqual([[13, 'PRIMARY', 2]]);
  });

  it('allows one deployment of a group at a time', async () => {
    const shop = new Shop();
    const id = await shop.create();
    await expect(shop.create()).rejects.toMatchObject({
      name: 'DeploymentLimitExceededException',
      message: `The Deployment Group 'checkout' already has an active Deployment '${id}'`,
    });
  });

  const content = (text: string): RevisionLocation => ({
    revisionType: 'AppSpecContent',
    appSpecContent: { content: text },
  });
  it.each([
    ['no group', { deploymentGroupName: undefined }, 'DeploymentGroupNameRequiredException'],
    ['a group that is not there', { deploymentGroupName: 'x' }, 'DeploymentGroupDoesNotExistException'],
    ['an application that is not there', { applicationName: 'x' }, 'ApplicationDoesNotExistException'],
    ['a configuration that is not there', { deploymentConfigName: 'x' }, 'DeploymentConfigDoesNotExistException'],
    ['no revision', { revision: undefined }, 'RevisionRequiredException'],
    ['neither JSON nor YAML', { revision: content('{"a"') }, 'InvalidRevisionException'],
    ['no target service', { revision: content('version: 0.0') }, 'InvalidRevisionException'],
    [
      'a family instead of an ARN',
      { revision: content(yaml.replace(arn(13), 'checkout')) },
      'InvalidRevisionException',
    ],
    [
      'another hash',
      { revision: { revisionType: 'AppSpecContent', appSpecContent: { content: yaml, sha256: '0' } } },
      'InvalidRevisionException',
    ],
  ] as const)('refuses %s', async (_what, change, name) => {
    const shop = new Shop();
    await expect(shop.create(change as object)).rejects.toMatchObject({ name });
  });

  it('needs the permissions that registering the revision and reading the configuration need', async () => {
    const shop = new Shop();
    const role = addRole(shop.account, 'deployer', [['codedeploy:CreateDeployment'], ['*']]);
    const deployer = new CodeDeployClient(clientConfig(shop.account, role));
    const create = new CreateDeploymentCommand({ ...ids, revision: to(13) });
    await expect(drive(shop.account, deployer.send(create))).rejects.toThrow('codedeploy:GetDeploymentConfig');
  });
});

it('knows the deployments before the start', async () => {
  const shop = new Shop({
    history: [
      { taskDefinition: 'checkout:12', at: '-P9D' },
      { taskDefinition: 'checkout:13', at: '-P8D', status: 'Failed' },
    ],
  });
  const { deployments = [] } = await shop.opened.send(
    new ListDeploymentsCommand({ ...ids, includeOnlyStatuses: ['Succeeded'] }),
  );
  expect(deployments).toHaveLength(1);
  expect(await shop.get(deployments[0] ?? '')).toMatchObject({ revision: to(12), status: 'Succeeded' });
});

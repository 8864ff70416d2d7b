import {
  BatchGetDeploymentGroupsCommand,
  CodeDeployClient,
  GetDeploymentCommand,
  GetDeploymentConfigCommand,
  GetDeploymentGroupCommand,
  ListApplicationsCommand,
  ListDeploymentGroupsCommand,
  ListDeploymentsCommand,
} from '@aws-sdk/client-codedeploy';
import { describe, expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { trafficSteps } from '../../../simulator/services/codedeploy/configurations.ts';
import { addRole } from '../account.ts';
import { checkout, listener, openShop } from '../world/shop.ts';
import { applicationName, codeDeployShop, deploymentGroupName, openCodeDeployShop } from './shop.ts';

describe('deployment groups', () => {
  it('are listed by application', async () => {
    const { send } = openCodeDeployShop();
    expect((await send(new ListApplicationsCommand({}))).applications).toEqual(['shop']);
    expect(await send(new ListDeploymentGroupsCommand({ applicationName }))).toMatchObject({
      applicationName: 'shop',
      deploymentGroups: ['checkout'],
    });
    expect((await send(new ListDeploymentsCommand({ applicationName, deploymentGroupName }))).deployments).toEqual([]);
  });

  it('say which service they deploy, through which listener and groups, and what stops them', async () => {
    const { send } = openCodeDeployShop({
      alarms: ['checkout-errors'],
      autoRollback: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
      config: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    });
    const { deploymentGroupsInfo, errorMessage } = await send(
      new BatchGetDeploymentGroupsCommand({ applicationName, deploymentGroupNames: ['checkout', 'nothing'] }),
    );
    expect(errorMessage).toContain('nothing');
    expect(deploymentGroupsInfo).toMatchObject([
      {
        deploymentGroupName: 'checkout',
        deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
        computePlatform: 'ECS',
        ecsServices: [{ clusterName: 'shop', serviceName: 'checkout' }],
        loadBalancerInfo: {
          targetGroupPairInfoList: [
            {
              targetGroups: [{ name: 'checkout-blue' }, { name: 'checkout-green' }],
              prodTrafficRoute: { listenerArns: [listener] },
            },
          ],
        },
        deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
        alarmConfiguration: { enabled: true, alarms: [{ name: 'checkout-errors' }] },
        autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
        blueGreenDeploymentConfiguration: {
          terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 5 },
        },
      },
    ]);
  });

  it.each([
    ['an application', new ListDeploymentGroupsCommand({ applicationName: 'x' }), 'ApplicationDoesNotExistException'],
    [
      'a group',
      new GetDeploymentGroupCommand({ applicationName, deploymentGroupName: 'x' }),
      'DeploymentGroupDoesNotExistException',
    ],
    ['a deployment', new GetDeploymentCommand({ deploymentId: 'd-ABCDEFGH1' }), 'DeploymentDoesNotExistException'],
    ['a deployment id', new GetDeploymentCommand({ deploymentId: 'x' }), 'InvalidDeploymentIdException'],
    [
      'a configuration',
      new GetDeploymentConfigCommand({ deploymentConfigName: 'x' }),
      'DeploymentConfigDoesNotExistException',
    ],
  ])('%s that does not exist is an error', async (_what, command, name) => {
    const { send } = openCodeDeployShop();
    await expect(send(command as GetDeploymentCommand)).rejects.toMatchObject({ name });
  });

  it('are held to IAM by their own ARNs', async () => {
    const { account } = openCodeDeployShop();
    const role = addRole(account, 'reader', [
      ['codedeploy:GetDeploymentGroup'],
      ['arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:shop/other'],
    ]);
    const reader = new CodeDeployClient(clientConfig(account, role));
    const get = new GetDeploymentGroupCommand({ applicationName, deploymentGroupName });
    await expect(drive(account, reader.send(get))).rejects.toThrow('deploymentgroup:shop/checkout');
  });

  it('need a service whose controller is CODE_DEPLOY', () => {
    expect(() => openShop({ ...codeDeployShop(), services: [checkout] })).toThrow('it must be CODE_DEPLOY');
  });
});

describe('predefined configurations', () => {
  it.each([
    ['CodeDeployDefault.ECSAllAtOnce', [[100, 0]]],
    [
      'CodeDeployDefault.ECSCanary10Percent15Minutes',
      [
        [10, 15],
        [100, 0],
      ],
    ],
  ])('%s', (name, steps) => {
    expect(trafficSteps(name).map(({ percent, holdMs }) => [percent, holdMs / 60_000])).toEqual(steps);
  });

  it('moves a tenth each time in a linear one', () => {
    const steps = trafficSteps('CodeDeployDefault.ECSLinear10PercentEvery3Minutes');
    expect(steps).toHaveLength(10);
    expect(steps.at(-2)).toEqual({ percent: 90, holdMs: 180_000 });
    expect(steps.at(-1)).toEqual({ percent: 100, holdMs: 0 });
  });
});

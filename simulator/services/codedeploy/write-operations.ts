import type {
  ContinueDeploymentInput,
  CreateDeploymentInput,
  CreateDeploymentOutput,
  StopDeploymentInput,
  StopDeploymentOutput,
} from '@aws-sdk/client-codedeploy';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import type { CodeDeploy } from '../codedeploy.ts';
import { applicationArn, groupArn } from './model.ts';

export function writeOperations(codedeploy: CodeDeploy, account: SimulatedAccount): Record<string, Operation> {
  /** The revision is registered with the application on the way, which needs its own permission, and the configuration is read. */
  const create: Operation<CreateDeploymentInput, CreateDeploymentOutput> = {
    resources: ({ applicationName = '', deploymentGroupName = '' }) => [
      groupArn(account, applicationName, deploymentGroupName),
    ],
    run(input, { principal }) {
      const group = codedeploy.group(input.applicationName, input.deploymentGroupName);
      const config = account.arn('codedeploy', `deploymentconfig:${input.deploymentConfigName ?? group.configName}`);
      account.iam.authorize(principal, 'codedeploy:GetDeploymentConfig', [config]);
      account.iam.authorize(principal, 'codedeploy:RegisterApplicationRevision', [
        applicationArn(account, group.application),
      ]);
      return { deploymentId: codedeploy.runners.create(input).id };
    },
  };

  const stop: Operation<StopDeploymentInput, StopDeploymentOutput> = {
    // AWS knows no resource for it, nor for continuing.
    resources: () => ['*'],
    run({ deploymentId, autoRollbackEnabled }) {
      codedeploy.runners.stop(codedeploy.deployment(deploymentId), autoRollbackEnabled);
      return { status: 'Succeeded', statusMessage: 'The deployment was stopped.' };
    },
  };

  const continueDeployment: Operation<ContinueDeploymentInput, Record<string, never>> = {
    resources: () => ['*'],
    run({ deploymentId, deploymentWaitType = 'READY_WAIT' }) {
      if (deploymentWaitType !== 'READY_WAIT' && deploymentWaitType !== 'TERMINATION_WAIT') {
        throw new AwsError('InvalidDeploymentWaitTypeException', 'The wait type is invalid.');
      }
      codedeploy.runners.continue(codedeploy.deployment(deploymentId), deploymentWaitType);
      return {};
    },
  };

  return { CreateDeployment: create, StopDeployment: stop, ContinueDeployment: continueDeployment };
}

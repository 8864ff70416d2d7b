import type {
  BatchGetDeploymentGroupsInput,
  BatchGetDeploymentGroupsOutput,
  BatchGetDeploymentsInput,
  BatchGetDeploymentsOutput,
  GetApplicationInput,
  GetApplicationOutput,
  GetDeploymentConfigInput,
  GetDeploymentConfigOutput,
  GetDeploymentGroupInput,
  GetDeploymentGroupOutput,
  GetDeploymentInput,
  GetDeploymentOutput,
  ListApplicationsInput,
  ListApplicationsOutput,
  ListDeploymentGroupsInput,
  ListDeploymentGroupsOutput,
  ListDeploymentsInput,
  ListDeploymentsOutput,
} from '@aws-sdk/client-codedeploy';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import type { CodeDeploy } from '../codedeploy.ts';
import { pageOf } from '../paging.ts';
import { describeConfiguration } from './configurations.ts';
import { applicationArn, type CodeDeployment, groupArn } from './model.ts';
import { showDeployment, showGroup } from './show.ts';

const pageSize = 100;
const token = (next: string | undefined) => (next === undefined ? {} : { nextToken: next });

export function readOperations(codedeploy: CodeDeploy, account: SimulatedAccount): Record<string, Operation> {
  const application = (name = '') => [applicationArn(account, name)];
  const group = (app = '', name = '') => groupArn(account, app, name);
  const groupOf = (id: string | undefined): string => {
    const found = codedeploy.find(id ?? '');
    return found ? group(found.group.application, found.group.name) : '*';
  };

  const listApplications: Operation<ListApplicationsInput, ListApplicationsOutput> = {
    resources: () => ['*'],
    run({ nextToken }) {
      const { page, next } = pageOf([...codedeploy.applications.keys()].sort(), nextToken, pageSize);
      return { applications: page, ...token(next) };
    },
  };

  const getApplication: Operation<GetApplicationInput, GetApplicationOutput> = {
    resources: ({ applicationName }) => application(applicationName),
    run({ applicationName }) {
      codedeploy.application(applicationName);
      return { application: { applicationName, computePlatform: 'ECS', linkedToGitHub: false } };
    },
  };

  const listGroups: Operation<ListDeploymentGroupsInput, ListDeploymentGroupsOutput> = {
    resources: ({ applicationName }) => application(applicationName),
    run({ applicationName, nextToken }) {
      const names = [...codedeploy.application(applicationName).keys()].sort();
      const { page, next } = pageOf(names, nextToken, pageSize);
      return { applicationName, deploymentGroups: page, ...token(next) };
    },
  };

  const getGroup: Operation<GetDeploymentGroupInput, GetDeploymentGroupOutput> = {
    resources: ({ applicationName, deploymentGroupName }) => [group(applicationName, deploymentGroupName)],
    run: ({ applicationName, deploymentGroupName }) => ({
      deploymentGroupInfo: showGroup(codedeploy.group(applicationName, deploymentGroupName)),
    }),
  };

  /** Groups that do not exist are left out, and named in `errorMessage`. */
  const batchGetGroups: Operation<BatchGetDeploymentGroupsInput, BatchGetDeploymentGroupsOutput> = {
    resources: ({ applicationName, deploymentGroupNames = [] }) =>
      deploymentGroupNames.map((name) => group(applicationName, name)),
    run({ applicationName, deploymentGroupNames: names = [] }) {
      refuseLongBatch(names);
      const groups = codedeploy.application(applicationName);
      const missing = names.filter((name) => !groups.has(name));
      return {
        deploymentGroupsInfo: names.flatMap((name) => {
          const found = groups.get(name);
          return found ? [showGroup(found)] : [];
        }),
        ...(missing.length > 0 ? { errorMessage: `No Deployment Group found for name: ${missing.join(', ')}` } : {}),
      };
    },
  };

  const listDeployments: Operation<ListDeploymentsInput, ListDeploymentsOutput> = {
    resources: ({ applicationName, deploymentGroupName }) =>
      applicationName === undefined ? ['*'] : [group(applicationName, deploymentGroupName ?? '*')],
    run({ applicationName, deploymentGroupName, includeOnlyStatuses, createTimeRange, nextToken }) {
      if (applicationName !== undefined && deploymentGroupName === undefined) {
        throw new AwsError('DeploymentGroupNameRequiredException', 'Deployment Group name is missing');
      }
      const all =
        applicationName === undefined
          ? codedeploy.deployments
          : codedeploy.group(applicationName, deploymentGroupName).deployments;
      const found = all
        .filter(({ status }) => !includeOnlyStatuses?.length || includeOnlyStatuses.includes(status))
        .filter(({ createdMs }) => createdMs >= (createTimeRange?.start?.getTime() ?? Number.NEGATIVE_INFINITY))
        .filter(({ createdMs }) => createdMs <= (createTimeRange?.end?.getTime() ?? Number.POSITIVE_INFINITY))
        .map(({ id }) => id);
      const { page, next } = pageOf(found, nextToken, pageSize);
      return { deployments: page, ...token(next) };
    },
  };

  const getDeployment: Operation<GetDeploymentInput, GetDeploymentOutput> = {
    resources: ({ deploymentId }) => [groupOf(deploymentId)],
    run: ({ deploymentId }) => ({ deploymentInfo: showDeployment(codedeploy.deployment(deploymentId)) }),
  };

  const batchGetDeployments: Operation<BatchGetDeploymentsInput, BatchGetDeploymentsOutput> = {
    resources: ({ deploymentIds = [] }) => [...new Set(deploymentIds.map(groupOf))],
    run({ deploymentIds = [] }) {
      refuseLongBatch(deploymentIds);
      const found = deploymentIds.map((id) => codedeploy.find(id)).filter((one): one is CodeDeployment => !!one);
      return { deploymentsInfo: found.map(showDeployment) };
    },
  };

  const getConfig: Operation<GetDeploymentConfigInput, GetDeploymentConfigOutput> = {
    resources: ({ deploymentConfigName }) => [account.arn('codedeploy', `deploymentconfig:${deploymentConfigName}`)],
    run: ({ deploymentConfigName = '' }) => ({ deploymentConfigInfo: describeConfiguration(deploymentConfigName) }),
  };

  return {
    ListApplications: listApplications,
    GetApplication: getApplication,
    ListDeploymentGroups: listGroups,
    GetDeploymentGroup: getGroup,
    BatchGetDeploymentGroups: batchGetGroups,
    ListDeployments: listDeployments,
    GetDeployment: getDeployment,
    BatchGetDeployments: batchGetDeployments,
    GetDeploymentConfig: getConfig,
  };
}

function refuseLongBatch(names: readonly string[]): void {
  if (names.length > 100) {
    throw new AwsError('BatchLimitExceededException', 'The maximum number of names or IDs is 100.');
  }
}

/**
 * AWS CodeDeploy: which deployment groups name an ECS service. Nothing here throws, and nothing takes long: what cannot be
 * read in time is said to be unread, and delays no cure.
 *
 * Calls: codedeploy:ListApplications, codedeploy:ListDeploymentGroups, codedeploy:BatchGetDeploymentGroups
 */
import {
  BatchGetDeploymentGroupsCommand,
  CodeDeployClient,
  type DeploymentGroupInfo,
  ListApplicationsCommand,
  ListDeploymentGroupsCommand,
} from '@aws-sdk/client-codedeploy';
import type { DeploymentGroupView, GroupsReading } from '../../lib/domain/overlaps.ts';
import { clientOptions } from './client.ts';

const codedeploy = new CodeDeployClient({
  ...clientOptions,
  maxAttempts: 2,
  requestHandler: { ...clientOptions.requestHandler, requestTimeout: 2_000 },
});

/** An account may have more; each takes two calls. */
const mostApplications = 50;
/** Groups that one call describes. */
const describable = 100;
const longestMs = 3_000;

/** Every group of the account and region that deploys to ECS. */
export async function readDeploymentGroups(): Promise<GroupsReading> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<GroupsReading>((resolve) => {
    timer = setTimeout(() => resolve({ problem: `no whole answer within ${longestMs / 1_000} s.` }), longestMs);
  });
  const read = readAll().catch((error: unknown) => ({
    problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }));
  try {
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(): Promise<GroupsReading> {
  const applications = await everyPage(async (nextToken) => {
    const page = await codedeploy.send(new ListApplicationsCommand({ ...(nextToken && { nextToken }) }));
    return { items: page.applications, nextToken: page.nextToken };
  });
  if (applications.length > mostApplications)
    return { problem: `there are ${applications.length} applications, and ${mostApplications} are looked at.` };
  const groups = await Promise.all(applications.map(groupsOf));
  return { groups: groups.flat() };
}

async function groupsOf(applicationName: string): Promise<DeploymentGroupView[]> {
  const names = await everyPage(async (nextToken) => {
    const page = await codedeploy.send(
      new ListDeploymentGroupsCommand({ applicationName, ...(nextToken && { nextToken }) }),
    );
    return { items: page.deploymentGroups, nextToken: page.nextToken };
  });
  const views: DeploymentGroupView[] = [];
  for (let first = 0; first < names.length; first += describable) {
    const deploymentGroupNames = names.slice(first, first + describable);
    const { deploymentGroupsInfo = [] } = await codedeploy.send(
      new BatchGetDeploymentGroupsCommand({ applicationName, deploymentGroupNames }),
    );
    views.push(...deploymentGroupsInfo.flatMap(viewsOf));
  }
  return views;
}

/** One for each ECS service that it names; CodeDeploy lets a group name one. */
function viewsOf(group: DeploymentGroupInfo): DeploymentGroupView[] {
  const { alarmConfiguration, autoRollbackConfiguration, applicationName = '', deploymentGroupName = '' } = group;
  const rollsBackOn = autoRollbackConfiguration?.enabled ? (autoRollbackConfiguration.events ?? []) : [];
  const alarms = alarmConfiguration?.enabled ? (alarmConfiguration.alarms ?? []) : [];
  return (group.ecsServices ?? []).map(({ clusterName = '', serviceName = '' }) => ({
    application: applicationName,
    name: deploymentGroupName,
    cluster: clusterName,
    service: serviceName,
    rollsBackOn,
    alarms: alarms.flatMap(({ name }) => name ?? []),
  }));
}

async function everyPage(
  read: (nextToken: string | undefined) => Promise<{ items: string[] | undefined; nextToken: string | undefined }>,
): Promise<string[]> {
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await read(nextToken);
    found.push(...(page.items ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

/**
 * AWS CodeDeploy, where it is what deploys an ECS service: the deployment under way, stopping it with its rollback, and a
 * deployment of the target.
 *
 * Calls: codedeploy:ListDeployments, codedeploy:BatchGetDeployments, codedeploy:GetDeploymentGroup,
 * codedeploy:StopDeployment, codedeploy:CreateDeployment (with codedeploy:GetDeploymentConfig and
 * codedeploy:RegisterApplicationRevision)
 */
import { createHash } from 'node:crypto';
import {
  BatchGetDeploymentsCommand,
  CodeDeployClient,
  CreateDeploymentCommand,
  DeploymentAlreadyCompletedException,
  type DeploymentInfo,
  DeploymentLimitExceededException,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  type RevisionLocation,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import type { DeploymentView, ServiceView } from '../../lib/domain/ecs.ts';
import type { CodeDeployGroup } from '../../lib/domain/model.ts';
import { plainAppSpec, taskDefinitionIn, withTaskDefinition } from '../../lib/domain/reversal/app-spec.ts';
import type { Rollout } from '../../lib/domain/reversal/rollout.ts';
import { clientOptions } from './client.ts';

const codeDeploy = new CodeDeployClient(clientOptions);

/** A rollback's traffic moves at once: the target has proven itself, and what serves meanwhile is what has to go. */
const configuration = 'CodeDeployDefault.ECSAllAtOnce';

const named = ({ application, group }: CodeDeployGroup) => ({
  applicationName: application,
  deploymentGroupName: group,
});

/** The group's deployment under way; undefined where there is none. A group has one at a time. */
export async function readCodeDeployRollout(
  group: CodeDeployGroup,
  service: ServiceView,
): Promise<Rollout | undefined> {
  const { deployments: ids = [] } = await codeDeploy.send(
    new ListDeploymentsCommand({
      ...named(group),
      includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'],
    }),
  );
  const [deploymentId] = ids;
  if (deploymentId === undefined) return undefined;
  const { deploymentsInfo = [] } = await codeDeploy.send(
    new BatchGetDeploymentsCommand({ deploymentIds: [deploymentId] }),
  );
  return deploymentsInfo[0] && viewRollout(deploymentsInfo[0], service);
}

function viewRollout(info: DeploymentInfo, service: ServiceView): Rollout | undefined {
  const { deploymentId: id = '', createTime, rollbackInfo, errorInformation, status } = info;
  const begunAt = createTime?.toISOString() ?? '';
  const undone = rollbackInfo?.rollbackTriggeringDeploymentId;
  const madeBy = (one: DeploymentView): boolean => one.externalId === (undone ?? id);
  const staying = service.deployments.filter(({ status: state }) => state === 'PRIMARY' || state === 'ACTIVE');
  const original = staying.find((one) => !madeBy(one))?.taskDefinition;
  if (undone) {
    if (original === undefined) return undefined;
    const reason =
      errorInformation?.message ?? rollbackInfo.rollbackMessage ?? `deployment ${undone} was stopped or failed`;
    return { id, state: 'rolling back', to: original, begunAt, rollback: { reason, startedAt: begunAt } };
  }
  const to = service.deployments.find(madeBy)?.taskDefinition ?? taskDefinitionIn(contentOf(info.revision) ?? '');
  if (to === undefined) return undefined;
  return {
    id,
    state: status === 'Ready' ? 'paused' : 'under way',
    to,
    ...(original !== undefined && { from: original }),
    begunAt,
    ...(info.instanceTerminationWaitTimeStarted && { trafficMoved: true as const }),
  };
}

/** False where the deployment was over before. */
export async function stopWithRollback(deploymentId: string): Promise<boolean> {
  try {
    await codeDeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }));
    return true;
  } catch (error) {
    if (error instanceof DeploymentAlreadyCompletedException) return false;
    throw error;
  }
}

/**
 * Deploys a task definition as the group's last successful deployment was, all at once. The group's alarms are left out
 * of it: they are on because of what has to go. False where another deployment is under way.
 *
 * @param description tells whose deployment it is
 */
export async function createDeployment(
  group: CodeDeployGroup,
  service: ServiceView,
  taskDefinition: string,
  description: string,
): Promise<boolean> {
  const content = (await lastAppSpec(group, taskDefinition)) ?? plainAppSpec(taskDefinition, containerOf(service));
  const sha256 = createHash('sha256').update(content, 'utf8').digest('hex');
  try {
    await codeDeploy.send(
      new CreateDeploymentCommand({
        ...named(group),
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content, sha256 } },
        deploymentConfigName: configuration,
        description,
        autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
        overrideAlarmConfiguration: { enabled: false, alarms: [] },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof DeploymentLimitExceededException) return false;
    throw error;
  }
}

/** Undefined where there was none, or where it lies in S3: what a bucket of somebody else's holds is not ours to read. */
async function lastAppSpec(group: CodeDeployGroup, taskDefinition: string): Promise<string | undefined> {
  const { deploymentGroupInfo } = await codeDeploy.send(
    new GetDeploymentGroupCommand({ applicationName: group.application, deploymentGroupName: group.group }),
  );
  const content = contentOf(deploymentGroupInfo?.targetRevision);
  return content === undefined ? undefined : withTaskDefinition(content, taskDefinition);
}

const contentOf = (revision: RevisionLocation | undefined): string | undefined =>
  revision?.appSpecContent?.content ?? revision?.string?.content;

function containerOf({ containers }: ServiceView): { name: string; port: number } {
  const [container] = containers;
  if (!container) throw new Error('The service has no load balancer, so CodeDeploy cannot deploy it.');
  return container;
}

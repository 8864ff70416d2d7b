/** What Get and BatchGet calls answer. */
import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  BlueGreenDeploymentConfiguration,
  DeploymentGroupInfo,
  DeploymentInfo,
  LastDeploymentInfo,
  LoadBalancerInfo,
} from '@aws-sdk/client-codedeploy';
import { type CodeDeployment, type GroupRecord, isOver, type RollbackEvent } from './model.ts';

const time = (ms: number): Date => new Date(ms);
const style = { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' } as const;

export function showGroup(group: GroupRecord): DeploymentGroupInfo {
  const attempted = group.deployments.find(isOver);
  const successful = group.deployments.find(({ status }) => status === 'Succeeded');
  return {
    applicationName: group.application,
    deploymentGroupId: group.id,
    deploymentGroupName: group.name,
    deploymentConfigName: group.configName,
    ec2TagFilters: [],
    onPremisesInstanceTagFilters: [],
    autoScalingGroups: [],
    serviceRoleArn: group.roleArn,
    ...(successful ? { targetRevision: successful.revision } : {}),
    triggerConfigurations: [],
    alarmConfiguration: showAlarms(group.alarms.enabled, group.alarms.names),
    autoRollbackConfiguration: showRollback(group.autoRollback.enabled, group.autoRollback.events),
    deploymentStyle: style,
    outdatedInstancesStrategy: 'UPDATE',
    blueGreenDeploymentConfiguration: showBlueGreen(group),
    loadBalancerInfo: showLoadBalancer(group),
    ...(successful ? { lastSuccessfulDeployment: showLast(successful) } : {}),
    ...(attempted ? { lastAttemptedDeployment: showLast(attempted) } : {}),
    computePlatform: 'ECS',
    ecsServices: [{ serviceName: group.service, clusterName: group.cluster }],
    terminationHookEnabled: false,
  };
}

export function showDeployment(deployment: CodeDeployment): DeploymentInfo {
  const { group, rollbackOf, rolledBackBy, error } = deployment;
  const done = deployment.status === 'Succeeded' ? 1 : 0;
  const failed = deployment.status === 'Failed' ? 1 : 0;
  const skipped = deployment.status === 'Stopped' ? 1 : 0;
  const pending = deployment.status === 'Created' || deployment.status === 'Queued' ? 1 : 0;
  const ready = deployment.status === 'Ready' ? 1 : 0;
  return {
    applicationName: group.application,
    deploymentGroupName: group.name,
    deploymentConfigName: deployment.configName,
    deploymentId: deployment.id,
    ...(deployment.previousRevision ? { previousRevision: deployment.previousRevision } : {}),
    revision: deployment.revision,
    status: deployment.status,
    ...(error ? { errorInformation: error } : {}),
    createTime: time(deployment.createdMs),
    ...(deployment.startedMs === undefined ? {} : { startTime: time(deployment.startedMs) }),
    ...(deployment.completedMs === undefined ? {} : { completeTime: time(deployment.completedMs) }),
    deploymentOverview: {
      Pending: pending,
      InProgress: 1 - done - failed - skipped - pending - ready,
      Succeeded: done,
      Failed: failed,
      Skipped: skipped,
      Ready: ready,
    },
    ...(deployment.description === undefined ? {} : { description: deployment.description }),
    creator: deployment.creator,
    ignoreApplicationStopFailures: false,
    autoRollbackConfiguration: showRollback(deployment.rollbackEvents.length > 0, deployment.rollbackEvents),
    updateOutdatedInstancesOnly: false,
    ...(rollbackOf === undefined && rolledBackBy === undefined
      ? {}
      : {
          rollbackInfo: {
            ...(rolledBackBy === undefined ? {} : { rollbackDeploymentId: rolledBackBy }),
            ...(rollbackOf === undefined ? {} : { rollbackTriggeringDeploymentId: rollbackOf }),
          },
        }),
    deploymentStyle: style,
    instanceTerminationWaitTimeStarted: deployment.terminationWaitStarted,
    blueGreenDeploymentConfiguration: showBlueGreen(group),
    loadBalancerInfo: showLoadBalancer(group),
    fileExistsBehavior: 'DISALLOW',
    deploymentStatusMessages: [],
    computePlatform: 'ECS',
  };
}

const showAlarms = (enabled: boolean, names: readonly string[]): AlarmConfiguration => ({
  enabled,
  ignorePollAlarmFailure: false,
  alarms: names.map((name) => ({ name })),
});

const showRollback = (enabled: boolean, events: readonly RollbackEvent[]): AutoRollbackConfiguration => ({
  enabled,
  ...(events.length > 0 ? { events: [...events] } : {}),
});

const showBlueGreen = (group: GroupRecord): BlueGreenDeploymentConfiguration => ({
  terminateBlueInstancesOnDeploymentSuccess: {
    action: 'TERMINATE',
    terminationWaitTimeInMinutes: group.terminationWaitMinutes,
  },
  deploymentReadyOption: { actionOnTimeout: group.readyAction, waitTimeInMinutes: group.readyWaitMinutes },
});

const showLoadBalancer = (group: GroupRecord): LoadBalancerInfo => ({
  targetGroupPairInfoList: [
    {
      targetGroups: group.targetGroups.map((arn) => ({ name: arn.split('/')[1] ?? arn })),
      prodTrafficRoute: { listenerArns: [...group.productionListeners] },
      ...(group.testListeners.length > 0 ? { testTrafficRoute: { listenerArns: [...group.testListeners] } } : {}),
    },
  ],
});

const showLast = (deployment: CodeDeployment): LastDeploymentInfo => ({
  deploymentId: deployment.id,
  status: deployment.status,
  createTime: time(deployment.createdMs),
  ...(deployment.completedMs === undefined ? {} : { endTime: time(deployment.completedMs) }),
});

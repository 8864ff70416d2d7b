/** What the calls about service deployments and revisions answer. */
import type {
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevision,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { showHook } from './hooks.ts';
import { isOver, type RevisionRecord, type ServiceDeploymentRecord, type ServiceRecord } from './model.ts';
import { circuitBreakerThreshold } from './rollout.ts';
import { capacityOf, clusterArn, summary } from './show-common.ts';
import { trafficShare } from './traffic.ts';

const time = (ms: number): Date => new Date(ms);
const optional = <K extends string>(key: K, ms: number | undefined) => (ms === undefined ? {} : { [key]: time(ms) });

export const showBrief = (
  account: SimulatedAccount,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeploymentBrief => ({
  serviceDeploymentArn: record.arn,
  serviceArn: service.arn,
  clusterArn: clusterArn(account, service.cluster),
  createdAt: time(record.createdMs),
  ...optional('startedAt', record.startedMs),
  ...optional('finishedAt', record.finishedMs),
  targetServiceRevisionArn: record.target.arn,
  status: record.status,
  ...(record.statusReason === undefined ? {} : { statusReason: record.statusReason }),
});

export function showServiceDeployment(
  account: SimulatedAccount,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeployment {
  const { targetServiceRevisionArn: _target, ...brief } = showBrief(account, service, record);
  const weights = (revision: RevisionRecord) => trafficOf(account, service, record, revision);
  return {
    ...brief,
    updatedAt: time(record.updatedMs),
    ...(record.status === 'STOPPED' ? optional('stoppedAt', record.finishedMs) : {}),
    sourceServiceRevisions: record.sources.map((one) => ({ ...summary(service, one), ...weights(one) })),
    targetServiceRevision: { ...summary(service, record.target), ...weights(record.target) },
    ...(record.stage === undefined ? {} : { lifecycleStage: record.stage }),
    ...(record.hooks.length > 0 ? { lifecycleHookDetails: record.hooks.map(showHook) } : {}),
    deploymentConfiguration: record.configuration,
    deploymentCircuitBreaker: circuitBreaker(service, record),
    alarms: {
      status: record.alarms.status,
      alarmNames: [...record.alarms.names],
      ...(record.alarms.triggered.length > 0 ? { triggeredAlarmNames: [...record.alarms.triggered] } : {}),
    },
    ...(record.rollback
      ? {
          rollback: {
            reason: record.rollback.reason,
            startedAt: time(record.rollback.startedMs),
            serviceRevisionArn: record.rollback.revision.arn,
          },
        }
      : {}),
  };
}

export function showRevision(
  account: SimulatedAccount,
  service: ServiceRecord,
  revision: RevisionRecord,
): ServiceRevision {
  const { targetGroupArn, loadBalancers } = revision;
  const productionListenerRule = loadBalancers[0]?.advancedConfiguration?.productionListenerRule;
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: clusterArn(account, service.cluster),
    taskDefinition: revision.definition.arn,
    ...capacityOf(service),
    platformVersion: '1.4.0',
    loadBalancers: [...loadBalancers],
    networkConfiguration: revision.networkConfiguration,
    containerImages: revision.images.map(({ imageDigest, ...image }) => ({
      ...image,
      ...(imageDigest === undefined ? {} : { imageDigest }),
    })),
    ...(targetGroupArn === undefined
      ? {}
      : {
          resolvedConfiguration: {
            loadBalancers: [
              { targetGroupArn, ...(productionListenerRule === undefined ? {} : { productionListenerRule }) },
            ],
          },
        }),
    createdAt: time(revision.createdMs),
  };
}

/** Percent of traffic that ECS gives a revision, while it moves traffic. */
function trafficOf(
  account: SimulatedAccount,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  revision: RevisionRecord,
): Pick<ServiceRevisionSummary, 'requestedProductionTrafficWeight' | 'requestedTestTrafficWeight'> {
  const advanced = service.loadBalancers[0]?.advancedConfiguration;
  const group = revision.targetGroupArn;
  if (record.stage === undefined || group === undefined || !advanced?.productionListenerRule) return {};
  const deployment = service.deployments.find((one) => one.revision === revision);
  const share = (route: string) =>
    deployment && deployment.scale !== 0 && !isOver(record) ? trafficShare(account, route, group) : 0;
  return {
    requestedProductionTrafficWeight: share(advanced.productionListenerRule),
    ...(advanced.testListenerRule ? { requestedTestTrafficWeight: share(advanced.testListenerRule) } : {}),
  };
}

function circuitBreaker(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): NonNullable<ServiceDeployment['deploymentCircuitBreaker']> {
  const breaker = record.configuration.deploymentCircuitBreaker;
  if (!breaker?.enable || record.configuration.strategy !== 'ROLLING') return { status: 'DISABLED' };
  const deployment = service.deployments.find(({ serviceDeployment }) => serviceDeployment === record);
  const counts = {
    failureCount: deployment?.failedTasks ?? 0,
    threshold: circuitBreakerThreshold(service.desiredCount, breaker.thresholdConfiguration),
  };
  if (record.breakerTripped) return { status: 'TRIGGERED', ...counts };
  return { status: isOver(record) ? 'MONITORING_COMPLETE' : 'MONITORING', ...counts };
}

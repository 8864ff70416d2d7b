import type { ServiceRevisionSummary } from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { type RevisionRecord, requestedOf, type ServiceRecord, type TaskRecord } from './model.ts';

export const clusterArn = (account: SimulatedAccount, name: string): string => account.arn('ecs', `cluster/${name}`);

/** Draining tasks still run, so they count as running. */
export const countTasks = (tasks: readonly TaskRecord[]): { pending: number; running: number } => ({
  pending: tasks.filter(({ lastStatus }) => lastStatus === 'PENDING').length,
  running: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
});

/** A service has a launch type, or capacity providers instead. */
export const capacityOf = ({ capacityProviders, launchType }: ServiceRecord) =>
  capacityProviders.length > 0 ? { capacityProviderStrategy: [...capacityProviders] } : { launchType };

export function summary(service: ServiceRecord, revision: RevisionRecord): ServiceRevisionSummary {
  const counts = countTasks(service.tasks.filter((task) => task.deployment.revision === revision));
  const deployment = service.deployments.find((one) => one.revision === revision);
  return {
    arn: revision.arn,
    requestedTaskCount: deployment ? requestedOf(service, deployment) : 0,
    runningTaskCount: counts.running,
    pendingTaskCount: counts.pending,
  };
}

/** ARNs of deployments or revisions, and of their services: ECS asks for permission on both. */
export const withService = (arns: readonly string[]): string[] => [
  ...new Set(arns.flatMap((arn) => [arn.replace(/:service-[a-z]+\/([^/]+)\/([^/]+)\/.*$/, ':service/$1/$2'), arn])),
];

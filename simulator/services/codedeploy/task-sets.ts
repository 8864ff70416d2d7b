/** The two task sets of a deployment, and the traffic between them. */
import type { SimulatedAccount } from '../../account.ts';
import { type DeploymentRecord, primaryOf, type ServiceRecord, type TaskDefinitionRecord } from '../ecs/model.ts';
import { moveTraffic } from '../ecs/traffic.ts';
import type { CodeDeployment, GroupRecord } from './model.ts';

/** The replacement, beside the task set that serves; what an earlier stop left behind goes away. */
export function createReplacement(
  account: SimulatedAccount,
  service: ServiceRecord,
  deployment: CodeDeployment,
  definition: TaskDefinitionRecord,
): DeploymentRecord {
  const { records } = account.ecs.deployments;
  const nowMs = account.clock.now();
  const original = primaryOf(service);
  for (const leftover of service.deployments) leftover.scale = leftover === original ? 1 : 0;
  const revision = records.revision(service, definition, nowMs, otherGroup(deployment.group, original));
  const record = records.record(service, revision, [original.revision], nowMs, 'SUCCESSFUL');
  const replacement = records.deployment(revision, record, nowMs, 'COMPLETED');
  replacement.status = 'ACTIVE';
  replacement.scale = 1;
  const arn = account.arn('ecs', `task-set/${service.cluster}/${service.name}/${replacement.id}`);
  replacement.taskSet = { arn, externalId: deployment.id };
  service.deployments.push(replacement);
  return replacement;
}

/** Moves so many percent of the listeners' traffic to the task set; the rest goes to the other group. */
export function route(
  account: SimulatedAccount,
  group: GroupRecord,
  listeners: readonly string[],
  to: DeploymentRecord,
  percent: number,
): void {
  const own = to.revision.targetGroupArn ?? '';
  for (const listener of listeners) moveTraffic(account, listener, otherGroup(group, to), own, percent);
}

/** The task set becomes the one that the service shows as its own. */
export function promote(service: ServiceRecord, taskSet: DeploymentRecord, nowMs: number): void {
  for (const one of service.deployments) one.status = one === taskSet ? 'PRIMARY' : 'ACTIVE';
  taskSet.updatedMs = nowMs;
  service.deployments = [taskSet, ...service.deployments.filter((one) => one !== taskSet)];
}

/** Only the task set is left. */
export function keepAlone(service: ServiceRecord, taskSet: DeploymentRecord): void {
  service.deployments = [taskSet];
  delete taskSet.scale;
}

/** No task of it is left. */
export const isGone = (service: ServiceRecord, taskSet: DeploymentRecord): boolean =>
  service.tasks.every(({ deployment, lastStatus }) => deployment !== taskSet || lastStatus === 'STOPPED');

const otherGroup = ({ targetGroups: [one, two] }: GroupRecord, { revision }: DeploymentRecord): string =>
  revision.targetGroupArn === one ? two : one;

/** A deployment of an ECS service that is not over, whoever makes it: ECS itself or CodeDeploy. */
import { primaryDeployment, type RunningDeploymentView, type ServiceRevisionView, type ServiceView } from '../ecs.ts';

export interface Rollout {
  /** ARN of the service deployment, or CodeDeploy's id of the deployment. */
  readonly id: string;
  /** `paused`: it waits for a person's answer. */
  readonly state: 'under way' | 'paused' | 'rolling back';
  /** The task definition that it brings; of one that rolls back, what it returns to. */
  readonly to: string;
  /** What it would return to; absent where nothing tells, and of one that returns there already. */
  readonly from?: string;
  readonly begunAt: string;
  /** The pause that it waits at. */
  readonly hook?: { readonly id: string; readonly stage: string; readonly expiresAt: string };
  /** All production traffic is on what it brings; it waits to end the old tasks. Of CodeDeploy's. */
  readonly trafficMoved?: true;
  /** Why it rolls back, in its maker's words, and since when. */
  readonly rollback?: { readonly reason: string; readonly startedAt: string };
}

const over: ReadonlySet<string> = new Set(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED']);
const returning: ReadonlySet<string> = new Set(['ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS']);

export const isOver = ({ status }: Pick<RunningDeploymentView, 'status'>): boolean => over.has(status);

/** Revisions that have to be described to tell what a deployment brings and would return to. */
export const revisionsOf = (deployment: RunningDeploymentView): string[] => [
  ...new Set(
    [deployment.targetRevision, deployment.rollbackRevision, deployment.sourceRevisions]
      .flat()
      .filter((arn) => arn !== undefined),
  ),
];

/** @returns undefined where the deployment is over, or its revision cannot be described */
export function rolloutOf(
  deployment: RunningDeploymentView,
  revisions: readonly ServiceRevisionView[],
): Rollout | undefined {
  if (isOver(deployment)) return undefined;
  const definition = (arn: string | undefined): string | undefined =>
    revisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn)?.taskDefinition;
  const sources = new Set(deployment.sourceRevisions.map(definition));
  // Of several ECS returns to the one that served alone last, which a deployment does not tell.
  const from = sources.size === 1 ? [...sources][0] : undefined;
  const base = { id: deployment.serviceDeploymentArn, begunAt: deployment.createdAt };
  if (returning.has(deployment.status)) {
    const to = definition(deployment.rollbackRevision) ?? from;
    const { startedAt = deployment.updatedAt, reason = '' } = deployment.rollback ?? {};
    return to === undefined ? undefined : { ...base, state: 'rolling back', to, rollback: { reason, startedAt } };
  }
  const to = definition(deployment.targetRevision);
  if (to === undefined) return undefined;
  const [hook] = deployment.status === 'IN_PROGRESS' ? deployment.pausedHooks : [];
  return {
    ...base,
    state: hook ? 'paused' : 'under way',
    to,
    ...(from !== undefined && { from }),
    ...(hook && { hook: { ...hook, stage: deployment.lifecycleStage ?? 'unknown' } }),
  };
}

/** ECS or CodeDeploy gave the newest deployment up and went nowhere: what is left stands as it stood. */
export function isGivenUp(service: ServiceView): boolean {
  const primary = primaryDeployment(service);
  if (service.controller === 'ECS') return primary?.rolloutState === 'FAILED';
  const staying = service.deployments.filter(({ status }) => status === 'PRIMARY' || status === 'ACTIVE');
  return service.controller === 'CODE_DEPLOY' && staying.length > 1;
}

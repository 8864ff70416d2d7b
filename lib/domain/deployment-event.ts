/** What an ECS deployment event means for the ledger. */
import { isOwnDeployment } from './attribution.ts';
import type { DeploymentView, TaskDefinitionView } from './ecs.ts';
import { versionOf } from './ecs.ts';
import type { ContainerImage, Release, RollbackRecord } from './model.ts';
import { nameOf, newestOf, otherImages, rolledBackAt } from './releases.ts';

export type LedgerDecision =
  | { readonly kind: 'record'; readonly release: Release; readonly reason: string }
  | { readonly kind: 'ignore'; readonly reason: string };

/**
 * One record per release: a redeployment of the same code, a repeated event and a rollback's own deployment add none. A
 * return to a release that proved itself before is recorded with the standing that it has.
 *
 * @param images as they ran, with digests where ECS tells them
 */
export function recordDeployment(facts: {
  readonly service: string;
  readonly side: string;
  readonly deployment: DeploymentView;
  readonly definition: TaskDefinitionView | undefined;
  readonly images: readonly ContainerImage[];
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
}): LedgerDecision {
  const { service, side, deployment, definition, images } = facts;
  const { taskDefinition, createdAt } = deployment;
  const own = facts.rollbacks.find((rollback) => isOwnDeployment(rollback, side, taskDefinition, createdAt));
  if (own) return { kind: 'ignore', reason: `${deployment.id} is the deployment of rollback ${own.rollbackId}.` };
  const release: Release = {
    service,
    side,
    version: versionOf(taskDefinition, images),
    taskDefinition,
    images,
    deployedAt: createdAt,
    status: 'unverified',
    deploymentId: deployment.id,
    ...(definition?.commit && { commit: definition.commit }),
  };
  const newest = newestOf(facts.releases, side);
  const stillThat = newest?.taskDefinition === taskDefinition && !otherImages(newest, release);
  if (stillThat && (newest.deployedAt === createdAt || rolledBackAt(newest, facts.rollbacks) === undefined)) {
    return { kind: 'ignore', reason: `${nameOf(release)} is the newest release of side ${side} already.` };
  }
  const status = provenStatus(release, facts.releases);
  return {
    kind: 'record',
    release: { ...release, status },
    reason: `${nameOf(release)} is the newest release of side ${side}, ${status}.`,
  };
}

function provenStatus(release: Release, releases: readonly Release[]): Release['status'] {
  const same = releases.filter(
    (other) => other.side === release.side && other.taskDefinition === release.taskDefinition,
  );
  const last = same
    .sort((a, b) => b.deployedAt.localeCompare(a.deployedAt))
    .find((other) => !otherImages(other, release));
  return last?.status === 'good' || last?.status === 'assumed-good' ? last.status : 'unverified';
}

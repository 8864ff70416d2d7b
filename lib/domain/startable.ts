/**
 * Whether a good release can still be started, and how: from its own task definition, or from a copy. One whose image or
 * definition is gone is passed over only where policy says so; otherwise the rollback is blocked, and a person decides.
 */
import { type DeploymentView, familyRevision, type TaskDefinitionView } from './ecs.ts';
import { type ImageVerdict, pinned } from './images.ts';
import type { ContainerImage, Release } from './model.ts';
import type { TargetChoice } from './target.ts';

/** Why it cannot be started, as a sentence; undefined where it can, as far as anybody could tell. */
export function whyNotStartable(
  { taskDefinition }: Pick<Release, 'taskDefinition'>,
  definition: Pick<TaskDefinitionView, 'status'> | undefined,
  verdicts: readonly ImageVerdict[],
): string | undefined {
  if (!definition) return `ECS knows no task definition ${familyRevision(taskDefinition)}.`;
  const gone = verdicts.filter(({ kind }) => kind === 'gone').map(({ evidence }) => evidence);
  return gone.length > 0 ? gone.join(' ') : undefined;
}

/** What one look at a release found. */
export interface Looked {
  readonly choice: Extract<TargetChoice, { kind: 'found' }>;
  readonly problem?: string;
}

/**
 * Which of the releases that were looked at, best first, is gone back to. Without one that can be started it is the
 * first, whose failed checks block the rollback.
 */
export function settleOn<T extends Looked>(
  looked: readonly T[],
): { readonly chosen: T | undefined; readonly over: readonly T[] } {
  const index = looked.findIndex(({ problem }) => problem === undefined);
  return index < 0
    ? { chosen: looked[0], over: looked.slice(1) }
    : { chosen: looked[index], over: looked.slice(0, index) };
}

/**
 * The definition that is to come back runs already, with other images: ECS starts no deployment for a definition that a
 * service is on, so what it ran is pinned in a copy.
 *
 * @param running what the sides run, by task definition
 */
export function pinnedAgainst(
  release: Pick<Release, 'taskDefinition' | 'images'>,
  verdicts: readonly ImageVerdict[],
  running: readonly (Pick<DeploymentView, 'taskDefinition'> & { readonly images: readonly ContainerImage[] })[],
): ImageVerdict[] {
  const same = running.filter(({ taskDefinition }) => taskDefinition === release.taskDefinition);
  return verdicts.map((verdict) => {
    const recorded = release.images.find(({ container }) => container === verdict.container);
    const other = same
      .flatMap(({ images }) => images)
      .find(
        ({ container, digest }) =>
          container === verdict.container && digest !== undefined && digest !== recorded?.digest,
      );
    if (verdict.pin || verdict.kind === 'gone' || !recorded?.digest || !other) return verdict;
    const evidence = `${verdict.evidence} ${familyRevision(release.taskDefinition)} is in service with another image.`;
    return { ...verdict, pin: pinned(recorded.image, recorded.digest), evidence };
  });
}

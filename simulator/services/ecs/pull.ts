import type { SimulatedAccount } from '../../account.ts';
import { behaviourOf, type ResolvedImage, type TaskRecord } from './model.ts';

/** Why the task's images cannot be pulled, as ECS words it; undefined when they can. */
export function pullFailure(account: SimulatedAccount, task: TaskRecord): string | undefined {
  const { images } = task.deployment.revision;
  if (behaviourOf(task).imageMissing) return notFound(images[0]?.image ?? '');
  for (const image of images) {
    const failure = failureOf(account, image);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function failureOf(account: SimulatedAccount, { image, imageDigest }: ResolvedImage): string | undefined {
  // A tag is resolved once per deployment; after that only the digest counts.
  const pinned = imageDigest === undefined ? image : `${image.split('@')[0]}@${imageDigest}`;
  const place = account.ecr.locate(pinned);
  if (!place) return undefined;
  if (!place.image) return notFound(pinned);
  if (place.image.status === 'ACTIVE') return undefined;
  return `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${pinned}: the image is ${place.image.status}`;
}

const notFound = (ref: string): string =>
  `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${ref}: not found`;

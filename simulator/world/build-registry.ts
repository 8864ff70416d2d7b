import type { SimulatedAccount } from '../account.ts';
import { offsetMs } from './duration.ts';
import type { RepositorySpec } from './registry-spec.ts';

/** A repository with what was pushed to it; a later image takes over the tags of an earlier one. */
export function buildRepository({ ecr, clock }: SimulatedAccount, spec: RepositorySpec): void {
  ecr.repositories.set(spec.name, { name: spec.name, createdMs: clock.now() - 365 * 86_400_000, images: [] });
  for (const { digest, tags = [], status = 'ACTIVE', pushedAt = '-P30D' } of spec.images ?? []) {
    const image = ecr.push(spec.name, digest, tags, clock.now() + offsetMs(pushedAt));
    image.status = status;
    if (status === 'ARCHIVED') image.archivedMs = clock.now();
  }
}

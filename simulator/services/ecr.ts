import * as schemas from '@aws-sdk/client-ecr';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { type ImageRecord, type Repository, splitReference } from './ecr/model.ts';
import { ecrOperations } from './ecr/operations.ts';

/** Amazon ECR: repositories and their images. Layers are not kept; a task only asks whether its image is there. */
export class Ecr implements SimulatedService {
  readonly endpointPrefix = 'ecr';
  readonly iamPrefix = 'ecr';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly repositories = new Map<string, Repository>();
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.operations = ecrOperations(this, account);
  }

  /** @throws AwsError `InvalidParameterException` or `RepositoryNotFoundException` */
  repository(name: string | undefined, registryId = this.#account.id): Repository {
    if (!name) throw new AwsError('InvalidParameterException', "Invalid parameter at 'repositoryName'");
    const own = registryId === this.#account.id;
    const found = own ? (this.repositories.size === 0 ? this.#implied(name) : this.repositories.get(name)) : undefined;
    if (found) return found;
    throw new AwsError(
      'RepositoryNotFoundException',
      `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
    );
  }

  /**
   * Where a container's image lies.
   *
   * @returns undefined for another registry, and for every image while the account has no repositories at all
   */
  locate(image: string): { readonly image: ImageRecord | undefined } | undefined {
    const reference = splitReference(image, this.#account.id, this.#account.region);
    if (!reference || this.repositories.size === 0) return undefined;
    const { name, digest, tag } = reference;
    const images = this.repositories.get(name)?.images ?? [];
    return { image: images.find((one) => (digest === undefined ? one.tags.has(tag) : one.digest === digest)) };
  }

  /** While the account has no repositories at all, every image lies there that a task definition names and can pull. */
  #implied(name: string): Repository | undefined {
    const { id, region, ecs } = this.#account;
    const images = new Map<string, ImageRecord>();
    for (const { input, behaviour, registeredMs } of ecs.definitions.all) {
      for (const { image = '' } of behaviour.imageMissing ? [] : (input.containerDefinitions ?? [])) {
        const reference = splitReference(image, id, region);
        const digest = ecs.definitions.digestOf(image);
        if (reference?.name !== name || digest === undefined) continue;
        const known = images.get(digest);
        const tags = known?.tags ?? new Set<string>();
        if (reference.digest === undefined) tags.add(reference.tag);
        images.set(digest, known ?? { digest, tags, status: 'ACTIVE', pushedMs: registeredMs });
      }
    }
    return images.size > 0 ? { name, createdMs: 0, images: [...images.values()] } : undefined;
  }

  /** Pushes an image: the tag moves to it from the image that had it. The repository is created when there is none. */
  push(name: string, digest: string, tags: readonly string[], pushedMs: number): ImageRecord {
    const repository = this.repositories.get(name) ?? { name, createdMs: pushedMs, images: [] };
    this.repositories.set(name, repository);
    for (const other of repository.images) for (const tag of tags) other.tags.delete(tag);
    const known = repository.images.find((image) => image.digest === digest);
    if (known) {
      for (const tag of tags) known.tags.add(tag);
      return known;
    }
    const image: ImageRecord = { digest, tags: new Set(tags), status: 'ACTIVE', pushedMs };
    repository.images.push(image);
    return image;
  }
}

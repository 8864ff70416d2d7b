import { createHash } from 'node:crypto';
import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError } from '../../service.ts';
import { defaultBehaviour, type TaskBehaviour } from './behaviour.ts';
import type { ResolvedImage, TaskDefinitionRecord } from './model.ts';

/** Task definitions by family and revision, and the images they name. */
export class TaskDefinitions {
  readonly #account: SimulatedAccount;
  /** By ARN, in order of registration. */
  readonly #all = new Map<string, TaskDefinitionRecord>();
  readonly #digests = new Map<string, string>();
  /** How an image behaves that was pushed under a tag in use, by digest. */
  readonly #imageBehaviours = new Map<string, TaskBehaviour>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  get all(): TaskDefinitionRecord[] {
    return [...this.#all.values()];
  }

  /** Without a behaviour, the new definition behaves like one that runs the same image. */
  register(
    input: RegisterTaskDefinitionRequest,
    options: { behaviour?: TaskBehaviour | undefined; revision?: number | undefined; registeredMs?: number } = {},
  ): TaskDefinitionRecord {
    const family = input.family ?? '';
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(family))
      throw new AwsError('ClientException', 'Family contains invalid characters.');
    if (!input.containerDefinitions?.length) {
      throw new AwsError('ClientException', 'Container list cannot be empty.');
    }
    const newest = Math.max(0, ...this.#family(family).map(({ revision }) => revision));
    const revision = options.revision ?? newest + 1;
    const arn = this.#account.arn('ecs', `task-definition/${family}:${revision}`);
    if (this.#all.has(arn)) throw new AwsError('ClientException', `The revision ${family}:${revision} exists.`);
    const registeredDigest = this.digestOf(input.containerDefinitions[0]?.image ?? '');
    const record: TaskDefinitionRecord = {
      arn,
      family,
      revision,
      status: 'ACTIVE',
      input,
      registeredMs: options.registeredMs ?? this.#account.clock.now(),
      behaviour: options.behaviour ?? this.#behaviourOfDigest(registeredDigest) ?? defaultBehaviour,
      registeredDigest,
    };
    this.#all.set(arn, record);
    return record;
  }

  /** By ARN, `family:revision`, or `family` for its newest ACTIVE revision; undefined when there is none. */
  find(reference: string): TaskDefinitionRecord | undefined {
    const name = reference.startsWith('arn:') ? (reference.split('task-definition/')[1] ?? '') : reference;
    const found = this.#all.get(this.#account.arn('ecs', `task-definition/${name}`));
    if (found || name.includes(':')) return found;
    return this.#family(name)
      .filter(({ status }) => status === 'ACTIVE')
      .sort((a, b) => b.revision - a.revision)[0];
  }

  setDigest(image: string, digest: string): void {
    this.#digests.set(image, digest);
  }

  setImageBehaviour(digest: string, behaviour: TaskBehaviour): void {
    this.#imageBehaviours.set(digest, behaviour);
  }

  /** What the tag stands for now; a digest in the image's name stands for itself. Undefined when it stands for nothing. */
  digestOf(image: string): string | undefined {
    const pinned = image.split('@')[1];
    const inRegistry = this.#account.ecr.locate(image);
    if (inRegistry) return pinned ?? inRegistry.image?.digest;
    return pinned ?? this.#digests.get(image) ?? `sha256:${createHash('sha256').update(image).digest('hex')}`;
  }

  imagesOf(record: TaskDefinitionRecord): ResolvedImage[] {
    return (record.input.containerDefinitions ?? []).map(({ name = '', image = '' }) => ({
      containerName: name,
      image,
      imageDigest: this.digestOf(image),
    }));
  }

  /** Images as the definition's registration found them: for what was deployed then. */
  imagesAsRegistered(record: TaskDefinitionRecord): ResolvedImage[] {
    return this.imagesOf(record).map((image, at) =>
      at === 0 && record.registeredDigest !== undefined ? { ...image, imageDigest: record.registeredDigest } : image,
    );
  }

  /** How the first image behaves, where its tag stands for another image than when the definition was registered. */
  behaviourOfMoved(record: TaskDefinitionRecord, images: readonly ResolvedImage[]): TaskBehaviour | undefined {
    const digest = images[0]?.imageDigest;
    return digest === record.registeredDigest ? undefined : this.#behaviourOfDigest(digest);
  }

  #family(family: string): TaskDefinitionRecord[] {
    return this.all.filter((record) => record.family === family);
  }

  #behaviourOfDigest(digest: string | undefined): TaskBehaviour | undefined {
    if (digest === undefined) return undefined;
    const pushed = this.#imageBehaviours.get(digest);
    return pushed ?? this.all.find(({ registeredDigest }) => registeredDigest === digest)?.behaviour;
  }
}

/** @throws AwsError as UpdateService refuses a definition that does not exist or is INACTIVE */
export function usable(definitions: TaskDefinitions, reference: string): TaskDefinitionRecord {
  const found = definitions.find(reference);
  if (!found) throw new AwsError('ClientException', 'TaskDefinition not found.');
  refuseInactive(found);
  return found;
}

/** @throws AwsError `InvalidParameterException` */
export function refuseInactive({ status }: TaskDefinitionRecord): void {
  if (status === 'INACTIVE') throw new AwsError('InvalidParameterException', 'TaskDefinition is inactive');
}

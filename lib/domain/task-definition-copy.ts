/**
 * A copy of a task definition, for a release that its own definition cannot bring back: it is INACTIVE or deleted, or the
 * tag of an image stands for another image now. The copy is the same in everything but the images, which it names by
 * digest.
 */
import { familyRevision, type TaskDefinitionView } from './ecs.ts';
import type { ImageVerdict } from './images.ts';
import { canonicalJson } from './json.ts';
import type { Json } from './model.ts';

/** What a task definition has that RegisterTaskDefinition refuses: what ECS adds itself. */
export const onlyDescribed = [
  'compatibilities',
  'deleteRequestedAt',
  'deregisteredAt',
  'registeredAt',
  'registeredBy',
  'requiresAttributes',
  'revision',
  'status',
  'taskDefinitionArn',
] as const;

/** Tag of a copy: ARN of what it is a copy of. */
export const copyOfTag = 'backstep:copy-of';
/** Tag of a copy: the release's version, which an image without a tag does not tell. */
export const versionTag = 'backstep:version';
/** Tag of a copy: the rollback that registered it. */
export const rollbackTag = 'backstep:rollback';

/** ECS takes so many tags. */
const mostTags = 50;

/** A request to register a task definition, as far as it is looked into here. */
export type Registration = { readonly [key: string]: Json };

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What a copy is made of, and why. */
export interface CopyPlan {
  readonly registration: Registration;
  /** Container -> image by digest. */
  readonly images: Readonly<Record<string, string>>;
  readonly why: string;
}

/**
 * Undefined where the definition itself does.
 *
 * @param definition as ECS or the ledger's record tells it
 * @param verdicts of its images; where one is gone, no copy helps, and none is made
 */
export function copyFor(
  definition: Pick<TaskDefinitionView, 'taskDefinition' | 'status' | 'document' | 'tags'>,
  verdicts: readonly ImageVerdict[],
  release: { readonly version: string; readonly rollbackId: string },
): CopyPlan | undefined {
  if (verdicts.some(({ kind }) => kind === 'gone')) return undefined;
  const name = familyRevision(definition.taskDefinition);
  const images = Object.fromEntries(verdicts.flatMap(({ container, pin }) => (pin ? [[container, pin] as const] : [])));
  const reasons = [
    ...(definition.status === 'ACTIVE' ? [] : [`${name} is ${definition.status}, and ECS starts no tasks from it.`]),
    ...verdicts.flatMap(({ pin, evidence }) => (pin ? [evidence] : [])),
  ];
  if (reasons.length === 0) return undefined;
  const ours = [
    { key: copyOfTag, value: definition.taskDefinition },
    { key: versionTag, value: tagValue(release.version) },
    { key: rollbackTag, value: release.rollbackId },
  ];
  // AWS keeps `aws:` to itself; a copy of a copy has marks of its own.
  const kept = (definition.tags ?? []).filter(({ key }) => !/^(?:aws|backstep):/i.test(key));
  const tags = [...ours, ...kept].slice(0, mostTags).map(({ key, value }): Json => ({ key, value }));
  return {
    registration: { ...withImages(registrationOf(definition.document), images), tags },
    images,
    why: reasons.join(' '),
  };
}

/** A described definition without what registering refuses. */
export function registrationOf(document: Json): Registration {
  const without: ReadonlySet<string> = new Set(onlyDescribed);
  return Object.fromEntries(Object.entries(objectOf(document)).filter(([key]) => !without.has(key)));
}

function withImages(registration: Registration, images: Readonly<Record<string, string>>): Registration {
  const containers = containersOf(registration).map((container): Json => {
    const image = images[String(container.name)];
    return image === undefined ? container : { ...container, image };
  });
  return { ...registration, containerDefinitions: containers };
}

/**
 * Whether two definitions of one family are the same but for their images, which digests decide. ECS does not keep the
 * order of variables.
 */
export function sameContent(a: Json, b: Json): boolean {
  return contentOf(a, false) === contentOf(b, false);
}

/** Whether a described definition is what a request registers. */
export function isRegistered(registration: Registration, document: Json): boolean {
  return contentOf(registration, true) === contentOf(document, true);
}

/**
 * A copy of `of` that is registered already with what the request says: by an attempt whose answer was lost, or by an
 * earlier rollback. Undefined where there is none that tasks could start from.
 */
export function findCopy(
  candidates: readonly Pick<TaskDefinitionView, 'taskDefinition' | 'status' | 'document' | 'tags'>[],
  registration: Registration,
  of: string,
): string | undefined {
  return candidates.find(
    ({ status, document, tags = [] }) =>
      status === 'ACTIVE' &&
      tags.some(({ key, value }) => key === copyOfTag && value === of) &&
      isRegistered(registration, document),
  )?.taskDefinition;
}

function contentOf(document: Json, withImage: boolean): string {
  const { tags: _beside, ...registration } = registrationOf(document);
  const containers = containersOf(registration).map(({ image, environment, secrets, ...rest }) => ({
    ...rest,
    ...(withImage && { image }),
    environment: byName(environment),
    secrets: byName(secrets),
  }));
  return canonicalJson({ ...registration, containerDefinitions: containers });
}

const byName = (list: Json | undefined): Json[] =>
  (Array.isArray(list) ? [...list] : []).sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));

export function containersOf(document: Json): Registration[] {
  const { containerDefinitions } = objectOf(document);
  return Array.isArray(containerDefinitions) ? containerDefinitions.map(objectOf) : [];
}

export const objectOf = (value: Json | undefined): Registration =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

/** ECS takes letters, digits, spaces and `_ . / = + - : @` in a tag's value, 256 of them. */
const tagValue = (text: string): string => text.replace(/[^\p{L}\p{N}\p{Z}_.:/=+\-@]/gu, '_').slice(0, 256);

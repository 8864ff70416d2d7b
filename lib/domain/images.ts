/**
 * What the images of a release mean for going back to it. A digest names one image for ever; a tag names whatever was
 * pushed to it last, so what counts is the digest that the release is recorded with.
 */
import type { ContainerImage } from './model.ts';

/** Where an image lies and what it is called there. */
export interface ImagePlace {
  /** As written, without tag and digest. */
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
  /** Absent for every registry that is not Amazon ECR. */
  readonly ecr?: { readonly account: string; readonly region: string; readonly repository: string };
  /** `docker.io` where the name has none. */
  readonly registry: string;
}

/** What a registry says of one image. `unknown`: it did not say, which is no answer. */
export type Found =
  | { readonly kind: 'image'; readonly digest: string; readonly status: string }
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** One container of the target, and what the registry says of its image. */
export interface ImageFacts {
  readonly container: string;
  /** As the task definition names it. */
  readonly image: string;
  /** Digest that the release ran with, where it is recorded. */
  readonly recorded?: string;
  /** What the name stands for now; absent where no registry was asked. */
  readonly now?: Found;
  /** The recorded image itself, where the name stands for another now. */
  readonly kept?: Found;
}

export interface ImageVerdict {
  /** `moved`: the name does not do, but `pin` does. `gone`: nothing does. */
  readonly kind: 'there' | 'moved' | 'gone' | 'not recorded' | 'not checked';
  readonly container: string;
  readonly evidence: string;
  /** The recorded image by its digest, which a copy of the definition names instead. */
  readonly pin?: string;
  /** The digest that the name stands for now, where it is known. */
  readonly digest?: string;
}

const ecrHost =
  /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))$/;

/** @example placeOf('redis:7') // name redis, tag 7, registry docker.io */
export function placeOf(image: string): ImagePlace {
  const [named = '', digest] = image.split('@');
  const colon = named.lastIndexOf(':');
  // A colon before the last slash belongs to the registry's port.
  const tagged = colon > named.lastIndexOf('/');
  const name = tagged ? named.slice(0, colon) : named;
  const [first = '', ...path] = name.split('/');
  const registry = path.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
  const [, account, region] = ecrHost.exec(registry) ?? [];
  return {
    name,
    registry,
    ...(tagged ? { tag: named.slice(colon + 1) } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest !== undefined && { digest }),
    ...(account && region && { ecr: { account, region, repository: path.join('/') } }),
  };
}

/** The image by its digest alone. */
export const pinned = (image: string, digest: string): string => `${placeOf(image).name}@${digest}`;

/** The containers of the definition with the digests that the release is recorded with. */
export function recordedImages(
  inDefinition: readonly ContainerImage[],
  ofRelease: readonly ContainerImage[],
): Pick<ImageFacts, 'container' | 'image' | 'recorded'>[] {
  return inDefinition.map(({ container, image, digest }) => {
    const recorded = digest ?? ofRelease.find((other) => other.container === container)?.digest;
    return { container, image, ...(recorded !== undefined && { recorded }) };
  });
}

/** The recorded image is asked for by itself only where the name does not stand for it any more. */
export const asksForKept = ({ image, recorded, now }: ImageFacts): boolean =>
  recorded !== undefined &&
  placeOf(image).digest === undefined &&
  (now?.kind === 'gone' || (now?.kind === 'image' && now.digest !== recorded));

export function judgeImage(facts: ImageFacts): ImageVerdict {
  const { container, image, recorded, now, kept } = facts;
  const { registry, tag, digest } = placeOf(image);
  const what = `${container} runs ${image}`;
  const said = (kind: ImageVerdict['kind'], evidence: string, more: Partial<ImageVerdict> = {}): ImageVerdict => ({
    kind,
    container,
    evidence,
    ...more,
  });
  if (!now) return said('not checked', `${what}, and only Amazon ECR is asked, not ${registry}.`);
  if (now.kind === 'unknown') return said('not checked', `${what}, which ECR did not tell about: ${now.why}`);
  const known = now.kind === 'image' ? { digest: now.digest } : {};
  if (digest !== undefined || recorded === undefined || (now.kind === 'image' && now.digest === recorded)) {
    if (now.kind === 'gone') return said('gone', `${what}, which is gone: ${now.why}`);
    if (now.status !== 'ACTIVE') return said('gone', `${what}, which is ${inWords(now.status)}.`, known);
    if (digest === undefined && recorded === undefined) {
      const because = `${what}, ${short(now.digest)} now, and no digest is recorded to tell whether that is what served.`;
      return said('not recorded', because, known);
    }
    return said('there', `${what}, ${short(now.digest)}.`, known);
  }
  const moved = now.kind === 'gone' ? `tag ${tag} is gone` : `tag ${tag} is ${short(now.digest)} now`;
  const was = `${what}: ${moved}, and the release ran ${short(recorded)}`;
  const pin = pinned(image, recorded);
  switch (kept?.kind) {
    case 'image':
      return kept.status === 'ACTIVE'
        ? said('moved', `${was}.`, { ...known, pin })
        : said('gone', `${was}, which is ${inWords(kept.status)}.`, known);
    case 'gone':
      return said('gone', `${was}, which is gone: ${kept.why}`, known);
    default:
      return said('not checked', `${was}, which ECR did not tell about: ${kept?.why ?? 'it was not asked.'}`, {
        ...known,
        pin,
      });
  }
}

function inWords(status: string): string {
  if (status === 'ARCHIVED') return 'ARCHIVED, so no task can pull it: restore it in ECR first';
  if (status === 'ACTIVATING') return 'being restored (ACTIVATING), so no task can pull it yet';
  return `${status} and not ACTIVE`;
}

/** `sha256:0123456789ab…` -> `sha256:0123456789ab`: as much as people compare. */
export const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

export interface ImageRecord {
  /** `sha256:…` */
  readonly digest: string;
  readonly tags: Set<string>;
  status: 'ACTIVE' | 'ARCHIVED' | 'ACTIVATING';
  readonly pushedMs: number;
  archivedMs?: number;
}

export interface Repository {
  readonly name: string;
  readonly createdMs: number;
  readonly images: ImageRecord[];
}

/** The parts of an image's name in the account's own registry; undefined for any other. */
export function splitReference(
  image: string,
  accountId: string,
  region: string,
): { name: string; tag: string; digest: string | undefined } | undefined {
  const host = `${accountId}.dkr.ecr.${region}.amazonaws.com/`;
  if (!image.startsWith(host)) return undefined;
  const [named = '', digest] = image.slice(host.length).split('@');
  const [name = '', tag = 'latest'] = named.split(':');
  return { name, tag, digest };
}

import { createHash } from 'node:crypto';
import type { Random } from '../../random.ts';
import { toBytes } from '../../wire/http.ts';

export interface StoredObject {
  readonly key: string;
  /** Undefined in a bucket without versions. */
  readonly versionId: string | undefined;
  /** Quoted, as S3 returns it. */
  readonly etag: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksumCrc32?: string;
  /** Milliseconds since the epoch. */
  readonly lastModifiedMs: number;
  readonly deleteMarker: boolean;
}

export class Bucket {
  readonly name: string;
  readonly versioned: boolean;
  readonly #random: Random;
  /** Newest version first. */
  readonly #objects = new Map<string, StoredObject[]>();

  constructor(name: string, versioned: boolean, random: Random) {
    this.name = name;
    this.versioned = versioned;
    this.#random = random;
  }

  put(
    key: string,
    content: Uint8Array | string,
    nowMs: number,
    options: {
      readonly contentType?: string;
      readonly metadata?: Readonly<Record<string, string>>;
      readonly checksumCrc32?: string;
    },
  ): StoredObject {
    const body = Uint8Array.from(toBytes(content));
    return this.#add({
      key,
      versionId: this.#versionId(),
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      body,
      contentType: options.contentType ?? 'application/octet-stream',
      metadata: options.metadata ?? {},
      ...(options.checksumCrc32 === undefined ? {} : { checksumCrc32: options.checksumCrc32 }),
      lastModifiedMs: nowMs,
      deleteMarker: false,
    });
  }

  get(key: string, versionId?: string): StoredObject | undefined {
    const versions = this.#objects.get(key) ?? [];
    const found = versionId === undefined ? versions[0] : versions.find((version) => version.versionId === versionId);
    return found?.deleteMarker ? undefined : found;
  }

  /** @returns the delete marker, or the version that was removed */
  delete(key: string, nowMs: number, versionId?: string): StoredObject | undefined {
    const versions = this.#objects.get(key) ?? [];
    if (versionId !== undefined || !this.versioned) {
      const removed = versionId === undefined ? versions[0] : versions.find((one) => one.versionId === versionId);
      const kept = versions.filter((version) => version !== removed);
      if (kept.length > 0) this.#objects.set(key, kept);
      else this.#objects.delete(key);
      return removed;
    }
    return this.#add({
      key,
      versionId: this.#versionId(),
      etag: '',
      body: new Uint8Array(),
      contentType: '',
      metadata: {},
      lastModifiedMs: nowMs,
      deleteMarker: true,
    });
  }

  list(prefix = ''): readonly StoredObject[] {
    return this.versions(prefix).filter((object) => this.get(object.key) === object);
  }

  /** Every version and delete marker under a prefix: by key, newest first. */
  versions(prefix = ''): readonly StoredObject[] {
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.flatMap((key) => this.#objects.get(key) ?? []);
  }

  #add(object: StoredObject): StoredObject {
    const before = this.versioned ? (this.#objects.get(object.key) ?? []) : [];
    this.#objects.set(object.key, [object, ...before]);
    return object;
  }

  #versionId(): string | undefined {
    return this.versioned ? this.#random.hex(32) : undefined;
  }
}

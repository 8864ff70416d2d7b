import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file under `<root>/<folder>`, as paths relative to `root`, sorted; nothing where the folder does not exist. */
export function listFiles(root: string, folder: string): string[] {
  return readFolder(join(root, folder))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(root, path) : [path];
    })
    .sort();
}

/** Files that a process has loaded as modules, and that somebody may edit while it runs. */
export class Sources {
  readonly #root: string;
  readonly #folders: readonly string[];
  readonly #files: readonly string[];
  readonly #loaded: string;

  /** Make it when the modules are loaded. */
  constructor(root: string, folders: readonly string[], files: readonly string[]) {
    this.#root = root;
    this.#folders = folders;
    this.#files = files;
    this.#loaded = this.hash();
  }

  /** Of what lies there now. */
  hash(): string {
    return hashFiles(this.#root, [...this.#folders.flatMap((folder) => listFiles(this.#root, folder)), ...this.#files]);
  }

  /** Whether the modules of this process are what lies there. */
  areLoaded(): boolean {
    return this.hash() === this.#loaded;
  }
}

/** SHA-256 over names and bytes, hexadecimal. The order of `files` does not matter. */
export function hashFiles(root: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function readFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

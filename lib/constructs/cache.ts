import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Directories named by the hash of what they were made from. Whoever makes one writes aside and renames, so that several
 * processes at once all end with one whole directory; equal names mean equal content, so it does not matter whose.
 */

/** A directory being made. */
export interface CacheEntry {
  /** Where to write to. */
  readonly path: string;
  keep(): void;
  discard(): void;
}

/** True when the directory is there, and so can be used as it is. */
export function isCached(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const now = new Date();
  utimesSync(directory, now, now);
  return true;
}

/** Somewhere beside `directory` to write to. Ends with `keep` or `discard`. */
export function beginCaching(directory: string): CacheEntry {
  const path = `${directory}.${randomBytes(6).toString('hex')}.partial`;
  mkdirSync(path, { recursive: true });
  const discard = (): void => rmSync(path, { recursive: true, force: true });
  return { path, keep: () => moveIntoPlace(path, directory, discard), discard };
}

function moveIntoPlace(partial: string, directory: string, discard: () => void): void {
  try {
    renameSync(partial, directory);
  } catch (error) {
    discard();
    // Another process was first.
    if (!existsSync(directory)) throw error;
  }
  forgetUnused(dirname(directory), basename(directory));
}

const unusedMs = 7 * 86_400_000;

/** Every change of a source makes another entry: those that nobody asked for in a week go. */
function forgetUnused(cache: string, keep: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (name !== keep && Date.now() - used > unusedMs) rmSync(path, { recursive: true, force: true });
  }
}

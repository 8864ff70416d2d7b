/**
 * A file system in which nothing exists: the SDK looks for its shared configuration files and finds none, as in
 * Lambda. Writing is refused.
 */
import { constants } from 'node:fs';

type Callback = (error: Error) => void;

const reading = ['readFile', 'readdir', 'stat', 'lstat', 'access', 'open', 'realpath', 'opendir', 'readlink'];
const writing = [
  'writeFile',
  'appendFile',
  'mkdir',
  'mkdtemp',
  'rm',
  'unlink',
  'rename',
  'copyFile',
  'chmod',
  'utimes',
];

export function fsPromises(): Record<string, unknown> {
  return { ...fill(reading, rejected(missing)), ...fill(writing, rejected(readOnly)), constants };
}

export function fsModule(): Record<string, unknown> {
  return {
    ...fill(reading, called(missing)),
    ...fill(writing, called(readOnly)),
    ...fillSync(reading, missing),
    ...fillSync(writing, readOnly),
    existsSync: () => false,
    constants,
    promises: fsPromises(),
  };
}

type Failure = (operation: string, path: unknown) => Error;

const missing: Failure = (operation, path) => failure('ENOENT', -2, 'no such file or directory', operation, path);
const readOnly: Failure = (operation, path) => failure('EROFS', -30, 'read-only file system', operation, path);

function failure(code: string, errno: number, words: string, syscall: string, path: unknown): Error {
  return Object.assign(new Error(`${code}: ${words}, ${syscall} '${String(path)}'`), { code, errno, syscall, path });
}

const rejected = (fail: Failure) => (name: string) => (path: unknown) => Promise.reject(fail(name, path));

const called =
  (fail: Failure) =>
  (name: string) =>
  (path: unknown, ...rest: unknown[]) =>
    process.nextTick(rest.at(-1) as Callback, fail(name, path));

function fill(names: readonly string[], make: (name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

function fillSync(names: readonly string[], fail: Failure): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name) => [
      `${name}Sync`,
      (path: unknown) => {
        throw fail(name, path);
      },
    ]),
  );
}

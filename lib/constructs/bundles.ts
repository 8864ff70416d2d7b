import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BuildOptions, Metafile } from 'esbuild';
import { beginCaching, type CacheEntry, isCached } from './cache.ts';
import { hashFiles, listFiles } from './content-hash.ts';
import { type FunctionName, fileName, functionNames } from './function-names.ts';
import { fromSources, projectRoot } from './project.ts';

export interface Bundles {
  /** SHA-256 over everything that goes into the build, hexadecimal. */
  readonly hash: string;
  /** Directory of one function's bundle; it holds `index.mjs` and nothing else, so it changes only with its content. */
  directory(name: FunctionName): string;
  /** esbuild's own account of what each bundle is made of. */
  metafile(): Metafile;
}

/**
 * The directory of each function's bundle: made from the sources when they changed, or brought along by an installed
 * package, into which nothing is ever written.
 */
export function functionBundles(): Pick<Bundles, 'directory'> {
  return fromSources ? bundleFunctions() : { directory: prebuiltBundle };
}

/** Where packing puts a function's bundle. */
export const prebuiltBundle = (name: FunctionName): string => join(projectRoot, 'dist', 'bundles', fileName(name));

/**
 * Bundles every Lambda in one esbuild run, or finds the result of an earlier one by its content.
 *
 * @param cacheDir where bundles are kept, in a directory named by the hash of what they are made of
 * @throws esbuild's BuildFailure, when a source does not compile
 */
export function bundleFunctions(cacheDir: string = join(projectRoot, '.backstep', 'bundles')): Bundles {
  const hash = hashInputs();
  const directory = join(cacheDir, hash);
  if (!isCached(directory)) {
    const entry = build(directory);
    if (hashInputs() !== hash) {
      // A source was saved meanwhile: what was built is not what the hash says.
      entry.discard();
      return bundleFunctions(cacheDir);
    }
    entry.keep();
  }
  return {
    hash,
    directory: (name) => join(directory, fileName(name)),
    metafile: () => JSON.parse(readFileSync(join(directory, metafileName), 'utf8')) as Metafile,
  };
}

const metafileName = 'metafile.json';

/**
 * The SDK is bundled: the runtime's own copy is older than some calls we make, and differs between regions and weeks.
 * Modules first (`mainFields`), or nothing of the SDK could be shaken off.
 */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
  outExtension: { '.js': '.mjs' },
} satisfies BuildOptions;

/** Loaded only to build: an installed package comes without it. */
const esbuild = (): typeof import('esbuild') => createRequire(import.meta.url)('esbuild');

function hashInputs(): string {
  const sources = ['lambdas', 'lib/domain', 'lib/config'].flatMap((folder) => listFiles(projectRoot, folder));
  return createHash('sha256')
    .update(JSON.stringify([esbuild().version, bundleOptions, functionNames]))
    .update(hashFiles(projectRoot, [...sources, 'package-lock.json', 'tsconfig.json']))
    .digest('hex');
}

function build(directory: string): CacheEntry {
  const result = esbuild().buildSync({
    ...bundleOptions,
    absWorkingDir: projectRoot,
    entryPoints: functionNames.map((name) => ({ in: `lambdas/${fileName(name)}.ts`, out: `${fileName(name)}/index` })),
    outdir: 'bundles',
    metafile: true,
    write: false,
  });
  const entry = beginCaching(directory);
  for (const file of result.outputFiles) {
    const path = join(entry.path, file.path.slice(join(projectRoot, 'bundles').length));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.contents);
  }
  writeFileSync(join(entry.path, metafileName), JSON.stringify(result.metafile));
  return entry;
}

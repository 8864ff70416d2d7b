import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { beginCaching, isCached } from '../lib/constructs/cache.ts';
import { Sources } from '../lib/constructs/content-hash.ts';
import { fromSources, projectRoot } from '../lib/constructs/project.ts';

export interface SynthesizeOptions {
  /**
   * What the paths in a configuration given as an object are relative to.
   * @default process.cwd()
   */
  readonly baseDir?: string;
  /**
   * Where assemblies are kept.
   * @default `.backstep/assemblies` in the repository; of an installed package, in the working directory
   */
  readonly cacheDir?: string;
}

export interface SynthesizedAssembly {
  /** The cloud assembly, as `cdk synth` writes it. Shared between processes: do not write into it. */
  readonly assemblyDir: string;
  readonly stacks: readonly { readonly name: string; readonly environment: string }[];
}

/**
 * Synthesizes a configuration in this process, or finds the assembly of an earlier time by the content of everything that
 * went into it: configuration, runbooks, sources, lock file.
 *
 * @param config path of a backstep.json, or its content
 * @throws ConfigurationError when the configuration cannot be used
 */
export const synthesize = (config: string | object, options: SynthesizeOptions = {}): Promise<SynthesizedAssembly> =>
  synthesizeFrom(ownSources, config, options);

/** @param sources what a template depends on besides the configuration */
export async function synthesizeFrom(
  sources: Sources,
  config: string | object,
  options: SynthesizeOptions = {},
): Promise<SynthesizedAssembly> {
  const source = readSource(config, options.baseDir ?? process.cwd());
  const hash = hashSource(sources, source);
  const directory = join(
    options.cacheDir ?? join(fromSources ? projectRoot : process.cwd(), '.backstep', 'assemblies'),
    hash,
  );
  if (!isCached(directory)) {
    const entry = beginCaching(directory);
    try {
      await build(source, entry.path);
    } catch (error) {
      entry.discard();
      throw error;
    }
    // A source was saved since this process loaded it: what was built is neither the old nor what the hash says. It serves
    // this process only, and goes with what nobody asks for.
    if (!sources.areLoaded()) return assemblyIn(entry.path);
    if (hashSource(sources, readSource(config, source.baseDir)) !== hash) {
      entry.discard();
      return synthesizeFrom(sources, config, options);
    }
    entry.keep();
  }
  return assemblyIn(directory);
}

function assemblyIn(directory: string): SynthesizedAssembly {
  const text = readFileSync(join(directory, indexName), 'utf8');
  const { stacks } = JSON.parse(text) as Pick<SynthesizedAssembly, 'stacks'>;
  return { assemblyDir: join(directory, assemblyName), stacks };
}

const indexName = 'stacks.json';
const assemblyName = 'assembly';

/** As they are when this module is loaded, with the others of this process. */
const ownSources = fromSources
  ? new Sources(
      projectRoot,
      ['lambdas', 'lib', 'statemachines'],
      ['bin/synthesize.ts', 'cdk.json', 'package-lock.json', 'tsconfig.json'],
    )
  : new Sources(projectRoot, ['dist', 'statemachines'], ['cdk.json', 'package.json']);

/** An installed package brings no lock file: which CDK it runs with is the app's decision. */
const cdkVersion = (): string =>
  fromSources ? 'locked' : createRequire(import.meta.url)('aws-cdk-lib/package.json').version;

interface Source {
  /** The configuration as it was given. */
  readonly config: string | object;
  readonly text: string;
  /** What runbook paths are relative to. */
  readonly baseDir: string;
}

function readSource(config: string | object, baseDir: string): Source {
  if (typeof config === 'object') return { config, text: JSON.stringify(config), baseDir };
  const path = resolve(config);
  return { config: path, text: contentOf(path).toString('utf8'), baseDir: dirname(path) };
}

function hashSource(sources: Sources, source: Source): string {
  const hash = createHash('sha256').update(`${cdkVersion()}\0`).update(sources.hash()).update(source.text);
  for (const runbook of runbookPaths(source.text)) {
    const path = resolve(source.baseDir, runbook);
    hash.update(`\0${runbook}\0`).update(contentOf(path));
  }
  return hash.digest('hex');
}

/** Nothing where there is no file: the loader says so in its own words. */
function contentOf(path: string): Buffer {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : Buffer.alloc(0);
}

/** Every `"runbook": "<path>"`, wherever it stands: too many only cost a hash, and the loader judges what is right. */
function runbookPaths(text: string): string[] {
  const paths: string[] = [];
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (key === 'runbook' && typeof value === 'string') paths.push(value);
      return value;
    });
  } catch {
    // Not JSON: the loader will say so.
  }
  return paths.sort();
}

/**
 * The CDK takes a second to load, so it is loaded here, where it is needed. The rule checks of `cdk synth` take two more
 * and are left to it: the templates are the same.
 */
async function build(source: Source, directory: string): Promise<void> {
  const [{ App }, { BackstepStack }, { loadConfiguration, parseConfiguration }] = await Promise.all([
    import('aws-cdk-lib/core'),
    import('../lib/constructs/stack.ts'),
    import('../lib/config/load.ts'),
  ]);
  const { environments } =
    typeof source.config === 'string'
      ? loadConfiguration(source.config)
      : parseConfiguration(source.config, { baseDir: source.baseDir });
  const { context } = JSON.parse(readFileSync(join(projectRoot, 'cdk.json'), 'utf8'));
  const app = new App({
    outdir: join(directory, assemblyName),
    context: { ...context, 'aws:cdk:disable-creation-stack-traces': true },
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    stackTraces: false,
    treeMetadata: false,
  });
  const stacks = Object.values(environments).map((configuration) => ({
    name: new BackstepStack(app, { configuration }).stackName,
    environment: configuration.name,
  }));
  app.synth();
  for (const { name } of stacks) forgetTraces(join(directory, assemblyName, `${name}.metadata.json`));
  writeFileSync(join(directory, indexName), JSON.stringify({ stacks }));
}

/**
 * The CDK notes where in which file each rule was acknowledged, with the caller's whole stack. That tells a reader of the
 * assembly nothing, and would make it differ from machine to machine.
 */
function forgetTraces(path: string): void {
  const metadata = JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) =>
    key === 'trace' ? undefined : value,
  );
  writeFileSync(path, JSON.stringify(metadata, undefined, 2));
}

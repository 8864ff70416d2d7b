import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

/** A function's code as it was deployed. */
export interface Bundle {
  /** Path inside the function, `/var/task/index.mjs`. */
  readonly file: string;
  readonly source: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Name of the export that handles invocations. */
  readonly exportName: string;
  /** Whether V8's compiled form may be used for it. */
  readonly cacheable: boolean;
}

/**
 * Reads the module that `handler` (`index.handler`) names.
 *
 * @throws Error when there is no such ES module; CommonJS is not implemented
 */
export function loadBundle(codeDir: string, handler: string): Bundle {
  const [moduleName, exportName] = handler.split('.');
  if (!moduleName || !exportName) throw new Error(`The handler '${handler}' is not of the form 'module.export'.`);
  const path = join(codeDir, `${moduleName}.mjs`);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    throw new Error(`The function's code has no ${moduleName}.mjs: the simulated runtime loads ES modules only.`);
  }
  return { ...contentOf(path, `${stat.mtimeMs} ${stat.size}`), file: `/var/task/${moduleName}.mjs`, exportName };
}

type Content = Pick<Bundle, 'source' | 'sha256' | 'bytes' | 'cacheable'>;

/** Every account of a process deploys the same two dozen files of half a megabyte each: a file is read once per version. */
const read = new Map<string, { readonly version: string; readonly content: Content }>();

function contentOf(path: string, version: string): Content {
  const known = read.get(path);
  if (known?.version === version) return known.content;
  const bytes = readFileSync(path);
  const source = bytes.toString('utf8');
  const content = {
    source,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    cacheable: !importsDynamically(source),
  };
  read.set(path, { version, content });
  return content;
}

/** V8's compiled forms by content. `seen` is a bundle that was compiled once: only what comes again is worth keeping. */
const compiled = new Map<string, Buffer | 'seen'>();

/** Compiles a bundle into a realm. Parsing half a megabyte takes ten times as long as taking its compiled form. */
export function compile(bundle: Bundle, options: vm.SourceTextModuleOptions): vm.SourceTextModule {
  const { sha256, source, file, cacheable } = bundle;
  const known = cacheable ? compiled.get(sha256) : undefined;
  const cachedData = Buffer.isBuffer(known) ? { cachedData: known } : {};
  const module = new vm.SourceTextModule(source, { ...options, ...cachedData, identifier: `file://${file}` });
  if (known === undefined) compiled.set(sha256, 'seen');
  // @types/node 20 does not know this method; Node has it since 13.7.
  else if (known === 'seen') compiled.set(sha256, (module as unknown as Cacheable).createCachedData());
  return module;
}

interface Cacheable {
  createCachedData(): Buffer;
}

/**
 * In Node 20 a module that comes out of V8's code cache has lost its callback for `import()`. The SDK carries two such
 * imports that no function here reaches: one for endpoints without TLS, one for runtimes with several invocations in a
 * process. A bundle with any other is compiled anew each time.
 */
function importsDynamically(source: string): boolean {
  const specifiers = [...source.matchAll(/\bimport\s*\(([^)]*)\)/g)].map(([, specifier = '']) => specifier.trim());
  return specifiers.some((specifier) => !unreached.has(specifier.slice(1, -1)));
}

const unreached = new Set(['node:http', 'node:async_hooks']);

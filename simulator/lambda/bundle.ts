import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
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
  if (!existsSync(path)) {
    throw new Error(`The function's code has no ${moduleName}.mjs: the simulated runtime loads ES modules only.`);
  }
  const content = readFileSync(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const source = content.toString('utf8');
  const file = `/var/task/${moduleName}.mjs`;
  return {
    file,
    source,
    sha256,
    bytes: content.length,
    exportName,
    cacheable: !importsDynamically(source),
  };
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

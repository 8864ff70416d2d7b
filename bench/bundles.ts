/**
 * Size and import time of each Lambda's bundle beside a bundle of only the SDK clients and commands that it uses.
 *
 * Both are imported in fresh processes, in turn, so that what this machine does meanwhile hits both alike; only the
 * ratio is worth reading. Run with `npm run bench:bundles`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { bundleFunctions, bundleOptions } from '../lib/constructs/bundles.ts';
import { type FunctionName, fileName, functionNames } from '../lib/constructs/function-names.ts';
import { projectRoot } from '../lib/constructs/project.ts';

const runs = Number(process.argv[2] ?? 7);
const limits = { ratio: 1.3, kilobytes: 1200 };
const work = join(projectRoot, '.backstep', 'bench');

/** A bundle as deployed; only then is the comparison one of contents. */
const { outExtension: _, ...options } = bundleOptions;

const bundles = bundleFunctions();
const rows = functionNames.map(measure);
print(rows);

interface Row {
  readonly name: FunctionName;
  readonly bytes: number;
  readonly bareBytes: number;
  readonly importMs: number;
  readonly bareImportMs: number;
}

function measure(name: FunctionName): Row {
  const full = join(bundles.directory(name), 'index.mjs');
  const bare = bareBundle(name);
  const times: { full: number[]; bare: number[] } = { full: [], bare: [] };
  for (let run = 0; run < runs; run += 1) {
    times.full.push(importTime(full));
    times.bare.push(importTime(bare));
  }
  return {
    name,
    bytes: statSync(full).size,
    bareBytes: statSync(bare).size,
    importMs: median(times.full),
    bareImportMs: median(times.bare),
  };
}

/** The clients and commands that survive in the Lambda's bundle, and nothing of ours. */
function bareBundle(name: FunctionName): string {
  const entry = join(projectRoot, 'lambdas', `${fileName(name)}.ts`);
  const built = buildSync({ ...options, minify: false, entryPoints: [entry], write: false, metafile: true });
  const text = built.outputFiles[0]?.text ?? '';
  const ours = Object.keys(built.metafile.inputs).filter((input) => input.startsWith('lambdas/'));
  const used = new Map<string, Set<string>>();
  for (const file of ours) {
    for (const [, names = '', client = ''] of readFileSync(join(projectRoot, file), 'utf8').matchAll(
      /import \{([^}]*)\} from '(@aws-sdk\/client-[^']+)'/g,
    )) {
      for (const raw of names.split(',').map((part) => part.trim())) {
        const isCode = /(?:Client|Command)$/.test(raw) && !raw.startsWith('type ');
        if (isCode && new RegExp(`new ${raw}\\b`).test(text)) add(used, client, raw);
      }
    }
  }
  const lines = [...used].map(([client, names]) => `import { ${[...names].join(', ')} } from '${client}';`);
  const everything = [...used.values()].flatMap((names) => [...names]);
  mkdirSync(work, { recursive: true });
  const outfile = join(work, `${fileName(name)}.bare.mjs`);
  buildSync({
    ...options,
    stdin: {
      contents: `${lines.join('\n')}\nexport const handler = async () => [${everything.map((n) => `new ${n}({})`).join(', ')}];`,
      resolveDir: projectRoot,
    },
    outfile,
  });
  return outfile;
}

/** Milliseconds that a fresh process takes to import a module. */
function importTime(file: string): number {
  const probe = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - t);`;
  const env = { ...process.env, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', probe], { env, encoding: 'utf8' }));
}

function print(all: readonly Row[]): void {
  console.log(`Bundles, minified; import time is the median of ${runs} fresh processes each, in turn.\n`);
  console.log('function         kB  SDK only kB  size ratio  import ratio  import ms');
  for (const row of all) {
    console.log(
      [
        row.name.padEnd(14),
        kilobytes(row.bytes).padStart(5),
        kilobytes(row.bareBytes).padStart(12),
        (row.bytes / row.bareBytes).toFixed(2).padStart(11),
        (row.importMs / row.bareImportMs).toFixed(2).padStart(13),
        row.importMs.toFixed(0).padStart(10),
      ].join(' '),
    );
  }
  const largest = Math.max(...all.map((row) => row.bytes)) / 1_000;
  const sizeRatio = Math.max(...all.map((row) => row.bytes / row.bareBytes));
  const importRatio = Math.max(...all.map((row) => row.importMs / row.bareImportMs));
  console.log(
    `\nlargest ${largest.toFixed(0)} kB (aim ${limits.kilobytes}), worst size ratio ${sizeRatio.toFixed(2)}, worst import ratio ${importRatio.toFixed(2)} (aim ${limits.ratio})`,
  );
  writeFileSync(join(work, 'bundles.json'), `${JSON.stringify(all, null, 2)}\n`);
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(0);
}

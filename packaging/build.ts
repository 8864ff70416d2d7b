/**
 * Makes `dist`, what an installed package runs instead of the sources: JavaScript with declarations, and the Lambdas'
 * bundles. npm calls it before `npm pack` and `npm publish` (prepack). Nothing in this repository reads `dist`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFunctions, prebuiltBundle } from '../lib/constructs/bundles.ts';
import { functionNames } from '../lib/constructs/function-names.ts';
import { projectRoot } from '../lib/constructs/project.ts';

rmSync(join(projectRoot, 'dist'), { recursive: true, force: true });
compile();
const bundles = bundleFunctions();
for (const name of functionNames) cpSync(bundles.directory(name), prebuiltBundle(name), { recursive: true });

/** Types are checked by `npm run types`; here the files only change their language. */
function compile(): void {
  const compiler = join(projectRoot, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(projectRoot, 'packaging')], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`The TypeScript compiler ended with status ${status}.`);
}

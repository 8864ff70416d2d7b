#!/usr/bin/env -S node --experimental-vm-modules --disable-warning=ExperimentalWarning
// In the repository the command is TypeScript, and tsx loads it, from wherever it is called; an installed package has it as
// JavaScript. The simulated account runs the Lambda bundles in contexts of node:vm, which needs the flag above; where a
// shim drops the shebang's flags, the command starts itself again.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

if (vm.SourceTextModule === undefined) {
  const self = fileURLToPath(import.meta.url);
  // Ctrl-C is the command's to answer: it may have something to say before it ends.
  process.on('SIGINT', () => {});
  const { status } = spawnSync(process.execPath, [...flags, self, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 2;
} else {
  const { main, processIo } = await load();
  process.exitCode = await main(process.argv.slice(2), processIo());
}

async function load() {
  if (!existsSync(new URL('cli.ts', import.meta.url))) return import('../dist/bin/cli.js');
  const { tsImport } = await import('tsx/esm/api');
  return tsImport('./cli.ts', import.meta.url);
}

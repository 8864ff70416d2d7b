#!/usr/bin/env -S node --experimental-vm-modules --disable-warning=ExperimentalWarning
// The command is TypeScript: tsx loads it, from wherever it is called. The simulated account runs the Lambda bundles in
// contexts of node:vm, which needs the flag above; where a shim drops the shebang's flags, the command starts itself again.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { tsImport } from 'tsx/esm/api';

const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

if (vm.SourceTextModule === undefined) {
  const self = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, [...flags, self, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 2;
} else {
  const { main, processIo } = await tsImport('./cli.ts', import.meta.url);
  process.exitCode = await main(process.argv.slice(2), processIo());
}

/**
 * The package as others get it: packed, unpacked outside of this tree with nothing beside it but what it declares, and used
 * by the example app, by TypeScript, by CommonJS and as a command.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileName, functionNames } from '../../lib/constructs/function-names.ts';
import { SimulatedAccount } from '../../simulator/account.ts';
import { deployAssembly } from '../../simulator/assembly/deploy.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { drive } from '../../simulator/sdk.ts';
import { buildWorld } from '../../simulator/world/spec.ts';
import { deployShop, shopNames } from '../protect/deploy-shop.ts';

const root = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'backstep-package-'));
const app = join(scratch, 'app');
const installed = join(app, 'node_modules', 'backstep');
afterAll(() => rmSync(scratch, { recursive: true }));

interface Manifest {
  readonly version: string;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
}
const manifest = (): Manifest => JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
const declared = (): string[] => Object.keys({ ...manifest().dependencies, ...manifest().peerDependencies });

beforeAll(() => {
  succeed('npm', ['pack', '--silent', '--pack-destination', scratch], root);
  const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '';
  mkdirSync(installed, { recursive: true });
  succeed('tar', ['xzf', join(scratch, tarball), '-C', installed, '--strip-components=1'], scratch);
  for (const name of declared()) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  cpSync(join(root, 'examples/03-cdk-app'), app, { recursive: true });
  // What npm does with "bin".
  mkdirSync(join(app, 'node_modules/.bin'));
  symlinkSync('../backstep/bin/backstep.mjs', join(app, 'node_modules/.bin/backstep'));
});

describe('what is in it', () => {
  test('no sources but the declarations of what an app imports, and no tests', () => {
    const files = filesBelow(installed);
    expect(files.filter((file) => /\.ts$/.test(file) && !/^dist\/(lib|lambdas)\/.*\.d\.ts$/.test(file))).toEqual([]);
    expect(files.filter((file) => /^(test|lib|lambdas|simulator|bench)\//.test(file))).toEqual([]);
    for (const file of ['dist/lib/index.js', 'dist/lib/index.d.ts', 'schema/backstep.schema.json', 'LICENSE']) {
      expect(files).toContain(file);
    }
  });

  test('a bundle of every Lambda', () => {
    for (const name of functionNames) {
      expect(readdirSync(join(installed, 'dist/bundles', fileName(name))), name).toEqual(['index.mjs']);
    }
  });

  test('every package that it loads is declared', () => {
    const loaded = filesBelow(installed)
      .filter((file) => /^dist\/(bin|lib|simulator|lambdas)\/.*\.js$/.test(file))
      .flatMap((file) => packagesOf(readFileSync(join(installed, file), 'utf8')));
    const unknown = [...new Set(loaded)].filter((name) => !declared().includes(name) && !builtinModules.includes(name));
    // Only where sources are bundled, which an installed package does not have.
    expect(unknown.filter((name) => name !== 'esbuild')).toEqual([]);
    expect(new Set(loaded).size).toBeGreaterThan(10);
  });
});

describe('the example app', () => {
  let before: string;
  beforeAll(() => {
    before = stateOf(installed);
    const env = { SHOP_ACCOUNT: '111122223333', SHOP_REGION: 'eu-west-1', CDK_OUTDIR: join(app, 'cdk.out') };
    succeed(process.execPath, ['app.mjs'], app, env);
  });

  test('synthesizes with constructs of its own, and nothing is written into the package', () => {
    const template = JSON.parse(readFileSync(join(app, 'cdk.out/Shop.template.json'), 'utf8'));
    const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
    for (const type of ['AWS::ECS::Service', 'AWS::RDS::DBInstance', 'AWS::StepFunctions::StateMachine']) {
      expect(types).toContain(type);
    }
    expect(types.filter((type) => type === 'Custom::BackstepInstallation')).toHaveLength(1);
    expect(stateOf(installed)).toBe(before);
    // What the CDK's command would ask the account for, which takes credentials.
    const { missing = [] } = JSON.parse(readFileSync(join(app, 'cdk.out/manifest.json'), 'utf8'));
    expect(missing).toEqual([]);
  });

  test('its Lambdas are those that were packed', () => {
    const assets = readdirSync(join(app, 'cdk.out')).filter((name) => /^asset\.\w+$/.test(name));
    const synthesized = assets.map((name) => readFileSync(join(app, 'cdk.out', name, 'index.mjs'), 'utf8'));
    for (const name of functionNames) {
      const packed = readFileSync(join(installed, 'dist/bundles', fileName(name), 'index.mjs'), 'utf8');
      expect(synthesized.includes(packed), name).toBe(true);
    }
  });

  test('deploys, and knows the service by the names that it got', async () => {
    const account = new SimulatedAccount({ account: '111122223333', region: 'eu-west-1', startMs: 0, seed: 1 });
    buildWorld(account, loadScenario(join(root, 'examples/01-checkout/scenario.json')).account);
    const assembly = deployShop(join(app, 'cdk.out'), 'Shop', shopNames);
    await drive(account, deployAssembly(account, assembly, 'Shop'));
    rmSync(assembly, { recursive: true });
    const parameter = JSON.parse(account.ssm.parameter('/backstep/production/services/checkout')?.value ?? '{}');
    expect(parameter.summary).toMatchObject({ sides: ['main: shop/checkout'], listenerRules: 2, database: 'shop-db' });
    expect(parameter.key).toBe(`configuration/checkout/${parameter.sha256}.json`);
  });
});

describe('as a library', () => {
  test('its declarations are enough for a strict TypeScript app', () => {
    cpSync(join(root, 'test/packaging/consumer.txt'), join(app, 'consumer.ts'));
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--types', ''];
    const compiler = [join(root, 'node_modules/typescript/bin/tsc'), ...options, '--target', 'es2022'];
    succeed(process.execPath, [...compiler, '--module', 'nodenext', 'consumer.ts'], app);
  });

  test('CommonJS apps, as cdk init makes them, can require it', () => {
    const line = "console.log(Object.keys(require('backstep')).sort().join())";
    writeFileSync(join(app, 'require.cjs'), line);
    expect(succeed(process.execPath, ['require.cjs'], app).trim()).toBe(
      'Backstep,BackstepStack,ConfigurationError,loadConfiguration,parseConfiguration',
    );
  });
});

describe('as a command', () => {
  const empty = join(scratch, 'empty');
  beforeAll(() => mkdirSync(empty));
  const backstep = (...words: string[]): string => succeed(join(app, 'node_modules/.bin/backstep'), words, empty);

  test('tells its version', () => {
    expect(backstep('--version').trim()).toBe(manifest().version);
  });

  test('shows the demo in an empty folder, and writes nowhere else', () => {
    const before = stateOf(installed);
    expect(backstep('demo', '--fast')).toContain('Everything went as the scenario expects.');
    expect(readdirSync(empty)).toEqual(['.backstep']);
    expect(stateOf(installed)).toBe(before);
  }, 120_000);
});

function succeed(command: string, words: readonly string[], cwd: string, env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

/** Names and times of everything in a directory. */
const stateOf = (directory: string): string =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`)
    .join('\n');

/** Packages by name, without their subpaths and `node:`. */
function packagesOf(source: string): string[] {
  const found = [
    ...source.matchAll(
      /(?:\bfrom|\bimport|\bimport\(|\brequire\(|\bcreateRequire\([^)]*\)\()\s*'((?:node:)?[@\w][\w./@-]*)'/g,
    ),
  ];
  return found
    .map((match) => (match[1] ?? '').replace(/^node:/, ''))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}

/**
 * The walls of docs/architecture.md, held by reading every import: who may know whom, and that nothing in the tests
 * stands in for AWS but the simulated account.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const folders = ['bin', 'lib', 'lambdas', 'simulator', 'test', 'bench', 'packaging'];
const sources = folders.flatMap(filesBelow).filter((file) => /\.(ts|mts|mjs)$/.test(file));

/** From the longest matching folder to what it may import: our own folders, and packages by pattern. */
const arrows: Record<string, { ours: string[]; packages: RegExp[] }> = {
  // The public entry: names, and nothing of its own.
  lib: { ours: ['lib/constructs', 'lib/config'], packages: [] },
  packaging: { ours: ['lib/constructs'], packages: [/^node:/] },
  'lib/domain': { ours: ['lib/domain'], packages: [] },
  'lib/config': { ours: ['lib/config', 'lib/domain'], packages: [/^node:/, /^zod$/] },
  'lib/constructs': {
    ours: ['lib/constructs', 'lib/config', 'lib/domain'],
    packages: [/^node:/, /^aws-cdk-lib/, /^constructs$/, /^esbuild$/, /^cdk-nag$/],
  },
  'lambdas/aws': { ours: ['lambdas/aws', 'lib/domain'], packages: [/^node:/, /^@aws-sdk\//, /^@smithy\//] },
  lambdas: { ours: ['lambdas/aws', 'lib/domain', 'lib/config'], packages: [/^node:/] },
  simulator: {
    ours: ['simulator', 'lib/domain'],
    packages: [/^node:/, /^@aws-sdk\//, /^@smithy\//, /^zod$/, /^jsonata$/, /^asl-validator$/],
  },
  // Of the adapters one, so that the doctor reads at a terminal what its Lambda would read: docs/decisions/doctor.md.
  bin: { ours: ['bin', 'lib', 'simulator', 'lambdas/aws/readiness.ts'], packages: [/./] },
  test: { ours: ['test', 'bin', 'lib', 'lambdas', 'simulator', 'bench'], packages: [/./] },
  bench: { ours: ['bench', 'bin', 'lib', 'simulator'], packages: [/./] },
};

describe('arrows', () => {
  test('every source file lies under a folder with a rule', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.filter((file) => !ruleFor(file))).toEqual([]);
  });

  test.each(Object.keys(arrows))('%s imports only what it may know', (folder) => {
    const forbidden = (file: string) => importsOf(file).filter((to) => !allowed(folder, file, to));
    const wrong = sources
      .filter((file) => ruleFor(file) === folder)
      .flatMap((file) => forbidden(file).map((to) => `${file} -> ${to}`));
    expect(wrong).toEqual([]);
  });

  test('lambdas take only types from lib/config', () => {
    const wrong = sources
      .filter((file) => file.startsWith('lambdas/'))
      .flatMap((file) =>
        [...read(file).matchAll(/^import (?!type\b)[^;]*?from '([^']*lib\/config[^']*)'/gm)].map(
          (match) => `${file} -> ${match[1]}`,
        ),
      );
    expect(wrong).toEqual([]);
  });
});

describe('nothing stands in for AWS', () => {
  const forbidden: Array<[string, RegExp]> = [
    ['a mocking library', /from '(?:aws-sdk-client-mock|sinon|nock|jest-mock|testdouble|msw|@aws-sdk\/.*mock)[^']*'/],
    ['vi.mock', /\bvi\s*\.\s*(?:mock|doMock|hoisted)\b/],
    ['a stubbed send', /(?:spyOn\([^)]*['"]send['"]|\.send\s*=[^=]|\bsend\s*:\s*(?:vi\.fn|async|\(|function))/],
  ];

  test.each(forbidden)('no file uses %s', (_what, pattern) => {
    const self = 'test/architecture.test.ts';
    expect(sources.filter((file) => file !== self && pattern.test(read(file)))).toEqual([]);
  });

  test('no mocking library is installed', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const names = Object.keys({ ...dependencies, ...devDependencies });
    expect(names.filter((name) => /mock|sinon|nock|testdouble|msw/.test(name))).toEqual([]);
  });
});

describe('pinning', () => {
  test('every dependency has an exact version', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const loose = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function ruleFor(file: string): string | undefined {
  return Object.keys(arrows)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** What a file imports: paths of ours from the root, packages by name. */
function importsOf(file: string): string[] {
  const found = [
    ...read(file).matchAll(/^\s*(?:import|export)\b[^;'"]*?from\s+'([^']+)'/gm),
    ...read(file).matchAll(/^\s*import\s+'([^']+)'/gm),
    ...read(file).matchAll(/\bimport\(\s*'([^']+)'/g),
  ].map((match) => match[1] as string);
  return found.map((to) => (to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)) : to));
}

function allowed(folder: string, file: string, to: string): boolean {
  const rule = arrows[folder];
  if (!rule) return false;
  if (!isOurs(file, to)) return rule.packages.some((pattern) => pattern.test(to));
  return rule.ours.some((ours) => to === ours || to.startsWith(`${ours}/`)) || to === 'package.json';
}

function isOurs(_file: string, to: string): boolean {
  return folders.some((folder) => to.startsWith(`${folder}/`)) || to === 'package.json' || to.startsWith('schema/');
}

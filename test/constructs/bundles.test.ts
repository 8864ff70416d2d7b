import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bundleFunctions } from '../../lib/constructs/bundles.ts';
import { functionNames } from '../../lib/constructs/function-names.ts';

const fresh = mkdtempSync(join(tmpdir(), 'backstep-bundles-'));
afterAll(() => rmSync(fresh, { recursive: true }));

describe('bundleFunctions', () => {
  const bundles = bundleFunctions();

  test.each(functionNames)('%s is one module in a directory of its own, below 1.2 MB', (name) => {
    expect(readdirSync(bundles.directory(name))).toEqual(['index.mjs']);
    expect(statSync(join(bundles.directory(name), 'index.mjs')).size).toBeLessThan(1_200_000);
  });

  test('the same sources give the same bytes', () => {
    const again = bundleFunctions(fresh);
    expect(again.hash).toBe(bundles.hash);
    for (const name of functionNames) {
      const [first, second] = [bundles, again].map((each) => readFileSync(join(each.directory(name), 'index.mjs')));
      expect(first?.equals(second as Buffer), name).toBe(true);
    }
  });

  test('the metafile says what each bundle is made of', () => {
    const { outputs } = bundles.metafile();
    expect(Object.values(outputs).map(({ entryPoint }) => entryPoint)).toHaveLength(functionNames.length);
    expect(outputs['bundles/admit/index.mjs']?.exports).toContain('handler');
  });
});

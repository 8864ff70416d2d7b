import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { synthesize, synthesizeFrom } from '../../bin/synthesize.ts';
import { Sources } from '../../lib/constructs/content-hash.ts';

const example = 'examples/01-checkout/backstep.json';
const scratch = mkdtempSync(join(tmpdir(), 'backstep-synthesize-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const cache = (name: string) => ({ cacheDir: join(scratch, name) });

describe('synthesize', () => {
  test('names the stacks and their environments', async () => {
    const { assemblyDir, stacks } = await synthesize(example);
    expect(stacks).toEqual([{ name: 'Backstep-production', environment: 'production' }]);
    expect(readdirSync(assemblyDir)).toContain('Backstep-production.template.json');
  });

  test('two runs are byte-identical', async () => {
    const [first, second] = [await synthesize(example, cache('first')), await synthesize(example, cache('second'))];
    expect(first.assemblyDir).not.toBe(second.assemblyDir);
    expect(Object.keys(filesOf(first.assemblyDir)).length).toBeGreaterThan(10);
    expect(filesOf(second.assemblyDir)).toEqual(filesOf(first.assemblyDir));
  });

  test('nothing in it tells where it was made', async () => {
    const { assemblyDir } = await synthesize(example);
    const telling = Object.entries(filesOf(assemblyDir)).filter(([, content]) => content.includes(process.cwd()));
    expect(telling.map(([file]) => file)).toEqual([]);
  });

  test('finds what was made before, quickly', async () => {
    const made = await synthesize(example);
    const start = performance.now();
    expect(await synthesize(example)).toEqual(made);
    expect(performance.now() - start).toBeLessThan(250);
  });

  test('the content of the configuration makes the same templates as its path', async () => {
    const content = JSON.parse(readFileSync(example, 'utf8'));
    const fromPath = await synthesize(example);
    const fromContent = await synthesize(content, { baseDir: dirname(example) });
    expect(filesOf(fromContent.assemblyDir)).toEqual(filesOf(fromPath.assemblyDir));
  });

  test('a changed runbook is another assembly', async () => {
    const copy = join(scratch, 'copy');
    cpSync(dirname(example), copy, { recursive: true });
    const config = join(copy, 'backstep.json');
    const before = await synthesize(config, cache('runbook'));
    const runbook = join(copy, 'runbooks/checkout.json');
    writeFileSync(runbook, `${readFileSync(runbook, 'utf8')}\n`);
    const after = await synthesize(config, cache('runbook'));
    expect(after.assemblyDir).not.toBe(before.assemblyDir);
  });

  test('several at once agree', async () => {
    const made = await Promise.all([1, 2, 3].map(() => synthesize(example, cache('together'))));
    expect(new Set(made.map(({ assemblyDir }) => assemblyDir)).size).toBe(1);
    expect(readdirSync(join(scratch, 'together'))).toHaveLength(1);
  });

  test('what a process makes that has older modules in memory than there are sources is kept for nobody else', async () => {
    const sources = join(scratch, 'sources');
    mkdirSync(sources);
    writeFileSync(join(sources, 'domain.ts'), 'old');
    const loaded = new Sources(scratch, ['sources'], []);
    writeFileSync(join(sources, 'domain.ts'), 'new');
    const { assemblyDir } = await synthesizeFrom(loaded, example, cache('stale'));
    expect(readdirSync(assemblyDir)).toContain('Backstep-production.template.json');
    expect(readdirSync(join(scratch, 'stale')).filter((name) => !name.endsWith('.partial'))).toEqual([]);
    await synthesizeFrom(new Sources(scratch, ['sources'], []), example, cache('stale'));
    expect(readdirSync(join(scratch, 'stale')).filter((name) => !name.endsWith('.partial'))).toHaveLength(1);
  });

  test('bad configuration is refused with its path, and leaves nothing behind', async () => {
    const config = { environments: { production: { account: '12', region: 'eu-west-1', services: {} } } };
    await expect(synthesize(config, cache('refused'))).rejects.toThrow('environments.production.account: found "12"');
    expect(readdirSync(join(scratch, 'refused'))).toEqual([]);
  });
});

describe('the CDK app', () => {
  const run = (config: string) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
      encoding: 'utf8',
      env: { ...process.env, BACKSTEP_CONFIG: config, CDK_OUTDIR: join(scratch, 'cdk.out') },
    });

  test('says what is wrong with a configuration and exits 64, without a stack trace', () => {
    const config = join(scratch, 'bad.json');
    writeFileSync(config, '{"environments": {"production": {"account": "12"}}}');
    const { status, stdout, stderr } = run(config);
    expect(status).toBe(64);
    expect(stderr).toContain('environments.production.account: found "12", allowed: ');
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m);
  });

  test('synthesizes the example without credentials or a finding, and says nothing', () => {
    const { status, stderr } = run(example);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(join(scratch, 'cdk.out'))).toContain('Backstep-production.template.json');
  }, 120_000);
});

/** Relative path -> content. */
function filesOf(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(directory, path), readFileSync(path, 'utf8')]),
  );
}

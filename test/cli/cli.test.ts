import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../bin/cli.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { recorded } from './io.ts';

const root = join(import.meta.dirname, '../..');

describe('a command line that cannot be used exits 64 and says what to type', () => {
  test.each<[string, string[], string]>([
    [
      'an unknown command',
      ['simulat'],
      'There is no command "simulat". Did you mean simulate? There are: rollback, plan, status, watch, history, release, approve, decline, pause, resume, doctor, simulate, demo, triggers.\n',
    ],
    [
      'a command like no other',
      ['frobnicate'],
      'There is no command "frobnicate". There are: rollback, plan, status, watch, history, release, approve, decline, pause, resume, doctor, simulate, demo, triggers.\n',
    ],
    [
      'an unknown flag',
      ['simulate', 'x.json', '--jsn'],
      'simulate does not know --jsn. Did you mean --json? It knows --json, --seed, --serve, --speed, --out, --help.\n',
    ],
    ['no file', ['simulate'], 'simulate needs FILE: backstep simulate FILE [options].\n'],
    ['two files', ['simulate', 'a', 'b'], '"b" is one argument too many: backstep simulate FILE [options].\n'],
    ['a flag without its value', ['simulate', 'a', '--seed'], '--seed needs a value: --seed N.\n'],
    ['a value for a switch', ['simulate', 'a', '--json=yes'], '--json takes no value, but got "yes".\n'],
    ['a flag twice', ['simulate', 'a', '--json', '--json'], '--json is given twice.\n'],
    [
      'a speed that is none',
      ['demo', '--speed', 'fast'],
      '--speed: found "fast"; allowed: a number above 0, such as 2 or 0.5.\n',
    ],
  ])('%s', async (_what, words, message) => {
    const { io, out, err } = recorded();
    expect(await main(words, io)).toBe(64);
    expect(err()).toBe(message);
    expect(out()).toBe('');
  });

  test('a file that is not there', async () => {
    const { io, err } = recorded();
    expect(await main(['simulate', '/nowhere/at/all.json'], io)).toBe(64);
    expect(err()).toBe(
      '/nowhere/at/all.json is not a usable scenario:\n  (top): found no readable file (ENOENT); allowed: a scenario as JSON\n',
    );
  });

  test('a file that is not JSON, found from the working directory', async () => {
    const { io, err } = recorded({ cwd: folder({ 's.json': '{"name": ' }) });
    expect(await main(['simulate', 's.json'], io)).toBe(64);
    expect(err()).toMatch(
      /s\.json is not a usable scenario:\n {2}\(top\): found text that is not JSON: .*; allowed: JSON\n$/,
    );
  });

  test('a seed that is none', async () => {
    const scenario = JSON.stringify({ name: 'x', config: 'c.json', account: {} });
    const { io, err } = recorded({ cwd: folder({ 's.json': scenario }) });
    expect(await main(['simulate', 's.json', '--seed', '-1'], io)).toBe(64);
    expect(err()).toBe('--seed: found "-1"; allowed: a whole number from 0 to 4294967295.\n');
  });
});

const tooWide = (text: string): string[] => text.split('\n').filter((line) => line.length > 80);

describe('help', () => {
  test.each<[string[]]>([[[]], [['--help']], [['-h']], [['help']]])('%j lists the commands', async (words) => {
    const { io, out } = recorded();
    expect(await main(words, io)).toBe(0);
    expect(out()).toContain('  simulate  Runs a scenario in a simulated account');
    expect(out()).toContain('Exit codes: 0 good, 1 a finding or an unmet expectation, 2 a failed run,');
    expect(tooWide(out())).toEqual([]);
  });

  test.each<[string[]]>([[['simulate', '--help']], [['simulate', '-h']], [['help', 'simulate']]])(
    '%j shows options and examples',
    async (words) => {
      const { io, out } = recorded();
      expect(await main(words, io)).toBe(0);
      expect(out()).toContain('Usage: backstep simulate FILE [options]');
      expect(out()).toContain('  --out DIR');
      expect(out()).toContain('  backstep simulate examples/01-checkout/scenario.json\n');
    },
  );

  test.each(
    'rollback, plan, status, watch, history, release, approve, decline, pause, resume, doctor, simulate, demo, triggers'.split(
      ', ',
    ),
  )('that of %s fits a terminal of 80 columns', async (name) => {
    const { io, out } = recorded();
    expect(await main([name, '--help'], io)).toBe(0);
    expect(tooWide(out())).toEqual([]);
  });

  test('--version is the version of the package', async () => {
    const { io, out } = recorded();
    expect(await main(['--version'], io)).toBe(0);
    expect(out()).toBe(`${packageJson.version}\n`);
  });
});

describe('the installed command', () => {
  const backstep = join(root, 'bin/backstep.mjs');

  test('works from another directory, by its shebang', () => {
    const { status, stdout, stderr } = spawnSync(backstep, ['--version'], { cwd: tmpdir(), encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  test('works where the flags of the shebang are lost, and passes the exit code on', () => {
    const { status, stderr } = spawnSync(process.execPath, [backstep, 'simulat'], { cwd: tmpdir(), encoding: 'utf8' });
    expect(status).toBe(64);
    expect(stderr).toContain('Did you mean simulate?');
  });
});

function folder(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'backstep-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

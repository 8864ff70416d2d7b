/** docs/transcript.md shows what `npm run transcript` runs, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
const page = read('../../docs/transcript.md');
/** As one text: the script breaks long commands into parts, and puts what it has learned into them. */
const script = read('run.ts')
  .replace(/(['`])\s*\+\s*['`]/g, '')
  .replace(/'\)\}?/g, "'");

test('every command on the page is one of the script', () => {
  const commands = [...page.matchAll(/^\$ (.*)$/gm)].map(([, command = '']) => command);
  expect(commands.length).toBeGreaterThan(15);
  const known = (command: string): boolean =>
    // Port, ARN and the lines below a here-document are put in.
    command.split(/ arn:\S+| 4566/).every((part) => script.includes(part.trim()));
  expect(commands.filter((command) => !known(command))).toEqual([]);
});

test('nothing on the page looks like a key, or like a place on somebody’s machine', () => {
  expect(page).not.toMatch(/AKIA[A-Z0-9]{16}|\/home\/|\/root\/|\/tmp\/|\/work\//);
});

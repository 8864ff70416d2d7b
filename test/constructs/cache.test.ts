import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginCaching, isCached } from '../../lib/constructs/cache.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'backstep-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

const make = (directory: string, content: string) => {
  const entry = beginCaching(directory);
  writeFileSync(join(entry.path, 'file'), content);
  return entry;
};

test('nothing is there until it is whole', () => {
  const directory = join(cache, 'abc');
  const entry = make(directory, 'content');
  expect(isCached(directory)).toBe(false);
  entry.keep();
  expect(isCached(directory)).toBe(true);
  expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('content');
});

test('of two that make the same thing at once, both end with it', () => {
  const directory = join(cache, 'abc');
  const [first, second] = [make(directory, 'first'), make(directory, 'second')];
  first.keep();
  second.keep();
  expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('first');
  expect(readdirSync(cache)).toEqual(['abc']);
});

test('what fails leaves nothing behind', () => {
  make(join(cache, 'abc'), 'half').discard();
  expect(readdirSync(cache)).toEqual([]);
});

test('what nobody used for a week is forgotten, what somebody did is not', () => {
  const longAgo = new Date(Date.now() - 8 * 86_400_000);
  for (const name of ['unused', 'used']) {
    mkdirSync(join(cache, name));
    utimesSync(join(cache, name), longAgo, longAgo);
  }
  isCached(join(cache, 'used'));
  make(join(cache, 'abc'), 'content').keep();
  expect(existsSync(join(cache, 'unused'))).toBe(false);
  expect(readdirSync(cache).sort()).toEqual(['abc', 'used']);
});

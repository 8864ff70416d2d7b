/** Links between the pages lead somewhere, and every page can be found. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const pages = ['.', 'docs', 'docs/decisions', ...readdirSync(join(root, 'examples')).map((name) => `examples/${name}`)]
  .flatMap((directory) => readdirSync(join(root, directory)).map((name) => join(directory, name)))
  .filter((file) => file.endsWith('.md'));

/** Of one page, as `[path from the root, anchor]`; links to other places are not looked at. */
function linksOf(page: string): [string, string][] {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      return [path === '' ? page : relative(root, join(root, dirname(page), path)), anchor];
    });
}

/** As GitHub makes them. */
const anchorsOf = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('%s', (page) => {
  test('links only to what is there', () => {
    const broken = linksOf(page).filter(
      ([path, anchor]) =>
        !existsSync(join(root, path)) || (anchor !== '' && path.endsWith('.md') && !anchorsOf(path).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });
});

test('every page of docs is linked from another', () => {
  const all = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(all.length).toBeGreaterThan(20);
  const linked = new Set(pages.flatMap((page) => linksOf(page).flatMap(([path]) => (path === page ? [] : path))));
  expect(all.filter((page) => !linked.has(page))).toEqual([]);
});

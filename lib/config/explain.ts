import type { z } from 'zod';
import { type ConfigurationIssue, describeFound } from './errors.ts';

/** Turns what the schema refused into path, found and allowed, one issue for each wrong key or value. */
export function explain(error: z.ZodError, document: unknown): ConfigurationIssue[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path as (string | number)[];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], issue.message));
    if (issue.code === 'invalid_key') {
      return {
        path: pathText(path),
        found: describeFound(path.at(-1)),
        allowed: issue.issues[0]?.message ?? issue.message,
      };
    }
    return { path: pathText(path), found: describeFound(valueAt(document, path)), allowed: issue.message };
  });
}

/** `environments.production.services.checkout.sides[0].name`; the whole document is `(the file)`. */
export function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(the file)';
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${plain(String(part))}`))
    .join('');
}

/** The known word that a misspelt one most likely stands for, or undefined if none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

function unknownKey(path: readonly (string | number)[], knownKeys: string): ConfigurationIssue {
  const key = String(path.at(-1));
  const guess = nearest(key, knownKeys.split(', '));
  return {
    path: pathText(path),
    found: `the unknown key ${describeFound(key)}`,
    allowed: guess ? `"${guess}", perhaps? The keys here are ${knownKeys}` : `one of the keys ${knownKeys}`,
  };
}

const plain = (key: string): string => (/^[\w$-]+$/.test(key) ? key : JSON.stringify(key));

function valueAt(document: unknown, path: readonly (string | number)[]): unknown {
  let value = document;
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** Levenshtein's distance, with a swap of neighbours counted as one mistake. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : changed;
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped));
    }
  }
  return at(a.length, b.length);
}

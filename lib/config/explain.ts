import type { z } from 'zod';
import { nearest } from '../domain/nearest.ts';
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

/** The policy for on-call people in docs/deploying.md is what the command calls, no more and no less. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Policy {
  readonly Statement: readonly { readonly Action: readonly string[] }[];
}

function documented(): string[] {
  const [, text = ''] =
    /```json\n(\{\s*"Version": "2012-10-17"[\s\S]*?)```/.exec(readFileSync('docs/deploying.md', 'utf8')) ?? [];
  return (JSON.parse(text) as Policy).Statement.flatMap(({ Action }) => Action).sort();
}

/** What the comments at the top of bin/aws say. */
function called(): string[] {
  const comments = readdirSync('bin/aws', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join('bin/aws', file), 'utf8').split('*/')[0] ?? '');
  const lists = comments.map((comment) => /Calls: ([\s\S]*)$/.exec(comment)?.[1] ?? '');
  return [...new Set(lists.flatMap((list) => list.match(/\b[a-z0-9]+:[A-Z]\w+/g) ?? []))].sort();
}

test('people who have it can run every command', () => {
  // Through a function URL, AWS wants to see both permissions.
  expect(documented()).toEqual([...new Set([...called(), 'lambda:InvokeFunction'])].sort());
  expect(called().length).toBeGreaterThan(8);
});

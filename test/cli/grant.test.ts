/** The policies for people in docs/deploying.md and docs/direct.md are what the command calls, no more and no less. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Policy {
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

function documented(): string[] {
  const actions = ['docs/deploying.md', 'docs/direct.md'].flatMap((page) => {
    const [, text = ''] = /```json\n(\{\s*"Version": "2012-10-17"[\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
    return (JSON.parse(text) as Policy).Statement.flatMap(({ Action }) => Action);
  });
  return [...new Set(actions)].sort();
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
  // Through a function URL, AWS wants to see both permissions. Everybody may ask who they are.
  const needed = new Set([...called(), 'lambda:InvokeFunction']);
  needed.delete('sts:GetCallerIdentity');
  expect(documented()).toEqual([...needed].sort());
  expect(called().length).toBeGreaterThan(8);
});

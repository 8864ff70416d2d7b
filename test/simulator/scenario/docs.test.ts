import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioJsonSchema, scenarioSchema } from '../../../simulator/scenario/schema.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/scenarios.md'), 'utf8');
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
const firstCells = (text: string): string[] =>
  [...text.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1] as string);

test('the page lists every key of a scenario', () => {
  expect(firstCells(section('A scenario')).sort()).toEqual(
    Object.keys(scenarioSchema.shape)
      .filter((key) => key !== '$schema')
      .sort(),
  );
});

test('the page lists every type of event with its keys', () => {
  const rows = [...section('Events').matchAll(/^\| `(\w+)` \|.*\| (.*) \|$/gm)];
  const listed = Object.fromEntries(
    rows.map(([, type, keys]) => [type, [...(keys ?? '').matchAll(/`([\w]+)`/g)].map((match) => match[1])]),
  );
  const schema = JSON.parse(JSON.stringify(scenarioJsonSchema()));
  for (const event of schema.properties.events.items.oneOf ?? schema.properties.events.items.anyOf) {
    const { at: _at, type, ...keys } = event.properties;
    expect({
      type: type.const,
      keys: listed[type.const]?.filter((key: string | undefined) => key !== 'account'),
    }).toEqual({
      type: type.const,
      keys: expect.arrayContaining(Object.keys(keys)),
    });
  }
});

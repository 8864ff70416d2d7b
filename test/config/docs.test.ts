import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serviceSchema } from '../../lib/config/schema.ts';
import { minimal, parse } from './fixture.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8');
const [smallest = ''] = [...page.matchAll(/```json\n(\{[\s\S]*?\n\})\n```/g)].map((match) => match[1] ?? '');

describe('docs/configuration.md', () => {
  test('its smallest file is sound', () => {
    const document = JSON.parse(smallest);
    document.environments.production.services.checkout.runbook = 'runbook.json';
    expect(Object.keys(parse(document).environments)).toEqual(['production']);
  });

  test('names every key of a service, its policy with its default', () => {
    for (const key of Object.keys(serviceSchema.shape)) expect(page).toContain(`\`${key}`);
    const { policy } = parse(minimal()).environments.production?.services.checkout ?? {};
    for (const [key, value] of Object.entries(policy ?? {})) {
      const shown = typeof value === 'string' ? value : JSON.stringify(value);
      const row = page.split('\n').find((line) => line.startsWith(`| \`${key}\` |`));
      expect(
        row
          ?.split(' | ')
          .at(-1)
          ?.replaceAll(/[`|\s]/g, ''),
        key,
      ).toBe(shown);
    }
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configurationJsonSchema } from '../../lib/config/json-schema.ts';

test('schema/backstep.schema.json is what the loader accepts (node --import tsx lib/config/generate-schema.ts)', () => {
  const path = join(import.meta.dirname, '..', '..', 'schema', 'backstep.schema.json');
  expect(readFileSync(path, 'utf8')).toBe(configurationJsonSchema());
});

/** Writes schema/backstep.schema.json: `node --import tsx lib/config/generate-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationJsonSchema } from './json-schema.ts';

const target = join(import.meta.dirname, '..', '..', 'schema', 'backstep.schema.json');
writeFileSync(target, configurationJsonSchema());

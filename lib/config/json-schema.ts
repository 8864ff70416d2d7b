import { z } from 'zod';
import { configurationSchema } from './schema.ts';

/** The JSON Schema of backstep.json for editors, as text. Rules between fields are only known to the loader. */
export function configurationJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(configurationSchema, { io: 'input', target: 'draft-7' });
  const document = { $schema, title: 'Configuration of Backstep', ...schema };
  return `${JSON.stringify(document, null, 2)}\n`;
}

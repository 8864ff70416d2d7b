/** Values as headers and query strings carry them. */
import type { NormalizedSchema } from '@smithy/core/schema';

export function fromHeaderText(schema: NormalizedSchema, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (schema.isBooleanSchema()) return text === 'true';
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isTimestampSchema()) return new Date(text);
  if (schema.isListSchema()) return text.split(',').map((part) => part.trim());
  return text;
}

export function toHeaderText(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) return value.toUTCString();
  if (schema.isListSchema()) return (value as unknown[]).join(', ');
  return String(value);
}

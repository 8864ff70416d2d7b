/** The Query protocol's form fields, read back into the shape that the client had: `Actions.member.1.Type=forward`. */
import type { NormalizedSchema } from '@smithy/core/schema';

/** A field's own value and the fields below it. */
export interface FormNode {
  value: string | undefined;
  readonly children: Map<string, FormNode>;
}

export function parseForm(body: string): FormNode {
  const root: FormNode = { value: undefined, children: new Map() };
  for (const [key, value] of new URLSearchParams(body)) {
    let node = root;
    for (const part of key.split('.')) {
      const child = node.children.get(part) ?? { value: undefined, children: new Map() };
      node.children.set(part, child);
      node = child;
    }
    node.value = value;
  }
  return root;
}

export function readForm(schema: NormalizedSchema, node: FormNode): unknown {
  if (schema.isStructSchema()) return readStruct(schema, node);
  if (schema.isListSchema()) return readList(schema, node);
  if (schema.isMapSchema()) return readMap(schema, node);
  const text = node.value ?? '';
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64');
  if (schema.isBooleanSchema()) return text === 'true';
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isTimestampSchema()) return new Date(text);
  return text;
}

function readStruct(schema: NormalizedSchema, node: FormNode): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const child = node.children.get(member.getMergedTraits().xmlName ?? name);
    if (child) result[name] = readForm(member, child);
  }
  return result;
}

/** An empty list is the key with an empty value. */
function readList(schema: NormalizedSchema, node: FormNode): unknown[] {
  const member = schema.getValueSchema();
  const items = schema.getMergedTraits().xmlFlattened
    ? node
    : node.children.get(member.getMergedTraits().xmlName ?? 'member');
  return items ? numbered(items).map((item) => readForm(member, item)) : [];
}

function readMap(schema: NormalizedSchema, node: FormNode): Record<string, unknown> {
  const entries = schema.getMergedTraits().xmlFlattened ? node : node.children.get('entry');
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const result: Record<string, unknown> = {};
  for (const entry of entries ? numbered(entries) : []) {
    const key = entry.children.get(keyName)?.value;
    const value = entry.children.get(valueName);
    if (key !== undefined && value) result[key] = readForm(schema.getValueSchema(), value);
  }
  return result;
}

/** Children `1`, `2`, … in the order of their numbers. */
const numbered = (node: FormNode): FormNode[] =>
  [...node.children]
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);

/**
 * JSON with sorted keys and no spaces, so that equal documents have equal bytes and so equal hashes. Members that are
 * `undefined` are left out, as JSON.stringify does.
 *
 * @example canonicalJson({ b: 1, a: undefined, c: [{ z: 1, y: 2 }] }) // '{"b":1,"c":[{"y":2,"z":1}]}'
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (isPlainObject(member) ? sorted(member) : member));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(object).sort();
  // fromEntries defines own members, so that a key such as __proto__ stays a key.
  return Object.fromEntries(keys.map((key) => [key, object[key]]));
}

/** Event patterns: a leaf is a list of which one must match; a list in the event matches when one of its values does. */

type Matcher = { readonly name: string; matches(value: unknown): boolean };

/** @throws Error for a pattern that EventBridge would refuse, or that is not simulated */
export function checkPattern(pattern: object): void {
  if (Array.isArray(pattern)) throw new Error('Event pattern: the top level must be an object');
  for (const [key, value] of Object.entries(pattern)) {
    if (key === '$or') {
      if (!Array.isArray(value)) throw new Error('Event pattern: $or must hold a list of patterns');
      for (const alternative of value) checkPattern(alternative);
    } else if (Array.isArray(value)) {
      if (value.length === 0) throw new Error(`Event pattern: empty list for ${key}`);
      for (const leaf of value) if (!isExistence(leaf)) matcher(leaf);
    } else if (typeof value === 'object' && value !== null) checkPattern(value);
    else throw new Error(`Event pattern: ${key} must be a list or an object, found ${JSON.stringify(value)}`);
  }
}

export function matches(pattern: object, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return (wanted as object[]).some((alternative) => matches(alternative, event));
    const found = member(event, key);
    if (!Array.isArray(wanted)) return matchesBelow(wanted as object, found);
    return wanted.some((leaf) => matchesLeaf(leaf, found));
  });
}

/** Under a list of objects one element must match. A missing object still satisfies `exists: false` below it. */
function matchesBelow(pattern: object, found: unknown): boolean {
  return Array.isArray(found) ? found.some((element) => matches(pattern, element)) : matches(pattern, found);
}

function matchesLeaf(leaf: unknown, found: unknown): boolean {
  if (isExistence(leaf)) return (found !== undefined) === leaf.exists;
  if (found === undefined) return false;
  const { matches: test } = matcher(leaf);
  return Array.isArray(found) ? found.some(test) : test(found);
}

const isExistence = (leaf: unknown): leaf is { readonly exists: boolean } =>
  typeof leaf === 'object' && leaf !== null && typeof (leaf as { exists?: unknown }).exists === 'boolean';

function matcher(leaf: unknown): Matcher {
  if (typeof leaf !== 'object' || leaf === null) return { name: 'exactly', matches: (value) => value === leaf };
  const entries = Object.entries(leaf);
  const [name, operand] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined)
    throw new Error(`Event pattern: one operator is expected in ${JSON.stringify(leaf)}`);
  const test = operators[name];
  if (!test) throw new Error(`Event pattern: operator ${name} is not simulated`);
  return { name, matches: test(operand) };
}

const operators: Readonly<Record<string, (operand: unknown) => (value: unknown) => boolean>> = {
  prefix: (operand) => affix(operand, 'prefix', (value, wanted) => value.startsWith(wanted)),
  suffix: (operand) => affix(operand, 'suffix', (value, wanted) => value.endsWith(wanted)),
  'equals-ignore-case': (operand) => {
    const wanted = text(operand, 'equals-ignore-case').toLowerCase();
    return (value) => typeof value === 'string' && value.toLowerCase() === wanted;
  },
  wildcard: (operand) => {
    const pattern = wildcard(text(operand, 'wildcard'));
    return (value) => typeof value === 'string' && pattern.test(value);
  },
  numeric: (operand) => numeric(operand),
  'anything-but': (operand) => anythingBut(operand),
};

function affix(operand: unknown, name: string, test: (value: string, wanted: string) => boolean) {
  if (typeof operand === 'object' && operand !== null && 'equals-ignore-case' in operand) {
    const wanted = text(operand['equals-ignore-case'], name).toLowerCase();
    return (value: unknown) => typeof value === 'string' && test(value.toLowerCase(), wanted);
  }
  const wanted = text(operand, name);
  return (value: unknown) => typeof value === 'string' && test(value, wanted);
}

/** Values, or one nested operator over one value or a list of them. */
function anythingBut(operand: unknown): (value: unknown) => boolean {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [name, nested] = Object.entries(operand)[0] ?? [];
    const test = operators[name ?? ''];
    if (!test || name === 'anything-but' || name === 'numeric')
      throw new Error(`Event pattern: anything-but does not take ${name}`);
    const refused = (Array.isArray(nested) ? nested : [nested]).map((one) => test(one));
    return (value) => !refused.some((matchesRefused) => matchesRefused(value));
  }
  const refused: unknown[] = Array.isArray(operand) ? operand : [operand];
  return (value) => !refused.includes(value);
}

/** `["<", 10]`, `[">", 0, "<=", 5]`. */
function numeric(operand: unknown): (value: unknown) => boolean {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0)
    throw new Error(`Event pattern: numeric needs pairs of comparison and number: ${JSON.stringify(operand)}`);
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const [comparison, limit] = operand.slice(index, index + 2) as [string, number];
    const test = comparisons[comparison];
    if (!test || typeof limit !== 'number')
      throw new Error(`Event pattern: numeric cannot compare ${JSON.stringify([comparison, limit])}`);
    tests.push((value) => test(value, limit));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** `*` is any characters; `\*` and `\\` are themselves. Two stars in a row are refused, as AWS does. */
function wildcard(source: string): RegExp {
  if (/(?<!\\)\*\*/.test(source)) throw new Error(`Event pattern: consecutive wildcards in ${source}`);
  const parts = source.match(/\\[*\\]|\*|[^*\\]+|\\/g) ?? [];
  const body = parts.map((part) => (part === '*' ? '.*' : escapeRegex(part.replace(/^\\([*\\])$/, '$1'))));
  return new RegExp(`^${body.join('')}$`, 's');
}

const escapeRegex = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function text(operand: unknown, name: string): string {
  if (typeof operand !== 'string') throw new Error(`Event pattern: ${name} needs a string`);
  return operand;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** As much YAML as AppSpec files use: nested maps and lists by indentation, scalars, flow values that are JSON. */

export type Yaml = string | number | boolean | null | Yaml[] | { [key: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** @throws SyntaxError */
export function parseYaml(text: string): Yaml {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trimEnd())
    .filter((line) => line.trim() !== '' && line.trim() !== '---')
    .map((line): Line => ({ indent: line.length - line.trimStart().length, text: line.trim() }));
  const { value, next } = block(lines, 0);
  if (next < lines.length) throw new SyntaxError(`unexpected indentation at "${lines[next]?.text}"`);
  return value;
}

function block(lines: readonly Line[], from: number): { value: Yaml; next: number } {
  const first = lines[from];
  if (!first) return { value: null, next: from };
  return first.text === '-' || first.text.startsWith('- ') ? list(lines, from) : map(lines, from);
}

function list(lines: readonly Line[], from: number): { value: Yaml[]; next: number } {
  const { indent } = lines[from] as Line;
  const value: Yaml[] = [];
  let at = from;
  while (lines[at]?.indent === indent && /^-( |$)/.test(lines[at]?.text ?? '')) {
    const rest = (lines[at] as Line).text.slice(1);
    const inner = rest.trimStart();
    // What follows the dash is the first line of a block of its own, as deep as it stands.
    const own = inner === '' ? [] : [{ indent: indent + 1 + rest.length - inner.length, text: inner }];
    const end = lines.findIndex((line, index) => index > at && line.indent <= indent);
    const below = lines.slice(at + 1, end < 0 ? lines.length : end);
    const isBlock = inner === '' || /^[^"'[{][^:]*:( |$)/.test(inner);
    value.push(isBlock ? whole([...own, ...below]) : scalar(inner));
    at += 1 + below.length;
  }
  return { value, next: at };
}

function map(lines: readonly Line[], from: number): { value: { [key: string]: Yaml }; next: number } {
  const { indent } = lines[from] as Line;
  const value: { [key: string]: Yaml } = {};
  let at = from;
  while (lines[at]?.indent === indent) {
    const { text } = lines[at] as Line;
    const match = /^("[^"]*"|'[^']*'|[^\s:][^:]*?)\s*:(?:\s+(.*))?$/.exec(text);
    if (!match) throw new SyntaxError(`"${text}" is neither a key with a value nor an entry of a list`);
    const key = String(scalar(match[1] ?? ''));
    if (match[2] !== undefined && match[2] !== '') {
      value[key] = scalar(match[2]);
      at += 1;
      continue;
    }
    const below = lines[at + 1];
    const nested = below && (below.indent > indent || (below.indent === indent && /^-( |$)/.test(below.text)));
    const inner = nested ? block(lines, at + 1) : { value: null, next: at + 1 };
    value[key] = inner.value;
    at = inner.next;
  }
  return { value, next: at };
}

function whole(lines: readonly Line[]): Yaml {
  const { value, next } = block(lines, 0);
  if (next < lines.length) throw new SyntaxError(`unexpected indentation at "${lines[next]?.text}"`);
  return value;
}

function scalar(text: string): Yaml {
  if (/^[[{"]/.test(text)) return JSON.parse(text) as Yaml;
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (text === 'null' || text === '~') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

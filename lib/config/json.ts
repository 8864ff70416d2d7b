import type { Json } from '../domain/model.ts';

/**
 * A JSON reader for files that people write and tools paste together. JSON.parse would do for the happy path, but it
 * says neither line nor column on every runtime, drops digits and duplicate keys in silence, and cannot read an object
 * that has text after it.
 */
export interface JsonReading {
  readonly value: Json;
  /** Offset of the first character after the value. */
  readonly end: number;
  /** What a JavaScript value could not keep as written, e.g. numbers of too many digits. */
  readonly notes: readonly string[];
}

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  readonly found: string;
  readonly allowed: string;

  constructor(text: string, offset: number, allowed: string) {
    const before = text.slice(0, offset).split('\n');
    const line = before.length;
    const column = (before.at(-1) ?? '').length + 1;
    const found =
      offset >= text.length ? 'the end of the file' : JSON.stringify([...text.slice(offset, offset + 2)][0]);
    super(`line ${line}, column ${column}: found ${found}, allowed: ${allowed}`);
    this.line = line;
    this.column = column;
    this.offset = offset;
    this.found = found;
    this.allowed = allowed;
  }
}

/** Reads a whole document: one value, nothing but white space around it. A byte order mark is dropped. */
export function parseJson(source: string): JsonReading {
  const text = withoutMark(source);
  const reading = readJsonAt(text, 0);
  const rest = skipSpace(text, reading.end);
  if (rest < text.length) throw new JsonSyntaxError(text, rest, 'the end of the file');
  return reading;
}

/** Reads one value that begins at `start` (or after white space there) and leaves alone what follows. */
export function readJsonAt(text: string, start: number): JsonReading {
  const reader = { text, at: start, notes: [], depth: 0 };
  const value = readValue(reader);
  return { value, end: reader.at, notes: reader.notes };
}

export const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

interface Reader {
  readonly text: string;
  at: number;
  readonly notes: string[];
  depth: number;
}

const deepest = 200;
const space = /[ \t\r\n]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// Everything in a string that needs no second look: no quote, no escape, no control character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in strings
const plain = /[^"\\\u0000-\u001f]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readValue(reader: Reader): Json {
  reader.at = skipSpace(reader.text, reader.at);
  const char = reader.text[reader.at];
  if (char === '{' || char === '[') {
    if (++reader.depth > deepest) throw fail(reader, `at most ${deepest} levels of nesting`);
    const value = char === '{' ? readObject(reader) : readArray(reader);
    reader.depth -= 1;
    return value;
  }
  if (char === '"') return readString(reader);
  if (char !== undefined && /[-\d]/.test(char)) return readNumber(reader);
  for (const [word, value] of [
    ['true', true],
    ['false', false],
    ['null', null],
  ] as const) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  throw fail(reader, 'a value: an object, a list, a string in double quotes, a number, true, false or null');
}

function readObject(reader: Reader): Json {
  const result: { [key: string]: Json } = {};
  reader.at += 1;
  if (next(reader) === '}') return closed(reader, result);
  for (;;) {
    if (next(reader) !== '"') throw fail(reader, 'a key in double quotes');
    const keyAt = reader.at;
    const key = readString(reader);
    if (Object.hasOwn(result, key)) {
      throw new JsonSyntaxError(reader.text, keyAt, `each key once, but ${JSON.stringify(key)} stands here again`);
    }
    if (next(reader) !== ':') throw fail(reader, 'a colon after the key');
    reader.at += 1;
    // Not `result[key] = …`: a key called `__proto__` is data like any other.
    Object.defineProperty(result, key, {
      value: readValue(reader),
      enumerable: true,
      writable: true,
      configurable: true,
    });
    const after = next(reader);
    if (after === '}') return closed(reader, result);
    if (after !== ',') throw fail(reader, 'a comma or the closing brace');
    reader.at += 1;
  }
}

function readArray(reader: Reader): Json {
  const result: Json[] = [];
  reader.at += 1;
  if (next(reader) === ']') return closed(reader, result);
  for (;;) {
    result.push(readValue(reader));
    const after = next(reader);
    if (after === ']') return closed(reader, result);
    if (after !== ',') throw fail(reader, 'a comma or the closing bracket');
    reader.at += 1;
  }
}

function readString(reader: Reader): string {
  let result = '';
  reader.at += 1;
  for (;;) {
    result += match(plain, reader);
    const char = reader.text[reader.at];
    if (char === '"') {
      reader.at += 1;
      return result;
    }
    if (char !== '\\') throw fail(reader, 'the closing double quote before the end of the line');
    result += readEscape(reader);
  }
}

function readEscape(reader: Reader): string {
  const letter = reader.text[reader.at + 1] ?? '';
  if (letter === 'u') {
    const digits = reader.text.slice(reader.at + 2, reader.at + 6);
    if (!/^[\da-fA-F]{4}$/.test(digits)) throw fail(reader, 'four hexadecimal digits after \\u');
    reader.at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  const meaning = escapes[letter];
  if (meaning === undefined) throw fail(reader, 'an escape that JSON knows: \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u');
  reader.at += 2;
  return meaning;
}

/** A number that JavaScript would change becomes the string of its digits: the note says so, and nothing is lost. */
function readNumber(reader: Reader): Json {
  const start = reader.at;
  const literal = match(number, reader);
  if (literal === '') throw fail(reader, 'a number');
  const value = Number(literal);
  if (Number.isFinite(value) && significant(literal) === significant(String(value))) return value;
  const { line } = new JsonSyntaxError(reader.text, start, '');
  reader.notes.push(`line ${line}: the number ${literal} has more digits than a number keeps, so it is kept as text`);
  return literal;
}

/** Sign, digits and exponent without the freedom of notation: `1.50e3` and `1500` are both `15|2`. */
function significant(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return '0';
  const shift = Number(exponent) - fraction.length + (digits.length - trimmed.length);
  return `${literal.startsWith('-') ? '-' : ''}${trimmed}|${shift}`;
}

function closed<T>(reader: Reader, value: T): T {
  reader.at += 1;
  return value;
}

function next(reader: Reader): string | undefined {
  reader.at = skipSpace(reader.text, reader.at);
  return reader.text[reader.at];
}

function skipSpace(text: string, at: number): number {
  space.lastIndex = at;
  return at + (space.exec(text)?.[0].length ?? 0);
}

function match(pattern: RegExp, reader: Reader): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0] ?? '';
  reader.at += found.length;
  return found;
}

const fail = (reader: Reader, allowed: string): JsonSyntaxError => new JsonSyntaxError(reader.text, reader.at, allowed);

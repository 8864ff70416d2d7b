/**
 * Reads what a person has typed, field by field, and says of each that cannot be used what was found and what is allowed.
 */
import type { Json } from './model.ts';
import { nearest } from './nearest.ts';

/** How many unknown fields a refusal names: a pasted document must not make it larger than a state may be. */
const unknownToldOf = 5;

/** A value, or the sentence that says what is allowed. */
export type Reading<T> = { readonly value: T } | { readonly allowed: string };
export type Reader<T> = (found: Json) => Reading<T>;

/** Reads an object field by field and remembers which were good, which were not and which were asked for at all. */
export class Fields {
  readonly usable: Record<string, Json> = {};
  readonly #input: Readonly<Record<string, Json>>;
  readonly #asked: string[] = [];
  readonly #problems: string[] = [];

  constructor(input: Readonly<Record<string, Json>>) {
    this.#input = input;
  }

  read<T>(name: string, reader: Reader<T>): T | undefined {
    this.#asked.push(name);
    const found = Object.hasOwn(this.#input, name) ? this.#input[name] : undefined;
    if (found === undefined) return undefined;
    const reading = reader(found);
    if ('allowed' in reading) {
      this.#problems.push(`"${name}" is ${show(found)}: ${reading.allowed}.`);
      return undefined;
    }
    this.usable[name] = found;
    return reading.value;
  }

  /** @param allowed says what to write where there is nothing */
  require<T>(name: string, reader: Reader<T>, allowed: string): T | undefined {
    const value = this.read(name, reader);
    if (!Object.hasOwn(this.#input, name)) this.#problems.push(`"${name}" is missing: ${allowed}.`);
    return value;
  }

  problems(): string[] {
    const unknown = Object.keys(this.#input).filter((name) => !this.#asked.includes(name));
    const more = unknown.length - unknownToldOf;
    return [
      ...this.#problems,
      ...unknown.slice(0, unknownToldOf).map((name) => this.#unknownField(name)),
      ...(more > 0 ? [`${more} more are no fields either.`] : []),
    ];
  }

  #unknownField(name: string): string {
    const meant = nearest(name, this.#asked);
    return `${show(name)} is no field: ${meant ? `did you mean "${meant}"?` : `allowed are ${this.#asked.join(', ')}.`}`;
  }
}

export function text(minimum: number, maximum: number): Reader<string> {
  return (found) => {
    if (typeof found !== 'string') return { allowed: 'write a string, in quotes' };
    const value = found.trim();
    if (value.length < minimum) return { allowed: 'it may not be empty' };
    if (value.length > maximum) return { allowed: `at most ${maximum} characters` };
    return { value };
  };
}

export const boolean: Reader<boolean> = (found) => {
  if (typeof found === 'boolean') return { value: found };
  const meant = typeof found === 'string' && /^(true|false)$/i.test(found) ? `, here ${found.toLowerCase()}` : '';
  return { allowed: `write true or false, without quotes${meant}` };
};

export function oneOf<T extends string>(allowed: readonly T[]): Reader<T> {
  return (found) => {
    const value = allowed.find((candidate) => candidate === found);
    if (value) return { value };
    const meant = typeof found === 'string' ? nearest(found, allowed) : undefined;
    return { allowed: `allowed are ${allowed.join(', ')}${meant ? ` (did you mean "${meant}"?)` : ''}` };
  };
}

export function exactly(expected: string, what: string): Reader<string> {
  return (found) => (found === expected ? { value: expected } : { allowed: `only "${expected}" is allowed, ${what}` });
}

export function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A found value in a message, cut so that a pasted document does not fill it. */
export function show(value: Json): string {
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 77)}…` : json;
}

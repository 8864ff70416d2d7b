import jsonata from 'jsonata';
import type { Json } from '../../lib/domain/model.ts';
import type { Template } from './definition.ts';

const compiled = new Map<string, jsonata.Expression>();

/** The expression inside `{% … %}`, if the whole string is so delimited. @throws Error on half a delimiter */
export function expressionIn(text: string): string | undefined {
  const opens = text.startsWith('{%');
  const closes = text.endsWith('%}') && text.length >= 4;
  if (opens !== closes) {
    throw new Error(`'${text}' is neither a plain string nor a JSONata expression: it needs both '{%' and '%}'.`);
  }
  return opens ? text.slice(2, -2).trim() : undefined;
}

/** Parses once per process. @throws Error with JSONata's code and message */
export function compile(source: string): jsonata.Expression {
  const known = compiled.get(source);
  if (known) return known;
  try {
    const expression = jsonata(source);
    compiled.set(source, expression);
    return expression;
  } catch (error) {
    throw new Error(`The JSONata expression '${source}' is not valid: ${describe(error)}`);
  }
}

/** Every expression of a template with where it stands, `Arguments/Payload/now`. */
export function* expressions(template: Template, path: string): Generator<{ source: string; path: string }> {
  if (typeof template === 'string') {
    const source = expressionIn(template);
    if (source !== undefined) yield { source, path };
  } else if (Array.isArray(template)) {
    for (const [index, item] of template.entries()) yield* expressions(item, `${path}[${index}]`);
  } else if (template !== null && typeof template === 'object') {
    for (const [key, value] of Object.entries(template)) yield* expressions(value, `${path}/${key}`);
  }
}

/** JSONata throws plain objects: `{code, message}`. */
export function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ? `${code}: ${message ?? ''}` : (message ?? String(error));
}

export type Bindings = Readonly<Record<string, unknown>>;

/** What an expression came to: JSON, nothing, or something JSON cannot hold. */
export type Evaluated =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'function' };

export async function evaluate(source: string, bindings: Bindings): Promise<Evaluated> {
  const result: unknown = await compile(source).evaluate(undefined, bindings);
  if (result === undefined) return { kind: 'nothing' };
  if (typeof result === 'function' || isLambda(result)) return { kind: 'function' };
  return { kind: 'value', value: JSON.parse(JSON.stringify(result)) as Json };
}

function isLambda(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value);
}

/** From what the schema library found to what a person needs: where, what was found, what is allowed. */
import type { z } from 'zod';
import { nearest } from '../../lib/domain/nearest.ts';
import { AwsError } from '../service.ts';

export interface Issue {
  /** Dotted path from the top of the file, e.g. `events[2].type`. */
  readonly path: string;
  readonly found: string;
  readonly allowed: string;
  readonly suggestion?: string;
}

/** The file cannot be used: nothing was run, or the run came to something that cannot happen. */
export class ScenarioError extends Error {
  readonly issues: readonly Issue[];

  constructor(file: string, issues: readonly Issue[]) {
    super([`${file} is not a usable scenario:`, ...issues.map((issue) => `  ${sentence(issue)}`)].join('\n'));
    this.name = 'ScenarioError';
    this.issues = issues;
  }
}

const sentence = ({ path, found, allowed, suggestion }: Issue): string =>
  `${path || '(top)'}: found ${found}; allowed: ${allowed}${suggestion ? `. Did you mean "${suggestion}"?` : ''}`;

/**
 * The scenario asks for something that cannot be: a well-formed one may still name what is not in its account. Errors of
 * the simulation itself are no such thing and stay what they are.
 *
 * @param path of the part that asks for it
 */
export function unusable(error: unknown, path: string, what: string, allowed: string): unknown {
  const ofTheAccount = error instanceof Error && (error.constructor === Error || error instanceof AwsError);
  if (!ofTheAccount) return error;
  return new ScenarioError('The scenario', [{ path, found: `${what}, which failed: ${String(error)}`, allowed }]);
}

/** Every issue of a failed parse of `input` by `schema`. */
export function issuesOf(schema: z.ZodType, input: unknown, issues: readonly z.core.$ZodIssue[]): Issue[] {
  return issues.flatMap((issue) => describe(schema, input, issue));
}

function describe(schema: z.ZodType, input: unknown, issue: z.core.$ZodIssue): Issue[] {
  const value = at(input, issue.path);
  const path = dotted(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = keysAt(schema, input, issue.path);
      return issue.keys.map((key) => ({
        path: dotted([...issue.path, key]),
        found: 'a key that is not known',
        allowed: allowed.join(', '),
        ...suggest(key, allowed),
      }));
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      return [{ path, found: shown(value), allowed: allowed.join(', '), ...suggest(value, allowed) }];
    }
    case 'invalid_union': {
      const allowed = discriminators(schema, input, issue.path);
      if (allowed.length > 0)
        return [{ path, found: shown(value), allowed: allowed.join(', '), ...suggest(value, allowed) }];
      const wanted = [...new Set(issue.errors.flat().map(requirement))];
      return [{ path, found: shown(value), allowed: wanted.join(' or ') }];
    }
    default:
      return [{ path, found: shown(value), allowed: requirement(issue) }];
  }
}

function requirement(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.expected === 'int' ? 'a whole number' : `${article(issue.expected)} ${issue.expected}`}`;
    case 'too_small':
      return `${issue.origin === 'string' ? 'a text' : issue.origin} of at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? `the format ${issue.pattern ?? issue.format}` : issue.message;
    default:
      return issue.message;
  }
}

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');

const suggest = (word: unknown, candidates: readonly string[]): { suggestion?: string } => {
  const suggestion = typeof word === 'string' ? nearest(word, candidates) : undefined;
  return suggestion === undefined ? {} : { suggestion };
};

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}

export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text ? `${text}.${name}` : name;
  }, '');
}

// ---------------------------------------------------------------- walking the schema along a path of the input

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly shape?: Record<string, z.ZodType>;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly getter?: () => z.ZodType;
}

const definition = (schema: z.ZodType): Definition => schema.def as unknown as Definition;

function keysAt(schema: z.ZodType, input: unknown, path: readonly PropertyKey[]): string[] {
  const found = schemasAt(schema, input, path).flatMap((one) => Object.keys(definition(one).shape ?? {}));
  return [...new Set(found)];
}

/** The allowed values of a discriminator, for an issue that lies on one. */
function discriminators(schema: z.ZodType, input: unknown, path: readonly PropertyKey[]): string[] {
  const parent = schemasAt(schema, input, path.slice(0, -1), true);
  return parent.flatMap((one) => {
    const { options, discriminator } = definition(one);
    if (!options || discriminator !== path.at(-1)) return [];
    return options.flatMap((option) => literals(option, discriminator as string));
  });
}

function schemasAt(
  schema: z.ZodType,
  input: unknown,
  path: readonly PropertyKey[],
  keepUnion = false,
): readonly z.ZodType[] {
  const def = definition(schema);
  const inner = def.innerType ?? def.in ?? def.getter?.();
  if (inner) return schemasAt(inner, input, path, keepUnion);
  if (def.options && !(keepUnion && path.length === 0)) {
    const tag = def.discriminator === undefined ? undefined : at(input, [def.discriminator]);
    const matching = def.options.filter(
      (option) => def.discriminator === undefined || literals(option, def.discriminator).includes(String(tag)),
    );
    return matching.flatMap((option) => schemasAt(option, input, path, keepUnion));
  }
  const [key, ...rest] = path;
  if (key === undefined) return [schema];
  const next = def.shape?.[String(key)] ?? def.element ?? def.valueType;
  return next ? schemasAt(next, at(input, [key]), rest, keepUnion) : [];
}

function literals(option: z.ZodType, key: string): string[] {
  const def = definition(option);
  const inner = def.innerType ?? def.in;
  if (inner) return literals(inner, key);
  const field = def.shape?.[key];
  return field ? (definition(field).values ?? []).map(String) : [];
}

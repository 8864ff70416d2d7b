import type { Comparison, Json } from '../model.ts';
import { type Refusal, refuse } from './trigger.ts';

export type Operator = Comparison | 'equals';

/**
 * The comparison that a threshold asks for. `spokenWords` is the condition's own, e.g. `>` or `below`: it stands in where
 * the field is null, and where the two point in different directions neither is believed.
 */
export function readOperator(
  field: string,
  given: Json | undefined,
  spokenWords: string | undefined,
): Operator | Refusal {
  const spoken = spokenWords === undefined ? undefined : operatorFrom(spokenWords);
  if (given === undefined || given === null) return spoken ?? refuse(field, given, operatorWords);
  const written = typeof given === 'string' ? operatorFrom(given) : undefined;
  if (!written) return refuse(field, given, operatorWords);
  if (spoken && direction(spoken) !== direction(written)) {
    return refuse(field, given, `what the condition says, "${spokenWords}"`);
  }
  return written;
}

function operatorFrom(words: string): Operator | undefined {
  const key = words
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return Object.hasOwn(operators, key) ? operators[key] : undefined;
}

const direction = (operator: Operator): string => operator.slice(0, 4);

/** What stands for each comparison, as runbooks write it in fields (words joined by `_`) and conditions. */
const words: Readonly<Record<Operator, readonly string[]>> = {
  GreaterThanThreshold: ['greater_than', 'gt', '>', 'more_than', 'higher_than', 'exceeds', 'above', 'over'],
  GreaterThanOrEqualToThreshold: [
    'greater_than_or_equal',
    'greater_than_or_equal_to',
    'greater_or_equal',
    'greater_than_or_equals',
    'at_least',
    'no_less_than',
    'not_less_than',
    'gte',
    'ge',
    '>=',
    '≥',
  ],
  LessThanThreshold: [
    'less_than',
    'lt',
    '<',
    'fewer_than',
    'lower_than',
    'below',
    'under',
    'drops_below',
    'falls_below',
  ],
  LessThanOrEqualToThreshold: [
    'less_than_or_equal',
    'less_than_or_equal_to',
    'less_or_equal',
    'less_than_or_equals',
    'at_most',
    'no_more_than',
    'not_more_than',
    'lte',
    'le',
    '<=',
    '≤',
  ],
  equals: ['equals', 'equal_to', 'equal', 'eq', '=', '=='],
};

const operators: Readonly<Record<string, Operator>> = Object.fromEntries(
  Object.entries(words).flatMap(([operator, all]) => all.map((word) => [word, operator as Operator])),
);

/** The same as a condition writes them: `greater than`. */
export const operatorPhrases: readonly string[] = Object.keys(operators).map((word) => word.replaceAll('_', ' '));

const operatorWords = 'greater_than, less_than, equals, at_least or at_most';

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

const operators: Readonly<Record<string, Operator>> = {
  greater_than: 'GreaterThanThreshold',
  gt: 'GreaterThanThreshold',
  '>': 'GreaterThanThreshold',
  exceeds: 'GreaterThanThreshold',
  above: 'GreaterThanThreshold',
  over: 'GreaterThanThreshold',
  greater_than_or_equal: 'GreaterThanOrEqualToThreshold',
  greater_than_or_equal_to: 'GreaterThanOrEqualToThreshold',
  at_least: 'GreaterThanOrEqualToThreshold',
  gte: 'GreaterThanOrEqualToThreshold',
  '>=': 'GreaterThanOrEqualToThreshold',
  less_than: 'LessThanThreshold',
  lt: 'LessThanThreshold',
  '<': 'LessThanThreshold',
  below: 'LessThanThreshold',
  under: 'LessThanThreshold',
  drops_below: 'LessThanThreshold',
  falls_below: 'LessThanThreshold',
  less_than_or_equal: 'LessThanOrEqualToThreshold',
  less_than_or_equal_to: 'LessThanOrEqualToThreshold',
  at_most: 'LessThanOrEqualToThreshold',
  lte: 'LessThanOrEqualToThreshold',
  '<=': 'LessThanOrEqualToThreshold',
  equals: 'equals',
  equal_to: 'equals',
  eq: 'equals',
  '=': 'equals',
  '==': 'equals',
};
const operatorWords = 'greater_than, less_than, equals, at_least or at_most';

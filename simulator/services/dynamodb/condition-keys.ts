/**
 * What a policy may ask of a request that names one item: whose item it is, and which attributes it names.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

interface OneItem {
  readonly Key?: Readonly<Record<string, AttributeValue>> | undefined;
  readonly Item?: Readonly<Record<string, AttributeValue>> | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
}

const words: ReadonlySet<string> = new Set(['SET', 'REMOVE', 'ADD', 'DELETE', 'AND', 'OR', 'NOT', 'BETWEEN', 'IN']);

/** @param partitionKey name of the table's partition key; undefined where there is no such table */
export function conditionKeys(input: OneItem, partitionKey: string | undefined): Record<string, string[]> {
  const item = input.Key ?? input.Item ?? {};
  const leading = partitionKey === undefined ? undefined : item[partitionKey];
  const { UpdateExpression: update, ConditionExpression: condition, ProjectionExpression: projection } = input;
  const named = [update, condition, projection].flatMap((expression) => topLevel(expression ?? '', input));
  return {
    ...(leading && { 'dynamodb:LeadingKeys': Object.values(leading).map(String) }),
    'dynamodb:Attributes': [...new Set([...Object.keys(item), ...named])],
  };
}

/** Names of attributes at the top of a path: neither values, functions nor keywords. */
function topLevel(expression: string, { ExpressionAttributeNames: names = {} }: OneItem): string[] {
  const found = expression.matchAll(/(?<![:#\w.])(#?[A-Za-z_]\w*)(?!\w)(?!\s*\()/g);
  return [...found]
    .map(([, name = '']) => (name.startsWith('#') ? (names[name] ?? name) : name))
    .filter((name) => !words.has(name.toUpperCase()));
}

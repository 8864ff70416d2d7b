/** Query: the key condition picks a run of one partition, the filter comes after, pages end at Limit or 1 MB. */
import type { AttributeValue, QueryInput, QueryOutput } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import { type Condition, holds, type Operand, parseCondition } from './condition.ts';
import { type Path, project } from './paths.ts';
import type { Table } from './table.ts';
import { Placeholders, Tokens } from './tokens.ts';
import { type Item, itemBytes } from './values.ts';

const pageLimitBytes = 1024 * 1024;

export function query(table: Table, input: QueryInput): QueryOutput {
  if (input.IndexName !== undefined)
    throw validation(`The table does not have the specified index: ${input.IndexName}`);
  if (input.KeyConditionExpression === undefined)
    throw validation('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  const placeholders = new Placeholders(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
  const keyCondition = parseCondition(input.KeyConditionExpression, 'KeyConditionExpression', placeholders);
  const filter =
    input.FilterExpression === undefined
      ? undefined
      : parseCondition(input.FilterExpression, 'FilterExpression', placeholders);
  const paths = parseProjection(input.ProjectionExpression, placeholders);
  placeholders.checkAllUsed();
  refuseKeysInFilter(table, filter);

  const { partition, sort } = splitKeyCondition(table, keyCondition);
  const run = table.partition(partition).filter((item) => !sort || holds(sort, item));
  const ordered = input.ScanIndexForward === false ? [...run].reverse() : run;
  const { evaluated, lastKey } = takePage(table, ordered, input);
  const found = filter ? evaluated.filter((item) => holds(filter, item)) : evaluated;
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: paths ? found.map((item) => project(item, paths)) : found }),
    Count: found.length,
    ScannedCount: evaluated.length,
    ...(lastKey ? { LastEvaluatedKey: lastKey } : {}),
  };
}

export function parseProjection(text: string | undefined, placeholders: Placeholders): readonly Path[] | undefined {
  if (text === undefined) return undefined;
  const tokens = new Tokens(text, 'ProjectionExpression', placeholders);
  const paths = [tokens.path()];
  while (tokens.take(',')) paths.push(tokens.path());
  tokens.expectEnd();
  return paths;
}

/** A page that ends at its limit names its last key even when nothing follows; only reading on tells. */
function takePage(table: Table, items: readonly Item[], input: QueryInput): { evaluated: Item[]; lastKey?: Item } {
  const backwards = input.ScanIndexForward === false;
  const start = input.ExclusiveStartKey && table.checkKey(input.ExclusiveStartKey);
  const evaluated: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const position = start ? table.compareSort(item, start) : 0;
    if (start && (backwards ? position >= 0 : position <= 0)) continue;
    evaluated.push(item);
    bytes += itemBytes(item);
    if (evaluated.length === input.Limit || bytes >= pageLimitBytes) return { evaluated, lastKey: table.keyOf(item) };
  }
  return { evaluated };
}

/** `pk = :p` or `pk = :p AND <one condition on the sort key>`. */
function splitKeyCondition(table: Table, condition: Condition): { partition: AttributeValue; sort?: Condition } {
  const parts = condition.kind === 'and' ? [condition.left, condition.right] : [condition];
  const { partitionKey, sortKey } = table.definition;
  const partition = parts.map((part) => equalTo(part, partitionKey.name)).find((value) => value !== undefined);
  if (!partition) throw validation(`Query condition missed key schema element: ${partitionKey.name}`);
  if (partition[partitionKey.type] === undefined)
    throw validation('One or more parameter values were invalid: Condition parameter type does not match schema type');
  const sort = parts.find((part) => equalTo(part, partitionKey.name) === undefined);
  if (!sort) return { partition };
  if (sort.kind === 'or' || sort.kind === 'not' || sort.kind === 'and' || sort.kind === 'in')
    throw validation(`Invalid operator used in KeyConditionExpression: ${sort.kind.toUpperCase()}`);
  if (sort.kind === 'compare' && sort.operator === '<>')
    throw validation('Invalid operator used in KeyConditionExpression: <>');
  if (sort.kind === 'exists' || sort.kind === 'contains' || sort.kind === 'type')
    throw validation(`Invalid operator used in KeyConditionExpression: ${sort.kind}`);
  if (pathsOf(sort).some((path) => path.length !== 1 || path[0] !== sortKey?.name))
    throw validation(`Query condition missed key schema element: ${sortKey?.name ?? partitionKey.name}`);
  return { partition, sort };
}

function equalTo(condition: Condition, name: string): AttributeValue | undefined {
  if (condition.kind !== 'compare' || condition.operator !== '=') return undefined;
  const { left, right } = condition;
  if (left.kind !== 'path' || right.kind !== 'value' || left.path.length !== 1 || left.path[0] !== name)
    return undefined;
  return right.value;
}

function refuseKeysInFilter(table: Table, filter: Condition | undefined): void {
  const key = filter && pathsOf(filter).find((path) => table.keys.some(({ name }) => name === path[0]));
  if (key)
    throw validation(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${String(key[0])}`,
    );
}

function pathsOf(condition: Condition): readonly Path[] {
  const operandPaths = (...operands: readonly Operand[]) =>
    operands.flatMap((operand) => (operand.kind === 'value' ? [] : [operand.path]));
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'not':
      return pathsOf(condition.condition);
    case 'compare':
      return operandPaths(condition.left, condition.right);
    case 'between':
      return operandPaths(condition.operand, condition.low, condition.high);
    case 'in':
      return operandPaths(condition.operand, ...condition.choices);
    case 'exists':
      return [condition.path];
    default:
      return [condition.path, ...operandPaths(condition.operand)];
  }
}

const validation = (message: string) => new AwsError('ValidationException', message);

/** One write against one item, decided before it is done: all single writes and transactions share it. */
import type { AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import { type Condition, holds, parseCondition } from './condition.ts';
import { project } from './paths.ts';
import type { Table } from './table.ts';
import { Placeholders } from './tokens.ts';
import { applyUpdate, parseUpdate, type Step } from './update.ts';
import type { Item } from './values.ts';

export interface WriteRequest {
  readonly Item?: Item | undefined;
  readonly Key?: Item | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
}

export type WriteKind = 'put' | 'update' | 'delete' | 'check';

/** A request that passed every check but its condition. */
export interface PreparedWrite {
  readonly kind: WriteKind;
  readonly table: Table;
  readonly key: Item;
  readonly request: WriteRequest;
  readonly condition: Condition | undefined;
  readonly steps: readonly Step[];
}

/** Parses and validates. @throws AwsError `ValidationException` */
export function prepare(kind: WriteKind, table: Table, request: WriteRequest): PreparedWrite {
  const placeholders = new Placeholders(request.ExpressionAttributeNames, request.ExpressionAttributeValues);
  const condition =
    request.ConditionExpression === undefined
      ? undefined
      : parseCondition(request.ConditionExpression, 'ConditionExpression', placeholders);
  const steps =
    request.UpdateExpression === undefined || kind !== 'update'
      ? []
      : parseUpdate(request.UpdateExpression, placeholders);
  placeholders.checkAllUsed();
  const key = kind === 'put' ? table.keyOf(table.checkItem(request.Item ?? {})) : table.checkKey(request.Key ?? {});
  for (const step of steps)
    if (table.keys.some(({ name }) => name === step.path[0]))
      throw new AwsError(
        'ValidationException',
        `One or more parameter values were invalid: Cannot update attribute ${step.path[0]}. This attribute is part of the key`,
      );
  return { kind, table, key, request, condition, steps };
}

/** The error of an unmet condition, with the item where the request asks for it. */
export function unmet(write: PreparedWrite): AwsError | undefined {
  const current = write.table.get(write.key);
  if (!write.condition || holds(write.condition, current ?? {})) return undefined;
  const show = write.request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && current;
  return new AwsError('ConditionalCheckFailedException', 'The conditional request failed', {
    fields: show ? { Item: current } : {},
  });
}

/** What the item will be: undefined when it goes, or for a mere check the item as it is. */
export function outcome(write: PreparedWrite): Item | undefined {
  const before = write.table.get(write.key);
  if (write.kind === 'put') return write.table.checkItem(write.request.Item as Item);
  if (write.kind === 'delete') return undefined;
  if (write.kind === 'check') return before;
  return write.table.checkItem(applyUpdate(write.steps, before ?? write.key));
}

export function commit(write: PreparedWrite, after: Item | undefined): void {
  if (write.kind === 'check') return;
  if (after) write.table.put(after);
  else write.table.delete(write.key);
}

/** The `Attributes` of an answer. */
export function returned(
  mode: ReturnValue | undefined,
  steps: readonly Step[],
  before: Item | undefined,
  after: Item | undefined,
): Item | undefined {
  const paths = steps.map((step) => step.path);
  switch (mode ?? 'NONE') {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && project(before, paths);
    case 'UPDATED_NEW':
      return after && project(after, paths);
    default:
      return undefined;
  }
}

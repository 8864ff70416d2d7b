/**
 * Amazon DynamoDB: one table for the lock, the timeline, the ledger of releases and of rollbacks, and what is owed.
 *
 * pk = `SERVICE#<service>`; what an item is, its sort key tells: `LOCK` | `BASELINE` | `READINESS` | `TIMELINE#…` | `RELEASE#…` |
 * `REGISTERED#…` | `ROLLBACK#…` | `DRIFT`. Every write is either conditional or puts the same item again when repeated. Expiry is for tidiness only:
 * nothing relies on when DynamoDB deletes.
 *
 * Calls: dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:Query
 */
import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { isRecord } from '../../lib/domain/records.ts';
import { clientOptions } from './client.ts';
import { setting } from './environment.ts';

export const dynamodb = new DynamoDBClient(clientOptions);

/** The timeline is kept for 400 days: a year of reviews, and some time to hold them. */
export const keepSeconds = 400 * 86_400;

export interface Keys {
  readonly pk: string;
  readonly sk: string;
}

export const pk = (service: string): string => `SERVICE#${service}`;

/** Consistent read; undefined where there is no such item. */
export async function get<T>(key: Keys): Promise<T | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: setting('TABLE'), Key: marshall(key), ConsistentRead: true }),
  );
  const found = Item && unmarshall(Item);
  return found && isRecord(found) ? (found as T) : undefined;
}

export async function put(item: Keys & Record<string, unknown>, condition?: string): Promise<void> {
  await dynamodb.send(
    new PutItemCommand({
      TableName: setting('TABLE'),
      Item: marshall(item, { removeUndefinedValues: true }),
      ...(condition && { ConditionExpression: condition }),
    }),
  );
}

/** Sets the given members, and of `unlessThere` those that the item does not have; leaves the others as they are. */
export async function update(
  key: Keys,
  members: Record<string, unknown>,
  unlessThere: Record<string, unknown> = {},
): Promise<void> {
  const known = ([, value]: [string, unknown]): boolean => value !== undefined;
  const set = Object.entries(members).filter(known);
  const added = Object.entries(unlessThere).filter(known);
  const all = [...set, ...added];
  const assignments = all.map((_, index) =>
    index < set.length ? `#m${index} = :m${index}` : `#m${index} = if_not_exists(#m${index}, :m${index})`,
  );
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: setting('TABLE'),
      Key: marshall(key),
      UpdateExpression: `SET ${assignments.join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(all.map(([name], index) => [`#m${index}`, name])),
      ExpressionAttributeValues: marshall(Object.fromEntries(all.map(([, value], index) => [`:m${index}`, value])), {
        removeUndefinedValues: true,
      }),
    }),
  );
}

/** Every item of a service whose sort key starts with `prefix`, oldest first unless told otherwise. */
export async function query<T>(
  service: string,
  prefix: string,
  options: { readonly newestFirst?: boolean; readonly from?: string } = {},
): Promise<T[]> {
  const items: T[] = [];
  let startKey: Record<string, AttributeValue> | undefined;
  do {
    const page: QueryCommandOutput = await dynamodb.send(
      new QueryCommand({
        TableName: setting('TABLE'),
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        // `~` sorts after every character that keys are made of.
        ExpressionAttributeValues: marshall({
          ':pk': pk(service),
          ':from': options.from ?? prefix,
          ':to': `${prefix}~`,
        }),
        ScanIndexForward: !options.newestFirst,
        ConsistentRead: true,
        ...(startKey && { ExclusiveStartKey: startKey }),
      }),
    );
    const found = (page.Items ?? []).map((item) => unmarshall(item));
    items.push(...found.filter(isRecord).map((item) => item as T));
    startKey = page.LastEvaluatedKey;
  } while (startKey);
  return items;
}

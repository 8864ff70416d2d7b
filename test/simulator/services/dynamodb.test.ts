import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { addRole, newAccount } from '../account.ts';

const TableName = 'backstep';
let account: SimulatedAccount;
let client: DynamoDBClient;

beforeEach(() => {
  account = newAccount();
  account.dynamodb.createTable({
    name: TableName,
    partitionKey: { name: 'pk', type: 'S' },
    sortKey: { name: 'sk', type: 'S' },
    ttlAttribute: 'expiresAt',
  });
  client = new DynamoDBClient(clientConfig(account));
});

const run = <T>(call: Promise<T>): Promise<T> => drive(account, call);
const keyOf = (sk: string) => marshall({ pk: 'SERVICE#checkout', sk });
const put = (sk: string, more: object = {}, input: object = {}) =>
  run(
    client.send(new PutItemCommand({ TableName, Item: marshall({ pk: 'SERVICE#checkout', sk, ...more }), ...input })),
  );
const get = async (sk: string) => {
  const { Item } = await run(client.send(new GetItemCommand({ TableName, Key: keyOf(sk), ConsistentRead: true })));
  return Item && unmarshall(Item);
};

describe('a lock with a fencing token', () => {
  const take = (owner: string, now: number) =>
    run(
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf('LOCK'),
          UpdateExpression: 'SET #owner = :owner, expiresAt = :until ADD fencing :one',
          ConditionExpression: 'attribute_not_exists(#owner) OR expiresAt < :now',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: marshall({ ':owner': owner, ':now': now, ':until': now + 60, ':one': 1 }),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );

  test('is taken once, and the loser is shown who holds it', async () => {
    const first = await take('a', 100);
    expect(unmarshall(first.Attributes ?? {})).toMatchObject({ owner: 'a', fencing: 1 });
    await expect(take('b', 110)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { owner: { S: 'a' } },
    });
  });

  test('can be taken over after it expired, with a higher token', async () => {
    await take('a', 100);
    const second = await take('b', 161);
    expect(unmarshall(second.Attributes ?? {})).toMatchObject({ owner: 'b', fencing: 2 });
  });

  test('is never deleted by its TTL', async () => {
    await take('a', 100);
    await account.clock.runUntil(account.clock.now() + 30 * 86_400_000);
    expect(await get('LOCK')).toMatchObject({ owner: 'a' });
  });
});

describe('single items', () => {
  test('put, get, delete, with what they return', async () => {
    await put('a', { n: 1 });
    const second = await put('a', { n: 2 }, { ReturnValues: 'ALL_OLD' });
    expect(unmarshall(second.Attributes ?? {})).toMatchObject({ n: 1 });
    const deleted = await run(
      client.send(new DeleteItemCommand({ TableName, Key: keyOf('a'), ReturnValues: 'ALL_OLD' })),
    );
    expect(unmarshall(deleted.Attributes ?? {})).toMatchObject({ n: 2 });
    expect(await get('a')).toBeUndefined();
    await run(client.send(new DeleteItemCommand({ TableName, Key: keyOf('a') })));
  });

  test('an update creates the item and returns only what it touched, when asked', async () => {
    const { Attributes } = await run(
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf('new'),
          UpdateExpression: 'SET a = :a, b = :b',
          ExpressionAttributeValues: marshall({ ':a': 1, ':b': [1, 2] }),
          ReturnValues: 'UPDATED_NEW',
        }),
      ),
    );
    expect(unmarshall(Attributes ?? {})).toEqual({ a: 1, b: [1, 2] });
    expect(await get('new')).toEqual({ pk: 'SERVICE#checkout', sk: 'new', a: 1, b: [1, 2] });
  });

  test('projections pick nested parts', async () => {
    await put('a', { map: { x: 1, y: 2 }, list: [1, 2, 3], other: true });
    const { Item } = await run(
      client.send(
        new GetItemCommand({
          TableName,
          Key: keyOf('a'),
          ProjectionExpression: '#m.y, #l[1]',
          ExpressionAttributeNames: { '#m': 'map', '#l': 'list' },
        }),
      ),
    );
    expect(unmarshall(Item ?? {})).toEqual({ map: { y: 2 }, list: [2] });
  });

  test.each<[string, object, string]>([
    ['a missing sort key', { Key: marshall({ pk: 'a' }) }, 'The provided key element does not match the schema'],
    [
      'a sort key of another type',
      { Key: marshall({ pk: 'a', sk: 1 }) },
      'The provided key element does not match the schema',
    ],
    ['an empty key', { Key: marshall({ pk: 'a', sk: '' }) }, 'cannot contain an empty string value. Key: sk'],
    [
      'a key attribute',
      { UpdateExpression: 'SET sk = :v' },
      'Cannot update attribute sk. This attribute is part of the key',
    ],
    ['a reserved word', { UpdateExpression: 'SET status = :v' }, 'reserved keyword: status'],
  ])('an update with %s is refused', async (_, change, message) => {
    const input = {
      TableName,
      Key: keyOf('a'),
      UpdateExpression: 'SET a = :v',
      ExpressionAttributeValues: marshall({ ':v': 1 }),
      ...change,
    };
    await expect(run(client.send(new UpdateItemCommand(input)))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  test('an item over 400 KB, an empty set and a table that is not there are refused', async () => {
    await expect(put('a', { big: 'x'.repeat(400 * 1024) })).rejects.toThrow('Item size has exceeded');
    await expect(
      run(client.send(new PutItemCommand({ TableName, Item: { ...keyOf('a'), set: { SS: [] } } }))),
    ).rejects.toThrow('An empty set may not be used');
    await expect(run(client.send(new GetItemCommand({ TableName: 'other', Key: keyOf('a') })))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('queries', () => {
  const query = async (input: Partial<QueryCommandInput>) => {
    const output = await run(
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ...input,
          ExpressionAttributeValues: marshall({
            ':pk': 'SERVICE#checkout',
            ':prefix': 'RELEASE#',
            ...(input.ExpressionAttributeValues ?? {}),
          }),
        }),
      ),
    );
    return { ...output, keys: (output.Items ?? []).map((item) => item.sk?.S) };
  };

  beforeEach(async () => {
    for (const n of [3, 1, 5, 2, 4]) await put(`RELEASE#${n}`, { n, even: n % 2 === 0 });
    await put('LOCK');
  });

  test('ascend by sort key, or descend', async () => {
    expect((await query({})).keys).toEqual([1, 2, 3, 4, 5].map((n) => `RELEASE#${n}`));
    expect((await query({ ScanIndexForward: false })).keys[0]).toBe('RELEASE#5');
  });

  test('page by limit: a full last page still names its last key', async () => {
    const first = await query({ ScanIndexForward: false, Limit: 3 });
    expect(first.keys).toEqual(['RELEASE#5', 'RELEASE#4', 'RELEASE#3']);
    const second = await query({ ScanIndexForward: false, Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(second.keys).toEqual(['RELEASE#2', 'RELEASE#1']);
    expect(second.LastEvaluatedKey).toEqual(keyOf('RELEASE#1'));
    const third = await query({ ScanIndexForward: false, ExclusiveStartKey: second.LastEvaluatedKey });
    expect(third).toMatchObject({ keys: [], Count: 0 });
    expect(third.LastEvaluatedKey).toBeUndefined();
  });

  test('filter after the limit was counted', async () => {
    const output = await query({
      Limit: 2,
      FilterExpression: 'even = :yes',
      ExpressionAttributeValues: { ':yes': true } as never,
    });
    expect(output).toMatchObject({ keys: ['RELEASE#2'], Count: 1, ScannedCount: 2 });
  });

  test('pages end at 1 MB', async () => {
    for (let n = 0; n < 5; n += 1) await put(`BIG#${n}`, { body: 'x'.repeat(300_000) });
    const output = await run(
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk and sk between :a and :b',
          ExpressionAttributeValues: marshall({ ':pk': 'SERVICE#checkout', ':a': 'BIG#0', ':b': 'BIG#9' }),
        }),
      ),
    );
    expect(output.Count).toBe(4);
    expect(output.LastEvaluatedKey).toEqual(keyOf('BIG#3'));
  });

  test.each<[string, Partial<QueryCommandInput>, string]>([
    [
      'without the partition key',
      { KeyConditionExpression: 'sk = :pk AND begins_with(sk, :prefix)' },
      'Query condition missed key schema element: pk',
    ],
    [
      'with an or',
      { KeyConditionExpression: 'pk = :pk OR begins_with(sk, :prefix)' },
      'Query condition missed key schema element: pk',
    ],
    [
      'filtering by a key',
      { FilterExpression: 'attribute_exists(sk)' },
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    ],
    ['on an index', { IndexName: 'by-time' }, 'The table does not have the specified index: by-time'],
  ])('%s are refused', async (_, input, message) => {
    await expect(query(input)).rejects.toMatchObject({ name: 'ValidationException', message });
  });
});

describe('transactions', () => {
  const release = (sk: string, ConditionExpression?: string) => ({
    Put: {
      TableName,
      Item: marshall({ pk: 'SERVICE#checkout', sk, n: 1 }),
      ...(ConditionExpression ? { ConditionExpression } : {}),
    },
  });

  test('write everything, or nothing with the reasons', async () => {
    await put('RELEASE#1');
    const failing = new TransactWriteItemsCommand({
      TransactItems: [release('RELEASE#2'), release('RELEASE#1', 'attribute_not_exists(pk)')],
    });
    await expect(run(client.send(failing))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    expect(await get('RELEASE#2')).toBeUndefined();
    await run(
      client.send(new TransactWriteItemsCommand({ TransactItems: [release('RELEASE#2'), release('RELEASE#3')] })),
    );
    expect(await get('RELEASE#3')).toBeDefined();
  });

  test('the same token repeats the answer without writing again; another request with it is refused', async () => {
    const input = {
      ClientRequestToken: 'token',
      TransactItems: [
        {
          Update: {
            TableName,
            Key: keyOf('COUNTER'),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: marshall({ ':one': 1 }),
          },
        },
      ],
    };
    await run(client.send(new TransactWriteItemsCommand(input)));
    await run(client.send(new TransactWriteItemsCommand(input)));
    expect(await get('COUNTER')).toMatchObject({ n: 1 });
    await expect(
      run(client.send(new TransactWriteItemsCommand({ ...input, TransactItems: [release('x')] }))),
    ).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
  });

  test('the same item twice is refused', async () => {
    await expect(
      run(client.send(new TransactWriteItemsCommand({ TransactItems: [release('x'), release('x')] }))),
    ).rejects.toThrow('Transaction request cannot include multiple operations on one item');
  });

  test('are authorized by the actions of their parts', async () => {
    const role = addRole(account, 'writer', [['dynamodb:PutItem'], ['*']]);
    const limited = new DynamoDBClient(clientConfig(account, role));
    await run(limited.send(new TransactWriteItemsCommand({ TransactItems: [release('x')] })));
    const check = { ConditionCheck: { TableName, Key: keyOf('y'), ConditionExpression: 'attribute_not_exists(pk)' } };
    await expect(
      run(limited.send(new TransactWriteItemsCommand({ TransactItems: [release('x'), check] }))),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:ConditionCheckItem'),
    });
  });
});

test('a batch writes and deletes, and refuses duplicates', async () => {
  await put('a');
  const PutRequest = { Item: marshall({ pk: 'SERVICE#checkout', sk: 'b' }) };
  await run(
    client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ PutRequest }, { DeleteRequest: { Key: keyOf('a') } }] },
      }),
    ),
  );
  expect(account.dynamodb.items(TableName).map((item) => item.sk?.S)).toEqual(['b']);
  await expect(
    run(client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest }, { PutRequest }] } }))),
  ).rejects.toThrow('Provided list of item keys contains duplicates');
});

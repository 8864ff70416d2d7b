/**
 * Amazon DynamoDB: what a rollback without Step Functions writes down of itself. All of it is one attribute, `run`, so that
 * a policy can let a person write that and nothing else.
 *
 * Calls: dynamodb:UpdateItem, dynamodb:GetItem
 */
import { type DirectRun, directKey, readDirectArn } from '../../lib/domain/direct.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

export class DirectRuns {
  readonly #dynamodb;
  readonly #sdk = lazily(() => import('@aws-sdk/client-dynamodb'));

  constructor(clock: AccountClock) {
    this.#dynamodb = lazily(async () =>
      clock.listenTo(
        new (await this.#sdk()).DynamoDBClient({
          ...clientOptions,
          // The next heartbeat comes in seconds: one that hangs must not hold it up.
          requestHandler: { ...clientOptions.requestHandler, requestTimeout: 4_000 },
        }),
      ),
    );
  }

  async write(table: string, executionArn: string, run: DirectRun): Promise<void> {
    const [{ UpdateItemCommand }, client, { marshall }] = await this.#tools();
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: marshall(keyOf(executionArn)),
        UpdateExpression: 'SET #run = :run',
        ExpressionAttributeNames: { '#run': 'run' },
        ExpressionAttributeValues: marshall({ ':run': run }, { removeUndefinedValues: true }),
      }),
    );
  }

  /** Undefined where the ARN is that of an ordinary execution. */
  async read(table: string, executionArn: string): Promise<DirectRun | undefined> {
    if (!readDirectArn(executionArn)) return undefined;
    const [{ GetItemCommand }, client, { marshall, unmarshall }] = await this.#tools();
    const Key = marshall(keyOf(executionArn));
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item && (unmarshall(Item).run as DirectRun | undefined);
  }

  #tools() {
    return Promise.all([this.#sdk(), this.#dynamodb(), import('@aws-sdk/util-dynamodb')]);
  }
}

function keyOf(executionArn: string): { readonly pk: string; readonly sk: string } {
  const named = readDirectArn(executionArn);
  if (!named) throw new Error(`${executionArn} is an execution of Step Functions.`);
  return { pk: `SERVICE#${named.service}`, sk: directKey(named.name) };
}

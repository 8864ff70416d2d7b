/** Tables with DynamoDB's expressions, conditional writes, transactions and pages. Reads are always consistent. */
import type {
  BatchWriteItemInput,
  DeleteItemInput,
  GetItemInput,
  PutItemInput,
  QueryInput,
  ReturnValue,
  TransactWriteItemsInput,
  UpdateItemInput,
} from '@aws-sdk/client-dynamodb';
import * as schemas from '@aws-sdk/client-dynamodb';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { batchWrite } from './dynamodb/batch.ts';
import { conditionKeys } from './dynamodb/condition-keys.ts';
import { project } from './dynamodb/paths.ts';
import { parseProjection, query } from './dynamodb/query.ts';
import { Table, type TableDefinition } from './dynamodb/table.ts';
import { Placeholders } from './dynamodb/tokens.ts';
import { Transactions, transactActions, transactTables } from './dynamodb/transaction.ts';
import type { Item } from './dynamodb/values.ts';
import { commit, outcome, prepare, returned, unmet, type WriteKind, type WriteRequest } from './dynamodb/write.ts';

export type { TableDefinition } from './dynamodb/table.ts';
export type { Item } from './dynamodb/values.ts';

export class DynamoDb implements SimulatedService {
  readonly endpointPrefix = 'dynamodb';
  readonly iamPrefix = 'dynamodb';
  readonly protocol = 'json';
  readonly schemas = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #account: Pick<SimulatedAccount, 'arn' | 'clock'>;
  readonly #tables = new Map<string, Table>();
  readonly #transactions = new Transactions();

  constructor(account: Pick<SimulatedAccount, 'arn' | 'clock'>) {
    this.#account = account;
    this.operations = {
      GetItem: this.#getItem,
      PutItem: this.#writeOperation<PutItemInput>('put'),
      UpdateItem: this.#writeOperation<UpdateItemInput>('update'),
      DeleteItem: this.#writeOperation<DeleteItemInput>('delete'),
      Query: this.#query,
      TransactWriteItems: this.#transactWriteItems,
      BatchWriteItem: this.#batchWriteItem,
    };
  }

  /** @returns the table's ARN */
  createTable(definition: TableDefinition): string {
    const arn = this.#account.arn('dynamodb', `table/${definition.name}`);
    if (!this.#tables.has(definition.name)) this.#tables.set(definition.name, new Table(definition, arn));
    return arn;
  }

  /** Every item of a table: by partition, then by sort key. */
  items(tableName: string): readonly Item[] {
    return this.#table(tableName).items();
  }

  get tables(): readonly string[] {
    return [...this.#tables.keys()];
  }

  readonly #getItem: Operation<GetItemInput> = {
    resources: (input) => [this.#arn(input.TableName)],
    conditions: (input) => conditionKeys(input, this.#partitionKey(input.TableName)),
    latencyMs: 5,
    run: (input) => {
      const placeholders = new Placeholders(input.ExpressionAttributeNames, undefined);
      const paths = parseProjection(input.ProjectionExpression, placeholders);
      placeholders.checkAllUsed();
      const item = this.#table(input.TableName).get(input.Key ?? {});
      return item ? { Item: paths ? project(item, paths) : item } : {};
    },
  };

  readonly #query: Operation<QueryInput> = {
    resources: (input) => [this.#arn(input.TableName)],
    latencyMs: 8,
    run: (input) => query(this.#table(input.TableName), input),
  };

  readonly #transactWriteItems: Operation<TransactWriteItemsInput> = {
    actions: transactActions,
    resources: (input) => transactTables(input).map((name) => this.#arn(name)),
    latencyMs: 15,
    run: (input) => {
      this.#transactions.run(input, (name) => this.#table(name), this.#account.clock.now());
      return {};
    },
  };

  readonly #batchWriteItem: Operation<BatchWriteItemInput> = {
    resources: (input) => Object.keys(input.RequestItems ?? {}).map((name) => this.#arn(name)),
    latencyMs: 12,
    run: (input) => batchWrite(input, (name) => this.#table(name)),
  };

  #writeOperation<I extends WriteRequest & { TableName: string | undefined; ReturnValues?: ReturnValue | undefined }>(
    kind: Exclude<WriteKind, 'check'>,
  ): Operation<I> {
    return {
      resources: (input) => [this.#arn(input.TableName)],
      conditions: (input) => conditionKeys(input, this.#partitionKey(input.TableName)),
      latencyMs: 8,
      run: (input) => {
        checkReturnValues(kind, input.ReturnValues);
        const write = prepare(kind, this.#table(input.TableName), input);
        const failure = unmet(write);
        if (failure) throw failure;
        const before = write.table.get(write.key);
        const after = outcome(write);
        commit(write, after);
        const attributes = returned(input.ReturnValues, write.steps, before, after);
        return attributes ? { Attributes: attributes } : {};
      },
    };
  }

  #table(nameOrArn: string | undefined): Table {
    const table = this.#tables.get(nameOf(nameOrArn));
    if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    return table;
  }

  #partitionKey(nameOrArn: string | undefined): string | undefined {
    return this.#tables.get(nameOf(nameOrArn))?.definition.partitionKey.name;
  }

  #arn(nameOrArn: string | undefined): string {
    return this.#account.arn('dynamodb', `table/${nameOf(nameOrArn)}`);
  }
}

const nameOf = (nameOrArn: string | undefined): string => (nameOrArn ?? '').replace(/^arn:.*:table\//, '');

function checkReturnValues(kind: WriteKind, mode: ReturnValue | undefined): void {
  if (kind !== 'update' && mode !== undefined && mode !== 'NONE' && mode !== 'ALL_OLD')
    throw new AwsError('ValidationException', 'Return values set to invalid value');
}

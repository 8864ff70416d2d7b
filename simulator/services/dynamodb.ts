import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { SimulatedAccount } from '../account.ts';
import type { Operation, SimulatedService } from '../service.ts';

export type Item = Record<string, AttributeValue>;

export interface TableDefinition {
  readonly name: string;
  readonly partitionKey: { readonly name: string; readonly type: 'S' | 'N' | 'B' };
  readonly sortKey?: { readonly name: string; readonly type: 'S' | 'N' | 'B' };
  /** Kept for the record: expired items stay until someone reads the attribute. */
  readonly ttlAttribute?: string;
}

export class DynamoDb implements SimulatedService {
  readonly endpointPrefix = 'dynamodb';
  readonly iamPrefix = 'dynamodb';
  readonly protocol = 'json';
  readonly schemas = {};
  readonly operations: Readonly<Record<string, Operation>> = {};

  constructor(_account: SimulatedAccount) {}

  /** @returns the table's ARN */
  createTable(_table: TableDefinition): string {
    throw new Error('not written yet');
  }

  /** Every item of a table, in key order. */
  items(_tableName: string): readonly Item[] {
    throw new Error('not written yet');
  }
}

/**
 * Amazon DynamoDB: lock, pending approval, drift, ledger of releases and rollbacks, read only.
 *
 * Calls: dynamodb:GetItem, dynamodb:Query
 */
import type { AttributeValue, QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { Approval } from '../../lib/domain/approval.ts';
import type { DriftNotice } from '../../lib/domain/drift/notice.ts';
import type { LockOwner } from '../../lib/domain/lock.ts';
import type { Release, RollbackRecord, TimelineEntry } from '../../lib/domain/model.ts';
import { isRecord } from '../../lib/domain/records.ts';
import { isRegistration, type Ledger, readLedger, type StoredRelease } from '../../lib/domain/registration.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

/** A question without its task token, which not even its ciphertext is for people. */
export type Question = Omit<Approval, 'token'>;

interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly expiresAt?: number;
}

export class Table {
  readonly #dynamodb;
  readonly #sdk = lazily(() => import('@aws-sdk/client-dynamodb'));

  constructor(clock: AccountClock) {
    this.#dynamodb = lazily(async () => clock.listenTo(new (await this.#sdk()).DynamoDBClient(clientOptions)));
  }

  /** Undefined while nobody holds it. */
  async lockOwner(table: string, service: string): Promise<LockOwner | undefined> {
    return (await this.#item<{ owner?: LockOwner }>(table, service, 'LOCK'))?.owner;
  }

  /** The newest question of a service, open or closed. */
  async question(table: string, service: string): Promise<Question | undefined> {
    const found = await this.#item<Approval & { pk: string; sk: string }>(table, service, 'APPROVAL');
    if (!found) return undefined;
    const { pk: _pk, sk: _sk, token: _token, ...question } = found;
    return question;
  }

  /** What infrastructure as code disagrees with since the last rollback; undefined once a later release has ended it. */
  async drift(table: string, service: string): Promise<DriftNotice | undefined> {
    const found = await this.#item<DriftNotice & { pk: string; sk: string; endedAt?: string }>(table, service, 'DRIFT');
    if (!found || found.endedAt !== undefined) return undefined;
    const { pk: _pk, sk: _sk, endedAt: _endedAt, ...notice } = found;
    return notice;
  }

  /** Newest first, of every side, with what was told of them. */
  async releases(table: string, service: string): Promise<readonly Release[]> {
    return (await this.ledger(table, service)).releases;
  }

  async ledger(table: string, service: string): Promise<Ledger> {
    const [items, told] = await Promise.all([
      this.#query<StoredRelease & Item>(table, service, 'RELEASE#'),
      this.#query<{ registered: unknown }>(table, service, 'REGISTERED#'),
    ]);
    const stored = items.map(({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...release }) => release);
    const registrations = told.map(({ registered }) => registered).filter(isRegistration);
    return { releases: readLedger(stored, registrations), registrations };
  }

  /** Newest first. */
  async rollbacks(table: string, service: string, limit?: number): Promise<RollbackRecord[]> {
    const items = await this.#query<RollbackRecord & Item>(table, service, 'ROLLBACK#', limit);
    return items.map(({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...rollback }) => rollback);
  }

  /** Of one rollback, in order of time, then of writing. */
  async timeline(table: string, service: string, rollbackId: string): Promise<TimelineEntry[]> {
    return (await this.#query<TimelineEntry>(table, service, `TIMELINE#${rollbackId}#`)).reverse();
  }

  async #item<T>(table: string, service: string, sk: string): Promise<T | undefined> {
    const [{ GetItemCommand }, client, { marshall, unmarshall }] = await this.#tools();
    const Key = marshall({ pk: `SERVICE#${service}`, sk });
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    const found = Item && unmarshall(Item);
    return found && isRecord(found) ? (found as T) : undefined;
  }

  async #query<T>(table: string, service: string, prefix: string, limit?: number): Promise<T[]> {
    const [{ QueryCommand }, client, { marshall, unmarshall }] = await this.#tools();
    const found: T[] = [];
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page: QueryCommandOutput = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: marshall({ ':pk': `SERVICE#${service}`, ':prefix': prefix }),
          ScanIndexForward: false,
          ConsistentRead: true,
          ...(limit !== undefined && { Limit: limit }),
          ...(ExclusiveStartKey && { ExclusiveStartKey }),
        }),
      );
      const items = (page.Items ?? []).map((item) => unmarshall(item));
      found.push(...items.filter(isRecord).map((item) => item as T));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey && (limit === undefined || found.length < limit));
    return found.slice(0, limit);
  }

  #tools() {
    return Promise.all([this.#sdk(), this.#dynamodb(), import('@aws-sdk/util-dynamodb')]);
  }
}

/**
 * Amazon DynamoDB: what pipelines tell of releases, and what people say of them. What is told is one attribute, `registered`,
 * and what is said another, `marked`, so that a policy can let somebody write that and little else.
 *
 * Calls: dynamodb:UpdateItem, dynamodb:GetItem
 */
import type { Release, ReleaseMark, TimelineEntry } from '../../lib/domain/model.ts';
import {
  isRegistration,
  mergeRegistrations,
  type Registration,
  registrationKey,
  releaseKey,
} from '../../lib/domain/registration.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

/** Two pipelines may tell at once; each attempt reads what the other has written. */
const attempts = 5;

export class ReleaseNotes {
  readonly #dynamodb;
  readonly #sdk = lazily(() => import('@aws-sdk/client-dynamodb'));

  constructor(clock: AccountClock) {
    this.#dynamodb = lazily(async () => clock.listenTo(new (await this.#sdk()).DynamoDBClient(clientOptions)));
  }

  /** Adds to what was told before. Returns all that is known then. */
  async register(table: string, service: string, told: Registration): Promise<Registration> {
    for (let attempt = 1; ; attempt++) {
      const before = await this.#registered(table, service, told);
      const registered = mergeRegistrations(isRegistration(before) ? before : undefined, told);
      try {
        await this.#update(table, service, registrationKey(told), { registered }, { registered: before });
        return registered;
      } catch (error) {
        if (attempt === attempts || (error as Error).name !== 'ConditionalCheckFailedException') throw error;
      }
    }
  }

  /** A record of the ledger; one that is not there is not made. */
  async mark(table: string, release: Release, marked: ReleaseMark): Promise<void> {
    await this.#update(table, release.service, releaseKey(release), { marked }, 'there');
  }

  /** On the timeline, under an id that no rollback has. It does not expire: who may write when an item ends could end any. */
  async note(table: string, entry: TimelineEntry): Promise<void> {
    const key = `TIMELINE#${entry.rollbackId}#${entry.time}#mark#000`;
    await this.#update(table, entry.service, key, { ...entry });
  }

  async #registered(table: string, service: string, told: Registration): Promise<unknown> {
    const [{ GetItemCommand }, client, { marshall, unmarshall }] = await this.#tools();
    const Key = marshall({ pk: `SERVICE#${service}`, sk: registrationKey(told) });
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item && unmarshall(Item).registered;
  }

  /** @param as `there`: the item must exist; or an attribute must be as it was, undefined for none */
  async #update(
    table: string,
    service: string,
    sk: string,
    members: Readonly<Record<string, unknown>>,
    as?: 'there' | { readonly registered: unknown },
  ): Promise<void> {
    const [{ UpdateItemCommand }, client, { marshall }] = await this.#tools();
    const entries = Object.entries(members);
    const before = typeof as === 'object' ? as.registered : undefined;
    const condition = as === 'there' ? 'attribute_exists(pk)' : conditionOf(as);
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: marshall({ pk: `SERVICE#${service}`, sk }),
        UpdateExpression: `SET ${entries.map((_, index) => `#m${index} = :m${index}`).join(', ')}`,
        ...(condition !== undefined && { ConditionExpression: condition }),
        ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#m${index}`, name])),
        ExpressionAttributeValues: marshall(
          {
            ...Object.fromEntries(entries.map(([, value], index) => [`:m${index}`, value])),
            ...(before !== undefined && { ':before': before }),
          },
          { removeUndefinedValues: true },
        ),
      }),
    );
  }

  #tools() {
    return Promise.all([this.#sdk(), this.#dynamodb(), import('@aws-sdk/util-dynamodb')]);
  }
}

function conditionOf(as: { readonly registered: unknown } | undefined): string | undefined {
  if (!as) return undefined;
  return as.registered === undefined ? 'attribute_not_exists(#m0)' : '#m0 = :before';
}

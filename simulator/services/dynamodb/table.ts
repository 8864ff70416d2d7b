/** One table: items by key, partitions sorted by sort key, and the checks that DynamoDB makes of every item. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import { canonical, type Item, isNumber, itemBytes, normalizeNumber, order, typeOf } from './values.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

export interface TableDefinition {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
  /** Kept for the record. DynamoDB deletes expired items late, so nobody may rely on it: here they stay. */
  readonly ttlAttribute?: string;
}

const itemLimitBytes = 400 * 1024;

export class Table {
  readonly definition: TableDefinition;
  readonly arn: string;
  readonly keys: readonly KeyAttribute[];
  readonly #partitions = new Map<string, Item[]>();

  constructor(definition: TableDefinition, arn: string) {
    this.definition = definition;
    this.arn = arn;
    this.keys = [definition.partitionKey, ...(definition.sortKey ? [definition.sortKey] : [])];
  }

  get(key: Item): Item | undefined {
    const { items, index, found } = this.#locate(this.checkKey(key));
    return found ? items[index] : undefined;
  }

  put(item: Item): void {
    const stored = this.checkItem(item);
    const { items, index, found } = this.#locate(this.keyOf(stored));
    items.splice(index, found ? 1 : 0, stored);
  }

  delete(key: Item): void {
    const { items, index, found } = this.#locate(this.checkKey(key));
    if (found) items.splice(index, 1);
  }

  /** Items of one partition, ascending by sort key. */
  partition(value: AttributeValue): readonly Item[] {
    return this.#partitions.get(canonical(value)) ?? [];
  }

  items(): readonly Item[] {
    return [...this.#partitions.keys()].sort().flatMap((key) => this.#partitions.get(key) ?? []);
  }

  keyOf(item: Item): Item {
    return Object.fromEntries(this.keys.map(({ name }) => [name, item[name] as AttributeValue]));
  }

  /** One text per key. */
  keyText(key: Item): string {
    return this.keys.map(({ name }) => canonical(key[name] as AttributeValue)).join('\n');
  }

  /** Negative, zero or positive by sort key. */
  compareSort(a: Item, b: Item): number {
    const name = this.definition.sortKey?.name;
    return name === undefined ? 0 : (order(a[name] as AttributeValue, b[name] as AttributeValue) ?? 0);
  }

  checkKey(key: Item): Item {
    const names = Object.keys(key);
    const fits =
      names.length === this.keys.length && this.keys.every(({ name, type }) => key[name]?.[type] !== undefined);
    if (!fits) throw validation('The provided key element does not match the schema');
    for (const { name } of this.keys) refuseEmptyKey(name, key[name]);
    return key;
  }

  /** @returns the item as it is stored, with numbers normalized */
  checkItem(item: Item): Item {
    for (const { name, type } of this.keys) {
      const value = item[name];
      if (!value) throw validation(`One or more parameter values were invalid: Missing the key ${name} in the item`);
      if (value[type] === undefined)
        throw validation(
          `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
        );
      refuseEmptyKey(name, value);
    }
    const stored = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, checkValue(value)]));
    if (itemBytes(stored) > itemLimitBytes) throw validation('Item size has exceeded the maximum allowed size');
    return stored;
  }

  #locate(key: Item): { items: Item[]; index: number; found: boolean } {
    const partition = canonical(key[this.definition.partitionKey.name] as AttributeValue);
    let items = this.#partitions.get(partition);
    if (!items) {
      items = [];
      this.#partitions.set(partition, items);
    }
    const index = items.findIndex((item) => this.compareSort(item, key) >= 0);
    const at = index < 0 ? items.length : index;
    const candidate = items[at];
    return { items, index: at, found: candidate !== undefined && this.compareSort(candidate, key) === 0 };
  }
}

function refuseEmptyKey(name: string, value: AttributeValue | undefined): void {
  if (value?.S === '' || value?.B?.byteLength === 0)
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
}

/** Copies a value, normalizes its numbers, and refuses what DynamoDB refuses. */
function checkValue(value: AttributeValue): AttributeValue {
  if (value.N !== undefined) return { N: checkNumber(value.N) };
  if (value.M) return { M: Object.fromEntries(Object.entries(value.M).map(([name, one]) => [name, checkValue(one)])) };
  if (value.L) return { L: value.L.map(checkValue) };
  const set = value.SS ?? value.NS ?? value.BS;
  if (!set) return value;
  if (set.length === 0) throw validation('One or more parameter values were invalid: An empty set may not be used');
  if (new Set(set.map((member) => member.toString())).size < set.length)
    throw validation('One or more parameter values were invalid: Input collection contains duplicates.');
  return value.NS ? { NS: value.NS.map(checkNumber) } : value;
}

function checkNumber(text: string): string {
  if (!isNumber(text)) throw validation(`The parameter cannot be converted to a numeric value: ${text}`);
  return normalizeNumber(text);
}

const validation = (message: string) => new AwsError('ValidationException', message);

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds, parseCondition } from '../../../../simulator/services/dynamodb/condition.ts';
import { Placeholders } from '../../../../simulator/services/dynamodb/tokens.ts';
import { applyUpdate, parseUpdate } from '../../../../simulator/services/dynamodb/update.ts';
import { addNumbers, equal, order } from '../../../../simulator/services/dynamodb/values.ts';

const item = marshall(
  {
    pk: 'SERVICE#checkout',
    token: 7,
    price: 0.1,
    note: 'rolled back',
    flag: true,
    nothing: null,
    tags: new Set(['a', 'b']),
    parts: [1, 'two', { three: 3 }],
    doc: { nested: { deep: 'x' } },
  },
  { removeUndefinedValues: true },
);

const names = { '#t': 'token', '#status': 'status', '#dotted': 'a.b' };
const values = (given: Record<string, unknown>) => {
  const entries = Object.entries(given).map(([name, value]) => [`:${name}`, value]);
  return entries.length > 0 ? marshall(Object.fromEntries(entries)) : undefined;
};
const ask = (text: string, given: Record<string, unknown> = {}) =>
  holds(parseCondition(text, 'ConditionExpression', new Placeholders(names, values(given))), item);

describe('conditions', () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ['attribute_exists(pk)', {}, true],
    ['attribute_not_exists(pk)', {}, false],
    ['attribute_not_exists(absent)', {}, true],
    ['attribute_exists(doc.nested.deep)', {}, true],
    ['attribute_exists(parts[2].three)', {}, true],
    ['attribute_exists(parts[3])', {}, false],
    ['attribute_type(note, :t)', { t: 'S' }, true],
    ['#t = :v', { v: 7 }, true],
    ['#t = :v', { v: '7' }, false],
    ['#t <> :v', { v: 7 }, false],
    ['absent <> :v', { v: 7 }, true],
    ['absent = :v', { v: 7 }, false],
    ['absent < :v', { v: 7 }, false],
    ['NOT absent < :v', { v: 7 }, true],
    ['#t < :v', { v: 10 }, true],
    ['note < :v', { v: 'rolled bad' }, true],
    ['note < :v', { v: 5 }, false],
    ['#t BETWEEN :a AND :b', { a: 7, b: 8 }, true],
    ['#t BETWEEN :a AND :b AND attribute_exists(pk)', { a: 8, b: 9 }, false],
    ['#t IN (:a, :b)', { a: 1, b: 7 }, true],
    ['begins_with(pk, :p)', { p: 'SERVICE#' }, true],
    ['contains(note, :p)', { p: 'back' }, true],
    ['contains(tags, :p)', { p: 'a' }, true],
    ['contains(parts, :p)', { p: 'two' }, true],
    ['size(parts) = :n', { n: 3 }, true],
    ['size(note) > :n AND size(tags) = :two', { n: 10, two: 2 }, true],
    ['flag = :f or absent = :f', { f: true }, true],
    ['attribute_exists(absent) OR attribute_exists(pk) AND attribute_exists(absent)', {}, false],
    ['(attribute_exists(absent) OR attribute_exists(pk)) AND attribute_exists(note)', {}, true],
    ['NOT attribute_exists(pk) OR attribute_exists(note)', {}, true],
    ['tags = :s', { s: new Set(['b', 'a']) }, true],
  ])('%s %j', (text, given, expected) => {
    expect(ask(text, given)).toBe(expected);
  });

  test.each([
    ['status = :v', 'Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: status'],
    [
      'pk = :missing',
      'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :missing',
    ],
    [
      '#missing = :v',
      'Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #missing',
    ],
    ['pk = ', 'Syntax error; token: "<EOF>"'],
    ['pk == :v', 'Syntax error; token: "="'],
    ['(pk = :v', 'Syntax error; token: "<EOF>"'],
    ['pk = :v pk', 'Syntax error; token: "pk"'],
    ['pk & :v', 'Syntax error; token: "&"'],
    ['exists(pk)', 'Invalid function name; function: exists'],
    ['  ', 'The expression can not be empty;'],
  ])('%s is refused', (text, message) => {
    expect(() => ask(text, { v: 1 })).toThrow(message);
  });

  test('placeholders given but empty are refused', () => {
    expect(() => new Placeholders(undefined, {})).toThrow('ExpressionAttributeValues must not be empty');
  });

  test('what no expression uses is refused', () => {
    const placeholders = new Placeholders({ '#a': 'a' }, marshall({ ':b': 1 }));
    parseCondition('#a = :b', 'ConditionExpression', placeholders);
    expect(() => placeholders.checkAllUsed()).not.toThrow();
    expect(() => new Placeholders(undefined, marshall({ ':b': 1 })).checkAllUsed()).toThrow(
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}',
    );
  });
});

describe('updates', () => {
  const update = (text: string, given: Record<string, unknown> = {}) =>
    applyUpdate(parseUpdate(text, new Placeholders(names, values(given))), item);

  test.each<[string, Record<string, unknown>, string, AttributeValue | undefined]>([
    ['SET #t = #t + :one', { one: 1 }, 'token', { N: '8' }],
    ['SET #t = :ten - #t', { ten: 10 }, 'token', { N: '3' }],
    ['SET price = price + :p', { p: 0.2 }, 'price', { N: '0.3' }],
    ['SET fresh = if_not_exists(fresh, :zero) + :one', { zero: 0, one: 1 }, 'fresh', { N: '1' }],
    ['SET #t = if_not_exists(#t, :zero)', { zero: 0 }, 'token', { N: '7' }],
    ['set #status = :s', { s: 'good' }, 'status', { S: 'good' }],
    ['SET parts = list_append(:l, parts)', { l: [0] }, 'parts', { L: [{ N: '0' }, ...(item.parts?.L ?? [])] }],
    ['SET parts[1] = :v', { v: 'TWO' }, 'parts', { L: [{ N: '1' }, { S: 'TWO' }, { M: { three: { N: '3' } } }] }],
    [
      'SET parts[9] = :v REMOVE parts[0]',
      { v: 4 },
      'parts',
      { L: [{ S: 'two' }, { M: { three: { N: '3' } } }, { N: '4' }] },
    ],
    ['REMOVE parts[0], parts[1]', {}, 'parts', { L: [{ M: { three: { N: '3' } } }] }],
    ['SET doc.nested.more = :v', { v: 1 }, 'doc', { M: { nested: { M: { deep: { S: 'x' }, more: { N: '1' } } } } }],
    ['REMOVE note', {}, 'note', undefined],
    ['ADD tally :one', { one: 1 }, 'tally', { N: '1' }],
    ['ADD tags :more', { more: new Set(['b', 'c']) }, 'tags', { SS: ['a', 'b', 'c'] }],
    ['DELETE tags :all', { all: new Set(['a', 'b']) }, 'tags', undefined],
    ['SET #dotted = :v', { v: 1 }, 'a.b', { N: '1' }],
  ])('%s %j', (text, given, attribute, expected) => {
    expect(update(text, given)[attribute]).toEqual(expected);
  });

  test('every right-hand side sees the item as it was', () => {
    const after = update('SET note = pk, copied = note');
    expect([after.note, after.copied]).toEqual([{ S: 'SERVICE#checkout' }, { S: 'rolled back' }]);
  });

  test('the item before is left as it was', () => {
    const before = structuredClone(item);
    update('SET doc.nested.deep = :v ADD tags :t', { v: 1, t: new Set(['z']) });
    expect(item).toEqual(before);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['SET a = nowhere', {}, 'The provided expression refers to an attribute that does not exist in the item'],
    [
      'SET a = note + :one',
      { one: 1 },
      'Incorrect operand type for operator or function; operator or function: +, operand type: S',
    ],
    ['SET absent.deep = :v', { v: 1 }, 'The document path provided in the update expression is invalid for update'],
    ['SET a = :v, a.b = :v', { v: 1 }, 'Two document paths overlap with each other'],
    ['SET a = :v SET b = :v', { v: 1 }, 'The "SET" section can only be used once'],
    ['ADD note :v', { v: 1 }, 'An operand in the update expression has an incorrect data type'],
    ['UPSERT a = :v', { v: 1 }, 'Syntax error; token: "UPSERT"'],
  ])('%s is refused', (text, given, message) => {
    expect(() => update(text, given)).toThrow(message);
  });
});

describe('numbers', () => {
  test('addition is exact for any decimals', () => {
    const decimal = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 8 }));
    const text = ([digits, scale]: readonly [number, number]) => {
      const sign = digits < 0 ? '-' : '';
      const padded = String(Math.abs(digits)).padStart(scale + 1, '0');
      return scale === 0 ? `${sign}${padded}` : `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
    };
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const sum = addNumbers(text(a), text(b), 1);
        expect(equal({ N: addNumbers(sum, text(b), -1) }, { N: text(a) })).toBe(true);
      }),
    );
  });

  test('order is by value, not by text', () => {
    expect(order({ N: '10' }, { N: '9' })).toBeGreaterThan(0);
    expect(order({ N: '-1.5' }, { N: '-1.25' })).toBeLessThan(0);
    expect(order({ N: '1e2' }, { N: '100.0' })).toBe(0);
    expect(order({ N: '1' }, { S: '1' })).toBeUndefined();
  });
});

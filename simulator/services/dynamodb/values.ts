/** Attribute values: equality, order, size, and exact decimal numbers as DynamoDB keeps them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;
export type TypeTag = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL';

export const typeOf = (value: AttributeValue): TypeTag => Object.keys(value)[0] as TypeTag;

/** The value itself, without its tag. */
export const plain = (value: AttributeValue): unknown => Object.values(value)[0];

export function equal(a: AttributeValue, b: AttributeValue): boolean {
  return canonical(a) === canonical(b);
}

/** One text per value: equal values have equal texts. Sets are unordered, numbers are normalized. */
export function canonical(value: AttributeValue): string {
  const type = typeOf(value);
  return `${type}:${canonicalBody(type, value)}`;
}

function canonicalBody(type: TypeTag, value: AttributeValue): string {
  switch (type) {
    case 'N':
      return normalizeNumber(value.N as string);
    case 'B':
      return base64(value.B as Uint8Array);
    case 'SS':
      return JSON.stringify([...(value.SS as string[])].sort());
    case 'NS':
      return JSON.stringify((value.NS as string[]).map(normalizeNumber).sort());
    case 'BS':
      return JSON.stringify((value.BS as Uint8Array[]).map(base64).sort());
    case 'L':
      return JSON.stringify((value.L as AttributeValue[]).map(canonical));
    case 'M':
      return JSON.stringify(
        Object.entries(value.M as Item)
          .map(([name, member]) => [name, canonical(member)])
          .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      );
    default:
      return String(plain(value));
  }
}

/** Negative, zero or positive; undefined where DynamoDB knows no order between the two. */
export function order(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.S !== undefined && b.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B);
  if (a.N === undefined || b.N === undefined) return undefined;
  const [left, right] = align(parseDecimal(a.N), parseDecimal(b.N));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What `size()` says; undefined for types without a size. */
export function sizeOf(value: AttributeValue): number | undefined {
  const content = plain(value);
  if (typeof content === 'string') return value.S === undefined ? undefined : content.length;
  if (content instanceof Uint8Array) return content.byteLength;
  if (Array.isArray(content)) return content.length;
  return value.M === undefined ? undefined : Object.keys(value.M).length;
}

/** Bytes that an item counts for limits and pages. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if (value.B !== undefined) return value.B.byteLength;
  if (value.M !== undefined) return 3 + itemBytes(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, member) => sum + valueBytes(member) + 1, 0);
  const set = value.SS ?? value.NS ?? value.BS;
  return set ? set.reduce<number>((sum, member) => sum + Buffer.byteLength(member), 0) : 1;
}

interface Decimal {
  readonly digits: bigint;
  /** Digits after the point. */
  readonly scale: number;
}

/** Adds or subtracts exactly: 0.1 + 0.2 is 0.3 here. */
export function addNumbers(a: string, b: string, sign: 1 | -1): string {
  const [left, right] = align(parseDecimal(a), parseDecimal(b));
  const scale = Math.max(parseDecimal(a).scale, parseDecimal(b).scale);
  return formatDecimal({ digits: sign === 1 ? left + right : left - right, scale });
}

export const isNumber = (text: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);

export const normalizeNumber = (text: string): string => formatDecimal(parseDecimal(text));

function parseDecimal(text: string): Decimal {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) throw new Error(`not a number: ${text}`);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

function align(a: Decimal, b: Decimal): [bigint, bigint] {
  const scale = Math.max(a.scale, b.scale);
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale)];
}

function formatDecimal({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return sign + whole + (fraction === '' || scale === 0 ? '' : `.${fraction}`);
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Condition, filter and key-condition expressions: parsed to a tree, then asked about an item. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Path, read } from './paths.ts';
import { type ExpressionKind, invalid, type Placeholders, Tokens } from './tokens.ts';
import { equal, type Item, order, plain, sizeOf, typeOf } from './values.ts';

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly path: Path };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly choices: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: Path; readonly wanted: boolean }
  | { readonly kind: 'type' | 'begins' | 'contains'; readonly path: Path; readonly operand: Operand };

export function parseCondition(text: string, kind: ExpressionKind, placeholders: Placeholders): Condition {
  const tokens = new Tokens(text, kind, placeholders);
  const condition = parseOr(tokens);
  tokens.expectEnd();
  return condition;
}

export function holds(condition: Condition, item: Item): boolean {
  const resolve = (operand: Operand) => evaluate(operand, item);
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item) && holds(condition.right, item);
    case 'or':
      return holds(condition.left, item) || holds(condition.right, item);
    case 'not':
      return !holds(condition.condition, item);
    case 'compare':
      return compare(condition.operator, resolve(condition.left), resolve(condition.right));
    case 'between': {
      const value = resolve(condition.operand);
      return compare('>=', value, resolve(condition.low)) && compare('<=', value, resolve(condition.high));
    }
    case 'in': {
      const value = resolve(condition.operand);
      return condition.choices.some((choice) => compare('=', value, resolve(choice)));
    }
    case 'exists':
      return (read(item, condition.path) !== undefined) === condition.wanted;
    default:
      return ask(condition.kind, read(item, condition.path), resolve(condition.operand));
  }
}

function parseOr(tokens: Tokens): Condition {
  let left = parseAnd(tokens);
  while (tokens.take('OR')) left = { kind: 'or', left, right: parseAnd(tokens) };
  return left;
}

function parseAnd(tokens: Tokens): Condition {
  let left = parseNot(tokens);
  while (tokens.take('AND')) left = { kind: 'and', left, right: parseNot(tokens) };
  return left;
}

function parseNot(tokens: Tokens): Condition {
  if (tokens.take('NOT')) return { kind: 'not', condition: parseNot(tokens) };
  if (tokens.take('(')) {
    const inner = parseOr(tokens);
    tokens.expect(')');
    return inner;
  }
  return parsePredicate(tokens);
}

function parsePredicate(tokens: Tokens): Condition {
  const name = tokens.sees('size') ? undefined : tokens.takeFunction();
  if (name !== undefined) return parseFunction(tokens, name);
  const operand = parseOperand(tokens);
  if (tokens.take('BETWEEN')) {
    const low = parseOperand(tokens);
    tokens.expect('AND');
    return { kind: 'between', operand, low, high: parseOperand(tokens) };
  }
  if (tokens.take('IN')) {
    tokens.expect('(');
    const choices = [parseOperand(tokens)];
    while (tokens.take(',')) choices.push(parseOperand(tokens));
    tokens.expect(')');
    return { kind: 'in', operand, choices };
  }
  const operator = (['=', '<>', '<=', '>=', '<', '>'] as const).find((symbol) => tokens.take(symbol));
  if (!operator) return tokens.fail();
  return { kind: 'compare', operator, left: operand, right: parseOperand(tokens) };
}

function parseFunction(tokens: Tokens, name: string): Condition {
  const path = tokens.path();
  if (name === 'attribute_exists' || name === 'attribute_not_exists') {
    tokens.expect(')');
    return { kind: 'exists', path, wanted: name === 'attribute_exists' };
  }
  const kinds: Readonly<Record<string, 'type' | 'begins' | 'contains'>> = {
    attribute_type: 'type',
    begins_with: 'begins',
    contains: 'contains',
  };
  const kind = kinds[name];
  if (!kind) throw invalid(tokens.kind, `Invalid function name; function: ${name}`);
  tokens.expect(',');
  const operand = parseOperand(tokens);
  tokens.expect(')');
  return { kind, path, operand };
}

function parseOperand(tokens: Tokens): Operand {
  const value = tokens.takeValue();
  if (value) return { kind: 'value', value };
  if (tokens.sees('size') && tokens.takeFunction()) {
    const path = tokens.path();
    tokens.expect(')');
    return { kind: 'size', path };
  }
  return { kind: 'path', path: tokens.path() };
}

function evaluate(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value;
  const value = read(item, operand.path);
  if (operand.kind === 'path' || value === undefined) return value;
  const size = sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

/** An absent attribute equals nothing, so it is different from everything, and stands in no order. */
function compare(operator: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (operator === '<>') return !left || !right || !equal(left, right);
  if (!left || !right) return false;
  if (operator === '=') return equal(left, right);
  const found = order(left, right);
  if (found === undefined) return false;
  if (found === 0) return operator.includes('=');
  return found < 0 === operator.startsWith('<');
}

function ask(kind: 'type' | 'begins' | 'contains', value: AttributeValue | undefined, operand?: AttributeValue) {
  if (!value || !operand) return false;
  if (kind === 'type') return typeOf(value) === operand.S;
  if (kind === 'begins') {
    if (value.S !== undefined && operand.S !== undefined) return value.S.startsWith(operand.S);
    return value.B !== undefined && operand.B !== undefined
      ? Buffer.from(value.B).subarray(0, operand.B.byteLength).equals(operand.B)
      : false;
  }
  if (value.S !== undefined) return operand.S !== undefined && value.S.includes(operand.S);
  if (value.L) return value.L.some((member) => equal(member, operand));
  if (value.SS) return value.SS.includes(operand.S as string);
  if (value.NS) return value.NS.some((member) => equal({ N: member }, operand));
  return value.BS ? value.BS.some((member) => equal({ B: member }, { B: plain(operand) as Uint8Array })) : false;
}

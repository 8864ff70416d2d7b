/** Update expressions: `SET a = b + :n REMOVE c ADD d :n DELETE e :set`. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import { overlaps, type Path, read, remove, write } from './paths.ts';
import { invalid, type Placeholders, Tokens } from './tokens.ts';
import { addNumbers, canonical, type Item, typeOf } from './values.ts';

type Expression =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'default'; readonly path: Path; readonly otherwise: Expression }
  | { readonly kind: 'append'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'add'; readonly sign: 1 | -1; readonly left: Expression; readonly right: Expression };

export type Step =
  | { readonly kind: 'set'; readonly path: Path; readonly expression: Expression }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'add' | 'delete'; readonly path: Path; readonly value: AttributeValue };

const clauses = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;

export function parseUpdate(text: string, placeholders: Placeholders): readonly Step[] {
  const tokens = new Tokens(text, 'UpdateExpression', placeholders);
  const steps: Step[] = [];
  const seen = new Set<string>();
  while (!tokens.done) {
    const clause = clauses.find((word) => tokens.take(word));
    if (!clause) return tokens.fail();
    if (seen.has(clause))
      throw invalid('UpdateExpression', `The "${clause}" section can only be used once in an update expression;`);
    seen.add(clause);
    do steps.push(parseStep(tokens, clause));
    while (tokens.take(','));
  }
  refuseOverlaps(steps);
  return steps;
}

/** The item as it will be. Every right-hand side sees the item as it was. */
export function applyUpdate(steps: readonly Step[], before: Item): Item {
  const after = structuredClone(before);
  const sets = steps.filter((step) => step.kind === 'set');
  const values = sets.map((step) => evaluate(step.expression, before));
  sets.forEach((step, index) => {
    write(after, step.path, structuredClone(values[index] as AttributeValue));
  });
  for (const step of steps) if (step.kind === 'add' || step.kind === 'delete') applySetOrCounter(step, after);
  // From the end of lists, so that one removal does not shift the next.
  const removals = steps.filter((step) => step.kind === 'remove').map((step) => step.path);
  for (const path of removals.sort(byLastIndexDescending)) remove(after, path);
  return after;
}

function parseStep(tokens: Tokens, clause: (typeof clauses)[number]): Step {
  const path = tokens.path();
  if (clause === 'REMOVE') return { kind: 'remove', path };
  if (clause === 'SET') {
    tokens.expect('=');
    return { kind: 'set', path, expression: parseSum(tokens) };
  }
  const value = tokens.takeValue();
  if (!value) return tokens.fail();
  return { kind: clause === 'ADD' ? 'add' : 'delete', path, value };
}

function parseSum(tokens: Tokens): Expression {
  const left = parseTerm(tokens);
  if (tokens.take('+')) return { kind: 'add', sign: 1, left, right: parseTerm(tokens) };
  if (tokens.take('-')) return { kind: 'add', sign: -1, left, right: parseTerm(tokens) };
  return left;
}

function parseTerm(tokens: Tokens): Expression {
  const value = tokens.takeValue();
  if (value) return { kind: 'value', value };
  const name = tokens.takeFunction();
  if (name === 'if_not_exists') {
    const path = tokens.path();
    tokens.expect(',');
    const otherwise = parseSum(tokens);
    tokens.expect(')');
    return { kind: 'default', path, otherwise };
  }
  if (name === 'list_append') {
    const left = parseSum(tokens);
    tokens.expect(',');
    const right = parseSum(tokens);
    tokens.expect(')');
    return { kind: 'append', left, right };
  }
  if (name !== undefined) throw invalid('UpdateExpression', `Invalid function name; function: ${name}`);
  return { kind: 'path', path: tokens.path() };
}

function evaluate(expression: Expression, item: Item): AttributeValue {
  switch (expression.kind) {
    case 'value':
      return expression.value;
    case 'path': {
      const value = read(item, expression.path);
      if (!value) throw validation('The provided expression refers to an attribute that does not exist in the item');
      return value;
    }
    case 'default':
      return read(item, expression.path) ?? evaluate(expression.otherwise, item);
    case 'append': {
      const left = evaluate(expression.left, item);
      const right = evaluate(expression.right, item);
      if (!left.L || !right.L) throw wrongType('list_append', left.L ? right : left);
      return { L: [...left.L, ...right.L] };
    }
    case 'add': {
      const left = evaluate(expression.left, item);
      const right = evaluate(expression.right, item);
      if (left.N === undefined || right.N === undefined)
        throw wrongType(expression.sign === 1 ? '+' : '-', left.N === undefined ? left : right);
      return { N: addNumbers(left.N, right.N, expression.sign) };
    }
  }
}

function applySetOrCounter(step: Extract<Step, { kind: 'add' | 'delete' }>, item: Item): void {
  const current = read(item, step.path);
  if (step.kind === 'add' && step.value.N !== undefined && (!current || current.N !== undefined)) {
    write(item, step.path, { N: addNumbers(current?.N ?? '0', step.value.N, 1) });
    return;
  }
  const type = typeOf(step.value);
  if ((type !== 'SS' && type !== 'NS' && type !== 'BS') || (current && typeOf(current) !== type))
    throw validation('An operand in the update expression has an incorrect data type');
  const members = (value: AttributeValue | undefined) => (value?.[type] ?? []) as (string | Uint8Array)[];
  const keyOf = (member: string | Uint8Array) =>
    canonical({ [type[0] as string]: member } as unknown as AttributeValue);
  const result = new Map(members(current).map((member) => [keyOf(member), member]));
  for (const member of members(step.value))
    if (step.kind === 'add') result.set(keyOf(member), member);
    else result.delete(keyOf(member));
  // A set is never empty: with its last member the attribute goes.
  if (result.size > 0) write(item, step.path, { [type]: [...result.values()] } as unknown as AttributeValue);
  else if (current) remove(item, step.path);
}

function refuseOverlaps(steps: readonly Step[]): void {
  steps.forEach((step, index) => {
    const other = steps.slice(0, index).find((earlier) => overlaps(earlier.path, step.path));
    if (other)
      throw invalid(
        'UpdateExpression',
        `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${other.path.join(', ')}], path two: [${step.path.join(', ')}]`,
      );
  });
}

function byLastIndexDescending(a: Path, b: Path): number {
  const [left, right] = [a.at(-1), b.at(-1)];
  return typeof left === 'number' && typeof right === 'number' ? right - left : 0;
}

const validation = (message: string) => new AwsError('ValidationException', message);

const wrongType = (operator: string, operand: AttributeValue) =>
  invalid(
    'UpdateExpression',
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(operand)}`,
  );

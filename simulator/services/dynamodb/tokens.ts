/** Expressions cut into tokens, with DynamoDB's placeholders and reserved words resolved as they are read. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../service.ts';
import type { Path } from './paths.ts';
import { reservedWords } from './reserved-words.ts';

interface Token {
  readonly kind: 'name' | 'placeholder' | 'value' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

/** `ConditionExpression`, `UpdateExpression`, … as AWS names it in its messages. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'KeyConditionExpression'
  | 'FilterExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

/** Placeholders of one request; remembers which were used, since DynamoDB refuses the unused. */
export class Placeholders {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: Readonly<Record<string, AttributeValue>>;
  readonly #used = new Set<string>();

  constructor(
    names: Readonly<Record<string, string>> | undefined,
    values: Readonly<Record<string, AttributeValue>> | undefined,
  ) {
    refuseEmpty('ExpressionAttributeNames', names);
    refuseEmpty('ExpressionAttributeValues', values);
    this.#names = names ?? {};
    this.#values = values ?? {};
  }

  name(placeholder: string, kind: ExpressionKind): string {
    const name = this.#names[placeholder];
    if (name === undefined)
      throw invalid(
        kind,
        `An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
      );
    this.#used.add(placeholder);
    return name;
  }

  value(placeholder: string, kind: ExpressionKind): AttributeValue {
    const value = this.#values[placeholder];
    if (value === undefined)
      throw invalid(
        kind,
        `An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
      );
    this.#used.add(placeholder);
    return value;
  }

  /** Call once every expression of the request is parsed. */
  checkAllUsed(): void {
    for (const [what, given] of [
      ['ExpressionAttributeNames', this.#names],
      ['ExpressionAttributeValues', this.#values],
    ] as const) {
      const unused = Object.keys(given).filter((key) => !this.#used.has(key));
      if (unused.length > 0)
        throw new AwsError(
          'ValidationException',
          `Value provided in ${what} unused in expressions: keys: {${unused.join(', ')}}`,
        );
    }
  }
}

function refuseEmpty(what: string, given: object | undefined): void {
  if (given && Object.keys(given).length === 0) throw new AwsError('ValidationException', `${what} must not be empty`);
}

export class Tokens {
  readonly kind: ExpressionKind;
  readonly placeholders: Placeholders;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string, kind: ExpressionKind, placeholders: Placeholders) {
    this.kind = kind;
    this.placeholders = placeholders;
    this.#text = text;
    if (text.trim() === '') throw invalid(kind, 'The expression can not be empty;');
    this.#tokens = [...scan(text, kind)];
  }

  get done(): boolean {
    return this.#peek().kind === 'end';
  }

  /** Takes the next token if it is this symbol or (in any case of letters) this word. */
  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#position += 1;
    return true;
  }

  sees(text: string): boolean {
    const token = this.#peek();
    return (token.kind === 'name' || token.kind === 'symbol') && token.text.toUpperCase() === text.toUpperCase();
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  expectEnd(): void {
    if (!this.done) this.fail();
  }

  /** The name of a function that is called here, taken together with its opening parenthesis. */
  takeFunction(): string | undefined {
    const token = this.#peek();
    const next = this.#tokens[this.#position + 1];
    if (token.kind !== 'name' || next?.text !== '(') return undefined;
    this.#position += 2;
    return token.text;
  }

  takeValue(): AttributeValue | undefined {
    const token = this.#peek();
    if (token.kind !== 'value') return undefined;
    this.#position += 1;
    return this.placeholders.value(token.text, this.kind);
  }

  path(): Path {
    const path: (string | number)[] = [this.#attribute()];
    for (;;) {
      if (this.take('.')) path.push(this.#attribute());
      else if (this.take('[')) {
        const token = this.#next();
        if (token.kind !== 'number') this.fail(token);
        path.push(Number(token.text));
        this.expect(']');
      } else return path;
    }
  }

  fail(token = this.#peek()): never {
    const near = this.#text.slice(Math.max(0, token.at - 10), token.at + token.text.length + 10);
    const shown = token.kind === 'end' ? '<EOF>' : token.text;
    throw invalid(this.kind, `Syntax error; token: "${shown}", near: "${near}"`);
  }

  #attribute(): string {
    const token = this.#next();
    if (token.kind === 'placeholder') return this.placeholders.name(token.text, this.kind);
    if (token.kind !== 'name') this.fail(token);
    if (reservedWords.has(token.text.toUpperCase()))
      throw invalid(this.kind, `Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
    return token.text;
  }

  #peek(): Token {
    return this.#tokens[this.#position] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#position += 1;
    return token;
  }
}

export const invalid = (kind: ExpressionKind, message: string): AwsError =>
  new AwsError('ValidationException', `Invalid ${kind}: ${message}`);

const patterns: readonly [Token['kind'] | undefined, RegExp][] = [
  [undefined, /\s+/y],
  ['placeholder', /#[A-Za-z0-9_]+/y],
  ['value', /:[A-Za-z0-9_]+/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /\d+/y],
  ['symbol', /<>|<=|>=|[=<>()[\].,+-]/y],
];

function* scan(text: string, kind: ExpressionKind): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    const found = patterns
      .map(([type, pattern]) => {
        pattern.lastIndex = at;
        return { type, match: pattern.exec(text)?.[0] };
      })
      .find(({ match }) => match !== undefined);
    if (found?.match === undefined)
      throw invalid(kind, `Syntax error; token: "${text[at]}", near: "${text.slice(Math.max(0, at - 10), at + 10)}"`);
    if (found.type) yield { kind: found.type, text: found.match, at };
    at += found.match.length;
  }
  yield { kind: 'end', text: '', at };
}

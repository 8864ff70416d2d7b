/**
 * CloudWatch metric math as text to a tree. Source of the grammar: "Using metric math" in the CloudWatch user guide.
 * Precedence, loosest first: OR, AND, comparison, + -, * /, unary -, ^.
 */
import { AwsError } from '../../../service.ts';
import { type Token, tokenize } from './tokens.ts';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'reference'; readonly id: string }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] };

export type BinaryOperator = '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<=' | '>=' | '<' | '>' | 'AND' | 'OR';

const strength: Record<BinaryOperator, number> = {
  OR: 1,
  AND: 2,
  '==': 3,
  '!=': 3,
  '<=': 3,
  '>=': 3,
  '<': 3,
  '>': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '^': 7,
};
const unaryStrength = 6;

/** @throws AwsError `ValidationError` that quotes the text where it stops making sense */
export function parseExpression(text: string): Expression {
  const known = parsed.get(text);
  if (known) return known;
  const parser = new Parser(text, tokenize(text));
  const expression = parser.expression(0);
  parser.end();
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(text, expression);
  return expression;
}

/** An alarm asks for the same expression every minute. Expressions are never changed, so accounts may share them. */
const parsed = new Map<string, Expression>();
const mostParsed = 1_000;

export const syntaxError = (text: string, detail: string): AwsError =>
  new AwsError('ValidationError', `Error in expression '${text}': ${detail}`);

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  expression(minimum: number): Expression {
    let left = this.#operand();
    for (;;) {
      const operator = this.#operator();
      if (!operator || strength[operator] <= minimum) return left;
      this.#next++;
      // `2 ^ 3 ^ 2` groups to the right, everything else to the left.
      const right = this.expression(operator === '^' ? strength[operator] - 1 : strength[operator]);
      left = { kind: 'binary', operator, left, right };
    }
  }

  end(): void {
    const token = this.#tokens[this.#next];
    if (token) throw syntaxError(this.#text, `unexpected '${token.text}' at position ${token.position + 1}`);
  }

  #operand(): Expression {
    const token = this.#tokens[this.#next++];
    if (!token) throw syntaxError(this.#text, 'the expression ends where a value is needed');
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'text', value: token.text.slice(1, -1) };
    if (token.kind === 'name') {
      if (this.#take('(')) return { kind: 'call', name: token.text, arguments: this.#list(')') };
      return { kind: 'reference', id: token.text };
    }
    if (token.text === '-') return { kind: 'negate', operand: this.expression(unaryStrength) };
    if (token.text === '[') return { kind: 'array', items: this.#list(']') };
    if (token.text === '(') {
      const inner = this.expression(0);
      this.#expect(')');
      return inner;
    }
    throw syntaxError(this.#text, `unexpected '${token.text}' at position ${token.position + 1}`);
  }

  #list(close: string): Expression[] {
    const items: Expression[] = [];
    if (this.#take(close)) return items;
    do items.push(this.expression(0));
    while (this.#take(','));
    this.#expect(close);
    return items;
  }

  #operator(): BinaryOperator | undefined {
    const text = this.#tokens[this.#next]?.text;
    if (text === '&&') return 'AND';
    if (text === '||') return 'OR';
    return text !== undefined && text in strength ? (text as BinaryOperator) : undefined;
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind === 'string' || token?.text !== text) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) {
      throw syntaxError(this.#text, `'${text}' expected, found '${this.#tokens[this.#next]?.text ?? 'the end'}'`);
    }
  }
}

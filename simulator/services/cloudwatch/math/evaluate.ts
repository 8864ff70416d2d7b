import { AwsError } from '../../../service.ts';
import { type Argument, callFunction } from './functions.ts';
import { MathError } from './math-error.ts';
import { applyOperator } from './operators.ts';
import { type Expression, parseExpression } from './parse.ts';
import { type MathValue, mapPoints, type Range, scalar, series } from './values.ts';

export interface MathScope {
  /** The value of a query's id; undefined when no query has it. */
  lookup(id: string): MathValue | undefined;
  /** Ids of the queries that are metrics, in order, for METRICS(). */
  readonly metricIds: readonly string[];
  readonly range: Range;
}

const fillWords = new Set(['REPEAT', 'LINEAR']);

/**
 * A time series, or an array of them: a final scalar is refused, as CloudWatch does.
 *
 * @throws AwsError `ValidationError` that quotes the expression
 */
export function evaluateExpression(text: string, scope: MathScope): MathValue {
  try {
    const value = evaluate(parseExpression(text), scope);
    if (value.kind === 'scalar') throw new MathError('the result is a single number, not a time series');
    return value;
  } catch (error) {
    if (!(error instanceof MathError)) throw error;
    throw new AwsError('ValidationError', `Error in expression '${text}': ${error.message}`);
  }
}

function evaluate(expression: Expression, scope: MathScope): MathValue {
  switch (expression.kind) {
    case 'number':
      return scalar(expression.value);
    case 'text':
      throw new MathError(`"${expression.value}" is text, which only METRICS takes`);
    case 'reference': {
      const value = scope.lookup(expression.id);
      if (!value) throw new MathError(`no query has the id ${expression.id}`);
      return value;
    }
    case 'array':
      return { kind: 'array', items: expression.items.flatMap((item) => elements(evaluate(item, scope))) };
    case 'negate':
      return negate(evaluate(expression.operand, scope));
    case 'binary':
      return applyOperator(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope));
    case 'call':
      return call(expression.name, expression.arguments, scope);
  }
}

function call(name: string, args: readonly Expression[], scope: MathScope): MathValue {
  if (name === 'METRICS') return { kind: 'array', items: metrics(args, scope) };
  return callFunction(
    name,
    args.map(
      (argument): Argument =>
        name === 'FILL' && argument.kind === 'reference' && fillWords.has(argument.id)
          ? { kind: 'word', word: argument.id }
          : evaluate(argument, scope),
    ),
    scope.range,
  );
}

function metrics([filter]: readonly Expression[], scope: MathScope) {
  if (filter && filter.kind !== 'text') throw new MathError('METRICS takes nothing, or a part of the ids in quotes');
  return scope.metricIds
    .filter((id) => !filter || id.includes(filter.value))
    .flatMap((id) => elements(scope.lookup(id) ?? series(new Map())));
}

function negate(value: MathValue): MathValue {
  if (value.kind === 'scalar') return scalar(-value.value);
  if (value.kind === 'series') return series(mapPoints(value.points, (point) => -point));
  return { kind: 'array', items: value.items.map((item) => mapPoints(item, (point) => -point)) };
}

/** Numbers are refused: arrays of time series are all that the user guide documents. */
function elements(value: MathValue) {
  if (value.kind === 'series') return [value.points];
  if (value.kind === 'array') return value.items;
  throw new MathError('an array holds time series, not numbers; TIME_SERIES(n) makes one of a number');
}

/**
 * Arithmetic, comparison and logic over scalars, series and arrays of series. Between two series a value that one of
 * them lacks counts as 0, and a point that would divide by zero is dropped, as the user guide says.
 */
import type { BinaryOperator } from './parse.ts';
import { type MathValue, mapPoints, type Points, scalar, series, union } from './values.ts';

const truth = (value: boolean): number => (value ? 1 : 0);

const compute: Record<BinaryOperator, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<=': (left, right) => truth(left <= right),
  '>=': (left, right) => truth(left >= right),
  '<': (left, right) => truth(left < right),
  '>': (left, right) => truth(left > right),
  AND: (left, right) => truth(left !== 0 && right !== 0),
  OR: (left, right) => truth(left !== 0 || right !== 0),
};

export function applyOperator(operator: BinaryOperator, left: MathValue, right: MathValue): MathValue {
  const operation = compute[operator];
  if (left.kind === 'scalar' && right.kind === 'scalar') return scalar(operation(left.value, right.value));
  if (left.kind === 'array' || right.kind === 'array') return overArrays(operation, left, right);
  return series(combine(operation, left, right));
}

function overArrays(operation: (a: number, b: number) => number, left: MathValue, right: MathValue): MathValue {
  if (left.kind === 'array' && right.kind === 'array') {
    return {
      kind: 'array',
      items: left.items.map((item, index) => combine(operation, series(item), series(right.items[index] ?? new Map()))),
    };
  }
  if (left.kind === 'array') {
    return { kind: 'array', items: left.items.map((item) => combine(operation, series(item), right)) };
  }
  const items = right.kind === 'array' ? right.items : [];
  return { kind: 'array', items: items.map((item) => combine(operation, left, series(item))) };
}

function combine(operation: (a: number, b: number) => number, left: MathValue, right: MathValue): Points {
  if (left.kind === 'series' && right.kind === 'series') {
    const result = new Map<number, number>();
    for (const time of union(left.points, right.points)) {
      const value = operation(left.points.get(time) ?? 0, right.points.get(time) ?? 0);
      if (Number.isFinite(value)) result.set(time, value);
    }
    return result;
  }
  if (left.kind === 'series' && right.kind === 'scalar')
    return mapPoints(left.points, (a) => operation(a, right.value));
  if (left.kind === 'scalar' && right.kind === 'series')
    return mapPoints(right.points, (b) => operation(left.value, b));
  return new Map();
}

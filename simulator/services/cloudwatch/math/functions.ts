/** The metric math functions that are simulated. Anything else is refused, so that no alarm silently does nothing. */
import { fill } from './fill.ts';
import { MathError } from './math-error.ts';
import { type MathValue, mapPoints, type Points, type Range, scalar, series, timestamps, union } from './values.ts';

/** An argument: its value, or a bare word such as REPEAT. */
export type Argument = MathValue | { readonly kind: 'word'; readonly word: string };
type MathFunction = (args: readonly Argument[], range: Range) => MathValue;

const functions: Readonly<Record<string, MathFunction>> = {
  ABS: pointwise('ABS', Math.abs),
  CEIL: pointwise('CEIL', Math.ceil),
  FLOOR: pointwise('FLOOR', Math.floor),
  LOG: pointwise('LOG', Math.log),
  LOG10: pointwise('LOG10', Math.log10),
  MAX: aggregate('MAX', (values) => Math.max(...values)),
  MIN: aggregate('MIN', (values) => Math.min(...values)),
  SUM: aggregate('SUM', (values) => values.reduce((sum, value) => sum + value, 0)),
  // The average of an array counts a missing value as 0, so it divides by the number of series.
  AVG: aggregate('AVG', (values, count) => values.reduce((sum, value) => sum + value, 0) / count),
  IF: choose,
  FILL: (args, range) => fill(args, range),
  PERIOD: (args, range) => {
    seriesArgument('PERIOD', args[0]);
    return scalar(range.periodMs / 1000);
  },
  TIME_SERIES: (args, range) => {
    const [value] = args;
    if (value?.kind !== 'scalar') throw new MathError('TIME_SERIES takes a number');
    return series(new Map([...timestamps(range)].map((time) => [time, value.value])));
  },
};

export const supportedFunctions: readonly string[] = Object.keys(functions).sort();

export function callFunction(name: string, args: readonly Argument[], range: Range): MathValue {
  const called = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!called) {
    throw new MathError(`the function ${name} is unknown or not simulated; known are ${supportedFunctions.join(', ')}`);
  }
  return called(args, range);
}

function pointwise(name: string, change: (value: number) => number): MathFunction {
  return ([value]) => {
    if (value?.kind === 'scalar') return scalar(change(value.value));
    if (value?.kind === 'series') return series(mapPoints(value.points, change));
    if (value?.kind === 'array') return { kind: 'array', items: value.items.map((item) => mapPoints(item, change)) };
    throw new MathError(`${name} takes a time series or an array of time series`);
  };
}

/** Of one series a scalar, of an array a series: one value for each timestamp. */
function aggregate(name: string, reduce: (values: readonly number[], count: number) => number): MathFunction {
  return (args) => {
    const [value] = args;
    if (args.length === 1 && value?.kind === 'series') {
      const values = [...value.points.values()];
      return scalar(values.length > 0 ? reduce(values, values.length) : 0);
    }
    if (args.length === 1 && value?.kind === 'array') {
      const points = new Map<number, number>();
      for (const time of union(...value.items)) {
        const present = value.items.flatMap((item) => item.get(time) ?? []);
        points.set(time, reduce(present, value.items.length));
      }
      return series(points);
    }
    throw new MathError(`${name} takes one time series or one array of time series, such as ${name}([m1, m2])`);
  };
}

function choose([condition, yes, no]: readonly Argument[]): MathValue {
  const chosenNo = no ?? series(new Map());
  if (!condition || !isOperand(yes) || !isOperand(chosenNo)) {
    throw new MathError('IF takes a condition and one or two values, each a number or a time series');
  }
  if (condition.kind === 'scalar') return condition.value !== 0 ? yes : chosenNo;
  const points = new Map<number, number>();
  for (const [time, truth] of seriesArgument('IF', condition)) {
    // A missing value counts as 0 where the condition holds, and drops the point where it does not.
    const value = truth !== 0 ? (valueAt(yes, time) ?? 0) : valueAt(chosenNo, time);
    if (value !== undefined) points.set(time, value);
  }
  return series(points);
}

function isOperand(value: Argument | undefined): value is Extract<MathValue, { kind: 'scalar' | 'series' }> {
  return value?.kind === 'scalar' || value?.kind === 'series';
}

function valueAt(value: Extract<MathValue, { kind: 'scalar' | 'series' }>, time: number): number | undefined {
  return value.kind === 'scalar' ? value.value : value.points.get(time);
}

function seriesArgument(name: string, value: Argument | undefined): Points {
  if (value?.kind !== 'series') throw new MathError(`${name} takes a time series`);
  return value.points;
}

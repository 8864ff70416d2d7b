import type { Argument } from './functions.ts';
import { MathError } from './math-error.ts';
import { type MathValue, type Points, type Range, series, timestamps } from './values.ts';

/**
 * FILL(m, S | TS | REPEAT | LINEAR): every period of the range gets a value. That includes the newest one, which
 * services publish late: the pitfall that the user guide warns of is simulated too.
 *
 * AWS documents what happens to a series with gaps, not to one without any point in the range. Here that is filled like
 * any other; an expression that also has to be right where it stays empty joins it with TIME_SERIES(0).
 */
export function fill([target, filler]: readonly Argument[], range: Range): MathValue {
  if (target?.kind === 'series' && filler) return series(fillSeries(target.points, filler, range));
  if (target?.kind === 'array' && filler) {
    return { kind: 'array', items: target.items.map((item) => fillSeries(item, filler, range)) };
  }
  throw new MathError('FILL takes a time series and a filler: a number, a time series, REPEAT or LINEAR');
}

function fillSeries(points: Points, filler: Argument, range: Range): Points {
  if (filler.kind === 'word') return filler.word === 'LINEAR' ? linear(points, range) : repeat(points, range);
  if (filler.kind === 'array') throw new MathError('FILL cannot fill with an array of time series');
  const result = new Map<number, number>();
  for (const time of timestamps(range)) {
    const value = points.get(time) ?? (filler.kind === 'scalar' ? filler.value : filler.points.get(time));
    if (value !== undefined) result.set(time, value);
  }
  return result;
}

/** The value before the gap; a gap at the beginning stays. */
function repeat(points: Points, range: Range): Points {
  const result = new Map<number, number>();
  let last: number | undefined;
  for (const time of timestamps(range)) {
    last = points.get(time) ?? last;
    if (last !== undefined) result.set(time, last);
  }
  return result;
}

/** A straight line between the values around the gap; a gap at either end repeats the one value beside it. */
function linear(points: Points, range: Range): Points {
  const known = [...points].filter(([time]) => time >= range.startMs && time < range.endMs).sort(([a], [b]) => a - b);
  const result = new Map<number, number>();
  for (const time of timestamps(range)) {
    const before = known.filter(([at]) => at <= time).at(-1);
    const after = known.find(([at]) => at >= time);
    if (before && after) {
      const part = after[0] === before[0] ? 0 : (time - before[0]) / (after[0] - before[0]);
      result.set(time, before[1] + part * (after[1] - before[1]));
    } else {
      const beside = before ?? after;
      if (beside) result.set(time, beside[1]);
    }
  }
  return result;
}

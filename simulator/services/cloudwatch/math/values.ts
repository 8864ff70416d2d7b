/** Timestamp (milliseconds since the epoch, start of its period) to value, in any order. */
export type Points = ReadonlyMap<number, number>;

export type MathValue =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'series'; readonly points: Points }
  | { readonly kind: 'array'; readonly items: readonly Points[] };

/** Whole periods that a query covers: from `startMs` up to, not including, `endMs`. */
export interface Range {
  readonly startMs: number;
  readonly endMs: number;
  readonly periodMs: number;
}

export const scalar = (value: number): MathValue => ({ kind: 'scalar', value });
export const series = (points: Points): MathValue => ({ kind: 'series', points });

export function* timestamps(range: Range): Generator<number> {
  for (let time = range.startMs; time < range.endMs; time += range.periodMs) yield time;
}

export function mapPoints(points: Points, change: (value: number, time: number) => number): Points {
  const result = new Map<number, number>();
  for (const [time, value] of points) {
    const changed = change(value, time);
    if (Number.isFinite(changed)) result.set(time, changed);
  }
  return result;
}

/** Every timestamp that any of the series has, ascending. */
export function union(...all: readonly Points[]): number[] {
  return [...new Set(all.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
}

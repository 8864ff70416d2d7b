/** What target tracking does, as a pure function. */

export interface ScalingState {
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly targetPercent: number;
  /** Average CPU of the last minutes, the newest last; null where there was none. */
  readonly minutes: readonly (number | null)[];
}

/** The high alarm: three minutes above the target. The low one: fifteen minutes below nine tenths of it. */
const highMinutes = 3;
const lowMinutes = 15;
const lowShare = 0.9;

/** The desired count to set, within the bounds; undefined where nothing is to be done. */
export function nextDesired({ desired, min, max, targetPercent, minutes }: ScalingState): number | undefined {
  const high = last(minutes, highMinutes);
  const low = last(minutes, lowMinutes);
  if (high?.every((value) => value > targetPercent)) {
    return changed(desired, Math.min(max, Math.ceil((desired * (high.at(-1) ?? 0)) / targetPercent)), 1);
  }
  if (low?.every((value) => value < targetPercent * lowShare)) {
    return changed(desired, Math.max(min, Math.ceil((desired * Math.max(...low)) / targetPercent)), -1);
  }
  return undefined;
}

const changed = (desired: number, wanted: number, direction: 1 | -1): number | undefined =>
  (wanted - desired) * direction > 0 ? wanted : undefined;

/** The last so many minutes, if each has a value. */
function last(minutes: readonly (number | null)[], count: number): number[] | undefined {
  const values = minutes.slice(-count).filter((value) => value !== null);
  return values.length === count ? values : undefined;
}

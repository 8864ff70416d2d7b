/** Differences between ISO 8601 times, and durations in words. */

/** Whole seconds from `now` to `time`, rounded up; 0 or less once it has passed. */
export function secondsUntil(time: string, now: string): number {
  return Math.ceil((Date.parse(time) - Date.parse(now)) / 1000);
}

/** Whole seconds, never negative. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
}

/**
 * Seconds until the next look at something that is under way since `since`: a part of the time that it has taken so far is
 * lost at most, and an execution that waits for hours still has room in its history, which holds 25,000 events.
 */
export function pace(
  since: string,
  now: string,
  { part, least, most }: { readonly part: number; readonly least: number; readonly most: number },
): number {
  return Math.min(most, Math.max(least, Math.ceil(secondsBetween(since, now) / part)));
}

/** ISO 8601 duration. @example isoDuration(3725) // 'PT1H2M5S' */
export function isoDuration(seconds: number): string {
  const [hours, minutes, rest] = split(seconds);
  const parts = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${rest ? `${rest}S` : ''}`;
  return `PT${parts || '0S'}`;
}

/** For a person. @example inWords(3725) // '1 h 2 min 5 s' */
export function inWords(seconds: number): string {
  const [hours, minutes, rest] = split(seconds);
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, rest && `${rest} s`].filter(Boolean);
  return parts.join(' ') || '0 s';
}

function split(seconds: number): [hours: number, minutes: number, seconds: number] {
  const whole = Math.max(0, Math.round(seconds));
  return [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
}

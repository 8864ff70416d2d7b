/** ISO 8601 durations of days and less, as scenarios write them: `PT5M`, `PT1H30M`, `P1D`, `PT0.5S`. */

const shape = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

export const isDuration = (text: string): boolean =>
  shape.test(text) && /\d/.test(text) && !text.endsWith('T') && Number.isFinite(milliseconds(text));

/** Milliseconds of a duration that `isDuration` accepts. */
export function milliseconds(text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = shape.exec(text) ?? [];
  return Math.round(((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000);
}

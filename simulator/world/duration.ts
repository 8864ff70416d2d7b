const shape = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Milliseconds of a signed ISO 8601 duration of days and less, e.g. -864000000 for `-P10D`. */
export function offsetMs(text: string): number {
  const match = shape.exec(text);
  if (!match) throw new Error(`${text} is not an ISO 8601 duration such as -P10D or PT5M`);
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = match;
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (sign === '-' ? -1000 : 1000) * total;
}

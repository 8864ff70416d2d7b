/**
 * `rate(5 minutes)`, as rules have it. The first event comes about one interval after the rule was made, each on a
 * second of the minute that is the rule's own: AWS promises the minute, not the second.
 */
const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Milliseconds between two events.
 *
 * @throws Error for what AWS refuses, such as `rate(1 minutes)`, and for cron expressions, which are not simulated
 */
export function intervalMs(expression: string): number {
  const [, digits = '', unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const value = Number(digits);
  if (/^cron\(/.test(expression)) throw new Error(`cron expressions are not simulated (${expression}); use rate(...)`);
  if (!(value >= 1) || (value === 1) !== (plural === '')) {
    throw new Error(`${expression} is no schedule: rate(1 minute), rate(5 minutes), rate(1 hour), … are`);
  }
  return value * (unitMs[unit] ?? Number.NaN);
}

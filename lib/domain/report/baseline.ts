/** Which baseline the limits stood on, as one paragraph of the report. */
import type { ReportFacts } from './facts.ts';

/** Numbers that nobody has measured deserve doubt, so a fallback is said to be one. */
export function baselineNote({ baseline, configuration, context }: ReportFacts): string {
  const learned = baseline?.baseline;
  const { errorRatePercent, p95ResponseTimeMs } = configuration.baseline;
  const fallback = `the configured fallback stands in for it: error rate ${errorRatePercent} %, p95 response time ${p95ResponseTimeMs} ms`;
  if (!learned) return `No baseline is published yet, so ${fallback}.${why(baseline?.reasons)}`;
  const { values, minutes, window } = learned;
  const published =
    `error rate ${round(values.errorRatePercent)} %, p95 response time ${round(values.p95ResponseTimeMs)} ms, learned from ` +
    `${minutes} minutes between ${window.from} and ${window.to}`;
  const until = baseline.publishedUntil ?? '';
  if (until < context.startedAt) {
    return `The last baseline was published for ${until}; since then ${fallback}. It was ${published}.`;
  }
  return `Limits that follow a baseline follow the published one: ${published}.`;
}

const why = (reasons: readonly string[] = []): string => (reasons.length > 0 ? ` ${reasons.join(' ')}` : '');

const round = (value: number): number => Number(value.toPrecision(4));

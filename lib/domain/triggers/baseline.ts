/**
 * Thresholds that follow the published baseline: max(floor, factor x baseline), with the configured fallback in the
 * baseline's place for as long as none is published.
 */
import type { AlarmQuery, MetricSource, MovingLimit } from '../model.ts';
import { roundOff } from './trigger.ts';

/** How a threshold moves. What it is without any baseline stands beside it, as the rule's threshold. */
export interface Following {
  readonly baseline: MetricSource;
  readonly factor: number;
  readonly floor: number;
}

/**
 * CloudWatch compares with a constant only, so the measured series is scaled instead: by constant / limit of the minute.
 * The constant is the limit without a baseline, so until one is published the series is the metric itself.
 *
 * `published` is 0 where nothing is published. AWS documents what FILL makes of single missing points, but not whether
 * it makes a series of nothing at all, which is what an account without any baseline has. So FILL's answer is joined
 * with a series of zeros: both readings give 0, and a baseline is never published as 0.
 *
 * `value` is drawn along `measured`: a minute that is not published yet must stay missing, or the series of constants
 * would make the newest minute read as healthy.
 *
 * @param queries the last one has the id `value`
 * @param threshold the limit without a baseline, in the metric's unit
 */
export function follow(
  queries: readonly AlarmQuery[],
  { baseline, factor, floor }: Following,
  threshold: number,
): { queries: AlarmQuery[]; limit: MovingLimit } {
  const inputs = queries.slice(0, -1);
  const [measured] = queries.slice(-1);
  const label = measured?.label ?? 'value';
  const times = `${factor} * published`;
  return {
    queries: [
      ...inputs,
      { ...measured, id: 'measured', returnData: false },
      { id: 'baseline', metric: baseline, returnData: false },
      { id: 'published', expression: 'MAX([TIME_SERIES(0), FILL(baseline, 0)])', returnData: false },
      {
        id: 'limit',
        expression: `IF(published > 0, IF(${times} > ${floor}, ${times}, ${floor}), ${threshold})`,
        returnData: false,
      },
      {
        id: 'value',
        label: `${label}, scaled so that its limit is ${threshold}`,
        expression: `IF(measured >= 0, measured * (${threshold} / limit), 0)`,
        returnData: true,
      },
    ],
    limit: { measuredId: 'measured', limitId: 'limit', publishedId: 'published', factor, floor },
  };
}

/** The limit that a baseline gives, as the alarm computes it. */
export const limitOf = (factor: number, floor: number, baseline: number): number =>
  Math.max(floor, roundOff(factor * baseline));

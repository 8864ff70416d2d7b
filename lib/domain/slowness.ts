/**
 * Whether the new release is slower than the old one. CloudWatch gives a percentile of each minute and not the single
 * response times, so there is no test with a confidence as there is for errors: the median over minutes has to do.
 */
import type { Comparison } from './comparison.ts';
import { slownessLimits } from './decision-matrix.ts';

export interface SlownessFacts {
  readonly newName: string;
  readonly oldName: string;
  /** Medians of p95 over minutes with enough requests; undefined where too few are. */
  readonly newMs: number | undefined;
  readonly oldMs: number | undefined;
  readonly normalMs: number;
}

export function compareSlowness({ newName, oldName, newMs, oldMs, normalMs }: SlownessFacts): Comparison {
  if (newMs === undefined || oldMs === undefined) {
    const which = newMs === undefined ? newName : oldName;
    return {
      verdict: 'inconclusive',
      reason: `Too few minutes of ${which} have enough requests to know how slow it is.`,
    };
  }
  const numbers = `p95 response time of ${newName} is ${Math.round(newMs)} ms, of ${oldName} ${Math.round(oldMs)} ms`;
  if (newMs > oldMs * (1 + slownessLimits.ignored / 100)) {
    return { verdict: 'worse', reason: `${numbers}: the new release is slower.` };
  }
  if (oldMs > normalMs * (1 + slownessLimits.rollback / 100)) {
    const normal = `${Math.round(normalMs)} ms is normal`;
    return { verdict: 'equally-bad', reason: `${numbers}, and ${normal}: the old release is just as slow.` };
  }
  return { verdict: 'inconclusive', reason: `${numbers}: that does not show the new release slower.` };
}

import type { AlarmDefinition } from '../model.ts';
import type { Watch } from './metrics.ts';
import type { Rule } from './rule.ts';

/** Days are the longest that CloudWatch looks back over periods shorter than an hour. */
const longestSeconds = 86_400;

/**
 * How a condition's minutes become CloudWatch's m of n periods. `for 5 minutes` means every one of them; only a runbook
 * with a window that is longer tolerates good minutes in between. Metrics that are published less often have longer periods.
 */
export function sampling(
  { minutes, windowMinutes }: Pick<Rule, 'minutes' | 'windowMinutes'>,
  { periodSeconds = 60 }: Pick<Watch, 'periodSeconds'>,
): Pick<AlarmDefinition, 'periodSeconds' | 'evaluationPeriods' | 'datapointsToAlarm'> {
  const periods = (length: number): number =>
    Math.min(Math.ceil((length * 60) / periodSeconds), Math.floor(longestSeconds / periodSeconds));
  return { periodSeconds, evaluationPeriods: periods(windowMinutes), datapointsToAlarm: periods(minutes) };
}

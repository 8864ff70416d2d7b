/**
 * Whether the new release fails more than the old one, from how many requests of each failed. Score intervals (Wilson's
 * for one share, Newcombe's for the difference of two) hold for few requests and for shares near zero, and they give
 * what people want to read: how much worse, with which confidence.
 */

export interface Sample {
  readonly requests: number;
  /** At most `requests`. */
  readonly errors: number;
}

/** Two-sided, so a difference that is not there is found at most once in 200 times. */
export const confidencePercent = 99;
/** The normal distribution's quantile of that confidence. */
const z = 2.5758;

/** Percentage points. With enough traffic every difference is significant; smaller ones are nobody's incident. */
export const materialPoints = 1;

export interface ComparisonFacts {
  /** `green`, `main since the release`. */
  readonly newName: string;
  readonly oldName: string;
  readonly newer: Sample;
  readonly older: Sample;
  /** Requests that either must have had. */
  readonly minimumRequests: number;
  /** What fails when all is well, percent. */
  readonly normalPercent: number;
}

export type Comparison = {
  /**
   * `worse`: the new one fails more, by a point at least. `equally-bad`: the old one is in trouble too, and the new one not
   * provably worse. `inconclusive`: neither can be shown.
   */
  readonly verdict: 'worse' | 'equally-bad' | 'inconclusive';
  readonly reason: string;
};

export function compare(facts: ComparisonFacts): Comparison {
  const { newer, older, newName, oldName, minimumRequests } = facts;
  const numbers = `${newName} failed ${share(newer)}, ${oldName} ${share(older)}`;
  const few = Math.min(newer.requests, older.requests);
  if (few < minimumRequests) {
    return { verdict: 'inconclusive', reason: `${numbers}: fewer than ${minimumRequests} requests prove nothing.` };
  }
  const [least, most] = differenceInterval(newer, older);
  const between = `a difference of ${points(least)} to ${points(most)} percentage points with ${confidencePercent} % confidence`;
  if (least >= materialPoints)
    return { verdict: 'worse', reason: `${numbers}: ${between}, so the new release is worse.` };
  const [oldLeast] = wilson(older).map((value) => 100 * value) as [number, number];
  if (oldLeast > facts.normalPercent + materialPoints) {
    const normal = `${rounded(facts.normalPercent)} % is normal`;
    return {
      verdict: 'equally-bad',
      reason: `${numbers}: ${between}, and ${normal}, so the old release is in the same trouble.`,
    };
  }
  return { verdict: 'inconclusive', reason: `${numbers}: ${between}, which does not prove the new release worse.` };
}

/** Newcombe's interval of newer minus older, in percentage points. @param quantile of the normal distribution */
export function differenceInterval(newer: Sample, older: Sample, quantile = z): [least: number, most: number] {
  const [newLow, newHigh] = wilson(newer, quantile);
  const [oldLow, oldHigh] = wilson(older, quantile);
  const newShare = newer.errors / newer.requests;
  const oldShare = older.errors / older.requests;
  const difference = newShare - oldShare;
  const below = Math.hypot(newShare - newLow, oldHigh - oldShare);
  const above = Math.hypot(newHigh - newShare, oldShare - oldLow);
  return [100 * (difference - below), 100 * (difference + above)];
}

/** Wilson's score interval, shares of one. @param sample of one request at least */
export function wilson({ requests: n, errors }: Sample, quantile = z): [low: number, high: number] {
  const p = errors / n;
  const square = quantile ** 2;
  const middle = p + square / (2 * n);
  const reach = quantile * Math.sqrt((p * (1 - p)) / n + square / (4 * n ** 2));
  const scale = 1 + square / n;
  return [Math.max(0, (middle - reach) / scale), Math.min(1, (middle + reach) / scale)];
}

const share = ({ requests, errors }: Sample): string =>
  requests === 0 ? 'none of no requests' : `${rounded((100 * errors) / requests)} % of ${requests} requests`;

const points = (value: number): string => value.toFixed(1);

const rounded = (value: number): number => Number(value.toPrecision(3));

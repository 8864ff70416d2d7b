/** What the load balancer counted, minute by minute and side by side, and what it adds up to. */
import type { Sample } from './comparison.ts';
import type { Series } from './verification/measure.ts';

/** Share of the service's requests that a side must carry to count as serving; cookies leave a trickle behind. */
export const servingShare = 0.05;
/** Minutes with enough requests that a percentile must be known for. */
export const steadyMinutes = 3;

/** What was counted in one minute. */
export interface Minute {
  /** Its start, milliseconds. */
  readonly at: number;
  readonly sides: readonly { readonly requests: number; readonly errors: number; readonly p95Ms: number | undefined }[];
  /** 5XX that the load balancer made itself. */
  readonly balancer: number;
}

/** In order of time; minutes that nothing was counted in are left out. @param sides how many the load balancer counts */
export function minutesOf(series: Readonly<Record<string, Series>>, sideCount: number): Minute[] {
  const value = (id: string): Map<number, number> =>
    new Map((series[id]?.points ?? []).map((point) => [Date.parse(point.time), point.value]));
  const balancerErrors = value('balancer');
  const sides = Array.from({ length: sideCount }, (_, index) => ({
    requests: value(`requests${index}`),
    errors: value(`errors${index}`),
    slow: value(`slow${index}`),
  }));
  const times = new Set([...sides.flatMap(({ requests }) => [...requests.keys()]), ...balancerErrors.keys()]);
  return [...times]
    .sort((a, b) => a - b)
    .map((at) => ({
      at,
      balancer: balancerErrors.get(at) ?? 0,
      sides: sides.map(({ requests, errors, slow }) => {
        const seconds = slow.get(at);
        return {
          requests: requests.get(at) ?? 0,
          errors: errors.get(at) ?? 0,
          p95Ms: seconds === undefined ? undefined : seconds * 1_000,
        };
      }),
    }));
}

/** Of one side, or of the whole service with what the load balancer failed itself; a sample holds its errors. */
export function total(minutes: readonly Minute[], side?: number): Sample {
  let requests = 0;
  let errors = 0;
  for (const { sides, balancer: own } of minutes) {
    const counted = side === undefined ? sides : sides.slice(side, side + 1);
    const alone = side === undefined || sides.length === 1;
    const failed = counted.reduce((sum, one) => sum + one.errors, 0) + (alone ? own : 0);
    errors += failed;
    requests += Math.max(
      failed,
      counted.reduce((sum, one) => sum + one.requests, 0),
    );
  }
  return { requests, errors };
}

export function bothServe(minutes: readonly Minute[], own: number): boolean {
  const [mine, other] = [total(minutes, own).requests, total(minutes, 1 - own).requests];
  return Math.min(mine, other) > 0 && Math.min(mine, other) >= servingShare * (mine + other);
}

/** The median of the minutes with enough requests; undefined where too few are. Of the busier side without `side`. */
export function p95(minutes: readonly Minute[], side: number | undefined, enough: number): number | undefined {
  const values = minutes.flatMap(({ sides }) => {
    const counted = side === undefined ? sides : sides.slice(side, side + 1);
    const busiest = counted.toSorted((a, b) => b.requests - a.requests)[0];
    return busiest && busiest.requests >= enough ? (busiest.p95Ms ?? []) : [];
  });
  return values.length < steadyMinutes ? undefined : values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

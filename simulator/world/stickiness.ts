/**
 * Where clients go that keep cookies. With group stickiness a cookie sends its holder back to the same target group,
 * whatever the weights say now, until it expires. Cookies were issued evenly over the time before, so after a change
 * of weights the holders of old cookies move over linearly during the duration.
 */
export type Shares = ReadonlyMap<string, number>;

export interface StickySituation {
  /** Where cookie holders went when the present weights came; undefined when nobody held a cookie then. */
  readonly pinned: Shares | undefined;
  readonly weights: Shares;
  readonly sinceMs: number;
  /** Undefined: stickiness is off, cookies do not count. */
  readonly durationMs: number | undefined;
}

/** The average distribution of cookie-keeping clients between two moments. */
export function stickyShares(situation: StickySituation, fromMs: number, toMs: number): Shares {
  const { pinned, weights, sinceMs, durationMs } = situation;
  if (!pinned || durationMs === undefined) return weights;
  const moved = meanProgress((fromMs - sinceMs) / durationMs, (toMs - sinceMs) / durationMs);
  const shares = new Map<string, number>();
  for (const arn of new Set([...pinned.keys(), ...weights.keys()])) {
    shares.set(arn, (pinned.get(arn) ?? 0) * (1 - moved) + (weights.get(arn) ?? 0) * moved);
  }
  return shares;
}

/** What is pinned when other weights (or another stickiness) come at `atMs`. */
export function pinnedAt(situation: StickySituation, atMs: number, groups: Iterable<string>): Shares | undefined {
  if (situation.durationMs === undefined) return undefined;
  const shares = stickyShares(situation, atMs, atMs);
  // A cookie for a group that the action no longer names counts for nothing.
  const kept = [...groups].map((arn) => [arn, shares.get(arn) ?? 0] as const);
  const total = kept.reduce((sum, [, share]) => sum + share, 0);
  return total > 0 ? new Map(kept.map(([arn, share]) => [arn, share / total])) : undefined;
}

/** The mean of `min(x, 1)` over [from, to], from 0 on. */
function meanProgress(from: number, to: number): number {
  if (to <= from) return Math.min(from, 1);
  const area = (x: number) => (x <= 1 ? (x * x) / 2 : x - 0.5);
  return (area(to) - area(from)) / (to - from);
}

/**
 * How the side that receives the traffic does beside the one that gives it, from what the load balancer counted of each
 * in the same whole minutes. A better side must never give way to a worse one, whatever limit it misses itself.
 */
import { confidencePercent, differenceInterval, materialPoints, type Sample, wilson } from './comparison.ts';
import { errorLimits, slownessLimits } from './decision-matrix.ts';
import { type Minute, total } from './release-counts.ts';

export interface ComparedFacts {
  /** Whole minutes since the weights were set, in order of time. */
  readonly minutes: readonly Minute[];
  /** Of the receiving side and of the giving one: their places in a minute's `sides`. */
  readonly to: number;
  readonly from: number;
  readonly toName: string;
  readonly fromName: string;
  /** Fewer requests than this prove nothing. */
  readonly enough: number;
  readonly normalErrorPercent: number;
  readonly normalP95Ms: number;
}

/** `doubtful`: not good, and no better than what it replaces. `unmeasured`: too few requests for any answer. */
export type ComparedSides = {
  readonly verdict: 'better' | 'worse' | 'doubtful' | 'slow once' | 'as good' | 'unmeasured';
  /** One sentence with the numbers. */
  readonly reason: string;
};

/** Errors weigh more than slowness: a side that fails less is the better one though it is slower. */
export function compareSides(facts: ComparedFacts): ComparedSides {
  const newer = total(facts.minutes, facts.to);
  const older = total(facts.minutes, facts.from);
  const counted = `${facts.toName} failed ${failedOf(newer)}, ${facts.fromName} ${failedOf(older)}`;
  if (newer.requests < facts.enough) {
    const minutes = `${facts.minutes.length} whole ${facts.minutes.length === 1 ? 'minute' : 'minutes'}`;
    const reason = `Side ${facts.toName} had ${newer.requests} requests in ${minutes}, ${facts.enough} are needed to measure anything.`;
    return { verdict: 'unmeasured', reason };
  }
  if (older.requests >= facts.enough) {
    const [least, most] = differenceInterval(newer, older);
    const by = `a difference of ${least.toFixed(1)} to ${most.toFixed(1)} percentage points with ${confidencePercent} % confidence`;
    if (least >= materialPoints) return { verdict: 'worse', reason: `${counted}: ${by}, so it is worse.` };
    if (most <= -materialPoints) return { verdict: 'better', reason: `${counted}: ${by}, so it is better.` };
  }
  return tooManyErrors(facts, newer, counted) ?? slowness(facts, counted);
}

/** Beyond what is normal, and not better than the side that is to be left: then the move cures nothing. */
function tooManyErrors(facts: ComparedFacts, newer: Sample, counted: string): ComparedSides | undefined {
  const limit = facts.normalErrorPercent + errorLimits.rollback;
  const least = 100 * wilson(newer)[0];
  if (least <= limit) return undefined;
  const reason = `${counted}: with ${confidencePercent} % confidence that is more than ${rounded(limit)} %, ${errorLimits.rollback} points over what is normal, and not better than ${facts.fromName}.`;
  return { verdict: 'doubtful', reason };
}

/** Two slow minutes one after the other: one may be chance, and the first of a cold side nearly always is slow. */
function slowness(facts: ComparedFacts, counted: string): ComparedSides {
  const [newest, before] = facts.minutes
    .filter(({ sides }) => (sides[facts.to]?.requests ?? 0) >= facts.enough)
    .toReversed();
  const p95 = newest?.sides[facts.to]?.p95Ms;
  const numbers = p95 === undefined ? '' : `, p95 ${Math.round(p95)} ms${besides(facts, newest)}`;
  if (!newest || !isSlow(facts, newest)) return { verdict: 'as good', reason: `${counted}${numbers}.` };
  const slow = `${counted}${numbers}: it is slower where ${Math.round(facts.normalP95Ms)} ms is normal`;
  return before && isSlow(facts, before)
    ? { verdict: 'worse', reason: `${slow}, two minutes in a row.` }
    : { verdict: 'slow once', reason: `${slow}; one minute may be chance.` };
}

function isSlow({ to, from, enough, normalP95Ms }: ComparedFacts, { sides }: Minute): boolean {
  const mine = sides[to]?.p95Ms;
  const other = sides[from];
  if (mine === undefined || normalP95Ms <= 0) return false;
  const beyond = (reference: number, percent: number): boolean => mine > reference * (1 + percent / 100);
  return other && other.requests >= enough && other.p95Ms !== undefined
    ? beyond(normalP95Ms, slownessLimits.ignored) && beyond(other.p95Ms, slownessLimits.ignored)
    : beyond(normalP95Ms, slownessLimits.rollback);
}

function besides({ from, fromName }: ComparedFacts, minute: Minute | undefined): string {
  const p95 = minute?.sides[from]?.p95Ms;
  return p95 === undefined ? '' : ` against ${Math.round(p95)} ms of ${fromName}`;
}

const failedOf = ({ requests, errors }: Sample): string =>
  requests === 0 ? 'none of no requests' : `${rounded((100 * errors) / requests)} % of ${requests} requests`;

const rounded = (value: number): number => Number(value.toPrecision(3));

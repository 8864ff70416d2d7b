/**
 * Whether the service is healthy again, and for how long that has to hold. No data is not bad data: it is
 * `inconclusive`, and only a measured number makes a service healthy or unhealthy.
 */
import { pace, secondsUntil } from './elapsed.ts';
import type { Measurement, Plan, ServiceConfiguration, Side, Verdict } from './model.ts';
import type { VerifyProgress, VerifyResult } from './states.ts';
import { secondsToNextSample } from './verification/samples.ts';

/** Consecutive unhealthy passes in the bake that call a person: one bad minute may be chance, three are not. */
export const unhealthyPassesLimit = 3;

/** Between two passes of the bake: CloudWatch has one new number a minute. */
export const bakePassSeconds = 60;
/** After hours of health every other number does. */
const calm = { part: 60, least: bakePassSeconds, most: 2 * bakePassSeconds };

/** Between two passes when the first numbers are late. Not for hours: the bake needs room in the history. */
const lateSampleSeconds = 15;
const lateSamplePasses = 40;

/** How long after the bake the last doubts may take to clear: an alarm still on, or a pass that is not healthy. */
export const overtimeSeconds = 600;

/** The sides that serve users once the plan's actions are done. */
export function servingSides(plan: Plan, configuration: ServiceConfiguration): Side[] {
  const shifted = plan.actions.findLast((action) => action.type === 'ShiftTraffic');
  const reverted = plan.actions.flatMap((action) => (action.type === 'RevertService' ? action.side : []));
  const names = shifted ? [shifted.toSide] : reverted;
  const serving = configuration.sides.filter((side) => names.includes(side.name));
  return serving.length > 0 ? serving : [...configuration.sides];
}

/**
 * @param traffic measurements about users' requests: where there are any, one at least must have a number
 * @param problems why numbers could not be read, where they could not
 */
export function judgeHealth(
  traffic: readonly Measurement[],
  others: readonly Measurement[],
  problems: readonly string[] = [],
): Verdict {
  const measurements = [...others, ...traffic];
  const bad = measurements.filter((measurement) => measurement.ok === false);
  if (bad.length > 0) return { result: 'unhealthy', measurements, reason: sentences(bad) };
  if (problems.length > 0) {
    return {
      result: 'error',
      measurements,
      reason: `CloudWatch could not be read: ${[...new Set(problems)].join('; ')}.`,
    };
  }
  const needed = traffic.length > 0 ? traffic : others;
  const good = needed.filter((measurement) => measurement.ok);
  if (good.length > 0) return { result: 'healthy', measurements, reason: sentences(good) };
  return { result: 'inconclusive', measurements, reason: missing(needed) };
}

export interface PassFacts {
  readonly previous: VerifyProgress | null;
  readonly verdict: Verdict;
  readonly now: string;
  readonly mitigatedAt: string;
  readonly deadline: string;
  readonly bakeMinutes: number;
  /** Name of the triggering alarm while it is in ALARM. Needed only where `bakeIsOver`. */
  readonly alarmOn?: string;
}

/**
 * What goes on the timeline: the first pass, what ends or changes the phase, and every pass that is not healthy. Thirty
 * lines that say "still healthy" would hide the one that does not.
 */
export function worthTelling(previous: VerifyProgress | null, { status, progress, verdict }: VerifyResult): boolean {
  return status !== 'waiting' || previous?.phase !== progress.phase || verdict.result !== 'healthy';
}

/** What one pass means for the rollback: go on, done, or a person has to look. */
export function nextPass(facts: PassFacts): VerifyResult {
  const progress = advance(facts);
  return progress.phase === 'mitigation' ? judgeMitigation(facts, progress) : judgeBake(facts, progress);
}

/** True where this pass may end the bake, so that the triggering alarm has to be looked at. */
export function bakeIsOver(facts: PassFacts): boolean {
  const { phase, bakeUntil } = advance(facts);
  return phase === 'bake' && bakeUntil !== null && facts.now >= bakeUntil;
}

/** An inconclusive pass neither confirms nor refutes the unhealthy ones before it. */
function advance({ previous, verdict, now, bakeMinutes }: PassFacts): VerifyProgress {
  const healthy = verdict.result === 'healthy';
  const unhealthy = verdict.result === 'unhealthy';
  if (healthy && previous?.phase !== 'bake') {
    const bakeUntil = new Date(Date.parse(now) + bakeMinutes * 60_000).toISOString();
    return { phase: 'bake', firstHealthyAt: now, bakeUntil, passes: 1, consecutiveUnhealthy: 0, inconclusivePasses: 0 };
  }
  const base = previous ?? start;
  return {
    ...base,
    passes: base.passes + 1,
    consecutiveUnhealthy: healthy ? 0 : base.consecutiveUnhealthy + (unhealthy ? 1 : 0),
    inconclusivePasses: base.inconclusivePasses + (healthy || unhealthy ? 0 : 1),
  };
}

const start: VerifyProgress = {
  phase: 'mitigation',
  firstHealthyAt: null,
  bakeUntil: null,
  passes: 0,
  consecutiveUnhealthy: 0,
  inconclusivePasses: 0,
};

function judgeMitigation(facts: PassFacts, progress: VerifyProgress): VerifyResult {
  const { verdict, now, deadline, mitigatedAt } = facts;
  const left = secondsUntil(deadline, now);
  if (left <= 0) {
    const message = `No healthy verdict until the deadline ${deadline}; the last one is ${verdict.result}: ${verdict.reason}`;
    return end('needs-attention', progress, verdict, message);
  }
  const next = secondsToNextSample(mitigatedAt, now);
  // Once a sample is due, waiting a whole minute for the next would keep the answer from people who wait for it.
  const due = next > lateSampleSeconds && progress.passes > 1 && progress.passes <= lateSamplePasses;
  const waitSeconds = Math.min(due ? lateSampleSeconds : next, left);
  return wait(waitSeconds, progress, verdict, `Not healthy yet (${verdict.result}): ${verdict.reason}`);
}

function judgeBake(facts: PassFacts, progress: VerifyProgress): VerifyResult {
  const { verdict, now } = facts;
  const bakeUntil = progress.bakeUntil ?? now;
  if (progress.consecutiveUnhealthy >= unhealthyPassesLimit) {
    const message = `Unhealthy in ${progress.consecutiveUnhealthy} consecutive passes, ${unhealthyPassesLimit} are too many: ${verdict.reason}`;
    return end('needs-attention', progress, verdict, message);
  }
  const left = secondsUntil(bakeUntil, now);
  if (left > 0) {
    const message = `${capital(verdict.result)}, ${left} s of the ${facts.bakeMinutes} min bake to go: ${verdict.reason}`;
    const next = verdict.result === 'healthy' ? pace(progress.firstHealthyAt ?? now, now, calm) : bakePassSeconds;
    return wait(Math.min(next, left), progress, verdict, message);
  }
  return judgeEnd(facts, progress, bakeUntil);
}

function judgeEnd(facts: PassFacts, progress: VerifyProgress, bakeUntil: string): VerifyResult {
  const { verdict, alarmOn } = facts;
  const { passes, inconclusivePasses } = progress;
  if (inconclusivePasses * 2 > passes) {
    const message = `${inconclusivePasses} of ${passes} passes of the bake were inconclusive, so nothing proves the service healthy. ${verdict.reason}`;
    return end('needs-attention', progress, verdict, message);
  }
  const doubt = alarmOn
    ? `The alarm ${alarmOn} is still in ALARM.`
    : progress.consecutiveUnhealthy > 0
      ? `The last measured pass was unhealthy: ${verdict.reason}`
      : undefined;
  if (!doubt) {
    const message = `Healthy over the bake of ${facts.bakeMinutes} min, ${passes} passes, ${inconclusivePasses} of them inconclusive. ${verdict.reason}`;
    return end('verified', progress, verdict, message);
  }
  const left = overtimeSeconds - Math.max(0, -secondsUntil(bakeUntil, facts.now));
  if (left <= 0) return end('needs-attention', progress, verdict, `The bake is over since ${bakeUntil}, but: ${doubt}`);
  return wait(Math.min(bakePassSeconds, left), progress, verdict, `The bake is over, waiting: ${doubt}`);
}

function end(
  status: 'verified' | 'needs-attention',
  progress: VerifyProgress,
  verdict: Verdict,
  message: string,
): VerifyResult {
  return { status, waitSeconds: 1, progress, verdict, message };
}

function wait(waitSeconds: number, progress: VerifyProgress, verdict: Verdict, message: string): VerifyResult {
  return { status: 'waiting', waitSeconds: Math.max(1, waitSeconds), progress, verdict, message };
}

function missing(needed: readonly Measurement[]): string {
  const [first] = needed;
  if (!first) return 'Neither probes nor targets nor triggers are configured, so nothing can be proven.';
  const names = needed.map(({ name }) => name).join(', ');
  return `No data is not bad data, but it proves nothing. Without a number: ${names}. ${first.evidence}`;
}

const sentences = (measurements: readonly Measurement[]): string =>
  measurements.map(({ evidence }) => evidence).join(' ');

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** What CloudWatch is asked at the health gate between two steps, and what its answer says of the receiving side. */
import type { ServiceConfiguration } from './model.ts';
import { minutesOf } from './release-counts.ts';
import { knownBaseline } from './release-measures.ts';
import { balancedSides, releaseQuestions } from './release-questions.ts';
import { compareSides } from './traffic-comparison.ts';
import type { GateNumbers } from './traffic-gate.ts';
import { measureGauge, type Series } from './verification/measure.ts';
import { type MetricQuestion, type Questions, questionsFor } from './verification/queries.ts';
import { publishSeconds } from './verification/samples.ts';

export interface GateWindow {
  readonly configuration: ServiceConfiguration;
  /** The side that receives the traffic. */
  readonly side: string;
  readonly appliedAt: string;
  readonly now: string;
}

/** One question from the first whole minute after the weights were set to the last published one, ISO 8601. */
export function gateQuestions(
  facts: GateWindow,
):
  | { readonly missing: string }
  | { readonly queries: readonly MetricQuestion[]; readonly from: string; readonly to: string } {
  const { from, to } = windowOf(facts);
  if (to <= from) return { missing: 'No whole minute since the weights were set is published yet.' };
  const queries = [...releaseQuestions(facts.configuration), ...limitsOf(facts).queries];
  return { queries, from: iso(from), to: iso(to) };
}

export function gateNumbers(facts: GateWindow, series: Readonly<Record<string, Series>>): GateNumbers {
  const { configuration, side, appliedAt, now } = facts;
  const names = balancedSides(configuration).map(({ name }) => name);
  const to = names.indexOf(side);
  const problem = Object.values(series).find((one) => one.problem !== undefined)?.problem;
  if (problem !== undefined) return { missing: `CloudWatch could not be read: ${problem}.` };
  const window = windowOf(facts);
  const { minimumRequestsPerMinute } = configuration.health;
  const known = knownBaseline({ configuration, series });
  return {
    compared: compareSides({
      minutes: minutesOf(series, names.length).filter(({ at }) => at >= window.from && at < window.to),
      to,
      from: 1 - to,
      toName: side,
      fromName: names[1 - to] ?? '',
      enough: minimumRequestsPerMinute,
      normalErrorPercent: known.errorRatePercent.value,
      normalP95Ms: known.p95ResponseTimeMs.value,
    }),
    limits: limitsOf(facts).gauges.map((gauge) =>
      measureGauge(gauge, { mitigatedAt: appliedAt, now, minimumRequestsPerMinute, series }),
    ),
  };
}

/** Triggers that watch this one side: those of the whole service still see what the other one does. */
function limitsOf({ configuration, side }: GateWindow): Questions {
  const triggers = configuration.triggers.map((trigger) => ({
    ...trigger,
    alarms: trigger.alarms.filter((alarm) => alarm.side === side),
  }));
  return questionsFor({ ...configuration, triggers }, [side]);
}

function windowOf({ appliedAt, now }: GateWindow): { readonly from: number; readonly to: number } {
  const from = Math.ceil(Date.parse(appliedAt) / minuteMs) * minuteMs;
  const to = Math.floor((Date.parse(now) - publishSeconds * 1_000) / minuteMs) * minuteMs;
  return { from, to };
}

const minuteMs = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

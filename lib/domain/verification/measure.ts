/** Numbers against their limits, each as a sentence that quotes both. */
import { familyRevision, primaryDeployment, type ServiceView } from '../ecs.ts';
import type { Comparison, Measurement } from '../model.ts';
import type { TargetHealth } from '../traffic.ts';
import { describeHealth } from '../traffic-check.ts';
import { currentLimit } from './limit.ts';
import type { Gauge } from './queries.ts';
import { isEmpty, newest, type Point, sampleWindow } from './samples.ts';

/** What CloudWatch answered for one query. */
export interface Series {
  readonly points: readonly Point[];
  /** Why the answer is not complete; absent where it is. */
  readonly problem?: string;
}

/** What a probe got: a status, or why there is none. */
export interface ProbeAnswer {
  readonly url: string;
  readonly expectStatus: number;
  readonly status: number | null;
  readonly milliseconds: number;
  readonly problem?: string;
}

export interface MetricFacts {
  readonly mitigatedAt: string;
  readonly now: string;
  readonly minimumRequestsPerMinute: number;
  readonly series: Readonly<Record<string, Series>>;
}

export function measureGauge(gauge: Gauge, facts: MetricFacts): Measurement {
  const { alarm } = gauge;
  const unit = units[gauge.unit] ?? gauge.unit;
  const base = {
    name: alarm.side ? `${gauge.name} of ${alarm.side}` : gauge.name,
    unit,
    limit: alarm.threshold,
    comparison: alarm.comparison.startsWith('Greater') ? ('at most' as const) : ('at least' as const),
  };
  const problem = [gauge.resultId, ...gauge.requestIds].flatMap((id) => facts.series[id]?.problem ?? [])[0];
  if (problem) {
    return {
      ...base,
      value: null,
      ok: null,
      evidence: `${capital(base.name)} could not be read from CloudWatch: ${problem}.`,
    };
  }
  const sample = findSample(gauge, facts);
  if ('missing' in sample)
    return { ...base, value: null, ok: null, evidence: `${capital(base.name)}: ${sample.missing}` };
  const current = currentLimit(gauge, facts.series, sample.time, (value) => withUnit(value, unit));
  const ok = !breaches(alarm.comparison, sample.value, current.value);
  const origin = current.origin && ` (${current.origin})`;
  const limit = `${ok ? 'within' : 'outside'} the limit of ${base.comparison} ${withUnit(current.value, unit)}${origin}`;
  const requests = sample.requests === undefined ? '' : ` over ${sample.requests} requests`;
  const from = `from ${sample.time.slice(11, 16)} UTC`;
  const evidence = `${capital(base.name)} ${withUnit(sample.value, unit)}${requests} ${from}, ${limit}.`;
  return { ...base, limit: current.value, value: sample.value, ok, evidence };
}

export function measureProbe(answer: ProbeAnswer): Measurement {
  const got = answer.status === null ? `gave no answer (${answer.problem ?? 'unknown'})` : `answered ${answer.status}`;
  return {
    name: `probe ${answer.url}`,
    value: answer.status,
    unit: 'HTTP status',
    limit: answer.expectStatus,
    comparison: 'at most',
    ok: answer.status === answer.expectStatus,
    evidence: `${answer.url} ${got} within ${answer.milliseconds} ms: ${answer.expectStatus} is expected.`,
  };
}

/** @param required how many healthy targets are enough */
export function measureTargets(side: string, health: TargetHealth, required: number): Measurement {
  return {
    name: `targets of ${side}`,
    value: health.healthy,
    unit: 'healthy targets',
    limit: required,
    comparison: 'at least',
    ok: health.healthy >= required,
    evidence: `${describeHealth(health)}: at least ${required} required.`,
  };
}

/** For sides that no load balancer reaches. */
export function measureTasks(side: string, running: number, desired: number): Measurement {
  return {
    name: `tasks of ${side}`,
    value: running,
    unit: 'running tasks',
    limit: desired,
    comparison: 'at least',
    ok: running >= desired,
    evidence: `${side} runs ${running} of ${desired} tasks.`,
  };
}

/**
 * A companion counts as it is: whoever deploys it now, its tasks have to run and its deployment must not have been given up.
 *
 * @param planned tasks that it wanted when the plan was made: more that are just being started are no trouble
 */
export function measureCompanion(name: string, planned: number, service: ServiceView | undefined): Measurement {
  if (!service)
    return {
      ...measureTasks(name, 0, Math.max(1, planned)),
      evidence: `ECS does not know companion ${name} any more.`,
    };
  const { desiredCount, runningCount: running } = service;
  const desired = Math.min(desiredCount, planned);
  const primary = primaryDeployment(service);
  const given =
    primary?.rolloutState === 'FAILED'
      ? ` ECS gave its deployment of ${familyRevision(primary.taskDefinition)} up.`
      : '';
  const measured = measureTasks(name, running, desired);
  return {
    ...measured,
    // Without tasks there is nothing to be said for or against it.
    ok: given ? false : desired === 0 ? null : measured.ok,
    evidence: `Companion ${measured.evidence}${given}`,
  };
}

type Sample = (Point & { readonly requests?: number }) | { readonly missing: string };

/** A period with few requests says nothing about error rate or latency, however bad its numbers look. */
function findSample(gauge: Gauge, facts: MetricFacts): Sample {
  const window = sampleWindow(facts.mitigatedAt, facts.now, gauge.alarm.periodSeconds);
  if (isEmpty(window)) {
    return { missing: `no whole period since the mitigation at ${facts.mitigatedAt} is published yet.` };
  }
  const results = facts.series[gauge.resultId]?.points ?? [];
  if (gauge.requestIds.length === 0) {
    return newest(results, window) ?? { missing: `no data between ${window.from} and ${window.to}.` };
  }
  const minimum = (facts.minimumRequestsPerMinute * gauge.alarm.periodSeconds) / 60;
  const requestsAt = (time: string): number =>
    gauge.requestIds
      .flatMap((id) => facts.series[id]?.points ?? [])
      .filter((point) => point.time === time)
      .reduce((sum, point) => sum + point.value, 0);
  const found = newest(results, window, (point) => requestsAt(point.time) >= minimum);
  if (found) return { ...found, requests: requestsAt(found.time) };
  const period = `between ${window.from} and ${window.to}`;
  return { missing: `no data, or fewer than the ${minimum} requests that make a period count, ${period}.` };
}

function breaches(comparison: Comparison, value: number, limit: number): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > limit;
    case 'GreaterThanOrEqualToThreshold':
      return value >= limit;
    case 'LessThanThreshold':
      return value < limit;
    case 'LessThanOrEqualToThreshold':
      return value <= limit;
  }
}

/** Units of the queries' labels, as people write them. */
const units: Readonly<Record<string, string>> = { percent: '%', 'share of 1': '' };

/** Four significant digits: enough for 0.9987 and for 1,234 ms. */
function withUnit(value: number, unit: string): string {
  return `${Number(value.toPrecision(4))}${unit ? ` ${unit}` : ''}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * The daily look: whether a service could be rolled back now, and what people are told of it. The doctor's findings are the
 * measure. People are told once per change, however often the same is found again.
 */
import type { BaselinePoint } from './baseline-points.ts';
import { type DoctorFacts, diagnose, type Finding } from './doctor.ts';
import type { Json, MetricSource } from './model.ts';
import { readinessAlarmName } from './names.ts';

/** What a look at one service found. */
export interface Readiness {
  readonly service: string;
  /** Why it could not be rolled back; empty where it could. */
  readonly because: readonly Finding[];
}

/** What is remembered of the last look, an item of the table. */
export interface ReadinessRecord {
  readonly couldNotRollBack: boolean;
  /** The look that found it first, ISO 8601. */
  readonly since: string;
  /** The last look, ISO 8601. */
  readonly checkedAt: string;
  /** What was found, without what differs from look to look. */
  readonly identity: string;
  /** In words, one for each finding. */
  readonly because: readonly string[];
}

/** What is new since the last look. */
export interface ReadinessChange {
  /** When the state that ended had begun, ISO 8601; with `record.identity` it makes this change the same for every look. */
  readonly about: string;
  readonly kind: 'readiness.lost' | 'readiness.regained';
  readonly message: string;
  readonly data: Json;
  readonly subject: string;
  readonly body: string;
}

export const readinessNamespace = 'Backstep';
export const readinessMetricName = 'CouldNotRollBack';

/** 1 where the service could not be rolled back, 0 where it could; one point for each look. */
export const readinessMetric = (environment: string, service: string): MetricSource => ({
  namespace: readinessNamespace,
  metricName: readinessMetricName,
  dimensions: { Environment: environment, Service: service },
  statistic: 'Maximum',
});

/**
 * How many services could not be rolled back, a point once all were looked at. The alarm is on this one: one for each
 * service would be too many resources for a template with many of them.
 */
export const readinessTotalMetric = (environment: string): MetricSource => ({
  namespace: readinessNamespace,
  metricName: 'ServicesThatCouldNotRollBack',
  dimensions: { Environment: environment },
  statistic: 'Maximum',
});

export const readinessTotalPoint = (environment: string, value: number, now: string): BaselinePoint => ({
  metric: readinessTotalMetric(environment),
  unit: 'Count',
  time: now,
  value,
});

export const readinessPoint = (environment: string, { service, because }: Readiness, now: string): BaselinePoint => ({
  metric: readinessMetric(environment, service),
  unit: 'Count',
  time: now,
  value: because.length > 0 ? 1 : 0,
});

/**
 * Blockers only: who overlaps or which alarm is on does not keep anybody from rolling back. What a plan is decided on has to
 * be readable: the role has the permissions of Plan, which would fail on the same.
 */
export function judgeReadiness(facts: DoctorFacts): Readiness {
  const { service, plan } = facts;
  if ('problem' in plan) return unreadable(service, plan.problem);
  return { service, because: diagnose(facts).filter(({ severity }) => severity === 'blocker') };
}

/** @param problem in words, what reading it failed with */
export const unreadable = (service: string, problem: string): Readiness => ({
  service,
  because: [
    {
      severity: 'blocker',
      what: 'plan',
      evidence: `What a rollback would be decided on could not be read: ${problem}`,
      whatToDo: 'Make it readable: the check reads what Plan reads, and a rollback would fail on the same.',
    },
  ],
});

/** @param previous undefined for the first look, which tells of nothing but trouble */
export function changeOf(
  previous: ReadinessRecord | undefined,
  found: Readiness,
  at: { readonly environment: string; readonly now: string },
): { readonly record: ReadinessRecord; readonly change?: ReadinessChange } {
  const { now } = at;
  const couldNotRollBack = found.because.length > 0;
  const identity = identityOf(found.because);
  const because = found.because.map(({ what, evidence }) => `${what}: ${evidence}`);
  const same = previous ? previous.identity === identity : !couldNotRollBack;
  const record = {
    couldNotRollBack,
    identity,
    because,
    checkedAt: now,
    since: same && previous ? previous.since : now,
  };
  if (same) return { record };
  const told = couldNotRollBack ? lost(found, at) : regained(found, previous?.since ?? now, at);
  return { record, change: { about: previous?.since ?? 'first', ...told } };
}

function lost({ service, because }: Readiness, { environment, now }: { environment: string; now: string }) {
  const reasons = because.map(({ what, evidence, whatToDo }) => `- ${what}: ${evidence}\n  What to do: ${whatToDo}`);
  return {
    kind: 'readiness.lost' as const,
    message: `${service} could not be rolled back now. ${because.map(({ evidence }) => evidence).join(' ')}`,
    data: { because: because.map(({ what, evidence }) => ({ what, evidence })) },
    subject: `${service}: could not be rolled back now`,
    body: [
      `If ${service} needed a rollback now, there would be none. Found by the daily check at ${now}:`,
      ...reasons,
      `All that it looks at: npx backstep doctor ${service}\n` +
        `The alarm ${readinessAlarmName(environment)} stays on until a check finds nothing of it, for no service. You are told ` +
        'again when that, or the reason, changes. Nothing is rolled back for this.',
    ].join('\n\n'),
  };
}

function regained({ service }: Readiness, since: string, { now }: { now: string }) {
  const message = `${service} could be rolled back again. It could not since the check at ${since}.`;
  return {
    kind: 'readiness.regained' as const,
    message,
    data: { since },
    subject: `${service}: could be rolled back again`,
    body: `${message} Found by the check at ${now}.`,
  };
}

/** The same trouble has the same identity on every day: times, durations, counts and request ids are left out. */
export const identityOf = (because: readonly Finding[]): string =>
  because
    .map(({ what, evidence }) => `${what}: ${evidence.replace(requestId, '').replace(time, '').replace(number, '')}`)
    .sort()
    .join('\n');

const requestId = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
const time = /\b\d{4}-\d\d-\d\dT[\d:.]+Z?/g;
/** Not part of a name, a version or a revision. */
const number = /(?<![\w.:/@-])\d+(?:\.\d+)?(?:[ \u00a0]?(?:ms|s|min|h|%))?(?![\w:/@-]|\.\d)\s*/g;

/**
 * How bad it is, from measured numbers against what is normal, and what that calls for. One table for all runbooks:
 *
 * | class       | errors over normal        | p95 response time over normal | calls for     |
 * | immediate   | 50 points and more        |                               | rollback      |
 * | planned     | more than 5 points        | more than 50 %                | rollback      |
 * | judgement   | from 1 to 5 points        | more than 20 %, up to 50 %    | a person      |
 * | fix-forward | less than 1 point         | up to 20 %                    | fixing it     |
 *
 * The worst number decides. Points are percentage points, since "5 % more errors" of very few is very few.
 */

export const classes = ['fix-forward', 'judgement', 'planned', 'immediate'] as const;
export type SeverityClass = (typeof classes)[number];

/** Percentage points of requests that fail beyond what is normal. */
export const errorLimits = { outage: 50, rollback: 5, ignored: 1 } as const;
/** Percent by which the p95 response time exceeds what is normal. */
export const slownessLimits = { rollback: 50, ignored: 20 } as const;

/** What is normal for the service. */
export interface Normal {
  readonly errorRatePercent: Known;
  readonly p95ResponseTimeMs: Known;
}

export interface Known {
  readonly value: number;
  /** Who says so: `published baseline`. */
  readonly source: string;
}

/** What the new release does. Absent numbers were not measured, for want of requests or of an answer. */
export interface Measured {
  readonly errorRatePercent?: number;
  readonly p95ResponseTimeMs?: number;
}

export interface Severity {
  readonly class: SeverityClass;
  /** Quotes each number, what is normal, and the difference. */
  readonly reason: string;
}

/** Undefined where nothing was measured. */
export function classify(measured: Measured, normal: Normal): Severity | undefined {
  const found = [errors(measured, normal), slowness(measured, normal)].filter((severity) => severity !== undefined);
  const worst = found.toSorted((a, b) => classes.indexOf(b.class) - classes.indexOf(a.class))[0];
  return (
    worst && { class: worst.class, reason: `${found.map(({ reason }) => reason).join(', ')}: ${words[worst.class]}.` }
  );
}

function errors({ errorRatePercent: rate }: Measured, normal: Normal): Severity | undefined {
  if (rate === undefined) return undefined;
  const { value, source } = normal.errorRatePercent;
  const points = roundOff(rate - value);
  const difference = points < 0 ? `${show(-points)} points less` : `${show(points)} points more`;
  const reason = `errors ${show(rate)} % where ${show(value)} % is normal (${source}), ${difference}`;
  return { class: errorClass(points), reason };
}

function errorClass(points: number): SeverityClass {
  if (points >= errorLimits.outage) return 'immediate';
  if (points > errorLimits.rollback) return 'planned';
  return points >= errorLimits.ignored ? 'judgement' : 'fix-forward';
}

function slowness({ p95ResponseTimeMs: p95 }: Measured, normal: Normal): Severity | undefined {
  const { value, source } = normal.p95ResponseTimeMs;
  if (p95 === undefined || value <= 0) return undefined;
  const percent = roundOff(100 * (p95 / value - 1));
  const difference = percent < 0 ? `${show(-percent)} % faster` : `${show(percent)} % slower`;
  const reason = `p95 response time ${show(p95)} ms where ${show(value)} ms is normal (${source}), ${difference}`;
  return { class: slownessClass(percent), reason };
}

function slownessClass(percent: number): SeverityClass {
  if (percent > slownessLimits.rollback) return 'planned';
  return percent > slownessLimits.ignored ? 'judgement' : 'fix-forward';
}

const words: Readonly<Record<SeverityClass, string>> = {
  immediate: 'an outage, rolled back at once',
  planned: 'bad enough to roll back',
  judgement: 'between fixing forward and rolling back, so a person decides',
  'fix-forward': 'too little for a rollback, fix it forward',
};

// ---------------------------------------------------------------- triggers

/**
 * What a trigger is about. `critical` ones (users are shut out, or data is wrong) roll back whatever the numbers say;
 * `errors` and `slowness` are held against the numbers; of all others only the runbook knows how bad they are.
 */
export type TriggerKind = 'critical' | 'errors' | 'slowness' | 'other';

/** @param metric the runbook's name of it; undefined for an alarm that somebody else made */
export function triggerKind(metric: string | undefined): TriggerKind {
  return (metric !== undefined && Object.hasOwn(kinds, metric) && kinds[metric]) || 'other';
}

/** Other percentiles are not compared: what is normal for them is not known. */
const kinds: Readonly<Record<string, TriggerKind>> = {
  availability: 'critical',
  data_validation_failures: 'critical',
  error_rate: 'errors',
  response_time: 'slowness',
  p95_response_time: 'slowness',
};

/** 5.000000000000001 is 5: limits are meant to be met exactly. */
const roundOff = (value: number): number => Number(value.toPrecision(10));

const show = (value: number): string => String(Number(value.toPrecision(3)));

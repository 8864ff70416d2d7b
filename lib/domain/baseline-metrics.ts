/**
 * The published baseline as CloudWatch metrics: what PublishBaselines writes and what the alarms of baseline triggers
 * read. One point a minute, because every metric of a metric-math expression has to have the alarm's own period.
 */
import type { MetricSource } from './model.ts';

/** What was normal for a service, over all its sides. */
export interface BaselineValues {
  readonly errorRatePercent: number;
  readonly p95ResponseTimeMs: number;
  readonly p99ResponseTimeMs: number;
  /** Share of requests answered without 5XX, 0 to 1. */
  readonly availability: number;
}

export type BaselineKind = keyof BaselineValues;

export const baselineNamespace = 'Backstep';

/**
 * The statistic decides which value counts where a minute was published twice, by a run that was repeated: always the
 * one that fires later.
 */
const metrics: Readonly<Record<BaselineKind, Pick<MetricSource, 'metricName' | 'statistic'>>> = {
  errorRatePercent: { metricName: 'BaselineErrorRate', statistic: 'Maximum' },
  p95ResponseTimeMs: { metricName: 'BaselineP95ResponseTime', statistic: 'Maximum' },
  p99ResponseTimeMs: { metricName: 'BaselineP99ResponseTime', statistic: 'Maximum' },
  availability: { metricName: 'BaselineAvailability', statistic: 'Minimum' },
};

export const baselineKinds = Object.keys(metrics) as readonly BaselineKind[];

export const baselineMetric = (kind: BaselineKind, environment: string, service: string): MetricSource => ({
  namespace: baselineNamespace,
  dimensions: { Environment: environment, Service: service },
  ...metrics[kind],
});

/** How many services a run failed for; 0 after a good run, and no point where there was none. */
export const baselineRunMetric = (environment: string): MetricSource => ({
  namespace: baselineNamespace,
  metricName: 'BaselineFailures',
  dimensions: { Environment: environment },
  // A run that was repeated with success counts as good.
  statistic: 'Minimum',
});

/**
 * A published value is never 0: the alarms tell "published" from "missing" by it, whatever CloudWatch puts in the place
 * of a missing point. In percent it is a millionth of all requests, far below every floor.
 */
export const smallestPublished = 0.0001;

import { baselineMetric } from '../baseline-metrics.ts';
import type { AlarmQuery, Comparison, MetricSource } from '../model.ts';
import { availability, type Balanced, balanced, errorRate, type Percentile, responseTime } from './load-balancer.ts';
import { floors } from './resolve.ts';
import { type ConfiguredMetric, type Refusal, refuse, type ServiceFacts, type Unit } from './trigger.ts';

/** One series that an alarm can watch. The last query has id `value` and returns data. */
export interface Watch {
  /** Last part of the alarm's name; absent where the service has one series only. */
  readonly part?: string;
  readonly side?: string;
  /** What a person calls this series, where it is not simply the metric. */
  readonly words?: string;
  readonly queries: readonly AlarmQuery[];
  /** An alarm of its own kind, whatever the trigger's threshold: healthy hosts below 1. */
  readonly fixed?: { readonly comparison: Comparison; readonly threshold: number };
  readonly treatMissingData: 'breaching' | 'notBreaching';
}

/** How a metric of the runbook is read from CloudWatch. */
export interface MetricReading {
  readonly metric: string;
  /** What a person calls it: `error rate`, `p95 response time`. */
  readonly words: string;
  readonly unit: Unit;
  /** It cannot be more than 100 %. */
  readonly atMostAll: boolean;
  readonly baseline?: MetricBaseline;
  /** Said in the alarm's description, e.g. what the minimum sample is. */
  readonly remark?: string;
  readonly watches: readonly Watch[];
}

export interface MetricBaseline {
  /** What runbooks may call it after `baseline_`. */
  readonly names: readonly string[];
  readonly fallback: number;
  readonly floor: number;
  /** Absent where none is measured: of sources that only the configuration knows. */
  readonly published?: MetricSource;
}

/** A source in the configuration wins over the built-in table: workers have an error rate too. */
export function readMetric(field: string, metric: string, facts: ServiceFacts): MetricReading | Refusal {
  const kind = Object.hasOwn(table, metric) ? table[metric] : undefined;
  const configured = Object.hasOwn(facts.metrics, metric) ? facts.metrics[metric] : undefined;
  if (configured) return fromConfiguration(metric, configured, kind, facts);
  if (!kind) {
    const known = Object.keys(table).join(', ');
    return refuse(field, metric, `${known}, or a metric that the configuration names under metrics.${metric}`);
  }
  if (kind.source === 'ecs') return { ...described(metric, kind, facts), watches: containerWatches(kind, facts) };
  if (kind.source === 'custom')
    return { ...described(metric, kind, facts), watches: [customWatch(metric, kind, facts)] };
  const behind = balanced(facts);
  if (!behind) {
    const allowed = `a metric that a service without load balancer has, or a source for it under metrics.${metric}`;
    return refuse(field, metric, allowed);
  }
  return { ...described(metric, kind, facts), watches: kind.watches(facts, behind) };
}

type Kind = {
  readonly words: string;
  readonly unit: Unit;
  readonly atMostAll?: boolean;
  readonly baseline?: 'errorRate' | 'p95';
  readonly remark?: string;
} & (
  | { readonly source: 'alb'; readonly watches: (facts: ServiceFacts, behind: Balanced) => Watch[] }
  | { readonly source: 'ecs'; readonly metricName: string }
  | { readonly source: 'custom'; readonly statistic: string }
);

const latency = (percentile: Percentile): Kind => ({
  source: 'alb',
  words: `${percentile} response time`,
  unit: 'milliseconds',
  ...(percentile === 'p95' ? { baseline: 'p95' as const } : {}),
  watches: (facts, behind) => responseTime(facts, behind, percentile),
});

/** The metrics of runbooks. Shares are compared in percent, but for availability, which is a share of one everywhere. */
const table: Readonly<Record<string, Kind>> = {
  error_rate: {
    source: 'alb',
    words: 'error rate',
    unit: 'percent',
    atMostAll: true,
    baseline: 'errorRate',
    watches: errorRate,
  },
  p50_response_time: latency('p50'),
  p90_response_time: latency('p90'),
  p95_response_time: latency('p95'),
  p99_response_time: latency('p99'),
  response_time: { ...latency('p95'), remark: 'A response time without percentile is read as p95.' },
  availability: { source: 'alb', words: 'availability', unit: 'fraction', atMostAll: true, watches: availability },
  cpu_utilization: { source: 'ecs', words: 'CPU utilization', unit: 'percent', metricName: 'CPUUtilization' },
  memory_utilization: { source: 'ecs', words: 'memory utilization', unit: 'percent', metricName: 'MemoryUtilization' },
  data_validation_failures: { source: 'custom', words: 'data validation failures', unit: 'count', statistic: 'Sum' },
  // Stalled means that it moved at no moment of the minute, so the largest value counts.
  migration_progress_rate: { source: 'custom', words: 'migration progress rate', unit: 'count', statistic: 'Maximum' },
  memory_growth_rate: { source: 'custom', words: 'memory growth rate', unit: 'bytes/minute', statistic: 'Average' },
};

function described(metric: string, kind: Kind, facts: ServiceFacts): Omit<MetricReading, 'watches'> {
  const sample = `Minutes with fewer than ${facts.health.minimumRequestsPerMinute} requests do not count.`;
  const remark = [kind.remark, kind.source === 'alb' ? sample : undefined]
    .filter((part) => part !== undefined)
    .join(' ');
  return {
    metric,
    words: kind.words,
    unit: kind.unit,
    atMostAll: kind.atMostAll ?? false,
    ...(kind.baseline ? { baseline: baselineOf(kind.baseline, facts) } : {}),
    ...(remark === '' ? {} : { remark }),
  };
}

function baselineOf(kind: 'errorRate' | 'p95', facts: ServiceFacts): MetricBaseline {
  const { baseline, environment, service } = facts;
  return kind === 'errorRate'
    ? {
        names: ['error_rate'],
        fallback: baseline.errorRatePercent,
        floor: floors.errorRatePercent,
        published: baselineMetric('errorRatePercent', environment, service),
      }
    : {
        names: ['p95', 'p95_response_time', 'response_time'],
        fallback: baseline.p95ResponseTimeMs,
        floor: floors.p95ResponseTimeMs,
        published: baselineMetric('p95ResponseTimeMs', environment, service),
      };
}

function containerWatches(kind: Kind & { source: 'ecs' }, { sides }: ServiceFacts): Watch[] {
  return sides.map((side) => ({
    ...(sides.length > 1 ? { part: side.name } : {}),
    side: side.name,
    treatMissingData: 'notBreaching',
    queries: [
      {
        id: 'value',
        label: kind.words,
        metric: {
          namespace: 'AWS/ECS',
          metricName: kind.metricName,
          dimensions: { ClusterName: side.cluster, ServiceName: side.service },
          statistic: 'Average',
        },
        returnData: true,
      },
    ],
  }));
}

function customWatch(metric: string, kind: Kind & { source: 'custom' }, facts: ServiceFacts): Watch {
  return {
    treatMissingData: 'notBreaching',
    queries: [
      {
        id: 'value',
        label: kind.words,
        metric: {
          namespace: 'Backstep',
          metricName: metric,
          dimensions: { Environment: facts.environment, Service: facts.service },
          statistic: kind.statistic,
        },
        returnData: true,
      },
    ],
  };
}

function fromConfiguration(
  metric: string,
  source: ConfiguredMetric,
  kind: Kind | undefined,
  facts: ServiceFacts,
): MetricReading | Refusal {
  const units = kind ? unitsOf[kind.unit] : undefined;
  if (units && source.unit !== undefined && !units.includes(source.unit)) {
    return refuse(`metrics.${metric}.unit`, source.unit, units.join(' or '));
  }
  const base: Omit<MetricReading, 'watches'> = kind
    ? ofSource(described(metric, kind, facts))
    : {
        metric,
        words: metric,
        unit: source.unit === 'seconds' ? 'milliseconds' : (source.unit ?? 'unknown'),
        atMostAll: false,
      };
  const { namespace, metricName, dimensions, statistic } = source;
  const read = { metric: { namespace, metricName, dimensions, statistic } };
  const factor = scale(source.unit, base.unit);
  const queries: AlarmQuery[] =
    factor === 1
      ? [{ id: 'value', label: base.words, ...read, returnData: true }]
      : [
          { id: 'measured', ...read, returnData: false },
          { id: 'value', label: base.words, expression: `measured * ${factor}`, returnData: true },
        ];
  return { ...base, watches: [{ treatMissingData: 'notBreaching', queries }] };
}

/** In which units the source of a known metric may publish. */
const unitsOf: Readonly<Record<Unit, readonly string[]>> = {
  percent: ['percent', 'fraction'],
  fraction: ['percent', 'fraction'],
  milliseconds: ['milliseconds', 'seconds'],
  bytes: ['bytes'],
  'bytes/minute': ['bytes/minute'],
  count: ['count'],
  unknown: [],
};

/** What the published value is multiplied with to be in the unit of comparison; without a unit, they are the same. */
function scale(from: ConfiguredMetric['unit'], to: Unit): number {
  if (from === 'fraction' && to === 'percent') return 100;
  if (from === 'percent' && to === 'fraction') return 0.01;
  if (from === 'seconds' && to === 'milliseconds') return 1000;
  return 1;
}

/**
 * The minimum sample and the percentile are read by the load balancer's queries, and so is what baselines are learned
 * from: none of them says anything about the configured source.
 */
function ofSource({ remark: _, baseline, ...reading }: Omit<MetricReading, 'watches'>): Omit<MetricReading, 'watches'> {
  if (!baseline) return reading;
  const { published: _published, ...fallback } = baseline;
  return { ...reading, baseline: fallback };
}

import { baselineMetric } from '../baseline-metrics.ts';
import type { AlarmDefinition, AlarmQuery, Comparison, MetricSource } from '../model.ts';
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
  /** How often there is a value. Default: every minute. */
  readonly periodSeconds?: number;
  readonly treatMissingData: AlarmDefinition['treatMissingData'];
  /** The reason for that, in words. */
  readonly silence: string;
  /** When a period says anything at all, in the ids of the queries: `sample >= 20`. */
  readonly counts?: string;
  /** What a period that says nothing counts as, unless just that would fire. Default 0. */
  readonly quiet?: number;
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
  /** What is enough to fire where the runbook gives no duration. Absent: then a duration is needed. */
  readonly single?: string;
  /** Of a count: seconds of the period that it is summed over. */
  readonly countedSeconds?: number;
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
export function readMetric(field: string, name: string, facts: ServiceFacts): MetricReading | Refusal {
  const configured = Object.hasOwn(facts.metrics, name) ? facts.metrics[name] : undefined;
  const metric = configured ? name : knownAs(name);
  const kind = Object.hasOwn(table, metric) ? table[metric] : undefined;
  if (configured) return fromConfiguration(metric, configured, kind, facts);
  if (!kind) {
    const known = Object.keys(table).join(', ');
    return refuse(field, name, `${known}, or a metric that the configuration names under metrics.${name}`);
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

/** Other names that people write for metrics of the table. */
const aliases: Readonly<Record<string, string>> = {
  cpu: 'cpu_utilization',
  cpu_usage: 'cpu_utilization',
  memory: 'memory_utilization',
  memory_usage: 'memory_utilization',
  latency: 'response_time',
};

/** `P95-Response-Time`, `p95_latency` and `response_time_p95` are one metric. */
function knownAs(name: string): string {
  const plain = name.toLowerCase().replace(/[\s-]+/g, '_');
  const percentile = /^(?:(p\d\d)_(?:latency|response_time)|(?:latency|response_time)_(p\d\d))$/.exec(plain);
  if (percentile) return `${percentile[1] ?? percentile[2]}_response_time`;
  return (Object.hasOwn(aliases, plain) ? aliases[plain] : undefined) ?? plain;
}

type Kind = {
  readonly words: string;
  readonly unit: Unit;
  readonly atMostAll?: boolean;
  readonly baseline?: 'errorRate' | 'p95';
  readonly remark?: string;
  readonly single?: string;
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
  data_validation_failures: {
    source: 'custom',
    words: 'data validation failures',
    unit: 'count',
    statistic: 'Sum',
    single: 'failure in a minute',
  },
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
    ...(kind.single ? { single: kind.single } : {}),
    ...(kind.source === 'custom' && kind.statistic === 'Sum' ? { countedSeconds: 60 } : {}),
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
    silence: 'one without data counts as good, since tasks that do not run use nothing',
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

const unpublished = 'one without data counts as good, since nobody has published anything bad';

function customWatch(metric: string, kind: Kind & { source: 'custom' }, facts: ServiceFacts): Watch {
  return {
    treatMissingData: 'notBreaching',
    silence: unpublished,
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
  const {
    namespace,
    metricName,
    dimensions,
    statistic,
    periodSeconds = 60,
    treatMissingData = 'notBreaching',
  } = source;
  const base: Omit<MetricReading, 'watches'> = {
    ...(kind
      ? ofSource(described(metric, kind, facts))
      : { metric, words: metric, unit: comparedIn(source.unit), atMostAll: false }),
    ...(statistic === 'Sum' ? { countedSeconds: periodSeconds } : {}),
  };
  const read = { metric: { namespace, metricName, dimensions, statistic } };
  const factor = scale(source.unit, base.unit);
  const expression: AlarmQuery = {
    id: 'value',
    label: base.words,
    expression: `measured * ${factor}`,
    returnData: true,
  };
  // CloudWatch guards a percentile of few values itself, but not in an expression.
  const guarded = factor !== 1 && /^p\d/.test(statistic);
  const samples = { namespace, metricName, dimensions, statistic: 'SampleCount' };
  const queries: AlarmQuery[] =
    factor === 1
      ? [{ id: 'value', label: base.words, ...read, returnData: true }]
      : [
          { id: 'measured', ...read, returnData: false },
          ...(guarded ? [{ id: 'samples', metric: samples, returnData: false }] : []),
          expression,
        ];
  const watch: Watch = {
    treatMissingData,
    silence: treatMissingData === 'notBreaching' ? unpublished : silences[treatMissingData],
    periodSeconds,
    ...(guarded ? { counts: `samples >= ${facts.health.minimumRequestsPerMinute}` } : {}),
    queries,
  };
  return { ...base, watches: [watch] };
}

const silences = {
  breaching: 'one without data counts as bad, as configured',
  ignore: 'without data the alarm stays as it is, as configured',
  missing: 'one without data does not count, as configured',
};

/** Seconds are compared as milliseconds and everything per second per minute. */
function comparedIn(unit: ConfiguredMetric['unit']): Unit {
  if (unit === 'seconds') return 'milliseconds';
  if (unit === 'bytes/second') return 'bytes/minute';
  if (unit === 'count/second') return 'count/minute';
  return unit ?? 'unknown';
}

/** In which units the source of a known metric may publish. */
const unitsOf: Readonly<Record<Unit, readonly string[]>> = {
  percent: ['percent', 'fraction'],
  fraction: ['percent', 'fraction'],
  milliseconds: ['milliseconds', 'seconds'],
  bytes: ['bytes'],
  'bytes/minute': ['bytes/minute', 'bytes/second'],
  count: ['count'],
  'count/minute': ['count/minute', 'count/second'],
  unknown: [],
};

/** What the published value is multiplied with to be in the unit of comparison; without a unit, they are the same. */
function scale(from: ConfiguredMetric['unit'], to: Unit): number {
  if (from === 'fraction' && to === 'percent') return 100;
  if (from === 'percent' && to === 'fraction') return 0.01;
  if (from === 'seconds' && to === 'milliseconds') return 1000;
  if (from?.endsWith('/second') && to.endsWith('/minute')) return 60;
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

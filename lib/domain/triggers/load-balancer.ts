import { loadBalancerDimension, targetGroupDimension } from '../arns.ts';
import type { AlarmQuery, MetricSource, Side } from '../model.ts';
import type { Watch } from './metrics.ts';
import type { ServiceFacts } from './trigger.ts';

export type Percentile = 'p50' | 'p90' | 'p95' | 'p99';

/** CloudWatch's names of a service that a load balancer serves. */
export interface Balanced {
  /** `app/shop/50dc6c495c0c9188` */
  readonly loadBalancer: string;
  readonly sides: readonly BalancedSide[];
}

interface BalancedSide {
  readonly side: Side;
  readonly targetGroup: string;
  /** Where ECS or CodeDeploy moves the traffic: each deployment changes which of the two serves. */
  readonly alternate?: string;
}

/** Undefined for a service that no load balancer reaches. */
export function balanced({ sides, traffic }: Pick<ServiceFacts, 'sides' | 'traffic'>): Balanced | undefined {
  const loadBalancer = loadBalancerDimension(traffic.rules[0] ?? '');
  const served = sides.flatMap((side) => {
    const targetGroup = targetGroupDimension(side.targetGroup ?? '');
    const alternate = targetGroupDimension(side.alternateTargetGroup ?? '');
    return targetGroup === undefined ? [] : [{ side, targetGroup, ...(alternate !== undefined && { alternate }) }];
  });
  return loadBalancer === undefined || served.length === 0 ? undefined : { loadBalancer, sides: served };
}

/** Requests answered with 5XX, in percent of all. */
export function errorRate(facts: ServiceFacts, behind: Balanced): Watch[] {
  const minimum = facts.health.minimumRequestsPerMinute;
  const perSide = behind.sides.map((one) =>
    watch(one.side, behind, `sample >= ${minimum}`, 0, [
      ...sampled(facts, behind, one),
      value('error rate, percent', '100 * errors / sample'),
    ]),
  );
  const twoSidesAlone = behind.sides.length > 1 && !facts.sharedLoadBalancer;
  return twoSidesAlone ? [...perSide, loadBalancerErrors(behind, minimum)] : perSide;
}

/**
 * `errors` and `sample`: how many requests of a minute failed, of how many.
 *
 * Error counts are published only when they are not zero, so they are filled with zeros. Request counts are not: a
 * minute without traffic, or one that is not published yet, must stay missing, or the newest minute would always read
 * as healthy. RequestCount leaves out requests for which there was no target: where the load balancer is this service's
 * alone, its own 5XX stand in for a missing request count, and a sample is never smaller than the errors in it.
 *
 * A healthy service has no 5XX at all, and AWS does not say what FILL makes of a metric without a single point. If it stays
 * empty, a sum with it would be empty too, and the alarm never on; so sums and maxima are taken over lists, which pass over
 * what is missing.
 */
function sampled(facts: ServiceFacts, behind: Balanced, { targetGroup, alternate }: BalancedSide): AlarmQuery[] {
  if (alternate !== undefined) return sampledOfBoth(facts, behind, [targetGroup, alternate]);
  const requests = targetMetric(behind, targetGroup, 'RequestCount', 'Sum');
  const target5xx = input('target5xx', targetMetric(behind, targetGroup, 'HTTPCode_Target_5XX_Count', 'Sum'));
  if (facts.sharedLoadBalancer || behind.sides.length > 1) {
    return [input('sample', requests), target5xx, step('errors', 'SUM([TIME_SERIES(0), FILL(target5xx, 0)])')];
  }
  return [
    input('requests', requests),
    target5xx,
    input('balancer5xx', balancerMetric(behind, 'HTTPCode_ELB_5XX_Count')),
    step('errors', 'SUM([TIME_SERIES(0), FILL(target5xx, 0), FILL(balancer5xx, 0)])'),
    step('counted', 'MAX([FILL(requests, balancer5xx), balancer5xx])'),
    step('sample', 'IF(errors > counted, errors, counted)'),
  ];
}

/** The same of the two groups of one side: what either lacks counts as zero, in minutes in which there is anything. */
function sampledOfBoth(facts: ServiceFacts, behind: Balanced, groups: readonly [string, string]): AlarmQuery[] {
  const read = groups.flatMap((group, i) => [
    input(`requests${i}`, targetMetric(behind, group, 'RequestCount', 'Sum')),
    input(`target5xx${i}`, targetMetric(behind, group, 'HTTPCode_Target_5XX_Count', 'Sum')),
  ]);
  const failed = 'FILL(target5xx0, 0), FILL(target5xx1, 0)';
  if (facts.sharedLoadBalancer) {
    return [...read, step('sample', bothRequests), step('errors', `SUM([TIME_SERIES(0), ${failed}])`)];
  }
  return [
    ...read,
    input('balancer5xx', balancerMetric(behind, 'HTTPCode_ELB_5XX_Count')),
    step('requests', bothRequests),
    step('errors', `SUM([TIME_SERIES(0), ${failed}, FILL(balancer5xx, 0)])`),
    step('counted', 'MAX([FILL(requests, balancer5xx), balancer5xx])'),
    step('sample', 'IF(errors > counted, errors, counted)'),
  ];
}

const bothRequests = 'SUM([FILL(requests0, 0 * requests1), FILL(requests1, 0 * requests0)])';

/** Errors that the load balancer makes itself belong to no side: they have an alarm of their own beside the sides'. */
function loadBalancerErrors(behind: Balanced, minimum: number): Watch {
  const requests = behind.sides.map(({ targetGroup }, i) =>
    input(`requests${i}`, targetMetric(behind, targetGroup, 'RequestCount', 'Sum')),
  );
  return {
    part: 'load-balancer',
    words: 'errors that the load balancer makes itself',
    treatMissingData: 'notBreaching',
    silence: noTraffic,
    counts: `sample >= ${minimum}`,
    queries: [
      ...requests,
      input('balancer5xx', balancerMetric(behind, 'HTTPCode_ELB_5XX_Count')),
      step('errors', 'SUM([TIME_SERIES(0), FILL(balancer5xx, 0)])'),
      // A side without traffic counts as zero, but only in minutes that are published at all.
      step('both', bothRequests),
      step('counted', 'MAX([FILL(both, balancer5xx), balancer5xx])'),
      step('sample', 'IF(errors > counted, errors, counted)'),
      value('errors of the load balancer, percent', '100 * errors / sample'),
    ],
  };
}

/**
 * CloudWatch's seconds become milliseconds. Without enough requests a percentile says nothing, and CloudWatch's own guard
 * against that (EvaluateLowSampleCountPercentile) is not for expressions.
 */
export function responseTime(facts: ServiceFacts, behind: Balanced, percentile: Percentile): Watch[] {
  const minimum = facts.health.minimumRequestsPerMinute;
  return behind.sides.map(({ side, targetGroup, alternate }) =>
    watch(side, behind, `requests >= ${minimum}`, 0, [
      ...(alternate === undefined
        ? [
            input('requests', targetMetric(behind, targetGroup, 'RequestCount', 'Sum')),
            input('latency', targetMetric(behind, targetGroup, 'TargetResponseTime', percentile)),
          ]
        : slowerOfBoth(behind, [targetGroup, alternate], percentile)),
      value(`${percentile} response time, ms`, '1000 * latency'),
    ]),
  );
}

function slowerOfBoth(behind: Balanced, groups: readonly [string, string], percentile: Percentile): AlarmQuery[] {
  return [
    ...groups.flatMap((group, i) => [
      input(`requests${i}`, targetMetric(behind, group, 'RequestCount', 'Sum')),
      input(`latency${i}`, targetMetric(behind, group, 'TargetResponseTime', percentile)),
    ]),
    step('requests', bothRequests),
    step('latency', 'MAX([FILL(latency0, latency1), FILL(latency1, latency0)])'),
  ];
}

/**
 * The share of requests answered without a 5XX, and beside it the hosts: when no target is left there are no requests
 * to judge, and a total outage must not pass for low traffic.
 */
export function availability(facts: ServiceFacts, behind: Balanced): Watch[] {
  const minimum = facts.health.minimumRequestsPerMinute;
  const perSide = behind.sides.map((one) =>
    watch(one.side, behind, `sample >= ${minimum}`, 1, [
      ...sampled(facts, behind, one),
      value('availability, share of 1', '(sample - errors) / sample'),
    ]),
  );
  return [...perSide, hosts(behind)];
}

/**
 * Healthy hosts of the better side. Each side fills in for the other, because a side without registered targets
 * publishes nothing; where both are silent the value stays missing, and missing is breaching.
 */
function hosts(behind: Balanced): Watch {
  const groups = behind.sides.flatMap(({ targetGroup, alternate }) => [targetGroup, ...(alternate ? [alternate] : [])]);
  const counts = groups.map((group, i) =>
    input(`hosts${i}`, targetMetric(behind, group, 'HealthyHostCount', 'Maximum')),
  );
  const only = counts.length === 1 ? counts[0] : undefined;
  const queries: AlarmQuery[] = only
    ? [{ ...only, id: 'value', label: 'healthy hosts', returnData: true }]
    : [...counts, value('healthy hosts of the better side', 'MAX([FILL(hosts0, hosts1), FILL(hosts1, hosts0)])')];
  const side = behind.sides.length === 1 ? behind.sides[0]?.side.name : undefined;
  return {
    part: 'hosts',
    ...(side === undefined ? {} : { side }),
    treatMissingData: 'breaching',
    silence: 'no data counts as no healthy host, since a total outage is not low traffic',
    words: 'healthy hosts',
    fixed: { comparison: 'LessThanThreshold', threshold: 1 },
    queries,
  };
}

const noTraffic = 'one without data counts as good, since nothing is published without requests';

const watch = (side: Side, behind: Balanced, counts: string, quiet: number, queries: AlarmQuery[]): Watch => ({
  ...(behind.sides.length > 1 ? { part: side.name } : {}),
  side: side.name,
  treatMissingData: 'notBreaching',
  silence: noTraffic,
  counts,
  quiet,
  queries,
});

const input = (id: string, metric: MetricSource): AlarmQuery => ({ id, metric, returnData: false });
const step = (id: string, expression: string): AlarmQuery => ({ id, expression, returnData: false });
const value = (label: string, expression: string): AlarmQuery => ({ id: 'value', label, expression, returnData: true });

export const targetMetric = (
  { loadBalancer }: Balanced,
  targetGroup: string,
  metricName: string,
  statistic: string,
): MetricSource => ({
  namespace: 'AWS/ApplicationELB',
  metricName,
  dimensions: { LoadBalancer: loadBalancer, TargetGroup: targetGroup },
  statistic,
});

const balancerMetric = ({ loadBalancer }: Balanced, metricName: string): MetricSource => ({
  namespace: 'AWS/ApplicationELB',
  metricName,
  dimensions: { LoadBalancer: loadBalancer },
  statistic: 'Sum',
});

/** A course of events, minute by minute, as the metrics that a load balancer would publish of it. */

import { baselineMetric } from '../../lib/domain/baseline-metrics.ts';
import type { ServiceConfiguration } from '../../lib/domain/model.ts';
import { balancedSides } from '../../lib/domain/release-questions.ts';
import type { Random } from '../../simulator/random.ts';
import type { MetricStore } from '../../simulator/services/cloudwatch/store.ts';

/** What one side does in one minute. */
export interface SideMinute {
  /** Share of the service's requests, 0 to 1. */
  readonly share: number;
  /** Share of its requests that fail, 0 to 1. */
  readonly errorRate: number;
  readonly p95Ms: number;
  readonly healthyHosts: number;
}

export interface ServiceMinute {
  readonly requestsPerMinute: number;
  /** In the order of the configuration's sides. */
  readonly sides: readonly SideMinute[];
}

/** What was learnt before, and is published as PublishBaselines does. */
export interface Published {
  readonly errorRatePercent: number;
  readonly p95ResponseTimeMs: number;
}

export const minuteMs = 60_000;

/** Puts one minute's metrics, counts drawn as chance would have them. */
export function putMinute(
  store: MetricStore,
  configuration: ServiceConfiguration,
  minute: ServiceMinute,
  published: Published | undefined,
  timeMs: number,
  random: Random,
): void {
  const sides = balancedSides(configuration);
  let refused = 0;
  sides.forEach(({ dimensions }, index) => {
    const side = minute.sides[index];
    if (!side) return;
    const put = (metricName: string, values: readonly number[], counts?: readonly number[]): void =>
      store.add({ namespace: 'AWS/ApplicationELB', metricName, dimensions }, { timeMs, values, counts });
    put('HealthyHostCount', [side.healthyHosts]);
    const requests = poisson(minute.requestsPerMinute * side.share, random);
    if (requests === 0) return;
    if (side.healthyHosts === 0) {
      // Nobody to send them to: the load balancer answers 503 itself, and counts no request.
      refused += requests;
      return;
    }
    const failed = binomial(requests, side.errorRate, random);
    put('RequestCount', [1], [requests]);
    if (failed > 0) put('HTTPCode_Target_5XX_Count', [1], [failed]);
    put('TargetResponseTime', latencies(side.p95Ms, requests, random));
  });
  const { LoadBalancer = '' } = sides[0]?.dimensions ?? {};
  if (refused > 0)
    store.add(
      { namespace: 'AWS/ApplicationELB', metricName: 'HTTPCode_ELB_5XX_Count', dimensions: { LoadBalancer } },
      { timeMs, values: [1], counts: [refused] },
    );
  if (!published) return;
  const { environment, service } = configuration;
  for (const kind of ['errorRatePercent', 'p95ResponseTimeMs'] as const) {
    const { namespace, metricName, dimensions } = baselineMetric(kind, environment, service);
    store.add({ namespace, metricName, dimensions }, { timeMs, values: [published[kind]], counts: undefined });
  }
}

/** Twenty values stand for all; seconds, as the load balancer has them. */
function latencies(p95Ms: number, requests: number, random: Random): number[] {
  const noise = 1 + (random.next() - 0.5) * 0.2;
  const values = Math.min(20, requests);
  return Array.from({ length: values }, (_, index) => (p95Ms * noise * (0.3 + (0.75 * (index + 1)) / values)) / 1_000);
}

export function poisson(mean: number, random: Random): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = 0;
  for (let product = random.next(); product > Math.exp(-mean); product *= random.next()) count += 1;
  return count;
}

export function binomial(trials: number, share: number, random: Random): number {
  const mean = trials * share;
  if (mean > 30 && trials - mean > 30)
    return Math.min(trials, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - share)) * normal(random))));
  if (trials > 300) return Math.min(trials, poisson(mean, random));
  let hits = 0;
  for (let trial = 0; trial < trials; trial += 1) if (random.next() < share) hits += 1;
  return hits;
}

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

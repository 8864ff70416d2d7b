import type { Dimension, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../service.ts';
import { evaluateExpression } from './math/evaluate.ts';
import { type MathValue, type Range, series } from './math/values.ts';
import { isStatistic } from './statistics.ts';
import type { MetricIdentity, MetricStore } from './store.ts';

export const dimensionsOf = (dimensions: readonly Dimension[] | undefined): Record<string, string> =>
  Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']));

/**
 * The value of every query over `range`, by id, in the order given. Expressions may refer to each other.
 *
 * @param rangeOf the range for a metric's period in seconds, or for undefined the range of expressions
 */
export function evaluateQueries(
  store: MetricStore,
  queries: readonly MetricDataQuery[],
  rangeOf: (periodSeconds: number | undefined) => Range,
): Map<string, MathValue> {
  const byId = new Map(queries.map((query) => [query.Id ?? '', query]));
  const values = new Map<string, MathValue>();
  const open = new Set<string>();
  const expressionRange = rangeOf(commonPeriod(queries));
  const metricIds = queries.filter((query) => query.MetricStat).map((query) => query.Id ?? '');

  const resolve = (id: string): MathValue | undefined => {
    const known = values.get(id);
    if (known) return known;
    const query = byId.get(id);
    if (!query) return undefined;
    if (open.has(id)) throw new AwsError('ValidationError', `Error in expression '${id}': it refers to itself`);
    open.add(id);
    const value = query.MetricStat
      ? metricValue(store, query, rangeOf(query.MetricStat.Period))
      : evaluateExpression(query.Expression ?? '', { lookup: resolve, metricIds, range: expressionRange });
    values.set(id, value);
    return value;
  };

  return new Map([...byId.keys()].map((id) => [id, resolve(id) as MathValue]));
}

/** @throws AwsError `ValidationError`, as GetMetricData and PutMetricAlarm refuse a malformed list */
export function validateQueries(queries: readonly MetricDataQuery[]): void {
  const seen = new Set<string>();
  for (const query of queries) {
    const id = query.Id ?? '';
    const refuse = (detail: string) => new AwsError('ValidationError', `The query '${id}' is not valid: ${detail}`);
    if (!/^[a-z][A-Za-z0-9_]{0,254}$/.test(id)) {
      throw refuse('an Id starts with a lowercase letter and holds letters, digits and underscores');
    }
    if (seen.has(id)) throw refuse('the Id is used twice');
    seen.add(id);
    if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
      throw refuse('exactly one of MetricStat and Expression must be given');
    }
    if (!query.MetricStat) continue;
    const { Metric: metric, Period: period, Stat: stat } = query.MetricStat;
    if (!metric?.Namespace || !metric.MetricName) throw refuse('MetricStat.Metric needs Namespace and MetricName');
    if (!stat || !isStatistic(stat)) throw refuse(`'${stat}' is not a statistic`);
    if (!isPeriod(period)) throw refuse(`the period must be 10, 20, 30 or a multiple of 60, not ${period}`);
  }
}

export const isPeriod = (period: number | undefined): period is number =>
  period !== undefined && ([1, 5, 10, 20, 30].includes(period) || (period > 0 && period % 60 === 0));

/** The one period of all metrics; undefined without metrics. Mixed periods are not simulated. */
export function commonPeriod(queries: readonly MetricDataQuery[]): number | undefined {
  const periods = new Set(queries.flatMap((query) => query.MetricStat?.Period ?? query.Period ?? []));
  if (periods.size > 1 && queries.some((query) => query.Expression !== undefined)) {
    throw new AwsError('ValidationError', 'Metrics used in one expression must have the same period');
  }
  return [...periods][0];
}

function metricValue(store: MetricStore, { MetricStat: stat }: MetricDataQuery, range: Range): MathValue {
  const metric: MetricIdentity = {
    namespace: stat?.Metric?.Namespace ?? '',
    metricName: stat?.Metric?.MetricName ?? '',
    dimensions: dimensionsOf(stat?.Metric?.Dimensions),
  };
  return series(store.statistics(metric, stat?.Stat ?? '', range));
}

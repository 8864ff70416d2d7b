/**
 * What to ask CloudWatch: the compiled triggers' own queries, so that a service is found healthy by the very numbers
 * that found it sick, and beside each the requests that it is about.
 */
import type { AlarmDefinition, AlarmQuery, MetricSource, MovingLimit, ServiceConfiguration } from '../model.ts';

/** One alarm as it is measured. Alarms on other metrics than the load balancer's are left to CloudWatch. */
export interface Gauge {
  readonly alarm: AlarmDefinition;
  /** What is measured, e.g. `error rate`. */
  readonly name: string;
  /** As the query's label has it, e.g. `percent`; empty where it names none. */
  readonly unit: string;
  /** Id of the query whose result is compared with the limit. */
  readonly resultId: string;
  /** Where the limit follows the published baseline; the ids are those of the questions. */
  readonly moving?: Pick<MovingLimit, 'limitId' | 'publishedId' | 'factor' | 'floor'>;
  /** Ids of the queries that count the requests it is about; empty where their number does not matter. */
  readonly requestIds: readonly string[];
}

export interface MetricQuestion extends AlarmQuery {
  readonly periodSeconds: number;
}

export interface Questions {
  readonly gauges: readonly Gauge[];
  /** Ids are unique over all gauges. */
  readonly queries: readonly MetricQuestion[];
}

const loadBalancerNamespace = 'AWS/ApplicationELB';

/** Alarms that count more than `RequestCount` as requests say so in a query with this id. */
const sampleId = 'sample';

/** @param sides names of the sides that serve after the mitigation */
export function questionsFor(configuration: ServiceConfiguration, sides: readonly string[]): Questions {
  const measured = configuration.triggers
    .flatMap((trigger) => (trigger.compiled ? trigger.alarms : []))
    .filter((alarm) => alarm.side === undefined || sides.includes(alarm.side))
    .flatMap((alarm, index) => measure(alarm, `a${index}`) ?? []);
  return {
    gauges: measured.map(({ gauge }) => gauge),
    queries: measured.flatMap(({ queries }) => queries),
  };
}

function measure(alarm: AlarmDefinition, prefix: string): { gauge: Gauge; queries: MetricQuestion[] } | undefined {
  const sources = alarm.queries.flatMap(({ metric }) => (metric?.namespace === loadBalancerNamespace ? metric : []));
  const { limit } = alarm;
  // The alarm watches a scaled series there, which is no number to show to anybody.
  const result = alarm.queries.find((query) => (limit ? query.id === limit.measuredId : query.returnData));
  if (sources.length === 0 || !result) return undefined;

  const counted = alarm.queries.some((query) => query.id === sampleId);
  const requests = counted ? [] : requestQueries(sources, prefix);
  const [name = alarm.name, unit = ''] = (result.label ?? alarm.name).split(', ');
  const answers = limit ? [limit.measuredId, limit.limitId, limit.publishedId] : [result.id];
  const queries = [...renamed(alarm.queries, prefix, [...answers, sampleId]), ...requests];
  return {
    gauge: {
      alarm,
      name,
      unit,
      resultId: `${prefix}_${result.id}`,
      ...(limit && {
        moving: {
          limitId: `${prefix}_${limit.limitId}`,
          publishedId: `${prefix}_${limit.publishedId}`,
          factor: limit.factor,
          floor: limit.floor,
        },
      }),
      requestIds: counted ? [`${prefix}_${sampleId}`] : requests.map((query) => query.id),
    },
    queries: queries.map((query) => ({ ...query, periodSeconds: alarm.periodSeconds })),
  };
}

/** `RequestCount` of every target group that the alarm watches. Hosts count however few requests there are. */
function requestQueries(sources: readonly MetricSource[], prefix: string): AlarmQuery[] {
  if (sources.every((source) => source.metricName.endsWith('HostCount'))) return [];
  const groups = new Map(sources.map(({ dimensions }) => [dimensions.TargetGroup, dimensions]));
  return [...groups].flatMap(([group, dimensions], index) =>
    group === undefined
      ? []
      : {
          id: `${prefix}_requests_of_${index}`,
          metric: { namespace: loadBalancerNamespace, metricName: 'RequestCount', dimensions, statistic: 'Sum' },
          returnData: true,
        },
  );
}

/** Two alarms may use the same ids. Ids start with a lower-case letter in metric math; functions never do. */
function renamed(queries: readonly AlarmQuery[], prefix: string, answers: readonly string[]): AlarmQuery[] {
  const ids = new Set(queries.map((query) => query.id));
  return queries.map((query) => ({
    ...query,
    id: `${prefix}_${query.id}`,
    returnData: answers.includes(query.id),
    ...(query.expression !== undefined && {
      expression: query.expression.replace(/\b[a-z]\w*\b/g, (word) => (ids.has(word) ? `${prefix}_${word}` : word)),
    }),
  }));
}

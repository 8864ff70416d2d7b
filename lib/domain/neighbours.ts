/**
 * The other services of the environment, and what the load balancer counts of them. Their alarms go on each at a second
 * of its own; the minutes that failed lie in CloudWatch for all of them alike, whichever alarm is looked at first.
 */
import { differenceInterval, materialPoints, type Sample } from './comparison.ts';
import { errorLimits } from './decision-matrix.ts';
import type { Neighbour, ServiceConfiguration } from './model.ts';
import { balancedSides } from './release-questions.ts';
import type { Series } from './verification/measure.ts';
import type { MetricQuestion } from './verification/queries.ts';

/** Of more services this many are asked about: they decide as well as all, and one question holds them. */
export const askedNeighbours = 20;
/** Fewer requests than this, in the bad minutes or before them, say nothing of a neighbour. */
export const neighbourRequests = 30;
/** What is normal for a neighbour are these minutes, which end a little before the trouble: theirs may have begun earlier. */
const normalMinutes = 10;
const gapMinutes = 2;

/** Every service with the others as its neighbours, those that a load balancer counts; absent where there are none. */
export function withNeighbours(services: readonly ServiceConfiguration[]): ServiceConfiguration[] {
  const counted = services.filter((service) => balancedSides(service).length > 0);
  return services.map((service) => {
    const others = around(counted, service.service).filter((other) => !sharesGroup(service, other));
    const neighbours = others.slice(0, askedNeighbours).map(neighbour);
    return neighbours.length > 0 ? { ...service, neighbours } : service;
  });
}

/** By name, beginning after this one: in a crowd each service has other neighbours. */
function around(services: readonly ServiceConfiguration[], name: string): ServiceConfiguration[] {
  const sorted = services.toSorted((a, b) => (a.service < b.service ? -1 : 1));
  return [...sorted.filter(({ service }) => service > name), ...sorted.filter(({ service }) => service < name)];
}

/** What fails in a target group of both would count as two that fail. */
function sharesGroup(a: ServiceConfiguration, b: ServiceConfiguration): boolean {
  const groups = new Set(a.sides.flatMap(({ targetGroup }) => targetGroup ?? []));
  return b.sides.some(({ targetGroup }) => targetGroup !== undefined && groups.has(targetGroup));
}

const neighbour = (configuration: ServiceConfiguration): Neighbour => ({
  service: configuration.service,
  groups: balancedSides(configuration).map(({ dimensions }) => dimensions),
});

/** What CloudWatch is asked about them, in one question. */
export function neighbourQuestions(neighbours: readonly Neighbour[]): MetricQuestion[] {
  return neighbours.flatMap(({ groups }, index) =>
    groups.flatMap((dimensions, group) =>
      counts.map(({ id, metricName }) => ({
        id: `${id}${index}of${group}`,
        metric: { namespace: 'AWS/ApplicationELB', metricName, dimensions, statistic: 'Sum' },
        returnData: true,
        periodSeconds: 60,
      })),
    ),
  );
}

const counts = [
  { id: 'requests', metricName: 'RequestCount' },
  { id: 'errors', metricName: 'HTTPCode_Target_5XX_Count' },
] as const;

/** Minutes that are taken for bad where only the alarm's maker knows how many had to be. */
export const usualBadMinutes = 5;

/** When the trouble began that an alarm tells of, as far as its bad minutes say; ISO 8601. */
export function troubleSince(alarmSince: string, badMinutes: number): string {
  return new Date(floor(Date.parse(alarmSince)) - badMinutes * minuteMs).toISOString();
}

/** The time that has to be asked for, `to` exclusive. */
export function neighbourWindow(since: string, now: string): { readonly from: string; readonly to: string } {
  const from = Date.parse(since) - (gapMinutes + normalMinutes) * minuteMs;
  const to = Math.max(floor(Date.parse(now)) + minuteMs, from + minuteMs);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

export interface JudgedNeighbours {
  /** Services that fail since the trouble began as an incident does, and did not before. */
  readonly failing: readonly string[];
  /** Services with enough requests to tell, the failing ones included. */
  readonly judged: readonly string[];
}

/** @param since when the trouble began, ISO 8601 */
export function judgeNeighbours(
  neighbours: readonly Neighbour[],
  series: Readonly<Record<string, Series>>,
  since: string,
): JudgedNeighbours {
  const begun = Date.parse(since);
  const normalEnd = begun - gapMinutes * minuteMs;
  const failing: string[] = [];
  const judged: string[] = [];
  for (const [index, { service, groups }] of neighbours.entries()) {
    const within = (from: number, to: number): Sample => ({
      requests: sum(series, 'requests', index, groups.length, from, to),
      errors: sum(series, 'errors', index, groups.length, from, to),
    });
    const now = capped(within(begun, Number.POSITIVE_INFINITY));
    const before = capped(within(normalEnd - normalMinutes * minuteMs, normalEnd));
    if (Math.min(now.requests, before.requests) < neighbourRequests) continue;
    judged.push(service);
    if (failsAnew(now, before)) failing.push(service);
  }
  return { failing, judged };
}

/** By as much as would be rolled back for, and not by chance. */
function failsAnew(now: Sample, before: Sample): boolean {
  const points = 100 * (now.errors / now.requests - before.errors / before.requests);
  return points > errorLimits.rollback && differenceInterval(now, before)[0] >= materialPoints;
}

/** CloudWatch may have a minute's errors and not yet all of its requests. */
const capped = ({ requests, errors }: Sample): Sample => ({ requests: Math.max(requests, errors), errors });

function sum(
  series: Readonly<Record<string, Series>>,
  id: string,
  index: number,
  groups: number,
  from: number,
  to: number,
): number {
  return Array.from({ length: groups }, (_, group) => series[`${id}${index}of${group}`]?.points ?? [])
    .flat()
    .filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to)
    .reduce((total, { value }) => total + value, 0);
}

const minuteMs = 60_000;
const floor = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;

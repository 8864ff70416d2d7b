/** The other services of the environment: busy and quiet ones, most of them well, some with troubles of their own. */
import type { Neighbour } from '../../lib/domain/model.ts';
import type { Random } from '../../simulator/random.ts';
import type { MetricStore } from '../../simulator/services/cloudwatch/store.ts';
import type { Incident } from './kinds.ts';
import { binomial, poisson } from './metrics.ts';

export interface NeighbourCourse {
  readonly requestsPerMinute: number;
  /** Share of its requests that fail in this minute, 0 to 1. */
  readonly errorRate: (minute: number) => number;
}

/** As `Neighbour` names them; only the dimensions matter. */
export const neighbourOf = (index: number): Neighbour => ({
  service: `service-${index + 1}`,
  groups: [{ LoadBalancer: 'app/others/0', TargetGroup: `targetgroup/service-${index + 1}/0` }],
});

/** Those that the trouble hits come first, since they are the ones whose alarms go on. */
export function drawNeighbours(random: Random, incident: Incident, count: number): NeighbourCourse[] {
  const { others, troubleAt } = incident;
  return Array.from({ length: count }, (_, index) => {
    const between = (from: number, to: number): number => from + random.next() * (to - from);
    const requestsPerMinute = 10 ** between(0.5, 3.8);
    const usual = between(0, 0.006);
    const own = { from: between(-40, 75), rate: between(0.05, 0.5), minutes: between(3, 20) };
    const sick = {
      from: troubleAt + between(...(others?.delay ?? [0, 1])),
      rate: between(...(others?.errorRate ?? [0.06, 0.8])),
    };
    const hit = index < (others?.alarming ?? 0);
    const hasOwn = random.next() < (others?.troubledThemselves ?? 0.05);
    const ownFrom = others?.troubledThemselves === undefined ? own.from : troubleAt + between(-3, 3);
    return {
      requestsPerMinute,
      errorRate: (minute) => {
        if (hit && minute >= sick.from) return sick.rate;
        return hasOwn && minute >= ownFrom && minute < ownFrom + own.minutes ? own.rate : usual;
      },
    };
  });
}

export function putNeighbours(
  store: MetricStore,
  courses: readonly NeighbourCourse[],
  minute: number,
  timeMs: number,
  random: Random,
): void {
  courses.forEach(({ requestsPerMinute, errorRate }, index) => {
    const [dimensions] = neighbourOf(index).groups;
    const requests = poisson(requestsPerMinute, random);
    if (!dimensions || requests === 0) return;
    const failed = binomial(requests, errorRate(minute), random);
    const put = (metricName: string, count: number): void =>
      store.add({ namespace: 'AWS/ApplicationELB', metricName, dimensions }, { timeMs, values: [1], counts: [count] });
    put('RequestCount', requests);
    if (failed > 0) put('HTTPCode_Target_5XX_Count', failed);
  });
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Neighbour, ServiceConfiguration } from '../../lib/domain/model.ts';
import {
  judgeNeighbours,
  neighbourQuestions,
  neighbourWindow,
  troubleSince,
  withNeighbours,
} from '../../lib/domain/neighbours.ts';
import type { Series } from '../../lib/domain/verification/measure.ts';
import { at, configuration, targetGroup } from './worlds.ts';

const named = (service: string, group = service): ServiceConfiguration => ({
  ...configuration(),
  service,
  sides: [{ name: 'main', cluster: 'shop', service, targetGroup: targetGroup(group) }],
});

const neighboursOf = (services: readonly ServiceConfiguration[], service: string): string[] | undefined =>
  withNeighbours(services)
    .find((one) => one.service === service)
    ?.neighbours?.map((one) => one.service);

describe('the neighbours of a service', () => {
  test('are the others of the environment, by name, beginning after it', () => {
    const services = ['d', 'b', 'a', 'c'].map((name) => named(name));
    expect(neighboursOf(services, 'b')).toEqual(['c', 'd', 'a']);
    expect(withNeighbours(services).map(({ service }) => service)).toEqual(['d', 'b', 'a', 'c']);
  });

  test('are none for the only one, and no workers, which no load balancer counts', () => {
    const worker = { ...named('worker'), sides: [{ name: 'main', cluster: 'shop', service: 'worker' }] };
    expect(neighboursOf([named('a')], 'a')).toBeUndefined();
    expect(neighboursOf([named('a'), worker], 'a')).toBeUndefined();
    expect(neighboursOf([named('a'), worker], 'worker')).toEqual(['a']);
  });

  test('are none that share its target group: what fails there would count twice', () => {
    expect(neighboursOf([named('a'), named('b', 'a'), named('c')], 'a')).toEqual(['c']);
  });

  test('are twenty at most, each service having others', () => {
    const names = Array.from({ length: 50 }, (_, index) => `s${String(index).padStart(2, '0')}`);
    const services = names.map((name) => named(name));
    expect(neighboursOf(services, 's45')).toEqual([...names.slice(46), ...names.slice(0, 16)]);
    const asked = names.flatMap((name) => neighboursOf(services, name) ?? []);
    expect(new Set(asked).size).toBe(50);
  });
});

const neighbour = (service: string, groups = 1): Neighbour => ({
  service,
  groups: Array.from({ length: groups }, (_, index) => ({
    LoadBalancer: 'app/shop/1',
    TargetGroup: `${service}${index}`,
  })),
});

/** Minutes 02:40 to 03:04; of those from `sickFrom` on, `sick` of the requests fail, of the others one in a hundred. */
function series(requests: number, sick: number, sickFrom = '02:57'): Record<string, Series> {
  const minutes = Array.from({ length: 25 }, (_, index) =>
    new Date(Date.parse(at('02:40:00')) + index * 60_000).toISOString(),
  );
  const failed = (time: string): number => Math.round(requests * (time.slice(11, 16) >= sickFrom ? sick : 0.01));
  return {
    requests0of0: { points: minutes.map((time) => ({ time, value: requests })) },
    errors0of0: { points: minutes.flatMap((time) => (failed(time) > 0 ? { time, value: failed(time) } : [])) },
  };
}

const since = at('02:57:00');
const judge = (answers: Record<string, Series>, one = neighbour('search')) => judgeNeighbours([one], answers, since);
const healthy = { failing: [], judged: ['search'] };
const failing = { failing: ['search'], judged: ['search'] };
const unknown = { failing: [], judged: [] };

describe('a neighbour', () => {
  test('fails where as much fails as would be rolled back for, and did not before', () => {
    expect(judge(series(100, 0.3))).toEqual(failing);
    expect(judge(series(100, 0.01))).toEqual(healthy);
    // Five points over one percent, exactly, are not more than five.
    expect(judge(series(1_000, 0.06))).toEqual(healthy);
    expect(judge(series(1_000, 0.07))).toEqual(failing);
  });

  test('has a trouble of its own where it failed before as well', () => {
    expect(judge(series(100, 0.3, '02:40'))).toEqual(healthy);
  });

  test('may have begun a minute or two earlier', () => {
    expect(judge(series(100, 0.3, '02:55'))).toEqual(failing);
  });

  test('says nothing with few requests, or none', () => {
    expect(judge(series(2, 1))).toEqual(unknown);
    expect(judge({})).toEqual(unknown);
    // Thirty before and twenty-nine since.
    const few = {
      requests0of0: {
        points: [
          { time: at('02:50:00'), value: 30 },
          { time: at('03:00:00'), value: 29 },
        ],
      },
    };
    expect(judge(few)).toEqual(unknown);
  });

  test('of chance alone does not fail: two of 32 are no proof', () => {
    const points = (before: number, now: number) => ({
      points: [
        { time: at('02:50:00'), value: before },
        { time: at('03:00:00'), value: now },
      ],
    });
    expect(judge({ requests0of0: points(32, 32), errors0of0: points(0, 2) })).toEqual(healthy);
  });

  test('fails with all of its groups together', () => {
    const { requests0of0, errors0of0 } = series(100, 0.3);
    const quiet = { requests0of1: series(900, 0).requests0of0 } as Record<string, Series>;
    const one = neighbour('search', 2);
    expect(judge({ requests0of0, errors0of0, ...quiet } as Record<string, Series>, one)).toEqual(healthy);
  });

  test('with errors counted and requests not yet has as many requests as errors', () => {
    const { errors0of0 } = series(100, 1);
    const before = { points: series(100, 1).requests0of0?.points.filter(({ time }) => time < since) ?? [] };
    expect(judge({ requests0of0: before, errors0of0 } as Record<string, Series>)).toEqual(failing);
  });

  test('that fails no more than before is never failing, whatever its traffic', () => {
    const count = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(count, count, fc.double({ min: 0, max: 1, noNaN: true }), (before, now, share) => {
        const points = (a: number, b: number) => ({
          points: [
            { time: at('02:50:00'), value: Math.ceil(a * share) },
            { time: at('03:00:00'), value: Math.floor(b * share) },
          ],
        });
        const requests = {
          points: [
            { time: at('02:50:00'), value: before },
            { time: at('03:00:00'), value: now },
          ],
        };
        expect(judge({ requests0of0: requests, errors0of0: points(before, now) }).failing).toEqual([]);
      }),
    );
  });
});

test('each group is asked for requests and errors, under ids that CloudWatch takes and that the judge knows', () => {
  const questions = neighbourQuestions([neighbour('a', 2), neighbour('b')]);
  expect(questions.map(({ id }) => id)).toEqual([
    'requests0of0',
    'errors0of0',
    'requests0of1',
    'errors0of1',
    'requests1of0',
    'errors1of0',
  ]);
  expect(questions.every(({ id }) => /^[a-z][A-Za-z0-9_]*$/.test(id))).toBe(true);
});

test('the time that is asked for begins with the normal minutes and ends with the present one', () => {
  expect(troubleSince(at('03:00:41'), 3)).toBe(since);
  expect(neighbourWindow(since, at('03:01:20'))).toEqual({ from: at('02:45:00'), to: at('03:02:00') });
});

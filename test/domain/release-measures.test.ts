import { describe, expect, test } from 'vitest';
import { type MeasureFacts, measureRelease } from '../../lib/domain/release-measures.ts';
import { releaseQuestions, releaseWindow } from '../../lib/domain/release-questions.ts';
import type { Series } from '../../lib/domain/verification/measure.ts';
import { at, configuration, side } from './worlds.ts';

/** A value for each minute from 02:40 on. */
const points = (values: readonly (number | undefined)[]): Series => ({
  points: values.flatMap((value, minute) =>
    value === undefined ? [] : { time: new Date(Date.parse(at('02:40:00')) + minute * 60_000).toISOString(), value },
  ),
});
const each = (count: number, value: number | undefined): (number | undefined)[] => Array(count).fill(value);

/** Released at 02:52:20, an alarm of five bad minutes on at 03:00:10. Minutes 0..12 are before, 15..19 are bad. */
const facts = (series: Record<string, Series>, more: Partial<MeasureFacts> = {}): MeasureFacts => ({
  configuration: configuration({ baseline: { errorRatePercent: 1, p95ResponseTimeMs: 200 } }),
  series,
  side: 'main',
  begunAt: at('02:52:20'),
  alarmSince: at('03:00:10'),
  badMinutes: 5,
  ...more,
});

const oneSide = (errors: (number | undefined)[], slow = each(20, 0.1), requests = each(20, 100)) => ({
  requests0: points(requests),
  errors0: points(errors),
  slow0: points(slow),
});

describe('one side', () => {
  test('is measured over the minutes of the alarm, against those before the release', () => {
    const { measured, normal, errors } = measureRelease(
      facts(oneSide([...each(12, 1), 50, 50, 50, ...each(5, 30)], [...each(12, 0.1), ...each(8, 0.18)])),
    );
    expect(measured).toEqual({ errorRatePercent: 30, p95ResponseTimeMs: 180 });
    expect(normal).toEqual({
      errorRatePercent: { value: 1, source: '10 minutes before the release' },
      p95ResponseTimeMs: { value: 100, source: '10 minutes before the release' },
    });
    expect(errors).toMatchObject({ verdict: 'worse', meanwhile: false });
    expect(errors?.reason).toMatch(
      /^main since the release failed 30 % of 500 requests, the 10 minutes before it 1 % of 1000 requests/,
    );
  });

  test('that failed as much before is in the same trouble', () => {
    const { errors } = measureRelease(facts(oneSide(each(20, 30))));
    expect(errors).toMatchObject({ verdict: 'equally-bad', meanwhile: false });
  });

  test('no minute from before the release counts as its doing, however long the alarm looks back', () => {
    const { measured } = measureRelease(facts(oneSide([...each(13, 90), ...each(7, 10)]), { badMinutes: 15 }));
    expect(measured.errorRatePercent).toBe(10);
  });

  test('traffic is compared with the minutes before the release, if those had enough', () => {
    const since = (before: number, after: number) =>
      measureRelease(facts(oneSide(each(20, 1), each(20, 0.1), [...each(12, before), ...each(8, after)]))).trafficTimes;
    expect(since(100, 100)).toBe(1);
    expect(since(100, 450)).toBe(4.5);
    expect(since(3, 450)).toBeUndefined();
  });

  test('a published baseline is what is normal', () => {
    const series = { ...oneSide(each(20, 30)), normalErrors: points([0.2, 0.4]), normalSlow: points([150]) };
    expect(measureRelease(facts(series)).normal).toEqual({
      errorRatePercent: { value: 0.4, source: 'published baseline', published: true },
      p95ResponseTimeMs: { value: 150, source: 'published baseline', published: true },
    });
  });

  test('without enough requests before the release, the configured baseline is', () => {
    const quiet = [...each(12, 1), ...each(8, 100)];
    const { normal, errors } = measureRelease(facts(oneSide([...each(12, 1), ...each(8, 30)], each(20, 0.1), quiet)));
    expect(normal.errorRatePercent).toMatchObject({ value: 1, source: 'configured baseline' });
    expect(normal.p95ResponseTimeMs).toMatchObject({ value: 200, source: 'configured baseline' });
    // What the minutes before cannot show is no doubt.
    expect(errors).toBeUndefined();
  });

  test('too few requests since the release measure nothing', () => {
    const { measured } = measureRelease(facts(oneSide(each(20, 1), each(20, 0.1), each(20, 3))));
    expect(measured).toEqual({});
  });

  test('what the load balancer fails itself counts, also when nothing else is counted', () => {
    const outage = { requests0: points(each(12, 100)), balancer: points([...each(12, undefined), ...each(8, 80)]) };
    expect(measureRelease(facts(outage)).measured.errorRatePercent).toBe(100);
  });

  test('an empty answer is no number', () => {
    const { measured, errors, slowness } = measureRelease(facts({}));
    expect([measured, errors, slowness]).toEqual([{}, undefined, undefined]);
  });
});

describe('two sides', () => {
  const two = { configuration: configuration({ sides: [side('blue'), side('green')] }), side: 'green' };
  const sides = (blue: [number, number], green: [number, number], slow: [number, number] = [0.1, 0.1]) => ({
    requests0: points(each(20, blue[1])),
    errors0: points(each(20, blue[0])),
    slow0: points(each(20, slow[0])),
    requests1: points(each(20, green[1])),
    errors1: points(each(20, green[0])),
    slow1: points(each(20, slow[1])),
  });

  test('that both serve are compared in the same minutes', () => {
    const { measured, errors } = measureRelease(facts(sides([1, 100], [30, 100]), two));
    expect(measured.errorRatePercent).toBe(30);
    expect(errors).toMatchObject({ verdict: 'worse', meanwhile: true });
    expect(errors?.reason).toMatch(/^green failed 30 % of 500 requests, blue 1 % of 500 requests/);
  });

  test('both bad is no release’s fault', () => {
    expect(measureRelease(facts(sides([30, 100], [30, 100]), two)).errors).toMatchObject({
      verdict: 'equally-bad',
      meanwhile: true,
    });
  });

  test('both slow likewise', () => {
    const both = sides([0, 100], [0, 100], [0.4, 0.41]);
    expect(measureRelease(facts(both, two)).slowness).toMatchObject({ verdict: 'equally-bad', meanwhile: true });
    const one = sides([0, 100], [0, 100], [0.2, 0.41]);
    expect(measureRelease(facts(one, two)).slowness).toMatchObject({ verdict: 'worse', meanwhile: true });
  });

  test('hardly any traffic on both proves nothing', () => {
    expect(measureRelease(facts(sides([0, 3], [1, 4]), two)).errors).toMatchObject({
      verdict: 'inconclusive',
      meanwhile: true,
    });
  });

  test('a trickle on the old one does not make it serve', () => {
    const { errors } = measureRelease(facts(sides([0, 4], [30, 100]), two));
    expect(errors?.meanwhile ?? false).toBe(false);
  });

  test('what the load balancer fails itself belongs to no side, and counts for the whole', () => {
    const series = { ...sides([0, 50], [0, 50]), balancer: points(each(20, 25)) };
    expect(measureRelease(facts(series, two)).measured.errorRatePercent).toBe(25);
  });
});

describe('the question', () => {
  test('asks of each side, and for what is published as normal', () => {
    const ids = releaseQuestions(configuration({ sides: [side('blue'), side('green')] })).map(({ id }) => id);
    expect(ids).toEqual([
      'requests0',
      'errors0',
      'slow0',
      'requests1',
      'errors1',
      'slow1',
      'normalErrors',
      'normalSlow',
    ]);
  });

  test('is not asked of a service that no load balancer reaches', () => {
    expect(releaseQuestions(configuration({ traffic: { rules: [] } }))).toEqual([]);
  });

  test('reaches back to before the oldest release that may be blamed, and not for ever', () => {
    expect(releaseWindow(at('03:00:10'), 120, at('03:00:40'))).toEqual({ from: at('00:50:00'), to: at('03:01:00') });
    expect(releaseWindow('2026-10-01T00:00:00.000Z', 120, at('03:00:40')).from).toBe('2026-11-18T03:01:00.000Z');
  });
});

/** VerifyHealth measures against the limit that the alarm has at that very minute. */
import { describe, expect, test } from 'vitest';
import { compileTrigger } from '../../../lib/domain/triggers/compile.ts';
import { measureGauge } from '../../../lib/domain/verification/measure.ts';
import { questionsFor } from '../../../lib/domain/verification/queries.ts';
import { configuration } from '../report/fixture.ts';
import { oneSide, trigger } from '../triggers/facts.ts';

const compiled = compileTrigger(trigger({ value: 'baseline * 5' }), oneSide);
const { gauges, queries } = questionsFor({ ...configuration, triggers: [compiled] }, ['main']);

function measured(values: { errorPercent: number; limit?: number; published?: number }) {
  const [gauge] = gauges;
  if (!gauge?.moving) throw new Error('one gauge with a moving limit expected');
  const time = '2026-11-20T03:05:00.000Z';
  const points = (value: number | undefined) => ({ points: value === undefined ? [] : [{ time, value }] });
  return measureGauge(gauge, {
    mitigatedAt: '2026-11-20T03:04:30.000Z',
    now: '2026-11-20T03:07:00.000Z',
    minimumRequestsPerMinute: 20,
    series: {
      [gauge.resultId]: points(values.errorPercent),
      [gauge.requestIds[0] ?? '']: points(1000),
      [gauge.moving.limitId]: points(values.limit),
      [gauge.moving.publishedId]: points(values.published),
    },
  });
}

test('what is measured and its limit are asked for, and not the scaled series that the alarm compares', () => {
  expect(queries.filter(({ returnData }) => returnData).map(({ id }) => id)).toEqual([
    'a0_sample',
    'a0_measured',
    'a0_published',
    'a0_limit',
  ]);
  expect(queries.find(({ id }) => id === 'a0_published')?.expression).toBe(
    'MAX([TIME_SERIES(0), FILL(a0_baseline, 0)])',
  );
});

describe('the measurement', () => {
  test.each([
    [
      'follows the published baseline',
      { errorPercent: 2, limit: 1.5, published: 0.3 },
      { ok: false, limit: 1.5 },
      'Error rate of main 2 % over 1000 requests from 03:05 UTC, outside the limit of at most 1.5 % ' +
        '(5 x the published baseline of 0.3 %).',
    ],
    [
      'follows a high one',
      { errorPercent: 8, limit: 15, published: 3 },
      { ok: true, limit: 15 },
      'within the limit of at most 15 % (5 x the published baseline of 3 %).',
    ],
    [
      'names the floor',
      { errorPercent: 0.9, limit: 1, published: 0.1 },
      { ok: true, limit: 1 },
      'within the limit of at most 1 % (the floor, above 5 x the published baseline of 0.1 %).',
    ],
    [
      'names the fallback',
      { errorPercent: 2, limit: 5, published: 0 },
      { ok: true, limit: 5 },
      'within the limit of at most 5 % (from the configured fallback: no baseline is published).',
    ],
    [
      'keeps to the alarm where CloudWatch says nothing of the limit',
      { errorPercent: 6 },
      { ok: false, limit: 5 },
      '5 %',
    ],
  ])('%s', (_what, values, expected, evidence) => {
    expect(measured(values)).toMatchObject({ ...expected, evidence: expect.stringContaining(evidence) });
  });
});

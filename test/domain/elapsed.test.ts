import { expect, test } from 'vitest';
import { inWords, isoDuration, secondsBetween, secondsUntil } from '../../lib/domain/elapsed.ts';

test.each([
  [0, 'PT0S', '0 s'],
  [59.6, 'PT1M', '1 min'],
  [3725, 'PT1H2M5S', '1 h 2 min 5 s'],
  [90_000, 'PT25H', '25 h'],
  [-5, 'PT0S', '0 s'],
])('%d seconds are %s, %s', (seconds, iso, words) => {
  expect(isoDuration(seconds)).toBe(iso);
  expect(inWords(seconds)).toBe(words);
});

test('differences', () => {
  expect(secondsUntil('2026-11-20T03:00:01.200Z', '2026-11-20T03:00:00.000Z')).toBe(2);
  expect(secondsUntil('2026-11-20T03:00:00.000Z', '2026-11-20T03:00:05.000Z')).toBe(-5);
  expect(secondsBetween('2026-11-20T03:00:05.000Z', '2026-11-20T03:00:00.000Z')).toBe(0);
});

/** docs/baselines.md states what a baseline costs: its counts are those of the code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  minimumMinutes,
  settleMinutes,
  unhealthyErrorPercent,
  unhealthyMinutesPercent,
  windowMinutes,
} from '../../lib/domain/baseline.ts';
import { baselineKinds, smallestPublished } from '../../lib/domain/baseline-metrics.ts';
import { aheadMinutes, scheduleMinutes } from '../../lib/domain/baseline-points.ts';
import { metricsPerSide } from '../../lib/domain/baseline-samples.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/baselines.md'), 'utf8');
const count = (value: number): string => value.toLocaleString('en-US');
const runs = (730 * 60) / scheduleMinutes;

test.each([
  ['runs a month', `so ${count(runs)} runs`],
  ['custom metrics of a service', `| custom metrics | ${baselineKinds.length} |`],
  [
    'metrics asked for',
    `${metricsPerSide} metrics a side and run; none while frozen | at most ${count(runs * metricsPerSide)} |`,
  ],
  ['API requests', `| ${count(2 * runs)} | $0.01 a thousand | 0.18 |`],
  ['the learning window', `last ${windowMinutes} minutes`],
  ['the minimum', `at least ${minimumMinutes} minutes had`],
  ['what is unhealthy', `more than ${unhealthyErrorPercent} % of its requests failed`],
  ['how much of it', `more than ${unhealthyMinutesPercent} % of them are unhealthy`],
  ['how far ahead', `Points reach ${aheadMinutes} minutes ahead`],
  ['the smallest value', `${smallestPublished} stands for no errors`],
])('%s: %s', (_what, words) => {
  expect(page.replace(/\s+/g, ' ')).toContain(words);
  expect(settleMinutes).toBe(2);
});

/** The daily look: an image that is archived is told of before somebody needs it. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { synthesize } from '../../bin/synthesize.ts';
import type { Synthesize } from '../../simulator/scenario/run.ts';
import { play } from './shop.ts';

/** A day of ten minutes: three whole ones would take a minute to play. That the schedule is daily, test/constructs holds. */
const shortDays: Synthesize = async (config, options) => {
  const { assemblyDir, stacks } = await synthesize(config, options);
  const copy = mkdtempSync(join(tmpdir(), 'backstep-readiness-'));
  cpSync(assemblyDir, copy, { recursive: true });
  for (const file of readdirSync(copy).filter((name) => name.endsWith('.template.json'))) {
    const template = readFileSync(join(copy, file), 'utf8');
    expect(template).toContain('rate(1 day)');
    writeFileSync(join(copy, file), template.replaceAll('rate(1 day)', 'rate(10 minutes)'));
  }
  return { assemblyDir: copy, stacks };
};

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const image = (at: string, status: 'ARCHIVED' | 'ACTIVE') =>
  ({ at, type: 'image', repository: 'checkout', digest: digest('b'), status }) as const;

test('given an image that is archived, when the daily checks come, then people are told once, and once when it is back', async () => {
  const { document, account } = await play(
    {
      name: 'archived',
      account: (account) => {
        account.repositories = [
          {
            name: 'checkout',
            images: [
              { digest: digest('b'), tags: ['v2.14.2'], pushedAt: '-P21D' },
              { digest: digest('c'), tags: ['v2.14.3'], pushedAt: '-P6D' },
            ],
          },
        ];
      },
      events: [image('PT2M', 'ARCHIVED'), image('PT25M', 'ACTIVE')],
      until: 'PT39M',
      expect: { executions: [] },
    },
    1,
    shortDays,
  );
  expect(document.failures).toEqual([]);
  const looks = account.lambda.invocations.filter(({ functionName }) => functionName.includes('CheckR'));
  expect(looks.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  const told = account.sns.published.filter(({ subject }) => subject?.includes('rolled back'));
  expect(told.map(({ subject }) => subject)).toEqual([
    'checkout: could not be rolled back now',
    'checkout: could be rolled back again',
  ]);
  expect(told[0]?.message).toMatch(/images: .*v2\.14\.2, which is ARCHIVED/);
  const alarm = account.cloudwatch.alarms.find(({ name }) => name.endsWith('-operations/readiness'));
  const states = alarm?.history.flatMap(({ HistoryItemType, HistorySummary }) =>
    HistoryItemType === 'StateUpdate' ? [HistorySummary] : [],
  );
  expect(states?.sort()).toEqual(['Alarm updated from ALARM to OK', 'Alarm updated from INSUFFICIENT_DATA to ALARM']);
  expect(document.timeline.map(({ kind }) => kind)).toEqual(['readiness.lost', 'readiness.regained']);
});

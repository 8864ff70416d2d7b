/** Baselines in whole runs: learned from the hour before a release, they decide what that release may do. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from 'vitest';
import type { BaselineRecord } from '../../lib/domain/baseline-points.ts';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { behaves, play, release, type Story } from './shop.ts';

const silence = 'backstep-production-operations/baselines-silent';

/** The running release fails `normal` of its requests, the one that comes `released`. */
const shop = (normal: number, released: number): NonNullable<Story['account']> => {
  return (account) => {
    for (const { revision, behaviour } of account.taskDefinitions ?? []) {
      if (!behaviour) continue;
      behaviour.errorRate = revision === 42 ? released : normal;
      behaviour.latencyMs = { p50: 60, p95: 140 };
    }
  };
};

const fallback =
  (errorRatePercent: number): NonNullable<Story['config']> =>
  (config) => {
    config.environments.production.services.checkout.baseline = { errorRatePercent };
  };

const noPublisher = (at: string) =>
  ({
    at,
    type: 'fault',
    on: { invocation: 'FunctionsPublishB' },
    effect: { error: { code: 'Runtime.ExitError' } },
  }) as const;

const rolledBack = { service: 'checkout', status: 'SUCCEEDED', outcome: 'verified' } as const;
/** The alarm fired and was blamed on the release; a few points more than normal are put before a person, and nobody answers. */
const fired = { service: 'checkout', status: 'SUCCEEDED', outcome: 'declined', reason: 'Nobody answered' } as const;
/** It stays as it is, with an execution or without. */
const asReleased = { 'services.shop/checkout.taskDefinition': 'checkout:42' };

describe('given a baseline of 0.5 %, when a release fails seven times as much', () => {
  const story = { account: shop(0.005, 0.035), until: 'PT1H30M' };

  test('then the alarm fires, at which the fallback of 5 x 1 % would have stayed silent', async () => {
    const { document } = await play({
      ...story,
      name: 'published',
      events: [release('PT12M')],
      expect: { executions: [fired], account: asReleased },
    });
    expect(document.failures).toEqual([]);
  });

  test('then it stays silent where nobody publishes a baseline', async () => {
    const { document } = await play({
      ...story,
      name: 'not published',
      events: [noPublisher('PT0S'), release('PT12M')],
      expect: { executions: [], account: asReleased },
    });
    expect(document.failures).toEqual([]);
  });
});

describe('given a baseline of 0.8 % and a fallback of 0.4 %, when a release fails 3 %', () => {
  const story = { account: shop(0.008, 0.03), config: fallback(0.4), until: 'PT1H30M' };

  test('then no alarm fires: five times what is normal there is 4 %', async () => {
    const { document } = await play({
      ...story,
      name: 'published',
      events: [release('PT12M')],
      expect: { executions: [], account: asReleased },
    });
    expect(document.failures).toEqual([]);
  });

  test('then it fires where nobody publishes a baseline', async () => {
    const { document } = await play({
      ...story,
      name: 'not published',
      events: [noPublisher('PT0S'), release('PT12M')],
      expect: { executions: [fired], account: asReleased },
    });
    expect(document.failures).toEqual([]);
  });
});

describe('given a release that is rolled back, when its health is verified', () => {
  const story = { account: shop(0.005, 0.3), until: 'PT1H' };
  test.each([
    ['a published baseline', [], 'within the limit of at most 2.5 % (5 x the published baseline of 0.5 %)'],
    [
      'none',
      [noPublisher('PT0S')],
      'within the limit of at most 5 % (from the configured fallback: no baseline is published)',
    ],
  ] as const)('then with %s the limit is the one that holds, and its origin is named', async (_what, events, words) => {
    const { document } = await play({
      ...story,
      name: 'verdict',
      events: [...events, release('PT12M')],
      expect: { executions: [rolledBack, { outcome: 'duplicate' }] },
    });
    expect(document.failures).toEqual([]);
    expect(JSON.stringify(document.executions[0]?.output)).toContain(words);
  });
});

test('given a baseline, when a release is bad and rolled back, then nothing is learned of it, and the old values go on', async () => {
  const run = await play({
    name: 'freeze',
    account: shop(0.002, 0.3),
    events: [release('PT12M')],
    until: 'PT1H30M',
    expect: { executions: [rolledBack, { outcome: 'duplicate' }] },
  });
  expect(run.document.failures).toEqual([]);
  const { decision, reasons, baseline, publishedUntil } = recordOf(run) ?? {};
  expect({ decision, reasons }).toEqual({
    decision: 'freeze',
    reasons: [expect.stringContaining('The deployment of checkout:41 on main began')],
  });
  expect(baseline?.values.errorRatePercent).toBeCloseTo(0.2, 1);
  expect(Date.parse(baseline?.learnedAt ?? '')).toBeLessThan(run.startMs + 12 * 60_000);
  expect(Date.parse(publishedUntil ?? '')).toBeGreaterThan(run.endMs);
  expect(run.document.account.alarms).toMatchObject({ [silence]: 'OK' });
});

test('given an hour with eleven bad minutes, when nothing is wrong any more, then it is refused, and nothing is published', async () => {
  const run = await play({
    name: 'refuse',
    account: shop(0.002, 0.3),
    events: [behaves('PT1M', 'checkout:41', { errorRate: 0.3 }), behaves('PT12M', 'checkout:41', { errorRate: 0.002 })],
    until: 'PT30M',
    expect: { executions: [{ outcome: 'observed' }, { outcome: 'observed' }] },
  });
  expect(run.document.failures).toEqual([]);
  expect(recordOf(run)).toEqual({
    pk: expect.anything(),
    sk: 'BASELINE',
    decision: 'refuse',
    reasons: [expect.stringMatching(/^Of 60 minutes .* 11 failed more than 5 % of their requests;/)],
    decidedAt: expect.any(String),
  });
  expect(run.account.cloudwatch.store.metrics().map(({ metricName }) => metricName)).not.toContain('BaselineErrorRate');
});

test('given a publisher that dies, when its points run out, then people are told, nothing is rolled back for it, and the fallback applies', async () => {
  const run = await play({
    name: 'silence',
    account: shop(0.005, 0.035),
    events: [noPublisher('PT12M'), release('PT40M')],
    until: 'PT1H30M',
    expect: {
      executions: [],
      account: { [`alarms.${silence}`]: 'ALARM', 'services.shop/checkout.taskDefinition': 'checkout:42' },
    },
  });
  expect(run.document.failures).toEqual([]);
  const alarm = run.account.cloudwatch.alarms.find(({ name }) => name === silence);
  const [rang, ...before] = (alarm?.history ?? []).flatMap(({ HistoryItemType, Timestamp }) =>
    HistoryItemType === 'StateUpdate' ? ((Timestamp?.getTime() ?? 0) - run.startMs) / 60_000 : [],
  );
  expect(rang).toBeGreaterThan(20);
  expect(rang).toBeLessThan(30);
  // Before that only OK, with the first run: a new stack does not begin with a false alarm.
  expect(before).toHaveLength(1);
  const told = run.account.sns.published.filter(({ subject }) => subject?.includes(silence));
  expect(told).toHaveLength(1);
});

/** What the table says of the service's baseline at the end. */
function recordOf({ account, stack }: FinishedRun): BaselineRecord | undefined {
  const table = Object.values(stack.resources).find(({ type }) => type === 'AWS::DynamoDB::Table');
  const item = account.dynamodb.items(table?.physicalId ?? '').find(({ sk }) => sk?.S === 'BASELINE');
  return item && (unmarshall(item) as BaselineRecord);
}

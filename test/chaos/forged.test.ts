/** Starts that claim to be an alarm's. CloudWatch is asked, so none of them may change anything in production. */
import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/domain/model.ts';
import { summaryOf } from '../../simulator/scenario/expectations.ts';
import { behaves, errorAlarm, play, release, type Story, start } from '../scenarios/shop.ts';

const trigger = (changes: Record<string, Json> = {}): Json => ({
  alarmName: errorAlarm,
  alarmArn: `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${errorAlarm}`,
  state: 'ALARM',
  // When the error alarm goes on in this incident.
  time: '2026-01-15T10:07:25Z',
  eventId: '8c0f3a52-7a0c-4a55-9d5c-0f5f5d1c7a10',
  ...changes,
});

/**
 * A release that fails from minute 3 on and is cured at minute 12. The alarms' own events are lost, and so is the sweep that
 * would make up for them: whatever happens, a forgery did it.
 */
const incident: Story['events'] = [
  { at: 'PT1M', type: 'fault', on: { event: 'CloudWatch Alarm State Change' }, effect: { lost: true } },
  {
    at: 'PT1M',
    type: 'fault',
    on: { invocation: 'Sweep' },
    effect: { error: { code: 'ServiceException', message: 'Out', status: 500 } },
  },
  release('PT3M'),
  behaves('PT12M', 'checkout:42', { errorRate: 0.001, latencyMs: { p50: 60, p95: 140 } }),
];

const another = (part: string, other: string): Json => trigger({ alarmName: errorAlarm.replace(part, other) });

/** What is claimed, when, and how it has to end. */
const forgeries: readonly (readonly [what: string, at: string, input: Record<string, Json>, ending: string])[] = [
  ['an alarm that is off', 'PT2M0S', { trigger: trigger({ time: '2026-01-15T10:02:00Z' }) }, 'ready'],
  [
    'with autoExecute inside',
    'PT2M5S',
    { trigger: trigger({ autoExecute: true, triggerId: 'error_rate_spike' }) },
    'ready',
  ],
  ['with autoExecute beside it', 'PT8M0S', { trigger: trigger(), autoExecute: true }, 'InvalidInput'],
  ['another environment', 'PT8M5S', { service: 'checkout', trigger: another('production', 'staging') }, 'ready'],
  ['another service', 'PT8M10S', { service: 'checkout', trigger: another('checkout', 'search') }, 'ready'],
  ['a service that is not there', 'PT8M15S', { trigger: another('checkout', 'search') }, 'InvalidInput'],
  [
    'a prefix of alarms that are on',
    'PT8M20S',
    { service: 'checkout', trigger: trigger({ alarmName: `${errorAlarm}/` }) },
    'ready',
  ],
  [
    'an alarm that is not ours',
    'PT8M25S',
    { service: 'checkout', trigger: trigger({ alarmName: 'billing' }) },
    'ready',
  ],
  // The alarm is really on: what it may do by itself is not what a person wants with it.
  ['a release of one’s own choice', 'PT8M30S', { version: 'checkout:40', trigger: trigger() }, 'InvalidInput'],
  ['no snapshot', 'PT8M35S', { backup: false, trigger: trigger() }, 'InvalidInput'],
  ['a time when it was off', 'PT20M', { trigger: trigger({ time: '2026-01-15T10:19:00Z' }) }, 'ready'],
  ['an old event, its incident over', 'PT60M', { trigger: trigger() }, 'ready'],
];

describe('given triggers written by hand, when they start in production, then nothing is changed', async () => {
  const events = forgeries.map(([, at, input]) => start(at, input));
  const run = await play({ name: 'forged triggers', events: [...incident, ...events], until: 'PT90M', expect: {} });
  const endings = run.document.executions.map((execution) => summaryOf(execution).outcome ?? execution.error);

  test.each(forgeries.map(([what, , , ending], index) => [what, ending, index] as const))(
    '%s: %s',
    (_what, ending, index) => {
      expect(endings[index]).toBe(ending);
    },
  );

  test('no service was touched', () => {
    expect(run.document.calls).not.toHaveProperty('ecs:UpdateService');
  });
});

test('given an alarm that was on and is off again, when its event comes late, then a person is asked', async () => {
  const run = await play({
    name: 'a late event',
    events: [...incident, start('PT20M', { trigger: trigger() })],
    until: 'PT2H',
    expect: {
      executions: [{ outcome: 'declined', reason: 'Nobody answered' }],
      timeline: [{ kind: 'approval.requested', message: 'is off again' }],
      calls: { 'ecs:UpdateService': 0 },
    },
  });
  expect(run.document.failures).toEqual([]);
});

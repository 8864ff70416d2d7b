import { describe, expect, test } from 'vitest';
import { type AlarmView, admit, backing, intention, serviceOfAlarm } from '../../lib/domain/admission.ts';
import type { AlarmDefinition, CompiledTrigger, RollbackRecord } from '../../lib/domain/model.ts';
import { at, configuration, request, rollback, taskDefinition, trigger } from './worlds.ts';

const alarm = (part: string): AlarmDefinition => ({
  name: `backstep/production/checkout/errors/${part}`,
  description: '',
  queries: [],
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  periodSeconds: 60,
  evaluationPeriods: 5,
  datapointsToAlarm: 5,
  treatMissingData: 'notBreaching',
  side: part,
});

const compiled: CompiledTrigger = {
  triggerId: 'errors',
  name: 'Errors',
  condition: 'error_rate > 5 for 5 minutes',
  compiled: true,
  reason: '',
  autoExecute: true,
  escalationContacts: [],
  alarms: [alarm('blue'), alarm('green')],
};

const view = (part: string, state: string): AlarmView => ({
  name: `backstep/production/checkout/errors/${part}`,
  arn: `arn:${part}`,
  state,
  since: at('02:59:00'),
});

const event = {
  alarmName: 'backstep/production/checkout/errors/green',
  alarmArn: 'arn:forged',
  time: at('02:59:00'),
  eventId: 'e',
};

describe('a trigger', () => {
  const judge = (alarms: AlarmView[], wasOnSince?: string, triggers = [compiled]) =>
    backing(event, configuration({ triggers }), alarms, wasOnSince);

  test('whose alarm is on is backed, with what CloudWatch says and not what the input says', () => {
    expect(judge([view('green', 'ALARM'), view('blue', 'OK')])).toMatchObject({
      backed: true,
      trigger: { triggerId: 'errors', autoExecute: true, alarmArn: 'arn:green' },
      since: at('02:59:00'),
      alsoOn: [],
    });
  });

  test('tells which other side’s alarm is on', () => {
    expect(judge([view('green', 'ALARM'), view('blue', 'ALARM')])).toMatchObject({ alsoOn: ['blue'] });
  });

  test('whose alarm was on at the event’s time is backed by its history', () => {
    expect(judge([view('green', 'OK')], at('02:58:30'))).toMatchObject({ backed: true, since: at('02:58:30') });
  });

  test.each<[string, ReturnType<typeof judge>, string]>([
    ['is not on and was not', judge([view('green', 'OK')]), 'is OK since'],
    ['does not exist', judge([]), 'CloudWatch knows no alarm'],
    ['belongs to nobody', judge([view('green', 'ALARM')], undefined, []), 'is no alarm of checkout'],
  ])('whose alarm %s is a start by hand', (_name, result, reason) => {
    expect(result.backed).toBe(false);
    expect(result.reason).toContain(reason);
    expect(result.reason).toContain('start by hand');
  });
});

describe('an adopted alarm', () => {
  const adoptedAlarms = [{ name: 'shop is down', triggerId: 'availability_drop', autoExecute: true, side: 'green' }];
  const adopted = { ...event, alarmName: 'shop is down' };
  const live = { name: 'shop is down', arn: 'arn:shop', state: 'ALARM', since: at('02:58:00') };
  const judge = (alarms: AlarmView[], wasOnSince?: string) =>
    backing(adopted, configuration({ triggers: [compiled], adoptedAlarms }), alarms, wasOnSince);

  test('that is on is backed like a compiled one', () => {
    expect(judge([live])).toEqual({
      backed: true,
      trigger: {
        alarmName: 'shop is down',
        alarmArn: 'arn:shop',
        time: event.time,
        eventId: 'e',
        triggerId: 'availability_drop',
        autoExecute: true,
      },
      alarm: adoptedAlarms[0],
      since: at('02:58:00'),
      alsoOn: [],
      reason: `CloudWatch confirms that shop is down (adopted) is on since ${at('02:58:00')}.`,
    });
  });

  test('whose actions are suppressed starts nothing, and that is no start by hand', () => {
    expect(judge([{ ...live, suppressedBy: 'Alarm' }])).toMatchObject({
      backed: true,
      suppressed: 'The actions of shop is down are suppressed (Alarm), so it starts nothing.',
    });
  });

  test('that is off, or that another service adopted, is a start by hand', () => {
    expect(judge([{ ...live, state: 'OK' }]).backed).toBe(false);
    expect(backing(adopted, configuration({ triggers: [compiled] }), [live], undefined).backed).toBe(false);
  });
});

test.each([
  ['backstep/production/checkout/errors', 'checkout'],
  ['backstep/staging/checkout/errors', undefined],
  ['somebody-elses-alarm', undefined],
])('the service of alarm %s is %s', (name, service) => {
  expect(serviceOfAlarm('production', name)).toBe(service);
});

describe('what a start may do', () => {
  test.each([
    ['dry run', request({ dryRun: true, confirmed: true }), false],
    ['automatic alarm', request({ trigger: trigger() }), true],
    ['automatic alarm, dry run', request({ trigger: trigger(), dryRun: true }), false],
    ['alarm that asks', request({ trigger: trigger({ autoExecute: false }), confirmed: true }), false],
    ['by hand without the phrase', request(), false],
    ['by hand with the phrase', request({ confirmed: true }), true],
  ])('%s in production', (_name, asked, mayChange) => {
    expect(intention(asked, true).mayChange).toBe(mayChange);
  });

  test('by hand outside production needs no phrase', () => {
    expect(intention(request(), false).mayChange).toBe(true);
  });
});

describe('admission', () => {
  const begun = { side: 'main', taskDefinition: taskDefinition(42), begunAt: at('02:58:00') };
  const attributed = { attributed: true, release: begun, reason: 'A release.' } as const;
  const judge = (rollbacks: RollbackRecord[], asked = request({ trigger: trigger() })) =>
    admit({ now: at('03:00:00'), request: asked, policy: configuration().policy, attribution: attributed, rollbacks });

  test('is given when a release is to blame and nothing was rolled back lately', () => {
    expect(judge([])).toEqual({ admitted: true, reasons: ['A release.'] });
  });

  test('is refused when no release is to blame', () => {
    const attribution = { attributed: false, reason: 'No release.' } as const;
    const { admitted, reasons } = admit({
      now: at('03:00:00'),
      request: request({ trigger: trigger() }),
      policy: configuration().policy,
      attribution,
      rollbacks: [],
    });
    expect(admitted).toBe(false);
    expect(reasons).toEqual(['No release.', 'A rollback would cure nothing, so nothing is changed.']);
  });

  test('is refused within the cooldown, counted from the end of the last rollback', () => {
    const { admitted, reasons } = judge([rollback({ startedAt: at('01:00:00'), endedAt: at('02:48:00') })]);
    expect(admitted).toBe(false);
    expect(reasons[1]).toBe(
      'The last rollback ended 12 minutes ago and the cooldown is 60 minutes: a person has to decide.',
    );
  });

  test('is refused when the day’s budget is spent', () => {
    const { admitted, reasons } = judge([
      rollback({ startedAt: at('00:10:00'), endedAt: at('00:50:00') }),
      rollback({ startedAt: '2026-11-19T04:00:00.000Z' }),
    ]);
    expect(admitted).toBe(false);
    expect(reasons[1]).toBe('2 automatic rollbacks in the last 24 hours, 2 are allowed: a person has to decide.');
  });

  test.each<[string, RollbackRecord[]]>([
    ['that changed nothing', [{ ...rollback({ endedAt: at('02:50:00') }), executes: false }]],
    [
      'older than a day',
      [rollback({ startedAt: '2026-11-19T02:00:00.000Z' }), rollback({ startedAt: '2026-11-19T01:00:00.000Z' })],
    ],
    ['started by hand, after the cooldown', [rollback({ automatic: false }), rollback({ automatic: false })]],
  ])('does not count rollbacks %s', (_name, rollbacks) => {
    expect(judge(rollbacks).admitted).toBe(true);
  });

  test('of an alarm that only asks a person knows no cooldown', () => {
    const asks = request({ trigger: trigger({ autoExecute: false }) });
    expect(judge([rollback({ endedAt: at('02:59:00') })], asks).admitted).toBe(true);
  });

  test('of a person is always given', () => {
    expect(judge([rollback({ endedAt: at('02:59:00') })], request()).admitted).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import { type AlarmView, backing, serviceOfAlarm } from '../../lib/domain/backing.ts';
import type { AlarmDefinition, CompiledTrigger } from '../../lib/domain/model.ts';
import { at, configuration } from './worlds.ts';

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
  metric: 'error_rate',
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
      metric: 'error_rate',
      badMinutes: 5,
      since: at('02:59:00'),
      alsoOn: [],
    });
  });

  test('tells which other side’s alarm is on', () => {
    expect(judge([view('green', 'ALARM'), view('blue', 'ALARM')])).toMatchObject({ alsoOn: ['blue'] });
  });

  test('whose alarm was on at the event’s time is backed by its history', () => {
    const over = judge([view('green', 'OK')], at('02:58:30'));
    expect(over).toMatchObject({ backed: true, since: at('02:58:30'), offSince: at('02:59:00') });
    expect(over.reason).toContain(`was on at ${at('02:58:30')}; it is OK since ${at('02:59:00')}`);
    expect(judge([view('green', 'INSUFFICIENT_DATA')], at('02:58:30'))).not.toHaveProperty('offSince');
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
        side: 'green',
        // Five minutes, since only its maker knows how many had to be bad.
        troubleSince: at('02:53:00'),
      },
      alarm: adoptedAlarms[0],
      since: at('02:58:00'),
      alsoOn: [],
      reason: `CloudWatch confirms that shop is down (adopted) is on since ${at('02:58:00')}.`,
    });
  });

  test('that stands for a trigger of the runbook watches what that one watches', () => {
    const stands = [{ name: 'shop is down', triggerId: 'errors', autoExecute: true }];
    const judged = backing(adopted, configuration({ triggers: [compiled], adoptedAlarms: stands }), [live], undefined);
    expect(judged).toMatchObject({ backed: true, metric: 'error_rate' });
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

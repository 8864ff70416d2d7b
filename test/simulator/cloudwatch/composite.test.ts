/** Composite alarms through the real client, and what they announce. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  type PutCompositeAlarmInput,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { parseAlarmRule, ruleHolds } from '../../../simulator/services/cloudwatch/alarm-rule.ts';
import { buildAlarm } from '../../../simulator/world/build-alarm.ts';

describe('a rule', () => {
  const on = new Set(['a', 'name with (spaces)']);
  const holds = (text: string) => ruleHolds(parseAlarmRule(text), (name) => (on.has(name) ? 'ALARM' : 'OK'));

  test.each<[string, boolean]>([
    ['ALARM(a)', true],
    ['ALARM("name with (spaces)")', true],
    ['OK(a)', false],
    ['INSUFFICIENT_DATA(a)', false],
    ['ALARM(a) AND ALARM(b)', false],
    ['ALARM(a) OR ALARM(b)', true],
    ['NOT ALARM(b)', true],
    ['NOT ALARM(b) AND ALARM(b)', false],
    ['NOT (ALARM(b) AND ALARM(a))', true],
    // AND binds before OR, whichever comes first.
    ['ALARM(a) OR ALARM(b) AND ALARM(b)', true],
    ['(ALARM(a) OR ALARM(b)) AND ALARM(b)', false],
    ['FALSE OR TRUE', true],
  ])('%s is %j', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test.each([
    ' ALARM(a)',
    '',
    'ALARM(a',
    'ALARM()',
    'ALARM a',
    'ALARM(a) ALARM(b)',
    'AND ALARM(a)',
    'AT_LEAST(1, ALARM, (a, b))',
    'ALARM("a)',
  ])('%j is refused', (text) => {
    expect(() => parseAlarmRule(text)).toThrow(/AlarmRule/);
  });
});

describe('a composite alarm', () => {
  const startMs = Date.parse('2026-11-20T03:00:00.000Z');
  let account: SimulatedAccount;
  let cloudwatch: CloudWatchClient;

  beforeEach(() => {
    account = new SimulatedAccount({ account: '111122223333', region: 'eu-west-1', startMs, seed: 3 });
    cloudwatch = new CloudWatchClient(clientConfig(account));
    for (const name of ['errors', 'slow', 'maintenance']) {
      // Nothing is ever published: with `ignore` each stays as it is set.
      buildAlarm(account, {
        name,
        namespace: 'Shop',
        metricName: name,
        comparison: 'GreaterThanThreshold',
        threshold: 1,
        treatMissingData: 'ignore',
      });
    }
  });

  const put = (input: Partial<PutCompositeAlarmInput>) =>
    drive(
      account,
      cloudwatch.send(
        new PutCompositeAlarmCommand({
          AlarmName: 'shop',
          AlarmRule: 'ALARM(errors) AND ALARM("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:slow")',
          ...input,
        }),
      ),
    );
  const set = (name: string, state: 'OK' | 'ALARM') =>
    drive(
      account,
      cloudwatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: 'test' })),
    );
  const describeShop = async () => {
    const command = new DescribeAlarmsCommand({ AlarmNames: ['shop'], AlarmTypes: ['CompositeAlarm'] });
    return (await drive(account, cloudwatch.send(command))).CompositeAlarms?.[0];
  };
  type Detail = { alarmName: string; state: Record<string, string>; previousState: Record<string, string> };
  const announced = () =>
    account.events.received
      .map(({ detail, time }) => ({ ...(detail as Detail), time }))
      .filter(({ alarmName }) => alarmName === 'shop')
      .map(({ time, state }) => `${time.slice(11, 19)} ${state.value} ${state.actionsSuppressedBy ?? '-'}`);
  const to = (seconds: number) => account.clock.runUntil(startMs + seconds * 1000);
  const suppressed = {
    ActionsSuppressor: 'maintenance',
    ActionsSuppressorWaitPeriod: 60,
    ActionsSuppressorExtensionPeriod: 120,
  };

  test('follows the alarms of its rule at once, and has no metrics', async () => {
    await put({});
    await to(10);
    await set('errors', 'ALARM');
    await to(20);
    await set('slow', 'ALARM');
    await to(30);
    await set('errors', 'OK');
    expect(announced()).toEqual([expect.stringMatching(/ OK -$/), '03:00:20 ALARM -', '03:00:30 OK -']);
    const { detail, resources } =
      account.events.received.filter(({ detail }) => (detail as Detail).alarmName === 'shop')[1] ?? {};
    expect(resources).toEqual(['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:shop']);
    expect(detail).toMatchObject({
      state: {
        value: 'ALARM',
        reason:
          'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:slow transitioned to ALARM at Friday 20 November, 2026 03:00:20 UTC',
      },
      previousState: { value: 'OK' },
      configuration: { alarmRule: expect.stringContaining('ALARM(errors)') },
    });
    expect(JSON.parse((detail as Detail).state.reasonData ?? '{}').triggeringAlarms).toHaveLength(2);
    expect((detail as { configuration: object }).configuration).not.toHaveProperty('metrics');
  });

  test('is described only when composite alarms are asked for', async () => {
    await put({});
    const plain = await drive(account, cloudwatch.send(new DescribeAlarmsCommand({})));
    expect([plain.MetricAlarms?.length, plain.CompositeAlarms?.length]).toEqual([3, 0]);
    expect(await describeShop()).toMatchObject({ AlarmName: 'shop', StateValue: 'OK' });
    const history = new DescribeAlarmHistoryCommand({ AlarmName: 'shop', AlarmTypes: ['CompositeAlarm'] });
    await set('errors', 'ALARM');
    await set('slow', 'ALARM');
    const { AlarmHistoryItems: items = [] } = await drive(account, cloudwatch.send(history));
    expect(items.map(({ AlarmType, HistorySummary }) => [AlarmType, HistorySummary])).toContainEqual([
      'CompositeAlarm',
      'Alarm updated from OK to ALARM',
    ]);
  });

  test('waits for its suppressor, and announces the state again when the wait is over', async () => {
    await put({ AlarmRule: 'ALARM(errors)', ...suppressed });
    await to(300);
    await set('errors', 'ALARM');
    expect(await describeShop()).toMatchObject({
      ActionsSuppressedBy: 'WaitPeriod',
      ActionsSuppressedReason: 'Actions suppressed by WaitPeriod',
    });
    await to(400);
    expect(announced().slice(-2)).toEqual(['03:05:00 ALARM WaitPeriod', '03:06:00 ALARM -']);
    const shop = await describeShop();
    expect(shop).not.toHaveProperty('ActionsSuppressedBy');
    expect(shop?.StateTransitionedTimestamp?.toISOString()).toContain('T03:05:00');
    expect(shop?.StateUpdatedTimestamp?.toISOString()).toContain('T03:06:00');
  });

  test('stays suppressed while its suppressor is on and some time longer', async () => {
    await put({ AlarmRule: 'ALARM(errors)', ...suppressed });
    await to(300);
    await set('errors', 'ALARM');
    await to(330);
    await set('maintenance', 'ALARM');
    await to(900);
    expect(await describeShop()).toMatchObject({ StateValue: 'ALARM', ActionsSuppressedBy: 'Alarm' });
    await set('maintenance', 'OK');
    expect(await describeShop()).toMatchObject({ ActionsSuppressedBy: 'ExtensionPeriod' });
    await to(1100);
    expect(announced().slice(-2)).toEqual(['03:05:00 ALARM WaitPeriod', '03:17:00 ALARM -']);
  });

  test('whose alarms are well again before the suppression ends says no more', async () => {
    await put({ AlarmRule: 'ALARM(errors)', ...suppressed });
    await set('maintenance', 'ALARM');
    await to(300);
    await set('errors', 'ALARM');
    await set('errors', 'OK');
    await to(900);
    expect(announced().slice(-2)).toEqual(['03:05:00 ALARM Alarm', '03:05:00 OK Alarm']);
  });

  test('can be made of composite alarms', async () => {
    await put({ AlarmName: 'inner', AlarmRule: 'ALARM(errors)' });
    await put({ AlarmRule: 'ALARM(inner)' });
    await set('errors', 'ALARM');
    expect(await describeShop()).toMatchObject({ StateValue: 'ALARM' });
    await drive(account, cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['shop'] })));
    expect(await describeShop()).toBeUndefined();
  });

  test.each<[string, Partial<PutCompositeAlarmInput>, RegExp]>([
    [
      'alarms that do not exist',
      { AlarmRule: 'ALARM(errors) OR ALARM(gone)' },
      /alarms \[gone\] in the alarm rule do not exist/,
    ],
    ['a suppressor without its periods', { ActionsSuppressor: 'maintenance' }, /given together or not at all/],
    ['the name of a metric alarm', { AlarmName: 'errors', AlarmRule: 'ALARM(slow)' }, /errors is a metric alarm/],
  ])('with %s is refused', async (_what, input, message) => {
    await expect(put(input)).rejects.toThrow(message);
  });
});

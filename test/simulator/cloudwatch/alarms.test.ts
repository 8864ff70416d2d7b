import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';

const startMs = Date.parse('2026-11-20T03:00:00.000Z');
const minute = 60_000;
const dimensions = { Service: 'checkout' };

function open() {
  const account = new SimulatedAccount({ account: '111122223333', region: 'eu-west-1', startMs, seed: 3 });
  const cloudwatch = new CloudWatchClient(clientConfig(account));
  /** One value a minute, from `from` minutes after the start on; null leaves a minute out. Each is there when its minute ends. */
  const feed = (metricName: string, values: (number | null)[], from = 0) => {
    for (const [at, value] of values.entries()) {
      const timeMs = startMs + (from + at) * minute;
      if (value === null) continue;
      account.clock.at(timeMs + minute, () =>
        account.cloudwatch.put({ namespace: 'Shop', metricName, dimensions, value, timeMs }),
      );
    }
  };
  const put = (input: Partial<PutMetricAlarmInput>) =>
    drive(account, cloudwatch.send(new PutMetricAlarmCommand({ ...alarm, ...input })));
  const transitions = () =>
    account.events.received.map(({ detail, time }) => {
      const { state } = detail as { state: { value: string } };
      return `${time.slice(11, 16)} ${state.value}`;
    });
  const run = (minutes: number) => account.clock.runUntil(startMs + minutes * minute);
  return { account, cloudwatch, feed, put, transitions, run };
}

const alarm: PutMetricAlarmInput = {
  AlarmName: 'backstep/production/checkout/errors',
  AlarmDescription: 'Too many errors',
  Namespace: 'Shop',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'Service', Value: 'checkout' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 10,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};

describe('an alarm', () => {
  it('begins in INSUFFICIENT_DATA and goes where the data of the past lead it within a minute', async () => {
    const { account, cloudwatch, put } = open();
    for (let at = -5; at < 0; at++) {
      account.cloudwatch.put({
        namespace: 'Shop',
        metricName: 'Errors',
        dimensions,
        value: 1,
        timeMs: startMs + at * minute,
      });
    }
    await put({});
    const state = async () => {
      const { MetricAlarms } = await drive(account, cloudwatch.send(new DescribeAlarmsCommand({})));
      return MetricAlarms?.[0];
    };
    expect(await state()).toMatchObject({
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
    });
    await account.clock.runUntil(account.clock.now() + minute);
    expect(await state()).toMatchObject({ StateValue: 'OK' });
  });

  it('fires just above its threshold, not at it, with M of N datapoints', async () => {
    const { feed, put, transitions, run } = open();
    await put({});
    feed('Errors', [0, 10, 10, 10, 10.01, 0, 10.01, 0, 0, 0]);
    await run(14);
    // Minutes 4 and 6 breach; 3:07 is the end of minute 6. They leave the last three datapoints one by one.
    expect(transitions()).toEqual(['03:00 OK', '03:07 ALARM', '03:08 OK']);
  });

  it('reports a transition as CloudWatch shapes it', async () => {
    const { account, feed, put, run } = open();
    await put({ EvaluationPeriods: 1, DatapointsToAlarm: 1 });
    feed('Errors', [5, 33.6]);
    await run(4);
    const event = account.events.received.find(
      ({ detail }) => (detail as { state: { value: string } }).state.value === 'ALARM',
    );
    expect(event).toMatchObject({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: ['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/checkout/errors'],
      detail: {
        alarmName: 'backstep/production/checkout/errors',
        state: {
          value: 'ALARM',
          reason:
            'Threshold Crossed: 1 out of the last 1 datapoints [33.6 (20/11/26 03:01:00)] was greater than the ' +
            'threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).',
          timestamp: expect.stringMatching(/^2026-11-20T03:02:\d\d\.000\+0000$/),
        },
        previousState: { value: 'OK' },
        configuration: {
          description: 'Too many errors',
          metrics: [
            {
              metricStat: {
                metric: { namespace: 'Shop', name: 'Errors', dimensions },
                period: 60,
                stat: 'Sum',
              },
              returnData: true,
            },
          ],
        },
      },
    });
    const detail = event?.detail as { state: { reasonData: string } } | undefined;
    expect(JSON.parse(detail?.state.reasonData ?? '{}')).toMatchObject({
      version: '1.0',
      period: 60,
      recentDatapoints: [33.6],
      threshold: 10,
    });
  });

  it('treats missing data as it is told', async () => {
    const states = async (TreatMissingData: string) => {
      const { feed, put, transitions, run } = open();
      await put({ TreatMissingData });
      feed('Errors', [0, 0, 0]);
      await run(20);
      return transitions();
    };
    expect(await states('notBreaching')).toEqual(['03:00 OK']);
    expect((await states('breaching')).at(-1)).toMatch(/ALARM$/);
    expect((await states('missing')).at(-1)).toMatch(/INSUFFICIENT_DATA$/);
    expect((await states('ignore')).at(-1)).toMatch(/OK$/);
  });

  it('looks further back than its periods, so data that come a minute late are not missing', async () => {
    const { account, put, transitions, run } = open();
    for (let at = -5; at < 10; at++) {
      const timeMs = startMs + at * minute;
      account.clock.at(timeMs + 2 * minute, () =>
        account.cloudwatch.put({ namespace: 'Shop', metricName: 'Errors', dimensions, value: 0, timeMs }),
      );
    }
    await put({ EvaluationPeriods: 1, DatapointsToAlarm: 1, TreatMissingData: 'breaching' });
    await run(10);
    expect(transitions().map((line) => line.slice(6))).toEqual(['OK']);
  });

  it('on metric math fires on the rate, and not on too few requests', async () => {
    const { feed, put, transitions, run } = open();
    const metric = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'Shop', MetricName, Dimensions: alarm.Dimensions }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    const none = {
      Namespace: undefined,
      MetricName: undefined,
      Dimensions: undefined,
      Period: undefined,
      Statistic: undefined,
    };
    await put({
      ...none,
      EvaluationPeriods: 2,
      Metrics: [
        { Id: 'rate', Expression: 'IF(requests >= 100, errors / requests * 100, 0)', ReturnData: true },
        metric('errors', 'Errors'),
        metric('requests', 'Requests'),
      ],
    });
    feed('Errors', [null, null, 90, 90, 11, 11, 10, 10]);
    feed('Requests', [100, 100, 99, 99, 100, 100, 100, 100]);
    await run(10);
    expect(transitions()).toEqual(['03:00 OK', '03:06 ALARM', '03:07 OK']);
  });

  it('can be set by hand until its next evaluation', async () => {
    const { account, cloudwatch, feed, put, transitions, run } = open();
    await put({});
    feed('Errors', Array(10).fill(0));
    await run(5);
    await drive(
      account,
      cloudwatch.send(
        new SetAlarmStateCommand({ AlarmName: alarm.AlarmName, StateValue: 'ALARM', StateReason: 'exercise' }),
      ),
    );
    await run(7);
    expect(transitions().map((line) => line.slice(6))).toEqual(['OK', 'ALARM', 'OK']);
    const history = await drive(
      account,
      cloudwatch.send(new DescribeAlarmHistoryCommand({ AlarmName: alarm.AlarmName, HistoryItemType: 'StateUpdate' })),
    );
    expect(history.AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from ALARM to OK',
      'Alarm updated from OK to ALARM',
      'Alarm updated from INSUFFICIENT_DATA to OK',
    ]);
  });

  it('is found by prefix, page by page, and gone when deleted', async () => {
    const { account, cloudwatch, put } = open();
    for (const name of ['b/1', 'b/2', 'b/3', 'c/1']) await put({ AlarmName: name });
    const list = (input: object) => drive(account, cloudwatch.send(new DescribeAlarmsCommand(input)));
    const first = await list({ AlarmNamePrefix: 'b/', MaxRecords: 2 });
    const second = await list({ AlarmNamePrefix: 'b/', MaxRecords: 2, NextToken: first.NextToken });
    expect([...(first.MetricAlarms ?? []), ...(second.MetricAlarms ?? [])].map(({ AlarmName }) => AlarmName)).toEqual([
      'b/1',
      'b/2',
      'b/3',
    ]);
    await drive(account, cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['b/2'] })));
    expect((await list({ AlarmNames: ['b/2', 'c/1'] })).MetricAlarms).toHaveLength(1);
  });

  const errors = { Metric: { Namespace: 'Shop', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' };
  const math = (Expression: string, Period = 60): Partial<PutMetricAlarmInput> => ({
    Namespace: undefined,
    MetricName: undefined,
    Dimensions: undefined,
    Period: undefined,
    Statistic: undefined,
    Metrics: [
      { Id: 'e', Expression, ReturnData: true },
      { Id: 'm', MetricStat: errors, ReturnData: false },
      { Id: 'n', MetricStat: { ...errors, Period }, ReturnData: false },
    ],
  });

  it.each<[string, Partial<PutMetricAlarmInput>, string]>([
    ['a period of 45 s', { Period: 45 }, 'multiple of 60'],
    ['more datapoints than periods', { DatapointsToAlarm: 4 }, 'between 1 and EvaluationPeriods'],
    ['an unknown comparison', { ComparisonOperator: 'LessThanLowerThreshold' }, 'must be one of'],
    ['more than a day', { EvaluationPeriods: 1500, DatapointsToAlarm: 1 }, 'at most one day'],
    ['a scalar', math('MAX(m)'), 'not a time series'],
    ['several series', math('[m, n]'), 'single time series'],
    ['an unknown function', math('RATE(m)'), 'RATE is unknown or not simulated'],
    ['an unknown id', math('m + q'), 'no query has the id q'],
    ['mixed periods', math('m + n', 300), 'must have the same period'],
    ['an expression that refers to itself', math('e + m'), 'refers to itself'],
  ])('is refused with %s', async (_name, input, message) => {
    const { put } = open();
    await expect(put(input)).rejects.toMatchObject({
      name: expect.stringMatching(/^Validation/),
      message: expect.stringContaining(message),
    });
  });
});

describe('GetMetricData', () => {
  it('answers metrics and expressions, newest first, whole periods', async () => {
    const { account, cloudwatch } = open();
    const put = (Value: number, at: number) =>
      new PutMetricDataCommand({
        Namespace: 'Shop',
        MetricData: [{ MetricName: 'Orders', Timestamp: new Date(startMs + at * 1000), Value }],
      });
    for (const [value, at] of [
      [2, -100],
      [3, -90],
      [5, -30],
    ] as const) {
      await drive(account, cloudwatch.send(put(value, at)));
    }
    const orders = { Metric: { Namespace: 'Shop', MetricName: 'Orders' }, Period: 60, Stat: 'Sum' };
    const { MetricDataResults } = await drive(
      account,
      cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(startMs - 180_000),
          EndTime: new Date(startMs),
          MetricDataQueries: [
            { Id: 'orders', MetricStat: orders },
            { Id: 'filled', Expression: 'FILL(orders, 0) * 10', Label: 'tenfold' },
          ],
        }),
      ),
    );
    expect(MetricDataResults).toMatchObject([
      { Id: 'orders', Label: 'Orders', Values: [5, 5], StatusCode: 'Complete' },
      { Id: 'filled', Label: 'tenfold', Values: [50, 50, 0] },
    ]);
    expect(MetricDataResults?.[0]?.Timestamps).toEqual([new Date(startMs - 60_000), new Date(startMs - 120_000)]);
  });

  it('refuses data from too far ahead', async () => {
    const { account, cloudwatch } = open();
    const late = new PutMetricDataCommand({
      Namespace: 'Shop',
      MetricData: [{ MetricName: 'Orders', Timestamp: new Date(startMs + 3 * 3_600_000), Value: 1 }],
    });
    await expect(drive(account, cloudwatch.send(late))).rejects.toMatchObject({
      name: expect.stringContaining('InvalidParameterValue'),
    });
  });
});

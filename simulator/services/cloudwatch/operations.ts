import type {
  DeleteAlarmsInput,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  GetMetricDataInput,
  GetMetricDataOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDataResult,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
  PutMetricDataInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import type { CloudWatch } from '../cloudwatch.ts';
import { pageOf } from '../paging.ts';
import { CompositeAlarm } from './composite.ts';
import { datumOf } from './datum.ts';
import type { Points } from './math/values.ts';
import { evaluateQueries, validateQueries } from './queries.ts';

const everything = () => ['*'];

export function cloudWatchOperations(cloudwatch: CloudWatch, account: SimulatedAccount): Record<string, Operation> {
  const alarmArn = (name: string) => account.arn('cloudwatch', `alarm:${name}`);

  const putMetricData: Operation<PutMetricDataInput, object> = {
    resources: everything,
    conditions: ({ Namespace: namespace }) => ({ 'cloudwatch:namespace': namespace ?? '' }),
    run(input) {
      for (const datum of input.MetricData ?? []) {
        cloudwatch.put(datumOf(input.Namespace ?? '', datum, account.clock.now()));
      }
      return {};
    },
  };

  const getMetricData: Operation<GetMetricDataInput, GetMetricDataOutput> = {
    resources: everything,
    run(input) {
      const queries = input.MetricDataQueries ?? [];
      validateQueries(queries);
      const endMs = input.EndTime?.getTime() ?? 0;
      const fromMs = input.StartTime?.getTime() ?? 0;
      if (fromMs >= endMs) {
        throw new AwsError('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
      }
      const values = evaluateQueries(cloudwatch.store, queries, (seconds) => {
        const periodMs = (seconds ?? 60) * 1000;
        return { startMs: Math.floor(fromMs / periodMs) * periodMs, endMs, periodMs };
      });
      const results: MetricDataResult[] = [];
      for (const query of queries.filter(({ ReturnData }) => ReturnData !== false)) {
        const value = values.get(query.Id ?? '');
        const label = query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id ?? '';
        const all = value?.kind === 'array' ? value.items : value?.kind === 'series' ? [value.points] : [];
        for (const points of all) results.push(resultOf(query.Id ?? '', label, points, input.ScanBy));
      }
      return { MetricDataResults: results, Messages: [] };
    },
  };

  const listMetrics: Operation<ListMetricsInput, ListMetricsOutput> = {
    resources: everything,
    run(input) {
      const found = cloudwatch.store
        .metrics()
        .filter(({ namespace }) => input.Namespace === undefined || namespace === input.Namespace)
        .filter(({ metricName }) => input.MetricName === undefined || metricName === input.MetricName)
        .filter(({ dimensions }) =>
          (input.Dimensions ?? []).every(
            ({ Name, Value }) => dimensions[Name ?? ''] !== undefined && (!Value || dimensions[Name ?? ''] === Value),
          ),
        );
      const { page, next } = pageOf(found, input.NextToken, 500);
      return {
        Metrics: page.map((metric) => ({
          Namespace: metric.namespace,
          MetricName: metric.metricName,
          Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
        ...(next === undefined ? {} : { NextToken: next }),
      };
    },
  };

  const describeAlarms: Operation<DescribeAlarmsInput, DescribeAlarmsOutput> = {
    // Composite alarms are shown only to those who may ask for everything.
    resources: ({ AlarmNames: names, AlarmNamePrefix: prefix, AlarmTypes: types }) => {
      if (types?.includes('CompositeAlarm')) return everything();
      return names?.length ? names.map(alarmArn) : [alarmArn(`${prefix ?? ''}*`)];
    },
    run(input) {
      if (input.AlarmNames?.length && input.AlarmNamePrefix !== undefined) {
        throw new AwsError('InvalidParameterCombination', 'AlarmNames and AlarmNamePrefix cannot be used together');
      }
      const types = input.AlarmTypes?.length ? input.AlarmTypes : ['MetricAlarm'];
      const every = [...cloudwatch.alarms, ...cloudwatch.compositeAlarms]
        .filter((alarm) => types.includes(alarm instanceof CompositeAlarm ? 'CompositeAlarm' : 'MetricAlarm'))
        .filter(({ name }) => !input.AlarmNames?.length || input.AlarmNames.includes(name))
        .filter(({ name }) => name.startsWith(input.AlarmNamePrefix ?? ''))
        .filter(({ state }) => input.StateValue === undefined || state.value === input.StateValue);
      const { page, next } = pageOf(every, input.NextToken, input.MaxRecords ?? 50);
      return {
        MetricAlarms: page.flatMap((alarm) => (alarm instanceof CompositeAlarm ? [] : alarm.describe())),
        CompositeAlarms: page.flatMap((alarm) => (alarm instanceof CompositeAlarm ? alarm.describe() : [])),
        ...(next === undefined ? {} : { NextToken: next }),
      };
    },
  };

  const describeAlarmHistory: Operation<DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput> = {
    resources: ({ AlarmName: name, AlarmTypes: types }) =>
      types?.includes('CompositeAlarm') ? everything() : [alarmArn(name ?? '*')],
    run(input) {
      const types = input.AlarmTypes?.length ? input.AlarmTypes : ['MetricAlarm'];
      const items = [...cloudwatch.alarms, ...cloudwatch.compositeAlarms]
        .filter((alarm) => types.includes(alarm instanceof CompositeAlarm ? 'CompositeAlarm' : 'MetricAlarm'))
        .filter(({ name }) => input.AlarmName === undefined || name === input.AlarmName)
        .flatMap(({ history }) => history)
        .filter((item) => !input.HistoryItemType || item.HistoryItemType === input.HistoryItemType)
        .filter((item) => !input.StartDate || (item.Timestamp ?? 0) >= input.StartDate)
        .filter((item) => !input.EndDate || (item.Timestamp ?? 0) <= input.EndDate)
        .sort((a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0));
      if (input.ScanBy === 'TimestampAscending') items.reverse();
      const { page, next } = pageOf(items, input.NextToken, input.MaxRecords ?? 100);
      return { AlarmHistoryItems: page, ...(next === undefined ? {} : { NextToken: next }) };
    },
  };

  const putMetricAlarm: Operation<PutMetricAlarmInput, object> = {
    resources: ({ AlarmName: name }) => [alarmArn(name ?? '')],
    run(input) {
      cloudwatch.putAlarm(input);
      return {};
    },
  };

  const putCompositeAlarm: Operation<PutCompositeAlarmInput, object> = {
    resources: ({ AlarmName: name }) => [alarmArn(name ?? '')],
    run(input) {
      cloudwatch.putCompositeAlarm(input);
      return {};
    },
  };

  const setAlarmState: Operation<SetAlarmStateInput, object> = {
    resources: ({ AlarmName: name }) => [alarmArn(name ?? '')],
    run({ AlarmName: name = '', StateValue: value, StateReason: reason = '', StateReasonData: reasonData }) {
      cloudwatch.setState(name, value as 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', reason, reasonData);
      return {};
    },
  };

  const deleteAlarms: Operation<DeleteAlarmsInput, object> = {
    resources: ({ AlarmNames: names }) => (names ?? []).map(alarmArn),
    run({ AlarmNames: names = [] }) {
      for (const name of names) cloudwatch.deleteAlarm(name);
      return {};
    },
  };

  return {
    PutMetricData: putMetricData,
    GetMetricData: getMetricData,
    ListMetrics: listMetrics,
    DescribeAlarms: describeAlarms,
    DescribeAlarmHistory: describeAlarmHistory,
    PutMetricAlarm: putMetricAlarm,
    PutCompositeAlarm: putCompositeAlarm,
    SetAlarmState: setAlarmState,
    DeleteAlarms: deleteAlarms,
  };
}

function resultOf(id: string, label: string, points: Points, scanBy: string | undefined): MetricDataResult {
  const sorted = [...points].sort(([a], [b]) => (scanBy === 'TimestampAscending' ? a - b : b - a));
  return {
    Id: id,
    Label: label,
    Timestamps: sorted.map(([time]) => new Date(time)),
    Values: sorted.map(([, value]) => value),
    StatusCode: 'Complete',
  };
}

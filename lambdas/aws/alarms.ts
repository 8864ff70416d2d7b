/**
 * Amazon CloudWatch alarms: whether an alarm really is on, or was at the time that an event tells.
 *
 * Calls: cloudwatch:DescribeAlarms, cloudwatch:DescribeAlarmHistory
 */
import {
  CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandOutput,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmView } from '../../lib/domain/backing.ts';
import { clientOptions } from './client.ts';

const cloudwatch = new CloudWatchClient(clientOptions);

/** An event and the history's entry of the same transition may differ by rounding and by clocks. */
const toleranceMs = 60_000;

/** One alarm, or every alarm whose name starts so; a trigger has a handful. */
export type AlarmSelection = { readonly name: string } | { readonly prefix: string };

/** Metric alarms and composite ones. */
export async function describeAlarms(selection: AlarmSelection): Promise<AlarmView[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({
      ...('name' in selection ? { AlarmNames: [selection.name] } : { AlarmNamePrefix: selection.prefix }),
      // Without this, CloudWatch leaves composite alarms out.
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: 100,
    }),
  );
  return [
    ...MetricAlarms.map(viewOf),
    ...CompositeAlarms.map((alarm) => ({ ...viewOf(alarm), ...suppression(alarm) })),
  ];
}

/** Every alarm in ALARM that is meant, metric and composite ones: those whose name starts so, and those named. */
export async function alarmsOn(prefix: string, names: readonly string[] = []): Promise<AlarmView[]> {
  const selections = [{ AlarmNamePrefix: prefix }, ...chunks(names).map((AlarmNames) => ({ AlarmNames }))];
  const found = await Promise.all(selections.map(inAlarm));
  return found.flat();
}

async function inAlarm(selection: { AlarmNamePrefix: string } | { AlarmNames: string[] }): Promise<AlarmView[]> {
  const views: AlarmView[] = [];
  let NextToken: string | undefined;
  do {
    const page: DescribeAlarmsCommandOutput = await cloudwatch.send(
      new DescribeAlarmsCommand({
        ...selection,
        StateValue: 'ALARM',
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
        ...(NextToken && { NextToken }),
      }),
    );
    views.push(...(page.MetricAlarms ?? []).map(viewOf));
    views.push(...(page.CompositeAlarms ?? []).map((alarm) => ({ ...viewOf(alarm), ...suppression(alarm) })));
    NextToken = page.NextToken;
  } while (NextToken);
  return views;
}

/** The API takes a hundred names a call. */
const chunks = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / 100) }, (_, index) => names.slice(index * 100, index * 100 + 100));

const viewOf = (alarm: MetricAlarm | CompositeAlarm): AlarmView => ({
  name: alarm.AlarmName ?? '',
  arn: alarm.AlarmArn ?? '',
  state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
  since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString() ?? '',
});

const suppression = ({ ActionsSuppressedBy: suppressedBy }: CompositeAlarm): Pick<AlarmView, 'suppressedBy'> =>
  suppressedBy === undefined ? {} : { suppressedBy };

/** When the alarm went into ALARM at about `time` (ISO 8601), according to its history; undefined when it did not. */
export async function alarmedAt(alarmName: string, time: string): Promise<string | undefined> {
  const { AlarmHistoryItems = [] } = await cloudwatch.send(
    new DescribeAlarmHistoryCommand({
      AlarmName: alarmName,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      HistoryItemType: 'StateUpdate',
      StartDate: new Date(Date.parse(time) - toleranceMs),
      EndDate: new Date(Date.parse(time) + toleranceMs),
    }),
  );
  return AlarmHistoryItems.find((item) => newState(item.HistoryData) === 'ALARM')?.Timestamp?.toISOString();
}

/** History data is a JSON string: `{"version":"1.0","oldState":{…},"newState":{"stateValue":"ALARM",…}}`. */
function newState(historyData: string | undefined): string | undefined {
  try {
    const data = JSON.parse(historyData ?? '{}') as { newState?: { stateValue?: string } };
    return data.newState?.stateValue;
  } catch {
    return undefined;
  }
}

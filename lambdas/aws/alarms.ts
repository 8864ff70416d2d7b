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
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmView } from '../../lib/domain/admission.ts';
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

/**
 * Amazon CloudWatch alarms: whether an alarm really is on, or was at the time that an event tells.
 *
 * Calls: cloudwatch:DescribeAlarms, cloudwatch:DescribeAlarmHistory
 */
import { CloudWatchClient, DescribeAlarmHistoryCommand, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { AlarmView } from '../../lib/domain/admission.ts';
import { clientOptions } from './client.ts';

const cloudwatch = new CloudWatchClient(clientOptions);

/** An event and the history's entry of the same transition may differ by rounding and by clocks. */
const toleranceMs = 60_000;

/** Every metric alarm whose name starts so; a trigger has a handful. */
export async function describeAlarms(namePrefix: string): Promise<AlarmView[]> {
  const { MetricAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNamePrefix: namePrefix, AlarmTypes: ['MetricAlarm'], MaxRecords: 100 }),
  );
  return MetricAlarms.map((alarm) => ({
    name: alarm.AlarmName ?? '',
    arn: alarm.AlarmArn ?? '',
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString() ?? '',
  }));
}

/** When the alarm went into ALARM at about `time` (ISO 8601), according to its history; undefined when it did not. */
export async function alarmedAt(alarmName: string, time: string): Promise<string | undefined> {
  const { AlarmHistoryItems = [] } = await cloudwatch.send(
    new DescribeAlarmHistoryCommand({
      AlarmName: alarmName,
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

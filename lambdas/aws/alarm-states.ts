/**
 * Amazon CloudWatch: the states of alarms, by name or by how their names begin.
 *
 * Calls: cloudwatch:DescribeAlarms
 */
import {
  CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandOutput,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmState } from '../../lib/domain/doctor.ts';
import { clientOptions } from './client.ts';

const cloudwatch = new CloudWatchClient(clientOptions);

/** So many names, or alarms, a call. */
const atOnce = 100;

/** Metric alarms and composite ones; those that do not exist are left out. */
export async function alarmStates(
  selection: { readonly names: readonly string[] } | { readonly prefix: string },
): Promise<AlarmState[]> {
  if ('prefix' in selection) return everyPage({ AlarmNamePrefix: selection.prefix });
  const states: AlarmState[] = [];
  for (let first = 0; first < selection.names.length; first += atOnce)
    states.push(...(await everyPage({ AlarmNames: selection.names.slice(first, first + atOnce) })));
  return states;
}

async function everyPage(selection: { AlarmNamePrefix: string } | { AlarmNames: string[] }): Promise<AlarmState[]> {
  const states: AlarmState[] = [];
  let NextToken: string | undefined;
  do {
    const page: DescribeAlarmsCommandOutput = await cloudwatch.send(
      new DescribeAlarmsCommand({
        ...selection,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: atOnce,
        ...(NextToken && { NextToken }),
      }),
    );
    states.push(...[...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])].map(stateOf));
    NextToken = page.NextToken;
  } while (NextToken);
  return states;
}

const stateOf = (alarm: MetricAlarm | CompositeAlarm): AlarmState => ({
  name: alarm.AlarmName ?? '',
  state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
  since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString() ?? '',
  description: alarm.AlarmDescription ?? '',
});

/** What an alarm does when its state changes, besides the event on the bus: it publishes to topics. */
import type { AlarmHistoryItem, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError } from '../../service.ts';
import type { Alarm, StateRecord } from './alarm.ts';
import type { AlarmState } from './evaluation.ts';
import { alarmTimestamp } from './wording.ts';

type ActionHost = Pick<SimulatedAccount, 'id' | 'region' | 'sns'>;

const lists = { ALARM: 'AlarmActions', OK: 'OKActions', INSUFFICIENT_DATA: 'InsufficientDataActions' } as const;

/** @throws Error for an action that is not simulated */
export function checkActions(input: PutMetricAlarmInput): void {
  for (const list of Object.values(lists))
    for (const action of input[list] ?? [])
      if (action.split(':')[2] !== 'sns') throw new Error(`The alarm action ${action} is not simulated.`);
}

/** Runs the actions of the state entered. An action that fails is in the alarm's history and nowhere else, as in AWS. */
export function runActions(account: ActionHost, alarm: Alarm, previous: StateRecord): void {
  if (alarm.input.ActionsEnabled === false) return;
  for (const topicArn of alarm.input[lists[alarm.state.value]] ?? []) {
    try {
      account.sns.publishFor('cloudwatch.amazonaws.com', alarm.arn, {
        topicArn,
        subject: subject(alarm.state.value, alarm.name, account.region),
        message: JSON.stringify(message(account, alarm, previous)),
      });
      alarm.history.unshift(actionItem(alarm, `Successfully executed action ${topicArn}`));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const failed = `Failed to execute action ${topicArn}. Received error: "${error.message}"`;
      alarm.history.unshift(actionItem(alarm, failed));
    }
  }
}

const subject = (state: AlarmState, name: string, region: string): string =>
  `${state}: "${name}" in ${region}`.slice(0, 100);

function message({ id }: ActionHost, alarm: Alarm, previous: StateRecord): object {
  const { input, state } = alarm;
  return {
    AlarmName: alarm.name,
    AlarmDescription: input.AlarmDescription ?? null,
    AWSAccountId: id,
    AlarmConfigurationUpdatedTimestamp: alarmTimestamp(alarm.configuredMs),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: alarmTimestamp(state.timeMs),
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: input.OKActions ?? [],
    AlarmActions: input.AlarmActions ?? [],
    InsufficientDataActions: input.InsufficientDataActions ?? [],
  };
}

function actionItem(alarm: Alarm, summary: string): AlarmHistoryItem {
  return {
    AlarmName: alarm.name,
    AlarmType: 'MetricAlarm',
    Timestamp: new Date(alarm.state.timeMs),
    HistoryItemType: 'Action',
    HistorySummary: summary,
    HistoryData: JSON.stringify({ actionState: summary.startsWith('Success') ? 'Succeeded' : 'Failed' }),
  };
}

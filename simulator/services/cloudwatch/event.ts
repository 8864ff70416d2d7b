import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Alarm, StateRecord } from './alarm.ts';
import { type CompositeAlarm, type CompositeState, suppressionReason } from './composite.ts';
import { dimensionsOf } from './queries.ts';
import { alarmTimestamp } from './wording.ts';

/** The detail of "CloudWatch Alarm State Change", in the shape of the user guide's samples. */
export function stateChangeDetail(alarm: Alarm, previous: StateRecord, metricId: string): object {
  const { input, subject } = alarm;
  return {
    alarmName: alarm.name,
    state: stateDetail(alarm.state),
    previousState: stateDetail(previous),
    configuration: {
      ...(input.AlarmDescription === undefined ? {} : { description: input.AlarmDescription }),
      metrics: subject.queries.map((query) => queryDetail(query, input.Metrics ? (query.Id ?? '') : metricId)),
    },
  };
}

/** The same of a composite alarm: no metrics, and what suppresses its actions. */
export function compositeChangeDetail(alarm: CompositeAlarm, previous: CompositeState): object {
  const { input } = alarm;
  return {
    alarmName: alarm.name,
    state: compositeStateDetail(alarm.state),
    previousState: compositeStateDetail(previous),
    configuration: {
      ...(input.AlarmDescription === undefined ? {} : { description: input.AlarmDescription }),
      alarmRule: input.AlarmRule,
      ...(input.ActionsSuppressor === undefined
        ? {}
        : {
            actionsSuppressor: input.ActionsSuppressor,
            actionsSuppressorWaitPeriod: input.ActionsSuppressorWaitPeriod,
            actionsSuppressorExtensionPeriod: input.ActionsSuppressorExtensionPeriod,
          }),
    },
  };
}

const compositeStateDetail = ({ suppressedBy, ...state }: CompositeState) => ({
  ...(suppressedBy === undefined
    ? {}
    : { actionsSuppressedBy: suppressedBy, actionsSuppressedReason: suppressionReason(suppressedBy) }),
  ...stateDetail(state),
});

const stateDetail = ({ value, reason, reasonData, timeMs }: StateRecord) => ({
  value,
  reason,
  ...(reasonData === undefined ? {} : { reasonData }),
  timestamp: alarmTimestamp(timeMs),
});

function queryDetail(query: MetricDataQuery, id: string): object {
  const stat = query.MetricStat;
  return {
    id,
    ...(query.Expression === undefined ? {} : { expression: query.Expression }),
    ...(query.Label === undefined ? {} : { label: query.Label }),
    ...(stat
      ? {
          metricStat: {
            metric: {
              namespace: stat.Metric?.Namespace,
              name: stat.Metric?.MetricName,
              dimensions: dimensionsOf(stat.Metric?.Dimensions),
            },
            period: stat.Period,
            stat: stat.Stat,
          },
        }
      : {}),
    returnData: query.ReturnData ?? true,
  };
}

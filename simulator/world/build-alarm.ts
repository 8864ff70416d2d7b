import type { SimulatedAccount } from '../account.ts';
import type { AlarmSpec, CompositeAlarmSpec } from './spec.ts';

export function buildAlarm(account: SimulatedAccount, spec: AlarmSpec): void {
  account.cloudwatch.putAlarm({
    AlarmName: spec.name,
    Namespace: spec.namespace,
    MetricName: spec.metricName,
    Dimensions: Object.entries(spec.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
    Statistic: spec.statistic ?? 'Average',
    ComparisonOperator: spec.comparison,
    Threshold: spec.threshold,
    Period: spec.periodSeconds ?? 60,
    EvaluationPeriods: spec.evaluationPeriods ?? 1,
    TreatMissingData: spec.treatMissingData ?? 'missing',
  });
}

export function buildCompositeAlarm(account: SimulatedAccount, { name, rule, suppressor }: CompositeAlarmSpec): void {
  account.cloudwatch.putCompositeAlarm({
    AlarmName: name,
    AlarmRule: rule,
    ...(suppressor && {
      ActionsSuppressor: suppressor.alarm,
      ActionsSuppressorWaitPeriod: suppressor.waitSeconds,
      ActionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
    }),
  });
}

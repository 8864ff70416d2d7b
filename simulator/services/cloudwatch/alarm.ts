import type { AlarmHistoryItem, MetricAlarm, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { type AlarmSubject, subjectOf } from './alarm-input.ts';
import { type AlarmState, evaluateAlarm, evaluationRange, type MissingDataTreatment } from './evaluation.ts';
import { evaluateQueries } from './queries.ts';
import { percentileOf } from './statistics.ts';
import type { MetricStore } from './store.ts';
import { alarmTimestamp, type EvaluatedPoint, stateReason } from './wording.ts';

export interface StateRecord {
  readonly value: AlarmState;
  readonly reason: string;
  /** JSON text; absent before the first evaluation. */
  readonly reasonData?: string;
  readonly timeMs: number;
}

/** One alarm: its configuration, its present state and its history. Evaluating decides; the service acts on it. */
export class Alarm {
  readonly arn: string;
  input: PutMetricAlarmInput;
  subject: AlarmSubject;
  configuredMs: number;
  state: StateRecord;
  readonly history: AlarmHistoryItem[] = [];

  constructor(arn: string, input: PutMetricAlarmInput, nowMs: number) {
    this.arn = arn;
    this.input = input;
    this.subject = subjectOf(input);
    this.configuredMs = nowMs;
    this.state = { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', timeMs: nowMs };
  }

  get name(): string {
    return this.input.AlarmName ?? '';
  }

  configure(input: PutMetricAlarmInput, nowMs: number): void {
    this.input = input;
    this.subject = subjectOf(input);
    this.configuredMs = nowMs;
  }

  /** The state that the data asks for; undefined when it is the present one. */
  evaluate(store: MetricStore, nowMs: number): StateRecord | undefined {
    const { EvaluationPeriods: evaluationPeriods = 1, Threshold: threshold = 0 } = this.input;
    const rule = {
      evaluationPeriods,
      datapointsToAlarm: this.input.DatapointsToAlarm ?? evaluationPeriods,
      treatMissingData: (this.input.TreatMissingData ?? 'missing') as MissingDataTreatment,
    };
    const periodMs = this.subject.periodSeconds * 1000;
    const endMs = Math.floor(nowMs / periodMs) * periodMs;
    const range = { startMs: endMs - evaluationRange(evaluationPeriods) * periodMs, endMs, periodMs };
    if (this.#tooFewSamples(store, range)) return undefined;

    const value = evaluateQueries(store, this.subject.queries, () => range).get(this.subject.returned);
    const points: (EvaluatedPoint | undefined)[] = [];
    for (let time = range.startMs; time < endMs; time += periodMs) {
      const point = value?.kind === 'series' ? value.points.get(time) : undefined;
      points.push(point === undefined ? undefined : { timeMs: time, value: point });
    }
    const breaches = ({ value: point }: EvaluatedPoint) => compare(this.input.ComparisonOperator, point, threshold);
    const next = evaluateAlarm(
      points.map((point) => (point ? (breaches(point) ? 'breaching' : 'within') : 'missing')),
      rule,
    );
    if (next === 'keep' || next === this.state.value) return undefined;

    const evaluated = points.flatMap((point) => point ?? []).slice(-evaluationPeriods);
    const reason = stateReason({
      ...rule,
      from: this.state.value,
      to: next,
      comparison: this.input.ComparisonOperator ?? '',
      threshold,
      deciding: evaluated.filter((point) => breaches(point) === (next === 'ALARM')).reverse(),
    });
    return { value: next, reason, reasonData: JSON.stringify(this.#reasonData(evaluated, nowMs)), timeMs: nowMs };
  }

  enter(next: StateRecord): void {
    this.history.unshift(stateUpdate(this.name, 'MetricAlarm', this.state, next));
    this.state = next;
  }

  describe(): MetricAlarm {
    const { Tags: _tags, ...configuration } = this.input;
    return {
      ActionsEnabled: true,
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      ...(configuration.Metrics ? {} : { Dimensions: [] }),
      ...configuration,
      AlarmArn: this.arn,
      AlarmConfigurationUpdatedTimestamp: new Date(this.configuredMs),
      StateValue: this.state.value,
      StateReason: this.state.reason,
      ...(this.state.reasonData === undefined ? {} : { StateReasonData: this.state.reasonData }),
      StateUpdatedTimestamp: new Date(this.state.timeMs),
      StateTransitionedTimestamp: new Date(this.state.timeMs),
    };
  }

  /** `EvaluateLowSampleCountPercentile: ignore`: a percentile of fewer than 10 / (1 - percentile) samples says nothing. */
  #tooFewSamples(store: MetricStore, range: { startMs: number; endMs: number; periodMs: number }): boolean {
    const percent = percentileOf(this.input.ExtendedStatistic ?? '');
    if (this.input.EvaluateLowSampleCountPercentile !== 'ignore' || percent === undefined) return false;
    const share = percent / 100;
    const needed = 10 / Math.max(share > 0.5 ? 1 - share : share, 1e-6);
    const metric = this.subject.queries[0]?.MetricStat?.Metric;
    const counts = store.sampleCounts(
      {
        namespace: metric?.Namespace ?? '',
        metricName: metric?.MetricName ?? '',
        dimensions: Object.fromEntries((metric?.Dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? ''])),
      },
      range,
    );
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return total > 0 && total < needed;
  }

  #reasonData(evaluated: readonly EvaluatedPoint[], nowMs: number): object {
    const [first] = evaluated;
    return {
      version: '1.0',
      queryDate: alarmTimestamp(nowMs),
      ...(first ? { startDate: alarmTimestamp(first.timeMs) } : {}),
      ...(this.input.Statistic ? { statistic: this.input.Statistic } : {}),
      period: this.subject.periodSeconds,
      recentDatapoints: evaluated.map(({ value }) => value),
      threshold: this.input.Threshold,
    };
  }
}

export function compare(operator: string | undefined, value: number, threshold: number): boolean {
  switch (operator) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    default:
      throw new Error(`the comparison ${operator} is not simulated`);
  }
}

/** An item of the history, which is the same for metric alarms and composite ones. */
export function stateUpdate(
  name: string,
  type: 'MetricAlarm' | 'CompositeAlarm',
  from: StateRecord,
  to: StateRecord,
): AlarmHistoryItem {
  const record = ({ value, reason, reasonData }: StateRecord) => ({
    stateValue: value,
    stateReason: reason,
    ...(reasonData === undefined ? {} : { stateReasonData: JSON.parse(reasonData) }),
  });
  return {
    AlarmName: name,
    AlarmType: type,
    Timestamp: new Date(to.timeMs),
    HistoryItemType: 'StateUpdate',
    HistorySummary: `Alarm updated from ${from.value} to ${to.value}`,
    HistoryData: JSON.stringify({ version: '1.0', oldState: record(from), newState: record(to) }),
  };
}

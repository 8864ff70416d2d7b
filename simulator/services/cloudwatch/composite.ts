import type {
  AlarmHistoryItem,
  CompositeAlarm as Description,
  PutCompositeAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../service.ts';
import { type StateRecord, stateUpdate } from './alarm.ts';
import { type AlarmRule, alarmsOf, parseAlarmRule, ruleHolds } from './alarm-rule.ts';
import type { AlarmState } from './evaluation.ts';

export type Suppression = 'WaitPeriod' | 'ExtensionPeriod' | 'Alarm';

/** A state, and what keeps its actions from being taken. */
export interface CompositeState extends StateRecord {
  readonly suppressedBy?: Suppression;
}

/** An alarm over other alarms. It has no metrics and no evaluation of its own: it follows when one of them changes. */
export class CompositeAlarm {
  readonly arn: string;
  input: PutCompositeAlarmInput;
  #rule: AlarmRule;
  state: CompositeState;
  transitionedMs: number;
  configuredMs: number;
  readonly history: AlarmHistoryItem[] = [];

  constructor(arn: string, input: PutCompositeAlarmInput, nowMs: number) {
    this.arn = arn;
    this.input = input;
    this.#rule = validated(input);
    this.configuredMs = nowMs;
    this.transitionedMs = nowMs;
    this.state = { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', timeMs: nowMs };
  }

  get name(): string {
    return this.input.AlarmName ?? '';
  }

  /** Names of the alarms that the rule is about. */
  get children(): string[] {
    return alarmsOf(this.#rule).map(nameOf);
  }

  get suppressor(): string | undefined {
    return this.input.ActionsSuppressor === undefined ? undefined : nameOf(this.input.ActionsSuppressor);
  }

  configure(input: PutCompositeAlarmInput, nowMs: number): void {
    this.#rule = validated(input);
    this.input = input;
    this.configuredMs = nowMs;
  }

  evaluate(stateOf: (name: string) => AlarmState): AlarmState {
    return ruleHolds(this.#rule, (alarm) => stateOf(nameOf(alarm))) ? 'ALARM' : 'OK';
  }

  enter(next: CompositeState): void {
    if (next.value !== this.state.value) {
      this.history.unshift(stateUpdate(this.name, 'CompositeAlarm', this.state, next));
      this.transitionedMs = next.timeMs;
    }
    this.state = next;
  }

  describe(): Description {
    const { Tags: _tags, ...configuration } = this.input;
    const { value, reason, reasonData, timeMs, suppressedBy } = this.state;
    return {
      ActionsEnabled: true,
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      ...configuration,
      AlarmArn: this.arn,
      AlarmConfigurationUpdatedTimestamp: new Date(this.configuredMs),
      StateValue: value,
      StateReason: reason,
      ...(reasonData === undefined ? {} : { StateReasonData: reasonData }),
      StateUpdatedTimestamp: new Date(timeMs),
      StateTransitionedTimestamp: new Date(this.transitionedMs),
      ...(suppressedBy === undefined
        ? {}
        : { ActionsSuppressedBy: suppressedBy, ActionsSuppressedReason: suppressionReason(suppressedBy) }),
    };
  }
}

export const suppressionReason = (suppressedBy: Suppression): string => `Actions suppressed by ${suppressedBy}`;

/** Rules and suppressors name alarms by name or by ARN. */
export const nameOf = (alarm: string): string => alarm.replace(/^arn:[\w-]+:cloudwatch:[\w-]+:\d+:alarm:/, '');

/** @throws AwsError `ValidationError` */
function validated(input: PutCompositeAlarmInput): AlarmRule {
  const { AlarmName: name = '', ActionsSuppressor: suppressor } = input;
  if (name.length < 1 || name.length > 255)
    throw new AwsError('ValidationError', 'An alarm name has 1 to 255 characters');
  const periods = [input.ActionsSuppressorWaitPeriod, input.ActionsSuppressorExtensionPeriod];
  if (
    (suppressor === undefined) !== periods.every((period) => period === undefined) ||
    (periods[0] === undefined) !== (periods[1] === undefined)
  ) {
    throw new AwsError(
      'ValidationError',
      'ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are given together or not at all',
    );
  }
  return parseAlarmRule(input.AlarmRule ?? '');
}

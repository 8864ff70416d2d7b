import type { PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { SimulatedAccount } from '../../account.ts';
import type { Scheduled } from '../../clock.ts';
import { AwsError } from '../../service.ts';
import { CompositeAlarm, type CompositeState, type Suppression } from './composite.ts';
import type { AlarmState } from './evaluation.ts';
import { compositeChangeDetail } from './event.ts';
import { alarmTimestamp, longTime } from './wording.ts';

/** What composite alarms follow: any alarm's ARN and state, by name. */
export type AlarmLookup = (
  name: string,
) => { readonly arn: string; readonly state: { readonly value: AlarmState; readonly timeMs: number } } | undefined;

/**
 * All composite alarms of an account. A change of one alarm is followed at once by those that are made of it.
 *
 * Suppression as the user guide draws it: a transition first waits for the suppressor (WaitPeriod), stays without actions
 * while the suppressor is in ALARM, and some time longer (ExtensionPeriod). When that ends and the transition's actions are
 * still to be taken, the state is announced once more, now without `actionsSuppressedBy`.
 */
export class CompositeAlarms {
  readonly #account: SimulatedAccount;
  readonly #lookup: AlarmLookup;
  readonly #alarms = new Map<string, CompositeAlarm>();
  /** The end of a WaitPeriod or an ExtensionPeriod. */
  readonly #ends = new Map<CompositeAlarm, Scheduled>();

  constructor(account: SimulatedAccount, lookup: AlarmLookup) {
    this.#account = account;
    this.#lookup = lookup;
  }

  /** By name, ascending. */
  get all(): CompositeAlarm[] {
    return [...this.#alarms.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  get(name: string): CompositeAlarm | undefined {
    return this.#alarms.get(name);
  }

  /** Creates or changes one; it is evaluated at once. Returns its ARN. */
  put(input: PutCompositeAlarmInput): string {
    const { clock } = this.#account;
    const name = input.AlarmName ?? '';
    const arn = this.#account.arn('cloudwatch', `alarm:${name}`);
    const wanted = new CompositeAlarm(arn, input, clock.now());
    const missing = wanted.children.filter((child) => child === name || !this.#lookup(child));
    if (missing.length > 0) {
      throw new AwsError(
        'ValidationError',
        `Could not save the composite alarm as alarms [${missing.join(', ')}] in the alarm rule do not exist`,
      );
    }
    const known = this.#alarms.get(name);
    if (known) known.configure(input, clock.now());
    else this.#alarms.set(name, wanted);
    this.#evaluate(known ?? wanted, undefined);
    return arn;
  }

  delete(name: string): void {
    const alarm = this.#alarms.get(name);
    if (alarm) this.#ends.get(alarm)?.cancel();
    this.#alarms.delete(name);
  }

  setState(alarm: CompositeAlarm, value: AlarmState, reason: string, reasonData?: string): void {
    if (value !== alarm.state.value) this.#transition(alarm, value, reason, reasonData);
  }

  /** To be called after the alarm `name` has changed its state. */
  follow(name: string): void {
    for (const alarm of this.all) {
      if (alarm.suppressor === name) this.#suppressorChanged(alarm);
      if (alarm.children.includes(name)) this.#evaluate(alarm, name);
    }
  }

  #evaluate(alarm: CompositeAlarm, cause: string | undefined): void {
    const value = alarm.evaluate((name) => this.#lookup(name)?.state.value ?? 'INSUFFICIENT_DATA');
    if (value === alarm.state.value) return;
    const triggering = alarm.children
      .flatMap((name) => this.#lookup(name) ?? [])
      .filter(({ state }) => state.value === 'ALARM');
    const child = cause === undefined ? undefined : this.#lookup(cause);
    const reason = child
      ? `${child.arn} transitioned to ${child.state.value} at ${longTime(child.state.timeMs)}`
      : `${alarm.arn} was created and its alarm rule evaluates to ${value}`;
    const alarms = triggering.map(({ arn, state }) => ({
      arn,
      state: { value: state.value, timestamp: alarmTimestamp(state.timeMs) },
    }));
    this.#transition(alarm, value, reason, JSON.stringify({ triggeringAlarms: alarms }));
  }

  #transition(alarm: CompositeAlarm, value: AlarmState, reason: string, reasonData: string | undefined): void {
    const suppressedBy = this.#suppressionOf(alarm);
    const timeMs = this.#account.clock.now();
    this.#enter(alarm, {
      value,
      reason,
      ...(reasonData === undefined ? {} : { reasonData }),
      timeMs,
      ...(suppressedBy ? { suppressedBy } : {}),
    });
    this.#endAfter(alarm, suppressedBy);
    this.follow(alarm.name);
  }

  #suppressionOf(alarm: CompositeAlarm): Suppression | undefined {
    if (alarm.suppressor === undefined) return undefined;
    if (this.#lookup(alarm.suppressor)?.state.value === 'ALARM') return 'Alarm';
    return (alarm.input.ActionsSuppressorWaitPeriod ?? 0) > 0 ? 'WaitPeriod' : undefined;
  }

  /** Only a state whose actions have not been taken yet can still be suppressed. */
  #suppressorChanged(alarm: CompositeAlarm): void {
    if (alarm.state.suppressedBy === undefined) return;
    const on = this.#lookup(alarm.suppressor ?? '')?.state.value === 'ALARM';
    const suppressedBy = on ? 'Alarm' : 'ExtensionPeriod';
    if (!on && alarm.state.suppressedBy !== 'Alarm') return;
    alarm.enter({ ...alarm.state, suppressedBy });
    this.#endAfter(alarm, suppressedBy);
  }

  #endAfter(alarm: CompositeAlarm, suppressedBy: Suppression | undefined): void {
    this.#ends.get(alarm)?.cancel();
    this.#ends.delete(alarm);
    if (suppressedBy !== 'WaitPeriod' && suppressedBy !== 'ExtensionPeriod') return;
    const { ActionsSuppressorWaitPeriod: wait = 0, ActionsSuppressorExtensionPeriod: extension = 0 } = alarm.input;
    const { clock } = this.#account;
    const endMs = clock.now() + 1000 * (suppressedBy === 'WaitPeriod' ? wait : extension);
    this.#ends.set(
      alarm,
      clock.at(endMs, () => {
        const { suppressedBy: _over, ...state } = alarm.state;
        this.#enter(alarm, { ...state, timeMs: clock.now() });
      }),
    );
  }

  #enter(alarm: CompositeAlarm, next: CompositeState): void {
    const previous = alarm.state;
    alarm.enter(next);
    this.#account.events.emit({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: [alarm.arn],
      detail: compositeChangeDetail(alarm, previous),
    });
  }
}

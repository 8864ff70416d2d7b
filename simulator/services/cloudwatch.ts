import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import * as schemas from '@aws-sdk/client-cloudwatch';
import type { SimulatedAccount } from '../account.ts';
import type { Scheduled } from '../clock.ts';
import { Random } from '../random.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { checkActions, runActions } from './cloudwatch/actions.ts';
import { Alarm, type StateRecord } from './cloudwatch/alarm.ts';
import { validateAlarm } from './cloudwatch/alarm-input.ts';
import type { CompositeAlarm } from './cloudwatch/composite.ts';
import { CompositeAlarms } from './cloudwatch/composites.ts';
import type { AlarmState } from './cloudwatch/evaluation.ts';
import { stateChangeDetail } from './cloudwatch/event.ts';
import { cloudWatchOperations } from './cloudwatch/operations.ts';
import { MetricStore } from './cloudwatch/store.ts';

export interface Datum {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly values?: readonly number[];
  readonly counts?: readonly number[];
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
}

const minuteMs = 60_000;

/** CloudWatch metrics and alarms. Every metric alarm is evaluated once a minute, at a second of its own. */
export class CloudWatch implements SimulatedService {
  readonly endpointPrefix = 'monitoring';
  readonly iamPrefix = 'cloudwatch';
  readonly protocol = 'json';
  readonly queryToo = true;
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly store = new MetricStore();
  readonly #account: SimulatedAccount;
  readonly #random: Random;
  readonly #alarms = new Map<string, { alarm: Alarm; evaluation: Scheduled }>();
  readonly #composites: CompositeAlarms;

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.#random = account.random.fork('cloudwatch');
    this.#composites = new CompositeAlarms(
      account,
      (name) => this.#alarms.get(name)?.alarm ?? this.#composites.get(name),
    );
    this.operations = cloudWatchOperations(this, account);
  }

  /** Metric alarms, by name, ascending. */
  get alarms(): Alarm[] {
    return [...this.#alarms.values()]
      .map(({ alarm }) => alarm)
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** By name, ascending. */
  get compositeAlarms(): CompositeAlarm[] {
    return this.#composites.all;
  }

  /** Adds a data point, visible to queries and alarms from now on. */
  put({ namespace, metricName, dimensions, value, values, counts, timeMs }: Datum): void {
    this.store.add(
      { namespace, metricName, dimensions },
      { timeMs, values: values ?? (value === undefined ? [] : [value]), counts },
    );
  }

  /** Creates an alarm in INSUFFICIENT_DATA, or changes one, whose state then stays. Returns its ARN. */
  putAlarm(input: PutMetricAlarmInput): string {
    validateAlarm(input);
    checkActions(input);
    const name = input.AlarmName ?? '';
    if (this.#composites.get(name)) throw new AwsError('ValidationError', `${name} is a composite alarm`);
    const { clock } = this.#account;
    const known = this.#alarms.get(name)?.alarm;
    if (known) {
      known.configure(input, clock.now());
      return known.arn;
    }
    const alarm = new Alarm(this.#account.arn('cloudwatch', `alarm:${name}`), input, clock.now());
    // Spread by name and not by order of creation, so that one alarm more does not move the others.
    const second = new Random(0).fork(name).integer(60);
    const minute = Math.floor(clock.now() / minuteMs) * minuteMs + second * 1000;
    const first = minute > clock.now() ? minute : minute + minuteMs;
    this.#alarms.set(name, { alarm, evaluation: clock.every(minuteMs, first, () => this.#evaluate(alarm)) });
    return alarm.arn;
  }

  /** Creates or changes an alarm over others, which exist already. Returns its ARN. */
  putCompositeAlarm(input: PutCompositeAlarmInput): string {
    const name = input.AlarmName ?? '';
    if (this.#alarms.has(name)) throw new AwsError('ValidationError', `${name} is a metric alarm`);
    return this.#composites.put(input);
  }

  deleteAlarm(name: string): void {
    this.#composites.delete(name);
    this.#alarms.get(name)?.evaluation.cancel();
    this.#alarms.delete(name);
  }

  /** Until the next evaluation finds otherwise; a composite alarm, until one of its alarms changes. */
  setState(name: string, value: AlarmState, reason: string, reasonData?: string): void {
    const composite = this.#composites.get(name);
    if (composite) {
      this.#composites.setState(composite, value, reason, reasonData);
      return;
    }
    const alarm = this.#alarms.get(name)?.alarm;
    if (!alarm) throw new AwsError('ResourceNotFound', `The alarm ${name} does not exist`, { status: 404 });
    const next = { value, reason, timeMs: this.#account.clock.now(), ...(reasonData ? { reasonData } : {}) };
    if (value !== alarm.state.value) this.#enter(alarm, next);
  }

  #evaluate(alarm: Alarm): void {
    const next = alarm.evaluate(this.store, this.#account.clock.now());
    if (next) this.#enter(alarm, next);
  }

  #enter(alarm: Alarm, next: StateRecord): void {
    const previous = alarm.state;
    alarm.enter(next);
    this.#account.events.emit({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: [alarm.arn],
      detail: stateChangeDetail(alarm, previous, this.#random.fork(alarm.name).uuid()),
    });
    runActions(this.#account, alarm, previous);
    this.#composites.follow(alarm.name);
  }
}

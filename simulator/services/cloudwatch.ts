import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import * as schemas from '@aws-sdk/client-cloudwatch';
import type { SimulatedAccount } from '../account.ts';
import type { Scheduled } from '../clock.ts';
import { Random } from '../random.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { Alarm, type StateRecord } from './cloudwatch/alarm.ts';
import { validateAlarm } from './cloudwatch/alarm-input.ts';
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

/** CloudWatch metrics and alarms. Every alarm is evaluated once a minute, at a second of its own. */
export class CloudWatch implements SimulatedService {
  readonly endpointPrefix = 'monitoring';
  readonly iamPrefix = 'cloudwatch';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly store = new MetricStore();
  readonly #account: SimulatedAccount;
  readonly #random: Random;
  readonly #alarms = new Map<string, { alarm: Alarm; evaluation: Scheduled }>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.#random = account.random.fork('cloudwatch');
    this.operations = cloudWatchOperations(this, account);
  }

  /** By name, ascending. */
  get alarms(): Alarm[] {
    return [...this.#alarms.values()]
      .map(({ alarm }) => alarm)
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
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
    const name = input.AlarmName ?? '';
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

  deleteAlarm(name: string): void {
    this.#alarms.get(name)?.evaluation.cancel();
    this.#alarms.delete(name);
  }

  /** Until the next evaluation finds otherwise. */
  setState(name: string, value: AlarmState, reason: string, reasonData?: string): void {
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
  }
}

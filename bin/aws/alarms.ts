/**
 * Amazon CloudWatch: which of a service's alarms are on.
 *
 * Calls: cloudwatch:DescribeAlarms
 */
import { type AccountClock, clientOptions, lazily } from './client.ts';

export interface AlarmOn {
  readonly name: string;
  /** ISO 8601. */
  readonly since: string;
  readonly reason: string;
}

/** CloudWatch answers for so many names at once. */
const namesAtOnce = 100;

export class Alarms {
  readonly #cloudwatch;
  readonly #sdk = lazily(() => import('@aws-sdk/client-cloudwatch'));

  constructor(clock: AccountClock) {
    this.#cloudwatch = lazily(async () => clock.listenTo(new (await this.#sdk()).CloudWatchClient(clientOptions)));
  }

  /** Those that are on, by name: all below a prefix, and those of the given names, composite ones included. */
  async on(prefix: string, names: readonly string[]): Promise<AlarmOn[]> {
    const found = new Map<string, AlarmOn>();
    for (const selection of [{ AlarmNamePrefix: prefix }, ...chunks(names).map((AlarmNames) => ({ AlarmNames }))])
      for (const alarm of await this.#described(selection)) found.set(alarm.name, alarm);
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  async #described(selection: { AlarmNamePrefix: string } | { AlarmNames: string[] }): Promise<AlarmOn[]> {
    const [{ paginateDescribeAlarms }, client] = await Promise.all([this.#sdk(), this.#cloudwatch()]);
    const alarms: AlarmOn[] = [];
    const query = {
      ...selection,
      StateValue: 'ALARM' as const,
      AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
    };
    for await (const page of paginateDescribeAlarms({ client }, query))
      for (const alarm of [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])])
        alarms.push({
          name: alarm.AlarmName ?? '',
          since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString() ?? '',
          reason: alarm.StateReason ?? '',
        });
    return alarms;
  }
}

const chunks = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / namesAtOnce) }, (_, index) =>
    names.slice(index * namesAtOnce, (index + 1) * namesAtOnce),
  );

import type { SimulatedAccount } from '../../account.ts';
import type { ServiceDeploymentRecord, ServiceRecord } from './model.ts';

/** ECS polls DescribeAlarms; AWS does not say how often. */
const pollMs = 15_000;

/** Watches the alarms of deployments under way. */
export class AlarmWatch {
  readonly #account: SimulatedAccount;
  readonly #alarmed: (service: ServiceRecord, record: ServiceDeploymentRecord) => void;

  constructor(account: SimulatedAccount, alarmed: (service: ServiceRecord, record: ServiceDeploymentRecord) => void) {
    this.#account = account;
    this.#alarmed = alarmed;
  }

  /** With one of its alarms in ALARM already, the deployment goes on as if it had none. */
  begin(service: ServiceRecord, record: ServiceDeploymentRecord): void {
    const { alarms } = record;
    if (!service.alarms.enable || alarms.status !== 'DISABLED' || this.#inAlarm(alarms.names).length > 0) return;
    alarms.status = 'MONITORING';
    const poll = (): void => {
      if (alarms.status !== 'MONITORING' || record.status !== 'IN_PROGRESS') return;
      const triggered = this.#inAlarm(alarms.names);
      if (triggered.length === 0) {
        this.#account.clock.after(pollMs, poll);
        return;
      }
      alarms.status = 'TRIGGERED';
      alarms.triggered = triggered;
      this.#alarmed(service, record);
    };
    this.#account.clock.after(pollMs, poll);
  }

  end({ alarms }: ServiceDeploymentRecord): void {
    if (alarms.status === 'MONITORING') alarms.status = 'MONITORING_COMPLETE';
  }

  #inAlarm(names: readonly string[]): string[] {
    const { alarms, compositeAlarms } = this.#account.cloudwatch;
    return [...alarms, ...compositeAlarms]
      .filter(({ name, state }) => names.includes(name) && state.value === 'ALARM')
      .map(({ name }) => name);
  }
}

/** How long a rolling deployment is watched after its tasks are steady: as long as its slowest alarm looks back. */
export function bakeMs(account: SimulatedAccount, service: ServiceRecord): number {
  if (service.strategy.bakeMinutes !== undefined) return service.strategy.bakeMinutes * 60_000;
  const windows = account.cloudwatch.alarms
    .filter(({ name }) => service.alarms.alarmNames?.includes(name))
    .map(({ input }) => {
      const periods = [
        input.Period,
        ...(input.Metrics ?? []).map(({ MetricStat, Period }) => MetricStat?.Period ?? Period),
      ];
      return Math.max(60, ...periods.map((period) => period ?? 0)) * (input.EvaluationPeriods ?? 1) * 1000;
    });
  return Math.max(0, ...windows);
}

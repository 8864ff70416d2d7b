import type { SimulatedAccount } from '../account.ts';
import { servingAt } from '../services/ecs/behaviour.ts';
import { behaviourOf } from '../services/ecs/model.ts';
import { publicationDelayMs } from './traffic.ts';

const minuteMs = 60_000;

/** Publishes AWS/ECS CPUUtilization and MemoryUtilization of every service each minute, past minutes first. */
export function startUtilization(account: SimulatedAccount, fromMs: number): void {
  const { clock } = account;
  let minute = Math.ceil(fromMs / minuteMs) * minuteMs;
  for (; minute + minuteMs <= clock.now(); minute += minuteMs) publish(account, minute);
  clock.every(minuteMs, minute + minuteMs + publicationDelayMs, () =>
    publish(account, Math.floor(clock.now() / minuteMs - 1) * minuteMs),
  );
}

/** One value for each running task, as it behaves at the end of the minute. */
function publish(account: SimulatedAccount, minute: number): void {
  const atMs = minute + minuteMs;
  for (const service of account.ecs.services) {
    const serving = service.tasks
      .filter(({ lastStatus }) => lastStatus === 'RUNNING')
      .map((task) => servingAt(behaviourOf(task), task.startedMs ?? atMs, atMs));
    if (serving.length === 0) continue;
    const dimensions = { ClusterName: service.cluster, ServiceName: service.name };
    const put = (metricName: string, values: number[]) =>
      account.cloudwatch.put({ namespace: 'AWS/ECS', metricName, dimensions, values, timeMs: minute });
    put(
      'CPUUtilization',
      serving.map(({ cpuPercent }) => cpuPercent),
    );
    put(
      'MemoryUtilization',
      serving.map(({ memoryPercent }) => memoryPercent),
    );
  }
}

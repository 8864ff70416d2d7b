import type { ServerBehaviour } from '../elbv2/model.ts';

export interface Serving {
  /** Share of requests answered with 500, 0..1. */
  readonly errorRate: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number };
  /** What the task says to health checks. */
  readonly healthy: boolean;
  readonly cpuPercent: number;
  readonly memoryPercent: number;
}

/** How every task of a task definition behaves. */
export interface TaskBehaviour extends Serving {
  /** From the decision to start a task until it is RUNNING. */
  readonly startSeconds: number;
  /** From SIGTERM until it is STOPPED. */
  readonly stopSeconds: number;
  /** The essential container exits this long after it started. */
  readonly crashAfterSeconds?: number | undefined;
  readonly exitCode: number;
  /** The image cannot be pulled: tasks stop before they run. */
  readonly imageMissing: boolean;
  /** What changes by itself, counted from the task's start; later ones win. */
  readonly changes: readonly ({ readonly afterSeconds: number } & Partial<Serving>)[];
}

export const defaultBehaviour: TaskBehaviour = {
  errorRate: 0,
  latencyMs: { p50: 40, p95: 120 },
  healthy: true,
  cpuPercent: 35,
  memoryPercent: 45,
  startSeconds: 25,
  stopSeconds: 5,
  exitCode: 1,
  imageMissing: false,
  changes: [],
};

export function servingAt(behaviour: TaskBehaviour, startedMs: number, nowMs: number): Serving & ServerBehaviour {
  let serving: Serving = behaviour;
  for (const { afterSeconds, ...change } of behaviour.changes) {
    if (startedMs + afterSeconds * 1000 <= nowMs) serving = { ...serving, ...change };
  }
  return serving;
}

/** The next time after `nowMs` at which a task started at `startedMs` behaves differently by itself. */
export function nextChange(behaviour: TaskBehaviour, startedMs: number, nowMs: number): number | undefined {
  const times = behaviour.changes.map(({ afterSeconds }) => startedMs + afterSeconds * 1000);
  const later = times.filter((time) => time > nowMs);
  return later.length > 0 ? Math.min(...later) : undefined;
}

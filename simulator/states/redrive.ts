import { AwsError } from '../service.ts';
import type { Execution } from './execution.ts';
import { historyLimit } from './limits.ts';

const dayMs = 86_400_000;
/** From the end of an execution. */
const redrivablePeriodMs = 14 * dayMs;
const longestExecutionMs = 365 * dayMs;
/** How long a client token answers as it first did, and how many are remembered. */
const clientTokenMs = 15 * 60_000;
const clientTokens = 10;

/** Why an execution cannot be redriven, in AWS's words; undefined where it can. */
export function notRedrivable(execution: Execution, nowMs: number): string | undefined {
  const { status, history, startMs, stopMs = nowMs } = execution;
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (history.length >= historyLimit - 1) return 'Execution history event limit exceeded';
  if (nowMs - startMs > longestExecutionMs) return 'Execution has exceeded the max execution time';
  if (nowMs - stopMs > redrivablePeriodMs) return 'Execution redrivable period exceeded';
  return undefined;
}

/** The redrive fields of a description and of a status change event. */
export function redriveState(execution: Execution, nowMs: number) {
  const reason = notRedrivable(execution, nowMs);
  return { redriveStatus: reason === undefined ? ('REDRIVABLE' as const) : ('NOT_REDRIVABLE' as const), reason };
}

/** Redrives executions, once for each client token. */
export class Redrives {
  readonly #now: () => number;
  /** When a token was first used, by execution and token, oldest first. */
  readonly #used = new WeakMap<Execution, Map<string, number>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws AwsError ExecutionNotRedrivable @returns when it was redriven, milliseconds since the epoch */
  redrive(execution: Execution, clientToken: string | undefined): number {
    const nowMs = this.#now();
    const used = this.#used.get(execution) ?? new Map<string, number>();
    const earlierMs = clientToken === undefined ? undefined : used.get(clientToken);
    if (earlierMs !== undefined && nowMs - earlierMs <= clientTokenMs) return earlierMs;
    const reason = notRedrivable(execution, nowMs);
    if (reason) throw new AwsError('ExecutionNotRedrivable', `Execution Not Redrivable: '${reason}'`);
    execution.redrive();
    if (clientToken !== undefined) this.#used.set(execution, newest(used, clientToken, nowMs));
    return nowMs;
  }
}

function newest(used: ReadonlyMap<string, number>, clientToken: string, nowMs: number): Map<string, number> {
  const others = [...used].filter(([token]) => token !== clientToken);
  return new Map([...others, [clientToken, nowMs] as const].slice(-clientTokens));
}

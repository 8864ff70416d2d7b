import type { Random } from '../random.ts';
import type { WireRequest, WireResponse } from '../wire/http.ts';

/** What code inside an execution environment can reach: time, randomness, a network, a log. Nothing else. */
export interface Host {
  /** Milliseconds since the epoch, virtual. */
  now(): number;
  /** Runs `task` after `ms` of virtual time, later if the environment is frozen then, never if it was killed. */
  after(ms: number, task: () => void): { cancel(): void };
  /** Runs `task` when the environment may run: at once, at the next thaw, or never. */
  resume(task: () => void): void;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string>>;
  log(level: LogLevel, message: string): void;
  /** One HTTP exchange. Rejects as a socket would (`ENOTFOUND`, …) with an error that has a `code`. */
  exchange(request: NetworkRequest): Promise<WireResponse>;
  /** The code ended its process, or threw where nobody catches: the invocation fails and the environment is gone. */
  crash(cause: { readonly exitCode: number } | { readonly error: unknown }): void;
}

export interface NetworkRequest extends WireRequest {
  readonly protocol: 'http:' | 'https:';
  readonly port?: number;
}

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

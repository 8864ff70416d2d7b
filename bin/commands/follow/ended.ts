/** How an execution ended, out of the last event of its history. Pure. */
import type { Json } from '../../../lib/domain/model.ts';
import type { Fact } from '../story/facts.ts';

export type Ended = Extract<Fact, { kind: 'ended' }>;

/** What the last event says, as texts; each absent where Step Functions says nothing of the kind. */
export interface Said {
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

export function endedFact(
  run: { readonly arn: string; readonly input: Json; readonly startedMs: number },
  { status, timeMs, output, error, cause }: Said & { readonly status: string; readonly timeMs: number },
): Ended {
  return {
    kind: 'ended',
    timeMs,
    execution: {
      arn: run.arn,
      name: run.arn.slice(run.arn.lastIndexOf(':') + 1),
      startedAt: new Date(run.startedMs).toISOString(),
      stoppedAt: new Date(timeMs).toISOString(),
      input: run.input,
      status,
      ...(output !== undefined && { output: parsed<Json>(output) ?? output }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause: parsed<Json>(cause) ?? cause }),
      history: [],
    },
  };
}

/** Undefined where it is not JSON, or was too large for the history to keep. */
export function parsed<T>(text: string | undefined): T | undefined {
  try {
    return JSON.parse(text ?? '') as T;
  } catch {
    return undefined;
  }
}

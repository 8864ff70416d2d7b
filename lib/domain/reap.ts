/**
 * What is to be said of an execution that ended without its own last states: stopped, timed out, or failed where no Catch
 * runs. Its history tells where it was and what it knew.
 */
import { type Json, type Outcome, outcomes, type TimelineEntry } from './model.ts';

/** An execution as Step Functions describes it. */
export interface DeadExecution {
  readonly executionArn: string;
  readonly status: string;
  /** Both ISO 8601. */
  readonly startedAt: string;
  readonly stoppedAt?: string;
  readonly error?: string;
  readonly cause?: string;
  /** JSON text. */
  readonly input: string;
}

/** The part of a history event that tells where an execution was. */
export interface HistoryStep {
  /** ISO 8601. */
  readonly time: string;
  /** The state that was entered. */
  readonly entered?: string;
  /** Variables that a state assigned when it ended: name to JSON text. */
  readonly assigned?: Readonly<Record<string, string>>;
}

export interface Traces {
  /** The last state that was entered; absent where the execution ended before the first. */
  readonly last?: { readonly state: string; readonly enteredAt: string };
  readonly variables: Readonly<Record<string, Json>>;
}

export type EndDecision =
  | { readonly kind: 'leave'; readonly reason: string }
  /** `unfinished`: it had no outcome of its own yet. */
  | { readonly kind: 'report'; readonly outcome: Outcome; readonly reason: string; readonly unfinished: boolean };

export function readTraces(steps: Iterable<HistoryStep>): Traces {
  let last: Traces['last'];
  const variables: Record<string, Json> = {};
  for (const { time, entered, assigned = {} } of steps) {
    if (entered !== undefined) last = { state: entered, enteredAt: time };
    for (const [name, text] of Object.entries(assigned)) variables[name] = JSON.parse(text) as Json;
  }
  return { variables, ...(last && { last }) };
}

/** States that come after Report: it has written everything, and given the lock back. */
const afterReport: ReadonlySet<string> = new Set(['Reported', 'Done', 'NeedsAPerson']);
/** States in which the outcome was decided already. */
const ending: ReadonlySet<string> = new Set(['GiveBack', 'Report', 'NotReported']);

export function judgeEnd(execution: DeadExecution, traces: Traces): EndDecision {
  const { status } = execution;
  const state = traces.last?.state;
  if (!['ABORTED', 'TIMED_OUT', 'FAILED'].includes(status)) {
    return leave(
      `The execution is ${status}: ${status === 'RUNNING' ? 'it was redriven' : 'there is nothing to take up'}.`,
    );
  }
  if (state !== undefined && afterReport.has(state)) return leave('It has reported and given back what it held.');
  if (state === 'InvalidInput') return leave('Its input was refused: it did nothing and held nothing.');
  const how = howItEnded(execution, state);
  const decided = decidedOutcome(traces);
  if (!decided) {
    const outcome = status === 'ABORTED' ? 'halted' : 'needs-attention';
    return { kind: 'report', outcome, reason: how, unfinished: true };
  }
  // Stopped while it was telling how it ended: that is how it ended. Failed there, it must not look like a success.
  const said = typeof traces.variables.reason === 'string' ? traces.variables.reason : '';
  return status === 'ABORTED'
    ? { kind: 'report', outcome: decided, reason: `${said} ${how}`, unfinished: false }
    : {
        kind: 'report',
        outcome: 'needs-attention',
        reason: `The rollback itself ended ${decided}: ${said} ${how}`,
        unfinished: false,
      };
}

/** Whether Report had written everything when the execution ended in its state. Clocks of two services differ. */
export function isReported({ last }: Traces, timeline: readonly TimelineEntry[]): boolean {
  if (last?.state !== 'Report') return false;
  const since = Date.parse(last.enteredAt) - 1_000;
  return timeline.some(({ kind, time }) => kind === 'reported' && Date.parse(time) >= since);
}

function decidedOutcome({ last, variables }: Traces): Outcome | undefined {
  if (!last || !ending.has(last.state)) return undefined;
  return outcomes.find((outcome) => outcome === variables.outcome);
}

function howItEnded({ status, error, cause }: DeadExecution, state: string | undefined): string {
  const where = state === undefined ? 'before its first state' : `in the state ${state}`;
  const words = cause === undefined ? '' : causeWords(cause);
  if (status === 'ABORTED') return `Somebody stopped the execution ${where}${words ? `: "${words}"` : ''}.`;
  if (status === 'TIMED_OUT') return `The execution ran into its time-out ${where}.`;
  return `The execution failed ${where} with ${error ?? 'an error without a name'}${words ? `: ${words}` : '.'}`;
}

/** Of a cause of ours the reason, else its own words; never a page of them. */
function causeWords(cause: string): string {
  const said = reasonIn(cause) ?? cause;
  return said.length > 500 ? `${said.slice(0, 499)}…` : said;
}

function reasonIn(cause: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    if ('reason' in parsed && typeof parsed.reason === 'string') return parsed.reason;
    return 'errorMessage' in parsed && typeof parsed.errorMessage === 'string' ? parsed.errorMessage : undefined;
  } catch {
    return undefined;
  }
}

const leave = (reason: string): EndDecision => ({ kind: 'leave', reason });

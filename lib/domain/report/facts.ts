/** What a report is made of, and what can be read from it at once. Task environments and secrets are not among it. */
import type { BaselineRecord } from '../baseline-points.ts';
import type { PinnedDrift } from '../drift/document.ts';
import { inWords, secondsBetween } from '../elapsed.ts';
import type {
  Checkpoint,
  Json,
  Outcome,
  Plan,
  ReportDocument,
  RollbackContext,
  ServiceConfiguration,
  StartSnapshotAction,
  TimelineEntry,
  Verdict,
} from '../model.ts';
import { startInput } from '../request.ts';
import type { SnapshotReading } from '../snapshot.ts';

export interface ReportFacts {
  readonly now: string;
  readonly context: RollbackContext;
  readonly configuration: ServiceConfiguration;
  readonly outcome: Outcome;
  readonly reason: string;
  /** Null where the rollback ended before there was one. */
  readonly plan: Plan | null;
  readonly checkpoint: CheckpointSummary | null;
  readonly verdict: Verdict | null;
  readonly failure: StateFailure | null;
  /** What is known of the service's baseline; absent where PublishBaselines has never looked at it. */
  readonly baseline?: BaselineRecord;
  /** What RDS says of the snapshot; absent where none was asked for. */
  readonly snapshot?: { readonly action: StartSnapshotAction; readonly reading: SnapshotReading };
  /** What infrastructure as code disagrees with; absent where nothing of it was changed, or nobody could look. */
  readonly drifts?: readonly PinnedDrift[];
  /** Why nobody could look. */
  readonly driftProblem?: string;
  /** Without what Report itself writes. */
  readonly timeline: readonly TimelineEntry[];
  /** Who was told, or could not be. */
  readonly notices: readonly Notice[];
}

/** The checkpoint without AWS's own documents, which hold task environments. */
export type CheckpointSummary = Omit<Checkpoint, 'documents'> & { readonly key: string };

export interface StateFailure {
  readonly state: string;
  readonly error: string;
  /** A Lambda's error as JSON, or plain text. */
  readonly cause: string;
}

export interface Notice {
  readonly audience: string;
  readonly sent: boolean;
  /** The subject, or why nothing could be sent. */
  readonly message: string;
}

const unsuccessful: ReadonlySet<Outcome> = new Set(['halted', 'needs-attention']);

/** `halted` and `needs-attention` end the execution FAILED, so that whoever watches executions sees them. */
export const succeeded = (outcome: Outcome): boolean => !unsuccessful.has(outcome);

/** The report schema's three words: nothing changed, changed, changed and proven. */
export function statusOf(outcome: Outcome): ReportDocument['execution']['status'] {
  if (outcome === 'verified') return 'verified';
  return unsuccessful.has(outcome) ? 'executed' : 'ready';
}

/** From the start of the execution to its report, whole seconds. */
export const elapsedSeconds = (facts: ReportFacts): number => secondsBetween(facts.context.startedAt, facts.now);

export const elapsedWords = (facts: ReportFacts): string => inWords(elapsedSeconds(facts));

/** The reason with the words of the error behind it, where a state failed. */
export function fullReason({ reason, failure }: Pick<ReportFacts, 'reason' | 'failure'>): string {
  const words = failure && errorWords(failure.cause);
  return words ? `${reason} ${words}` : reason;
}

/** What to paste to do it for real. Only a rollback that ended `ready` has that. */
export function startWith(facts: Pick<ReportFacts, 'outcome' | 'context' | 'configuration'>): Json | undefined {
  if (facts.outcome !== 'ready') return undefined;
  return startInput(facts.context.request, facts.configuration.production);
}

/** A Lambda's cause is `{"errorType", "errorMessage", "trace"}`; the trace helps nobody at night. */
function errorWords(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed) return String(parsed.errorMessage);
  } catch {
    // Not JSON: the cause is its own words.
  }
  return cause;
}

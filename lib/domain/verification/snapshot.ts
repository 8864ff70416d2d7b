/** What the snapshot that the rollback took means for its end: health alone does not make a required one superfluous. */
import type { StartSnapshotAction } from '../model.ts';
import { isOver, type SnapshotProgress } from '../snapshot.ts';
import type { VerifyProgress, VerifyResult } from '../states.ts';

/** Between two looks once only the snapshot is waited for, seconds. */
const waitSeconds = 60;

/**
 * The pass with the snapshot in its progress. Where health would end the rollback `verified`: a required snapshot that is
 * still being made makes the bake longer, one that failed or takes too long calls a person. The rollback stays either way.
 */
export function withSnapshot(
  result: VerifyResult,
  snapshot: SnapshotProgress,
  { required }: Pick<StartSnapshotAction, 'required'>,
  now: string,
): VerifyResult {
  const kept: VerifyResult = { ...result, progress: { ...result.progress, snapshot } };
  if (result.status !== 'verified' || snapshot.status === 'available') return kept;
  const both = `${result.message} ${snapshot.message}`;
  if (!required) return { ...kept, message: `${both} It is "preferred", so this is a warning.` };
  if (snapshot.status === 'failed' || snapshot.late) {
    const message = `${snapshot.message} policy.backup is "required", so a person has to see to the database. The rollback stays. ${result.message}`;
    return { ...kept, status: 'needs-attention', message };
  }
  const bakeUntil = new Date(Date.parse(now) + waitSeconds * 1_000).toISOString();
  return {
    ...kept,
    status: 'waiting',
    waitSeconds,
    progress: { ...kept.progress, bakeUntil },
    message: `${both} It is "required", so its end is waited for.`,
  };
}

export interface SnapshotNews {
  readonly kind: 'check.done' | 'check.failed' | 'snapshot.late' | 'snapshot.unknown';
  readonly message: string;
}

/** What goes on the timeline: its end, that it is late, that RDS does not answer; each once, and not what was awaited. */
export function snapshotNews(
  previous: VerifyProgress | null,
  snapshot: SnapshotProgress,
  { awaits }: Pick<StartSnapshotAction, 'awaits'>,
): SnapshotNews | undefined {
  const before = previous?.snapshot;
  const { status, late, message } = snapshot;
  if (isOver(snapshot)) {
    if ((before && isOver(before)) || (!before && awaits && status === 'available')) return undefined;
    return { kind: status === 'available' ? 'check.done' : 'check.failed', message };
  }
  if (late && !before?.late) return { kind: 'snapshot.late', message };
  return status === 'unknown' && before?.status !== 'unknown' ? { kind: 'snapshot.unknown', message } : undefined;
}

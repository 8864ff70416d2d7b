/** Waiting for a snapshot before the first change, where policy.awaitBackup asks for that. */
import { pace } from './elapsed.ts';
import type { StartSnapshotAction } from './model.ts';
import type { SnapshotProgress } from './snapshot.ts';
import type { CheckResult } from './states.ts';

/** `failed` blocks the rollback; nothing was changed yet. */
export function judgeAwaited(
  { required }: Pick<StartSnapshotAction, 'required'>,
  { status, late, message }: SnapshotProgress,
): Pick<CheckResult, 'status' | 'message'> {
  if (status === 'available') return { status: 'done', message };
  if (status !== 'failed' && !late) return { status: 'waiting', message };
  return required
    ? {
        status: 'failed',
        message: `${message} policy.backup is "required" and policy.awaitBackup is set, so nothing was changed.`,
      }
    : { status: 'done', message: `${message} policy.backup is "preferred", so the rollback goes on.` };
}

/** Seconds until the next look: a short snapshot must not wait in the rhythm of a long one. */
export const snapshotWaitSeconds = (since: string, now: string): number =>
  pace(since, now, { part: 20, least: 15, most: 300 });

/** The wait has a bound of its own, policy.snapshotMinutes, so the deadline of the mitigation moves by as much. */
export function laterBy(deadline: string, since: string, now: string): string {
  return new Date(Date.parse(deadline) + Math.max(0, Date.parse(now) - Date.parse(since))).toISOString();
}

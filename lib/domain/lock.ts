/**
 * One rollback per service at a time. The lock's record stays for ever, so that its token only grows: a Lambda of a
 * rollback that lost the lock carries an older token and refuses to change anything.
 */

/** The lock as it lies in the table; without an owner it is free. */
export interface LockState {
  /** Of the last owner, 1 or more. */
  readonly token: number;
  readonly owner?: LockOwner;
}

export interface LockOwner {
  readonly executionArn: string;
  readonly rollbackId: string;
  readonly acquiredAt: string;
}

/** What Step Functions says of the execution that owns a lock. */
export interface OwnerStatus {
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, `PENDING_REDRIVE`; `UNKNOWN` when it is no longer kept. */
  readonly status: string;
  readonly stoppedAt?: string;
}

export type LockDecision =
  /** Write this token, provided the record is still what was read. */
  | { readonly decision: 'take'; readonly token: number; readonly reason: string }
  /** A retry of the owner itself. */
  | { readonly decision: 'ours'; readonly token: number }
  | { readonly decision: 'ask-owner'; readonly owner: LockOwner }
  | { readonly decision: 'held'; readonly owner: LockOwner; readonly reason: string }
  | { readonly decision: 'settling'; readonly owner: LockOwner; readonly reason: string };

/** A Lambda of a dead execution may still be running for as long as its time-out allows. */
export const longestLambdaSeconds = 60;

export function decideLock(facts: {
  readonly lock: LockState | undefined;
  readonly executionArn: string;
  readonly now: string;
  /** Absent until the owner was asked about. */
  readonly ownerStatus?: OwnerStatus;
}): LockDecision {
  const { lock, ownerStatus } = facts;
  if (!lock) return { decision: 'take', token: 1, reason: 'The service was never locked before.' };
  const { owner } = lock;
  if (!owner) return { decision: 'take', token: lock.token + 1, reason: 'The lock is free.' };
  if (owner.executionArn === facts.executionArn) return { decision: 'ours', token: lock.token };
  if (!ownerStatus) return { decision: 'ask-owner', owner };
  if (!terminal.has(ownerStatus.status)) {
    const reason = `Rollback ${owner.rollbackId} holds the lock since ${owner.acquiredAt} and is ${ownerStatus.status}.`;
    return { decision: 'held', owner, reason };
  }
  const quietSeconds = secondsBetween(ownerStatus.stoppedAt ?? owner.acquiredAt, facts.now);
  if (quietSeconds < longestLambdaSeconds) {
    const reason =
      `Rollback ${owner.rollbackId} ended ${ownerStatus.status} ${quietSeconds} s ago without giving its lock back; ` +
      `its last Lambda may run for ${longestLambdaSeconds} s. Start again in ${longestLambdaSeconds - quietSeconds} s.`;
    return { decision: 'settling', owner, reason };
  }
  const reason = `Rollback ${owner.rollbackId} ended ${ownerStatus.status} ${quietSeconds} s ago without giving its lock back: taken over.`;
  return { decision: 'take', token: lock.token + 1, reason };
}

const terminal: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'UNKNOWN']);

const secondsBetween = (from: string, to: string): number => Math.floor((Date.parse(to) - Date.parse(from)) / 1_000);

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
  /** Taken from one that may still live: until then its last Lambda may be at work. ISO 8601. */
  readonly settledAt?: string;
}

/** What Step Functions says of the execution that owns a lock. */
export interface OwnerStatus {
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, `PENDING_REDRIVE`; `UNKNOWN` when it is no longer kept. */
  readonly status: string;
  readonly stoppedAt?: string;
  /** In place of a status: why Step Functions did not tell one. Such an owner is taken for alive. */
  readonly problem?: string;
}

export type LockDecision =
  /** Write this token, provided the record is still what was read. */
  | { readonly decision: 'take'; readonly token: number; readonly reason: string; readonly settledAt?: string }
  /** A retry of the owner itself. */
  | { readonly decision: 'ours'; readonly token: number; readonly settledAt?: string }
  | { readonly decision: 'ask-owner'; readonly owner: LockOwner }
  | { readonly decision: 'held'; readonly owner: LockOwner; readonly reason: string }
  | { readonly decision: 'settling'; readonly owner: LockOwner; readonly reason: string };

/** Time-out of every Lambda that changes anything. */
export const longestLambdaSeconds = 60;

/**
 * A Lambda of a dead execution may still be running: for as long as its time-out allows, which counts only from the end
 * of a cold start. Lambda gives that ten seconds, and the call may have been under way when the execution ended.
 */
export const settleSeconds = longestLambdaSeconds + 15;

/** States of an execution that it does not leave by itself. */
export const terminal: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'UNKNOWN']);

/** Whether a change may be made now: the lock is this execution's, with this very token. */
export function isProved(
  lock: LockState | undefined,
  claim: { readonly executionArn: string; readonly fencingToken?: number },
): boolean {
  return lock?.owner?.executionArn === claim.executionArn && lock.token === claim.fencingToken;
}

/**
 * Whether an execution that held the lock may have it again, with the token that it had. Reap gives back the lock of an
 * execution that was stopped; redriven, it goes on where it was. Nobody has held the lock since: the token would be higher.
 */
export function mayRegain(lock: LockState | undefined, { fencingToken }: { readonly fencingToken?: number }): boolean {
  return lock !== undefined && lock.owner === undefined && lock.token === fencingToken;
}

/** Whether nobody has taken the lock, or given it back, between two looks. */
export function sameLock(before: LockState | undefined, after: LockState | undefined): boolean {
  return before?.token === after?.token && before?.owner?.executionArn === after?.owner?.executionArn;
}

export function decideLock(facts: {
  readonly lock: LockState | undefined;
  readonly executionArn: string;
  readonly now: string;
  /** Absent until the owner was asked about. */
  readonly ownerStatus?: OwnerStatus;
  /** Id of the rollback that a person takes the lock from, whatever became of it. */
  readonly takeOver?: string;
}): LockDecision {
  const { lock, ownerStatus, now } = facts;
  if (!lock) return { decision: 'take', token: 1, reason: 'The service was never locked before.' };
  const { owner } = lock;
  if (!owner) return { decision: 'take', token: lock.token + 1, reason: 'The lock is free.' };
  if (owner.executionArn === facts.executionArn) return ours(lock.token, owner);
  if (facts.takeOver === owner.rollbackId) return takeFromTheLiving({ token: lock.token, owner }, now);
  if (!ownerStatus) return { decision: 'ask-owner', owner };
  if (!terminal.has(ownerStatus.status)) {
    const { status, problem } = ownerStatus;
    const is = problem === undefined ? ` and is ${status}` : `, and ${unknowable} (${problem})`;
    return {
      decision: 'held',
      owner,
      reason: `Rollback ${owner.rollbackId} holds the lock since ${owner.acquiredAt}${is}.`,
    };
  }
  const quietSeconds = secondsBetween(ownerStatus.stoppedAt ?? owner.acquiredAt, now);
  if (quietSeconds < settleSeconds) {
    const reason =
      `Rollback ${owner.rollbackId} ended ${ownerStatus.status} ${quietSeconds} s ago without giving its lock back; ` +
      `its last Lambda may run for ${settleSeconds} s. Start again in ${settleSeconds - quietSeconds} s.`;
    return { decision: 'settling', owner, reason };
  }
  const reason = `Rollback ${owner.rollbackId} ended ${ownerStatus.status} ${quietSeconds} s ago without giving its lock back: taken over.`;
  return { decision: 'take', token: lock.token + 1, reason };
}

const ours = (token: number, { settledAt }: LockOwner): LockDecision => ({
  decision: 'ours',
  token,
  ...(settledAt !== undefined && { settledAt }),
});

/** Its token is old from now on, so no Lambda of it begins a change; one that has begun ends in time. */
function takeFromTheLiving({ token, owner }: { token: number; owner: LockOwner }, now: string): LockDecision {
  const reason =
    `The lock is taken from rollback ${owner.rollbackId}, because a person says so. Rollback ${owner.rollbackId} can change nothing ` +
    `more from now on; its last Lambda may run for ${settleSeconds} s, which are waited for.`;
  const settledAt = new Date(Date.parse(now) + settleSeconds * 1_000).toISOString();
  return { decision: 'take', token: token + 1, reason, settledAt };
}

const unknowable = 'Step Functions does not say whether it still runs';

/** For a start without Step Functions, which may find a lock that is never given back: what a person can do about it. */
export const takeOverHint = ({ rollbackId }: LockOwner, service: string): string =>
  `Where it goes no further, take the lock over: npx backstep rollback ${service} --direct --take-over ${rollbackId}. ` +
  'It can then change nothing more.';

/** How a rollback ends that finds somebody else at work; `joins` is the rollback that it belongs to. */
export function whileBusy(
  decision: LockDecision,
): { readonly outcome: 'duplicate' | 'observed'; readonly reason: string; readonly joins?: string } | undefined {
  if (decision.decision === 'held') {
    return { outcome: 'duplicate', reason: decision.reason, joins: decision.owner.rollbackId };
  }
  return decision.decision === 'settling' ? { outcome: 'observed', reason: decision.reason } : undefined;
}

const secondsBetween = (from: string, to: string): number => Math.floor((Date.parse(to) - Date.parse(from)) / 1_000);

/**
 * How a rollback comes by the lock of its service, the same for Admit and for AcceptApproval: look at it, ask Step
 * Functions whether its owner still lives, take it as it was read, or belong to the rollback that has it.
 *
 * Calls: states:DescribeExecution, dynamodb:PutItem, events:PutEvents
 */
import { readDirectArn } from '../../lib/domain/direct.ts';
import { decideLock, type LockDecision, type LockState, type OwnerStatus } from '../../lib/domain/lock.ts';
import type { Json, RollbackContext } from '../../lib/domain/model.ts';
import { executionStatus } from './executions.ts';
import { acquireLock } from './lock.ts';
import { record } from './timeline.ts';

/** Another may win between reading and writing. What it has done by now counts: everything is judged again. */
export const lockAttempts = 3;

interface Claim {
  readonly executionArn: string;
  readonly now: string;
  /** Id of the rollback that a person takes the lock from. */
  readonly takeOver?: string | undefined;
}

export async function judgeLock(
  lock: LockState | undefined,
  { executionArn, now, takeOver }: Claim,
): Promise<LockDecision> {
  const claim = { lock, executionArn, now, ...(takeOver !== undefined && { takeOver }) };
  const decision = decideLock(claim);
  if (decision.decision !== 'ask-owner') return decision;
  const ownerStatus = await statusOf(decision.owner.executionArn, executionArn);
  return decideLock({ ...claim, ownerStatus });
}

/** An execution that cannot ask tries again. Who does without Step Functions must hear what can be done without it. */
async function statusOf(owner: string, asking: string): Promise<OwnerStatus> {
  try {
    return await executionStatus(owner);
  } catch (error) {
    if (!readDirectArn(asking) || !(error instanceof Error)) throw error;
    return { status: 'UNREADABLE', problem: `${error.name}: ${error.message}` };
  }
}

/**
 * Takes the lock as it was read.
 *
 * @returns the context with its fencing token; undefined when somebody was faster: judge everything again
 */
export async function takeLock(
  context: RollbackContext,
  { lock, lockDecision }: { readonly lock: LockState | undefined; readonly lockDecision: LockDecision },
  now: string,
): Promise<RollbackContext | undefined> {
  if (lockDecision.decision !== 'take') throw new Error(`The lock of ${context.service} is not to be taken.`);
  const { executionArn, rollbackId } = context;
  const { token, settledAt } = lockDecision;
  const settling = settledAt === undefined ? {} : { settledAt };
  const owner = { executionArn, rollbackId, acquiredAt: now, ...settling };
  const taken = await acquireLock(context.service, { owner, token, expected: lock });
  return taken ? { ...context, fencingToken: token, ...settling } : undefined;
}

/** Tells the rollback `joins` that this one belongs to it: its report shows every alarm of the incident. */
export function recordJoined(
  context: RollbackContext,
  joins: string,
  state: string,
  entry: { readonly message: string; readonly data: Json },
  now: string,
): Promise<void> {
  const theirs = { ...context, rollbackId: joins };
  return record(theirs, `${state} ${context.rollbackId}`, [{ kind: 'joined', ...entry }], now);
}

/** Where a rollback stands that this process began and did not end: what it changed, and who has the lock. Pure. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { silenceSeconds } from '../../../lib/domain/direct.ts';
import { type LockOwner, settleSeconds } from '../../../lib/domain/lock.ts';

/** States whose Lambda changes something. */
const changing: ReadonlySet<string> = new Set([
  'StartSnapshot',
  'ShiftTraffic',
  'RevertService',
  'ScaleIn',
  'Compensate',
]);

export interface Changes {
  /** What the Lambdas said that they did, in order. */
  readonly done: readonly string[];
  /** The state whose Lambda was asked to change something, and has not answered. */
  readonly unanswered?: string;
}

export function changesIn(events: readonly HistoryEvent[]): Changes {
  const done: string[] = [];
  let state = '';
  let unanswered: string | undefined;
  for (const { type, stateEnteredEventDetails, taskSucceededEventDetails } of events) {
    if (stateEnteredEventDetails) {
      state = stateEnteredEventDetails.name ?? '';
    } else if (type === 'TaskScheduled' && changing.has(state)) {
      unanswered = state;
    } else if (type === 'TaskSucceeded' && changing.has(state)) {
      unanswered = undefined;
      done.push(`${state}: ${messageIn(taskSucceededEventDetails?.output)}`);
    }
  }
  return { done, ...(unanswered !== undefined && { unanswered }) };
}

function messageIn(output: string | undefined): string {
  try {
    const { Payload: payload } = JSON.parse(output ?? '') as { Payload?: { message?: string; reason?: string } };
    return payload?.message ?? payload?.reason ?? 'done';
  } catch {
    return 'done';
  }
}

export interface StandingFacts {
  readonly service: string;
  readonly executionArn: string;
  readonly changes: Changes;
  /** Undefined while nobody holds it; a text where it could not be read. */
  readonly lock: LockOwner | undefined | { readonly problem: string };
  /** Its end was written down, so that others need not wait until it is silent for too long. */
  readonly endTold: boolean;
}

/** Sentences for a person who has to decide now. */
export function standing({ service, executionArn, changes, lock, endTold }: StandingFacts): string[] {
  const { done, unanswered } = changes;
  return [
    done.length === 0 && unanswered === undefined ? 'Nothing was changed.' : '',
    done.length > 0 ? `Changed: ${done.join(' ')}` : '',
    unanswered === undefined
      ? ''
      : `${unanswered} was asked for and has not answered: it may have been done, and a Lambda under way ends by itself within a minute.`,
    lockWords({ service, executionArn, lock, endTold }),
  ].filter((sentence) => sentence !== '');
}

function lockWords({ service, executionArn, lock, endTold }: Omit<StandingFacts, 'changes'>): string {
  if (lock === undefined) return `Nobody holds the lock of ${service}.`;
  if ('problem' in lock) return `Who holds the lock of ${service} could not be read: ${lock.problem}`;
  if (lock.executionArn !== executionArn) return `Rollback ${lock.rollbackId} holds the lock of ${service}.`;
  const seconds = settleSeconds + (endTold ? 0 : silenceSeconds);
  return (
    `The lock of ${service} is still this rollback's (${lock.rollbackId}), for ${seconds} s at most: whoever starts after that takes it ` +
    'over. Once Step Functions answers, Sweep has it taken up and reported.'
  );
}

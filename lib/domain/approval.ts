/**
 * The question to a person: one per service at a time, kept until the next one. Whoever waits for its answer holds no
 * lock, so that an automatic alarm may overtake; what is approved is proved again before anything changes.
 */
import { type OwnerStatus, terminal } from './lock.ts';
import type { ApprovalAnswer } from './states.ts';

/** A question as it lies in the table. */
export interface Approval {
  readonly service: string;
  readonly rollbackId: string;
  readonly executionArn: string;
  readonly planKey: string;
  readonly planSha256: string;
  readonly asksBecause: string;
  readonly requestedAt: string;
  /** ISO 8601: a text, which DynamoDB's own expiry does not look at. Answers are refused from then on. */
  readonly expiresAt: string;
  /** The task token under KMS, base64; absent until people are asked, and again once the question is closed. */
  readonly token?: string;
  /** When people were told. */
  readonly toldAt?: string;
  /** Present once the question is closed. */
  readonly answer?: ApprovalAnswer;
}

export type QuestionDecision =
  /** Write the question, provided that what lies there is still what was read. */
  | { readonly decision: 'ask' }
  /** An earlier attempt of this very state wrote it. */
  | { readonly decision: 'ours' }
  | { readonly decision: 'ask-owner'; readonly executionArn: string }
  | { readonly decision: 'join'; readonly joins: string; readonly reason: string };

/** Whether a rollback that has to ask may put its question, or one of the same service waits for an answer already. */
export function decideQuestion(facts: {
  readonly pending: Approval | undefined;
  readonly executionArn: string;
  /** Absent until the execution that waits was asked about. */
  readonly ownerStatus?: OwnerStatus;
}): QuestionDecision {
  const { pending, ownerStatus } = facts;
  if (pending?.executionArn === facts.executionArn) return { decision: 'ours' };
  if (!pending || pending.answer) return { decision: 'ask' };
  if (!ownerStatus) return { decision: 'ask-owner', executionArn: pending.executionArn };
  // Stopped, or broken off, while it waited: nobody takes its answer any more.
  if (terminal.has(ownerStatus.status)) return { decision: 'ask' };
  return {
    decision: 'join',
    joins: pending.rollbackId,
    reason:
      `Rollback ${pending.rollbackId} of ${pending.service} waits for a person's answer since ${pending.requestedAt}, until ` +
      `${pending.expiresAt}: one question is enough.`,
  };
}

/** How somebody is named who answered: proven by AWS, as the command at their terminal found out, or as they say themselves. */
export function answeredBy(answer: Exclude<ApprovalAnswer, { decision: 'expired' }>): string {
  if (answer.at === 'terminal')
    return `${answer.by} (at the terminal that carries the rollback out, where AWS named them)`;
  return answer.proven ? answer.by : `${answer.by} (as the answer itself says; AWS proved nobody)`;
}

/** `Approved by arn:… at …: "the reason"`, or that nobody answered. */
export function answerInWords(answer: ApprovalAnswer, approval: Pick<Approval, 'expiresAt'>): string {
  if (answer.decision === 'expired') return `Nobody answered until ${approval.expiresAt}.`;
  const verb = answer.decision === 'approve' ? 'Approved' : 'Declined';
  return `${verb} by ${answeredBy(answer)} at ${answer.answeredAt}: "${answer.reason}".`;
}

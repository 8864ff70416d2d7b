/**
 * How a rollback comes to ask: its question is put, or it belongs to the rollback that waits for an answer already.
 *
 * Calls: dynamodb:GetItem, dynamodb:PutItem, states:DescribeExecution
 */
import { type Approval, decideQuestion, type QuestionDecision } from '../../lib/domain/approval.ts';
import { putQuestion, readApproval } from './approvals.ts';
import { executionStatus } from './executions.ts';

/** Others of a storm come between reading and writing. */
const attempts = 5;

/** Puts a question, once: an earlier attempt's stays as it is. */
export async function putFirstQuestion(
  question: Approval,
): Promise<Extract<QuestionDecision, { decision: 'ask' | 'ours' | 'join' }>> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const pending = await readApproval(question.service);
    const decision = await decide(pending, question.executionArn);
    if (decision.decision !== 'ask' || (await putQuestion(question, pending))) return decision;
  }
  throw new Error(`The question of ${question.service} changed ${attempts} times while this one was being put.`);
}

async function decide(pending: Approval | undefined, executionArn: string) {
  const first = decideQuestion({ pending, executionArn });
  if (first.decision !== 'ask-owner') return first;
  const ownerStatus = await executionStatus(first.executionArn);
  const second = decideQuestion({ pending, executionArn, ownerStatus });
  if (second.decision === 'ask-owner') throw new Error(`Nothing is known of ${first.executionArn}.`);
  return second;
}

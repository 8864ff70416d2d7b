/**
 * Answer: a person's yes or no to a question, handed to the execution that waits for it. Its function URL asks AWS who
 * signed; a direct invocation, as from the console's Test tab, has to say `by`, which is recorded as claimed. What comes of
 * a yes, AcceptApproval decides.
 *
 * Calls: dynamodb:GetItem, dynamodb:UpdateItem, kms:Decrypt, states:SendTaskSuccess
 */
import {
  answerFor,
  goneMeanwhile,
  parseAnswer,
  type Refusal,
  type SentAnswer,
  whyRefused,
} from '../lib/domain/approval/answer.ts';
import { httpResponse, readRequest } from '../lib/domain/approval/http.ts';
import type { Json } from '../lib/domain/model.ts';
import { closeQuestion, readApproval } from './aws/approvals.ts';
import { isoNow } from './aws/clock.ts';
import { answerTask } from './aws/executions.ts';
import { decrypt } from './aws/kms.ts';

export async function handler(event: Json, context: { readonly invokedFunctionArn: string }): Promise<Json> {
  const request = readRequest(event, context.invokedFunctionArn);
  const answered = 'refusal' in request ? request.refusal : await answer(request.body, request.signedBy);
  return request.http ? httpResponse(answered) : { ...answered };
}

interface Answered {
  readonly statusCode: number;
  readonly message: string;
}

async function answer(body: Json, signedBy: string | undefined): Promise<Answered> {
  const parsed = parseAnswer(body, signedBy);
  return parsed.ok ? deliver(parsed.answer) : parsed.refusal;
}

async function deliver(sent: SentAnswer): Promise<Answered | Refusal> {
  const now = isoNow();
  const approval = await readApproval(sent.service);
  const refusal = whyRefused(approval, sent, now);
  if (refusal || !approval?.token) return refusal ?? goneMeanwhile(sent.rollbackId);
  const given = answerFor(sent, approval, now);
  const token = await decrypt(approval.token, approval);
  // Step Functions takes one answer only, whoever else sends one in the same second.
  if (!(await answerTask(token, { ...given }))) return goneMeanwhile(sent.rollbackId);
  // AcceptApproval closes it as well, a second later.
  await closeQuestion(approval, given).catch(() => false);
  const verb = sent.decision === 'approve' ? 'approved' : 'declined';
  return { statusCode: 200, message: `Rollback ${sent.rollbackId} is ${verb} by ${sent.by}: "${sent.reason}".` };
}

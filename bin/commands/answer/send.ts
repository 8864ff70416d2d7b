/** Sends a person's answer to an approval, signed with their own credentials. */

import type { Installation } from '../../../lib/domain/installation.ts';
import type { Account } from '../../aws/account.ts';
import type { Question } from '../../aws/table.ts';
import { Failure } from '../command.ts';
import { regionOf } from '../installed.ts';

export type Decision = 'approve' | 'decline';

/** @returns what the installation says to it. @throws Failure where it does not take the answer, with its words */
export async function sendAnswer(
  account: Account,
  installation: Installation,
  approval: Pick<Question, 'rollbackId' | 'planSha256'>,
  answer: { readonly decision: Decision; readonly reason: string },
): Promise<string> {
  const { answerUrl } = installation;
  if (!answerUrl) throw new Failure('This installation takes no answers: deploy Backstep again.');
  const { rollbackId, planSha256 } = approval;
  const { status, body } = await account.answers.post(answerUrl, regionOf(installation), {
    rollbackId,
    ...answer,
    planSha256,
  });
  const words = wordsOf(body);
  if (status >= 200 && status < 300) return words || `${answer.decision === 'approve' ? 'Approved' : 'Declined'}.`;
  // The URL lets in only who may invoke it: AWS answers others itself, with little more than this.
  if (status === 403)
    throw new Failure(
      `You may not answer: AWS said ${words || 'Forbidden'}. It takes lambda:InvokeFunctionUrl on ${installation.answerFunction ?? answerUrl}.`,
    );
  throw new Failure(`The answer was not taken (HTTP ${status}): ${words || 'no reason was given'}`);
}

function wordsOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null) return '';
  const { message, Message, error } = body as Record<string, unknown>;
  return [message, Message, error].find((one): one is string => typeof one === 'string') ?? '';
}

/**
 * RequestApproval: keeps the task token, under KMS, with the question, and tells people how to answer. The state machine
 * waits for the token to come back. Whoever has the token can answer, so it is neither logged nor returned.
 *
 * Calls: s3:GetObject, kms:Encrypt, dynamodb:GetItem, dynamodb:UpdateItem, dynamodb:PutItem, sns:Publish,
 * events:PutEvents
 */
import { approvalRequests, askedContacts } from '../lib/domain/notifications/approval.ts';
import type { RequestApprovalInput } from '../lib/domain/states.ts';
import { addToQuestion, readApproval } from './aws/approvals.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { encrypt } from './aws/kms.ts';
import { notify } from './aws/notify.ts';
import { record } from './aws/timeline.ts';

export async function handler({ now, context, taskToken, ...reference }: RequestApprovalInput): Promise<void> {
  const [plan, configuration, approval] = await Promise.all([
    readPlan(reference),
    readConfiguration(context),
    readApproval(context.service),
  ]);
  if (approval?.rollbackId !== context.rollbackId || approval.answer) {
    throw new Error(`The question of ${context.service} is not that of ${context.rollbackId} any more.`);
  }
  // An earlier attempt's token is dead: Step Functions gives every attempt its own.
  await keep(context, { token: await encrypt(taskToken, context) });
  const { expiresAt, toldAt } = approval;
  if (toldAt === undefined) {
    const facts = { now, context, configuration, plan, planSha256: reference.planSha256, expiresAt };
    for (const message of approvalRequests(facts)) await notify(message);
    await keep(context, { toldAt: now });
  }
  const contacts = askedContacts({ context, configuration });
  const asked = contacts.length > 0 ? contacts.join(', ') : 'the technical contacts';
  const { asksBecause } = approval;
  const { approvalDefault } = configuration.policy;
  const data = { expiresAt, approvalDefault, asked, asksBecause, planSha256: reference.planSha256 };
  const message = `Asked ${asked}, until ${expiresAt}: ${asksBecause}`;
  await record(context, 'RequestApproval', [{ kind: 'approval.requested', message, data }], now);
}

async function keep(
  context: RequestApprovalInput['context'],
  known: Parameters<typeof addToQuestion>[1],
): Promise<void> {
  if (await addToQuestion(context, known)) return;
  throw new Error(`The question of ${context.rollbackId} was closed while it was being asked.`);
}

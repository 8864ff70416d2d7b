/** What somebody sends in answer to a question: parsed once, and held against the question as it lies there. */
import { type Approval, answerInWords } from '../approval.ts';
import { readDirectArn } from '../direct.ts';
import { Fields, isObject, oneOf, type Reader, show, text } from '../fields.ts';
import type { Json } from '../model.ts';
import type { ApprovalAnswer } from '../states.ts';

/** An answer as it was sent; who sent it, AWS says or else the answer itself. */
export interface SentAnswer {
  readonly service: string;
  readonly rollbackId: string;
  readonly decision: 'approve' | 'decline';
  readonly reason: string;
  readonly by: string;
  /** AWS itself said who signed it. */
  readonly proven: boolean;
  /** Of the plan that the sender has read; absent where they did not say. */
  readonly planSha256?: string;
}

/** HTTP status and words for a person. */
export interface Refusal {
  readonly statusCode: 400 | 404 | 405 | 409 | 410;
  readonly message: string;
}

export type ParsedAnswer =
  | { readonly ok: true; readonly answer: SentAnswer }
  | { readonly ok: false; readonly refusal: Refusal };

const decisions = ['approve', 'decline'] as const;

/** @param signedBy the principal that AWS names; undefined for a direct invocation, which has to say `by` itself */
export function parseAnswer(input: Json, signedBy: string | undefined): ParsedAnswer {
  if (!isObject(input)) return refused([`The answer is ${show(input)}, expected a JSON object.`], signedBy);
  const fields = new Fields(input);
  const id = fields.require('rollbackId', rollbackId, 'the id of the rollback that asks');
  const decision = fields.require('decision', oneOf(decisions), `allowed are ${decisions.join(', ')}`);
  const reason = fields.require('reason', text(1, 1_000), 'say why in a few words; it goes into the report');
  const planSha256 = fields.read('planSha256', sha256);
  const by =
    signedBy ?? fields.require('by', text(1, 200), 'nothing signed this answer, so it has to say who gives it');
  const problems = fields.problems();
  if (problems.length > 0 || !id || !decision || !reason || !by) return refused(problems, signedBy);
  const said = { ...id, decision, reason, by, proven: signedBy !== undefined };
  return { ok: true, answer: { ...said, ...(planSha256 !== undefined && { planSha256 }) } };
}

/** Why an answer does not count; undefined where it does. */
export function whyRefused(approval: Approval | undefined, answer: SentAnswer, now: string): Refusal | undefined {
  const { rollbackId: id, service } = answer;
  if (approval?.rollbackId !== id) {
    const open = approval && !approval.answer ? ` ${service} waits for an answer to ${approval.rollbackId}.` : '';
    return { statusCode: 404, message: `No question of rollback ${id} waits for an answer.${open}` };
  }
  if (approval.answer) {
    const words = answerInWords(approval.answer, approval);
    return approval.answer.decision === 'expired'
      ? { statusCode: 410, message: `The question of rollback ${id} has expired. ${words} ${startAgain}` }
      : { statusCode: 409, message: `The question of rollback ${id} is answered already. ${words}` };
  }
  if (Date.parse(now) >= Date.parse(approval.expiresAt)) {
    return {
      statusCode: 410,
      message: `The question of rollback ${id} expired at ${approval.expiresAt}. ${startAgain}`,
    };
  }
  if (answer.planSha256 !== undefined && answer.planSha256 !== approval.planSha256) {
    return {
      statusCode: 409,
      message: `"planSha256" is ${answer.planSha256}, but rollback ${id} asks about plan ${approval.planSha256}: read that one first.`,
    };
  }
  if (readDirectArn(approval.executionArn)) {
    return { statusCode: 409, message: `Rollback ${id} asks at the terminal that carries it out, and nowhere else.` };
  }
  if (approval.token === undefined) {
    return { statusCode: 409, message: `Rollback ${id} is about to ask: send the answer again in a few seconds.` };
  }
  return undefined;
}

/** Step Functions no longer knows the task: somebody answered, it expired, or it was stopped, within these seconds. */
export const goneMeanwhile = (id: string): Refusal => ({
  statusCode: 410,
  message: `Rollback ${id} no longer waits: it was answered, expired or stopped a moment ago. ${startAgain}`,
});

/** What the state machine gets. */
export function answerFor(sent: SentAnswer, approval: Approval, now: string): ApprovalAnswer {
  const { decision, by, proven, reason } = sent;
  return { decision, by, proven, reason, answeredAt: now, planSha256: approval.planSha256 };
}

const startAgain = 'Look how it ended, and start a rollback anew if one is still needed.';

function refused(problems: readonly string[], signedBy: string | undefined): ParsedAnswer {
  const by = signedBy === undefined ? { by: 'your name' } : {};
  const example = { rollbackId: 'checkout-20261120-030405-1f2e3d', decision: 'approve', reason: 'why', ...by };
  return {
    ok: false,
    refusal: { statusCode: 400, message: `${problems.join(' ')} This would work: ${JSON.stringify(example)}` },
  };
}

/** `<service>-20261120-030405-1f2e3d`: the service's question is found by its name. */
const rollbackId: Reader<{ readonly service: string; readonly rollbackId: string }> = (found) => {
  const service =
    typeof found === 'string' ? /^(.{1,255})-\d{8}-\d{6}-[0-9a-f]{6}$/u.exec(found.trim())?.[1] : undefined;
  if (service === undefined || typeof found !== 'string') {
    return { allowed: 'write the id of a rollback as the question names it, such as checkout-20261120-030405-1f2e3d' };
  }
  return { value: { service, rollbackId: found.trim() } };
};

const sha256: Reader<string> = (found) =>
  typeof found === 'string' && /^[0-9a-f]{64}$/.test(found)
    ? { value: found }
    : { allowed: 'write the 64 hexadecimal digits that the question names, or leave it out' };

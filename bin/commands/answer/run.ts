import { answerInWords } from '../../../lib/domain/approval.ts';
import type { Plan } from '../../../lib/domain/model.ts';
import type { Question } from '../../aws/table.ts';
import { ask, isInteractive } from '../ask.ts';
import { type Arguments, exit, Failure, type Io, UsageError } from '../command.ts';
import { executionOf } from '../execution-of.ts';
import { serviceOfId } from '../find-rollback.ts';
import { findService } from '../installed.ts';
import { printable } from '../printable.ts';
import type { Session } from '../rollback/execute.ts';
import { openSession } from '../rollback/run.ts';
import { planLines } from '../story/plan-lines.ts';
import { clockTime, wrap } from '../story/text.ts';
import { type Decision, sendAnswer } from './send.ts';

/** Shows what is asked, by plan and hash, before the answer is sent. */
export async function answer(decision: Decision, { positionals, flags }: Arguments, io: Io): Promise<number> {
  const session = await openSession(flags, io);
  const { account, installation, screen, json } = session;
  const question = await openQuestion(session, positionals[0]);
  const stored = await account.documents.plan(installation.bucket, question.rollbackId, question.planKey);
  // The answer names the plan by its hash: what was shown must be what is approved.
  if (stored.sha256 !== question.planSha256)
    throw new Failure(
      `The plan of ${question.rollbackId} has SHA-256 ${stored.sha256}, but asked was about ${question.planSha256}: nobody may answer this.`,
    );
  screen.lines(questionLines(question, stored.plan, session));
  const reason = await reasonFor(decision, flags, session);
  const said = await sendAnswer(account, installation, question, { decision, reason });
  screen.lines(['', ...wrap(printable(said), 0), `Watch it: npx backstep watch ${question.rollbackId}`]);
  if (json) {
    const { rollbackId, service, executionArn, planSha256 } = question;
    io.stdout.write(
      `${JSON.stringify({ rollbackId, service, executionArn, planSha256, decision, reason, message: said }, null, 2)}\n`,
    );
  }
  return exit.good;
}

async function openQuestion(session: Session, text: string | undefined): Promise<Question> {
  const { account, installation } = session;
  const id = text !== undefined && serviceOfId(text) !== undefined ? text : undefined;
  const { service } = await findService(account, installation, id === undefined ? text : serviceOfId(id), session);
  const question = await account.table.question(installation.table, service);
  if (!question || (id !== undefined && question.rollbackId !== id))
    throw new UsageError(`${id ?? service} asks nothing. npx backstep status ${service} shows what is under way.`);
  if (question.answer)
    throw new UsageError(`${question.rollbackId} is answered already. ${answerInWords(question.answer, question)}`);
  const execution = await executionOf(session, question.executionArn);
  if (execution?.status !== 'RUNNING')
    throw new UsageError(`${question.rollbackId} asks no more: its execution is ${execution?.status ?? 'gone'}.`);
  if (execution.direct)
    throw new UsageError(
      `${question.rollbackId} asks at the terminal of ${execution.direct.by}, who carries it out directly, and nowhere else.`,
    );
  return question;
}

function questionLines(question: Question, plan: Plan, { screen }: Session): string[] {
  const { rollbackId, asksBecause, expiresAt, planSha256 } = question;
  return [
    ...wrap(`${rollbackId} asks until ${clockTime(expiresAt)}: ${asksBecause}`, 0),
    ...planLines({ ...plan, outcome: 'ready' }, screen.style),
    screen.style.bold('Actions:'),
    ...plan.actions.flatMap(({ type, description }, index) =>
      wrap(`${type}: ${description}`, 8, `  [${index + 1}/${plan.actions.length}] `),
    ),
    '',
    `Plan SHA-256 ${planSha256}`,
  ];
}

/** It goes into the report, so an answer without one is not taken. */
async function reasonFor(decision: Decision, flags: Arguments['flags'], { io, json }: Session): Promise<string> {
  const given =
    flags.reason ?? (isInteractive(io, json) ? await ask(io, json, `\nWhy do you ${decision} it?`) : undefined);
  const reason = String(given ?? '').trim();
  if (reason !== '') return reason;
  throw new UsageError(`Say why with --reason "...": it goes into the report. Nothing was answered.`);
}

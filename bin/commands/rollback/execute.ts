/** Starts an execution, follows it, and tells how it ended. */
import { randomUUID } from 'node:crypto';
import type { Installation } from '../../../lib/domain/installation.ts';
import type { Json } from '../../../lib/domain/model.ts';
import { stamp } from '../../../lib/domain/sweep.ts';
import type { Account } from '../../aws/account.ts';
import { offerToAnswer } from '../answer/in-place.ts';
import { isInteractive } from '../ask.ts';
import type { Io } from '../command.ts';
import { type Ending, endingOf, exitCodeOf } from '../follow/ending.ts';
import { endingLines, stepLines } from '../follow/ending-lines.ts';
import { type Followed, follow } from '../follow/follow.ts';
import { nextSteps, whileItRuns } from '../follow/next-steps.ts';
import type { Screen } from '../follow/screen.ts';

export interface Session {
  readonly account: Account;
  readonly installation: Installation;
  readonly io: Io;
  readonly screen: Screen;
  readonly json: boolean;
}

/** Carries an input out and follows it to its end. Quiet, it says nothing: the caller shows what came of it. */
export type Carry = (input: { [key: string]: Json }, options: { readonly quiet: boolean }) => Promise<Followed>;

export const throughStepFunctions =
  (session: Session): Carry =>
  async (input, { quiet }) => {
    const arn = await start(session, input);
    if (quiet) return watchQuietly(session, arn);
    session.screen.lines([`Execution ${arn}`]);
    return watchLive(session, arn);
  };

/** @returns the execution's ARN */
function start({ account, installation }: Session, input: { [key: string]: Json }): Promise<string> {
  const service = String(input.service)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 40);
  const name = `cli-${service}-${stamp(new Date(account.clock.now()).toISOString())}-${randomUUID().slice(0, 8)}`;
  return account.executions.start(installation.stateMachineArn, name, input);
}

/** With progress; on a terminal a question for approval can be answered at once. */
export function watchLive(session: Session, arn: string): Promise<Followed> {
  const { account, installation, io, screen, json } = session;
  return follow(account, arn, io, {
    bucket: installation.bucket,
    screen,
    ...(isInteractive(io, json) && { onAsked: offerToAnswer(session) }),
  });
}

/** Without words, for a dry run whose plan is shown afterwards. */
function watchQuietly({ account, installation, io, screen }: Session, arn: string): Promise<Followed> {
  return follow(account, arn, io, { bucket: installation.bucket, screen, quiet: true });
}

export const conclude = ({ account, installation }: Session, followed: Followed): Ending =>
  endingOf(followed, installation.environment, account.clock.now());

/** Prints how it ended, or how to come back. @returns the exit code */
export function tellEnding({ io, screen, json }: Session, ending: Ending): number {
  if (ending.status === 'RUNNING') {
    const steps = whileItRuns(ending.executionArn, ending.rollbackId, ending.service);
    screen.lines(['', 'You have left. The rollback goes on without you.', ...stepLines(steps, screen.style)]);
  } else {
    screen.lines([...endingLines(ending, screen.style), ...stepLines(nextSteps(ending), screen.style)]);
  }
  if (json) io.stdout.write(`${JSON.stringify(ending, null, 2)}\n`);
  return exitCodeOf(ending);
}

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
import { HistoryReader } from '../follow/history.ts';
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
    const { account, installation, screen } = session;
    const name = nameFor(session, input);
    const arn = `${installation.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const leaving = leavingWhileStarting(session, arn);
    try {
      await account.executions.start(installation.stateMachineArn, name, input);
    } finally {
      leaving.stopListening();
    }
    // From here to where it is followed nothing is awaited, so that no Ctrl-C falls in between.
    const history = begun(arn, input, account.clock.now());
    if (leaving.signal.aborted) return { history, plan: undefined, planSha256: undefined, left: true };
    if (quiet) return watchQuietly(session, arn, history);
    screen.lines([`Execution ${arn}`]);
    return watchLive(session, arn, history);
  };

function nameFor({ account }: Session, input: { [key: string]: Json }): string {
  const service = String(input.service)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 40);
  return `cli-${service}-${stamp(new Date(account.clock.now()).toISOString())}-${randomUUID().slice(0, 8)}`;
}

/** Until Step Functions has answered, nobody knows whether it was started; its ARN is known all the same. */
function leavingWhileStarting({ io, screen }: Session, arn: string) {
  const leave = new AbortController();
  const stopListening = io.onInterrupt(() => {
    stopListening();
    leave.abort();
    screen.lines([
      'It is being started, and then goes on without you. Come back:',
      `  npx backstep watch ${arn}`,
      'Ctrl-C again ends this command before the start is confirmed.',
    ]);
  });
  return { signal: leave.signal, stopListening };
}

/** What is known of an execution before its first event is read. */
function begun(arn: string, input: Json, nowMs: number): HistoryReader {
  const history = new HistoryReader(arn);
  history.read({
    type: 'ExecutionStarted',
    id: 0,
    timestamp: new Date(nowMs),
    executionStartedEventDetails: { input: JSON.stringify(input) },
  });
  return history;
}

/** With progress; on a terminal a question for approval can be answered at once. */
export function watchLive(session: Session, arn: string, history = new HistoryReader(arn)): Promise<Followed> {
  const { account, installation, io, screen, json } = session;
  return follow(account, arn, io, {
    bucket: installation.bucket,
    screen,
    history,
    ...(isInteractive(io, json) && { onAsked: offerToAnswer(session) }),
  });
}

/** Without words, for a dry run whose plan is shown afterwards. */
function watchQuietly(
  { account, installation, io, screen }: Session,
  arn: string,
  history: HistoryReader,
): Promise<Followed> {
  return follow(account, arn, io, { bucket: installation.bucket, screen, history, quiet: true });
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

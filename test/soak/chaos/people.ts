/** People in the middle of it: they answer, stop, and redrive. What AWS or Backstep refuses them is no failure of the run. */
import { operator } from '../../../simulator/iam.ts';
import { approver, signed, urlOf } from '../../../simulator/scenario/answers.ts';
import { rollbacksOf } from '../../../simulator/scenario/executions.ts';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import { AwsError } from '../../../simulator/service.ts';

/** A signed yes or no to whatever question lies open, if any. */
export async function answer(run: LiveRun, decision: 'approve' | 'decline', by: string): Promise<void> {
  const { account, environment } = run;
  const asked = account.dynamodb.tables
    .flatMap((table) => account.dynamodb.items(table))
    .find((item) => item.sk?.S === 'APPROVAL');
  const rollbackId = asked?.rollbackId?.S;
  if (rollbackId === undefined) return;
  const body = JSON.stringify({ rollbackId, decision, reason: 'It looks so.' });
  await signed(account, urlOf(account, environment), body, approver(account, environment), by);
}

export function stopSomething(run: LiveRun): void {
  const running = rollbacksOf(run).find(({ status }) => status === 'RUNNING');
  if (running) operate(run, 'StopExecution', { executionArn: running.arn });
}

/** @returns its ARN; undefined where there is none */
export function redriveSomething(run: LiveRun): string | undefined {
  const stopped = rollbacksOf(run).findLast(({ status }) => status === 'ABORTED' || status === 'FAILED');
  if (stopped) operate(run, 'RedriveExecution', { executionArn: stopped.arn });
  return stopped?.arn;
}

function operate(
  { account }: LiveRun,
  name: 'StopExecution' | 'RedriveExecution',
  input: { executionArn: string },
): void {
  try {
    account.states.operations[name]?.run(input, { principal: operator, requestId: 'chaos' });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}

/** What is known of the execution behind a rollback, whether Step Functions carries it out or a person's command. */
import { type DirectRun, describeDirect, readDirectArn } from '../../lib/domain/direct.ts';
import type { ExecutionState } from '../aws/executions.ts';
import type { Session } from './rollback/execute.ts';

export interface Known extends ExecutionState {
  /** Present where a command carries it out itself. */
  readonly direct?: DirectRun;
}

/** Undefined where neither knows it. Of a direct one Step Functions is not asked: it may be what is broken. */
export async function executionOf({ account, installation }: Session, arn: string): Promise<Known | undefined> {
  const direct = readDirectArn(arn) && (await account.directRuns.read(installation.table, arn));
  if (!direct) return account.executions.describe(arn);
  const now = new Date(account.clock.now()).toISOString();
  const { status, startedAt, stoppedAt, error, cause } = describeDirect(arn, direct, now);
  const { output } = direct;
  return {
    arn,
    direct,
    status,
    startedAt,
    ...(stoppedAt !== undefined && { stoppedAt }),
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}

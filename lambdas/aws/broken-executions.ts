/**
 * AWS Step Functions: executions that did not end well.
 *
 * Calls: states:ListExecutions
 */
import { type ExecutionStatus, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { BrokenExecution } from '../../lib/domain/doctor.ts';
import { clientOptions } from './client.ts';

const states = new SFNClient(clientOptions);

const broken: readonly ExecutionStatus[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];
/** Of each status: whoever has more reads them in the console. */
const most = 20;

/** @param since ISO 8601; newest first */
export async function brokenExecutions(stateMachineArn: string, since: string): Promise<BrokenExecution[]> {
  const pages = await Promise.all(
    broken.map((statusFilter) =>
      states.send(new ListExecutionsCommand({ stateMachineArn, statusFilter, maxResults: most })),
    ),
  );
  return pages
    .flatMap(({ executions = [] }) => executions)
    .map(({ name = '', status = '', stopDate }) => ({ name, status, stoppedAt: stopDate?.toISOString() ?? '' }))
    .filter(({ stoppedAt }) => stoppedAt >= since)
    .sort((a, b) => b.stoppedAt.localeCompare(a.stoppedAt));
}

/**
 * AWS Step Functions: whether the execution that owns a lock still lives.
 *
 * Calls: states:DescribeExecution
 */
import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from '@aws-sdk/client-sfn';
import type { OwnerStatus } from '../../lib/domain/lock.ts';
import { clientOptions } from './client.ts';

const states = new SFNClient(clientOptions);

/** `UNKNOWN` once Step Functions no longer keeps the execution, 90 days after its end. */
export async function executionStatus(executionArn: string): Promise<OwnerStatus> {
  try {
    const { status = 'UNKNOWN', stopDate } = await states.send(new DescribeExecutionCommand({ executionArn }));
    return { status, ...(stopDate && { stoppedAt: stopDate.toISOString() }) };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return { status: 'UNKNOWN' };
    throw error;
  }
}

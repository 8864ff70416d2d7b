/**
 * AWS Step Functions: whether the execution that owns a lock still lives, a start that an event should have made, and the
 * answer that a task waits for.
 *
 * Calls: states:DescribeExecution, states:StartExecution, states:SendTaskSuccess (and dynamodb:GetItem, for those that no
 * execution stands behind)
 */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { directStatus } from '../../lib/domain/direct.ts';
import type { OwnerStatus } from '../../lib/domain/lock.ts';
import type { Json } from '../../lib/domain/model.ts';
import { reapMachineName, stateMachineName } from '../../lib/domain/names.ts';
import { clientOptions } from './client.ts';
import { nowMs } from './clock.ts';
import { readDirectRun } from './direct-runs.ts';
import { setting } from './environment.ts';

const states = new SFNClient(clientOptions);

/**
 * `UNKNOWN` once Step Functions no longer keeps the execution, 90 days after its end. One that a command carries out itself
 * is asked for its sign of life: also while Step Functions does not answer.
 */
export async function executionStatus(executionArn: string): Promise<OwnerStatus> {
  const direct = await readDirectRun(executionArn);
  if (direct) return directStatus(direct, new Date(nowMs()).toISOString());
  try {
    const { status = 'UNKNOWN', stopDate } = await states.send(new DescribeExecutionCommand({ executionArn }));
    return { status, ...(stopDate && { stoppedAt: stopDate.toISOString() }) };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return { status: 'UNKNOWN' };
    throw error;
  }
}

/** Starts a rollback under a name, once: with a name that is in use nothing happens. */
export function startExecution(name: string, input: Json): Promise<void> {
  return start(setting('STATE_MACHINE_ARN'), name, input);
}

/** Has a rollback taken up whose end no event tells, once: with a name that is in use nothing happens. */
export function startReap(name: string, executionArn: string): Promise<void> {
  const environment = setting('ENVIRONMENT');
  const rollback = setting('STATE_MACHINE_ARN');
  const reap = rollback.replace(stateMachineName(environment), reapMachineName(environment));
  return start(reap, name, { executionArn });
}

async function start(stateMachineArn: string, name: string, input: Json): Promise<void> {
  try {
    await states.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** Hands a task that waits its result; false when it no longer waits. Neither errors nor logs name the token. */
export async function answerTask(taskToken: string, output: Json): Promise<boolean> {
  try {
    await states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
    return true;
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken)
      return false;
    throw error;
  }
}

/** ARN of an execution of our state machine by its name. */
export const executionArnOf = (name: string): string =>
  `${setting('STATE_MACHINE_ARN').replace(':stateMachine:', ':execution:')}:${name}`;

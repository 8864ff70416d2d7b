/**
 * AWS Step Functions: what an execution was and did, for whoever takes it up after its end.
 *
 * Calls: states:DescribeExecution, states:GetExecutionHistory (and dynamodb:GetItem, for those that no execution stands
 * behind)
 */
import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandOutput,
  type HistoryEvent,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { describeDirect, directTraces } from '../../lib/domain/direct.ts';
import { type DeadExecution, type HistoryStep, readTraces, type Traces } from '../../lib/domain/reap.ts';
import { clientOptions } from './client.ts';
import { nowMs } from './clock.ts';
import { readDirectRun } from './direct-runs.ts';

const states = new SFNClient(clientOptions);

export interface Ended {
  readonly execution: DeadExecution;
  readonly traces: Traces;
}

/** Undefined once Step Functions no longer keeps the execution, 90 days after its end. */
export async function readExecution(executionArn: string): Promise<Ended | undefined> {
  const direct = await readDirectRun(executionArn);
  if (direct) {
    const execution = describeDirect(executionArn, direct, new Date(nowMs()).toISOString());
    return { execution, traces: directTraces(direct) };
  }
  const execution = await describeExecution(executionArn);
  return execution && { execution, traces: readTraces(await readHistory(executionArn)) };
}

async function describeExecution(executionArn: string): Promise<DeadExecution | undefined> {
  try {
    const found = await states.send(new DescribeExecutionCommand({ executionArn }));
    const { status = 'UNKNOWN', startDate, stopDate, error, cause, input = '{}' } = found;
    return {
      executionArn,
      status,
      startedAt: startDate?.toISOString() ?? '',
      ...(stopDate && { stoppedAt: stopDate.toISOString() }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
      input,
    };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

/** From the first event to the last; a history holds 25,000 at most. */
async function readHistory(executionArn: string): Promise<HistoryStep[]> {
  const steps: HistoryStep[] = [];
  let nextToken: string | undefined;
  do {
    const page: GetExecutionHistoryCommandOutput = await states.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, ...(nextToken && { nextToken }) }),
    );
    steps.push(...(page.events ?? []).flatMap(stepOf));
    nextToken = page.nextToken;
  } while (nextToken);
  return steps;
}

function stepOf({ timestamp, stateEnteredEventDetails, stateExitedEventDetails }: HistoryEvent): HistoryStep[] {
  const time = timestamp?.toISOString() ?? '';
  const entered = stateEnteredEventDetails?.name;
  if (entered !== undefined) return [{ time, entered }];
  const assigned = stateExitedEventDetails?.assignedVariables;
  return assigned ? [{ time, assigned }] : [];
}

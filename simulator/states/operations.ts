import type {
  DescribeExecutionCommandInput,
  DescribeExecutionOutput,
  DescribeStateMachineCommandInput,
  DescribeStateMachineOutput,
  GetExecutionHistoryCommandInput,
  GetExecutionHistoryOutput,
  ListExecutionsCommandInput,
  ListExecutionsOutput,
  StartExecutionCommandInput,
  StartExecutionOutput,
  StopExecutionCommandInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import { AwsError, type CallContext, type Operation } from '../service.ts';
import type { StepFunctions } from '../services/states.ts';
import type { Execution } from './execution.ts';

/** The API operations of a simulated Step Functions. */
export function operationsOf(states: StepFunctions) {
  const StartExecution: Operation<StartExecutionCommandInput, StartExecutionOutput> = {
    resources: ({ stateMachineArn = '*' }) => [stateMachineArn],
    run: ({ stateMachineArn = '', name, input }, { principal }: CallContext) =>
      states.startExecution({
        stateMachineArn,
        principal,
        ...(name === undefined ? {} : { name }),
        ...(input === undefined ? {} : { input }),
      }),
  };

  const DescribeExecution: Operation<DescribeExecutionCommandInput, DescribeExecutionOutput> = {
    resources: ({ executionArn = '*' }) => [executionArn],
    run: ({ executionArn = '' }) => {
      const execution = states.execution(executionArn);
      const { input, output } = execution;
      return {
        ...summary(execution),
        input,
        inputDetails: { included: true },
        ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
        ...failureOf(execution),
      };
    },
  };

  const ListExecutions: Operation<ListExecutionsCommandInput, ListExecutionsOutput> = {
    resources: ({ stateMachineArn = '*' }) => [stateMachineArn],
    run: ({ stateMachineArn = '', statusFilter, maxResults, nextToken }) => {
      states.stateMachine(stateMachineArn);
      const found = states.executions
        .filter((one) => one.stateMachineArn === stateMachineArn)
        .filter((one) => statusFilter === undefined || one.status === statusFilter)
        .map(summary)
        .reverse();
      const { page, ...rest } = paged(found, maxResults, nextToken);
      return { executions: page, ...rest };
    },
  };

  const GetExecutionHistory: Operation<GetExecutionHistoryCommandInput, GetExecutionHistoryOutput> = {
    resources: ({ executionArn = '*' }) => [executionArn],
    run: ({ executionArn = '', reverseOrder = false, maxResults, nextToken }) => {
      const { history } = states.execution(executionArn);
      const { page, ...rest } = paged(reverseOrder ? history.toReversed() : history, maxResults, nextToken);
      return { events: page, ...rest };
    },
  };

  const StopExecution: Operation<StopExecutionCommandInput, StopExecutionOutput> = {
    resources: ({ executionArn = '*' }) => [executionArn],
    run: ({ executionArn = '', error, cause }) => {
      const execution = states.execution(executionArn);
      execution.abort(error, cause);
      return { stopDate: new Date(execution.stopMs ?? 0) };
    },
  };

  const DescribeStateMachine: Operation<DescribeStateMachineCommandInput, DescribeStateMachineOutput> = {
    resources: ({ stateMachineArn = '*' }) => [stateMachineArn],
    run: ({ stateMachineArn = '' }) => {
      const { name, definition, roleArn, createdMs } = states.stateMachine(stateMachineArn);
      const creationDate = new Date(createdMs);
      return { stateMachineArn, name, definition, roleArn, type: 'STANDARD', status: 'ACTIVE', creationDate };
    },
  };

  return {
    StartExecution,
    DescribeExecution,
    ListExecutions,
    GetExecutionHistory,
    StopExecution,
    DescribeStateMachine,
  };
}

function summary({ arn, name, stateMachineArn, status, startMs, stopMs }: Execution) {
  return {
    executionArn: arn,
    name,
    stateMachineArn,
    status,
    startDate: new Date(startMs),
    ...(stopMs === undefined ? {} : { stopDate: new Date(stopMs) }),
    redriveCount: 0,
  };
}

function failureOf({ error, cause }: Execution) {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

/** Pages of 100 by default, 1,000 at most; the token is the offset. */
function paged<T>(items: readonly T[], size: number | undefined, token: string | undefined) {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0 || start > items.length) {
    throw new AwsError('InvalidToken', `Invalid Token: '${token}'`);
  }
  const end = start + Math.min(size || 100, 1000);
  return { page: items.slice(start, end), ...(end < items.length ? { nextToken: String(end) } : {}) };
}

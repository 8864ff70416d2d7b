import type {
  DescribeExecutionCommandInput,
  DescribeExecutionOutput,
  GetExecutionHistoryCommandInput,
  GetExecutionHistoryOutput,
  ListExecutionsCommandInput,
  ListExecutionsOutput,
  RedriveExecutionCommandInput,
  RedriveExecutionOutput,
  StartExecutionCommandInput,
  StartExecutionOutput,
  StopExecutionCommandInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import { AwsError, type CallContext, type Operation } from '../../service.ts';
import type { StepFunctions } from '../../services/states.ts';
import type { Execution } from '../execution.ts';
import { shown } from '../failure.ts';
import { paged } from '../paging.ts';
import { redriveState } from '../redrive.ts';

const ofExecution = ({ executionArn = '*' }: { executionArn?: string | undefined }) => [executionArn];

/** Starting, reading, stopping and redriving executions. */
export function executionOperations(states: StepFunctions, now: () => number) {
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
    resources: ofExecution,
    run: ({ executionArn = '' }) => {
      const execution = states.execution(executionArn);
      const { input, output, error, cause } = execution;
      const { redriveStatus, reason } = redriveState(execution, now());
      return {
        ...summary(execution),
        input,
        inputDetails: { included: true },
        ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
        ...shown(error, cause),
        redriveStatus,
        ...(reason === undefined ? {} : { redriveStatusReason: reason }),
      };
    },
  };

  const ListExecutions: Operation<ListExecutionsCommandInput, ListExecutionsOutput> = {
    resources: ({ stateMachineArn = '*' }) => [stateMachineArn],
    run: (input) => {
      checkFilters(input);
      const { stateMachineArn = '', statusFilter, maxResults, nextToken } = input;
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
    resources: ofExecution,
    run: ({ executionArn = '', reverseOrder = false, maxResults, nextToken }) => {
      const { history } = states.execution(executionArn);
      const { page, ...rest } = paged(reverseOrder ? history.toReversed() : history, maxResults, nextToken);
      return { events: page, ...rest };
    },
  };

  const StopExecution: Operation<StopExecutionCommandInput, StopExecutionOutput> = {
    resources: ofExecution,
    run: ({ executionArn = '', error, cause }) => {
      const execution = states.execution(executionArn);
      execution.abort(error, cause);
      return { stopDate: new Date(execution.stopMs ?? 0) };
    },
  };

  const RedriveExecution: Operation<RedriveExecutionCommandInput, RedriveExecutionOutput> = {
    resources: ofExecution,
    run: ({ executionArn = '', clientToken }) => {
      const redriveMs = states.redrives.redrive(states.execution(executionArn), clientToken);
      return { redriveDate: new Date(redriveMs) };
    },
  };

  return { StartExecution, DescribeExecution, ListExecutions, GetExecutionHistory, StopExecution, RedriveExecution };
}

function summary({ arn, name, stateMachineArn, status, startMs, stopMs, redriveCount, redriveMs }: Execution) {
  return {
    executionArn: arn,
    name,
    stateMachineArn,
    status,
    startDate: new Date(startMs),
    ...(stopMs === undefined ? {} : { stopDate: new Date(stopMs) }),
    redriveCount,
    ...(redriveMs === undefined ? {} : { redriveDate: new Date(redriveMs) }),
  };
}

/** These filters are for the children of a Map Run; AWS refuses them beside a state machine. */
function checkFilters({ mapRunArn, redriveFilter, statusFilter }: ListExecutionsCommandInput): void {
  if (mapRunArn !== undefined)
    throw new AwsError('ValidationException', 'Map Runs are not implemented: list by stateMachineArn.');
  if (redriveFilter === undefined && statusFilter !== 'PENDING_REDRIVE') return;
  const filter = redriveFilter === undefined ? 'The status filter PENDING_REDRIVE' : 'A redriveFilter';
  throw new AwsError('ValidationException', `${filter} needs a mapRunArn.`);
}

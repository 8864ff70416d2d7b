import type {
  DescribeStateMachineCommandInput,
  DescribeStateMachineForExecutionCommandInput,
  DescribeStateMachineForExecutionOutput,
  DescribeStateMachineOutput,
  ListStateMachinesCommandInput,
  ListStateMachinesOutput,
} from '@aws-sdk/client-sfn';
import type { Operation } from '../../service.ts';
import type { StepFunctions } from '../../services/states.ts';
import { paged } from '../paging.ts';

/** Reading state machines. */
export function machineOperations(states: StepFunctions) {
  const DescribeStateMachine: Operation<DescribeStateMachineCommandInput, DescribeStateMachineOutput> = {
    resources: ({ stateMachineArn = '*' }) => [stateMachineArn],
    run: ({ stateMachineArn = '' }) => {
      const { name, definition, roleArn, createdMs } = states.stateMachine(stateMachineArn);
      const creationDate = new Date(createdMs);
      return { stateMachineArn, name, definition, roleArn, type: 'STANDARD', status: 'ACTIVE', creationDate };
    },
  };

  const DescribeStateMachineForExecution: Operation<
    DescribeStateMachineForExecutionCommandInput,
    DescribeStateMachineForExecutionOutput
  > = {
    resources: ({ executionArn = '*' }) => [executionArn],
    run: ({ executionArn = '' }) => {
      const { stateMachineArn } = states.execution(executionArn);
      const { name, definition, roleArn, createdMs } = states.stateMachine(stateMachineArn);
      return { stateMachineArn, name, definition, roleArn, updateDate: new Date(createdMs) };
    },
  };

  const ListStateMachines: Operation<ListStateMachinesCommandInput, ListStateMachinesOutput> = {
    resources: () => ['*'],
    run: ({ maxResults, nextToken }) => {
      const all = states.stateMachines.map(({ arn, name, createdMs }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD' as const,
        creationDate: new Date(createdMs),
      }));
      const { page, ...rest } = paged(all, maxResults, nextToken);
      return { stateMachines: page, ...rest };
    },
  };

  return { DescribeStateMachine, DescribeStateMachineForExecution, ListStateMachines };
}

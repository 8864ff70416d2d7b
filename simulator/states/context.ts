import type { Json } from '../../lib/domain/model.ts';
import type { Execution } from './execution.ts';
import type { Attempt } from './visit.ts';

interface Entered extends Attempt {
  readonly name: string;
  /** ISO 8601. */
  readonly entered: string;
}

/** `$states.context` [docs: "Accessing execution data from the Context object"] */
export function contextOf(execution: Execution, stateMachineName: string, state: Entered): Json {
  const { arn, name, input, roleArn, startMs, redriveCount, redriveMs, stateMachineArn } = execution;
  return {
    Execution: {
      Id: arn,
      Input: JSON.parse(input) as Json,
      Name: name,
      RoleArn: roleArn,
      StartTime: new Date(startMs).toISOString(),
      RedriveCount: redriveCount,
      ...(redriveMs === undefined ? {} : { RedriveTime: new Date(redriveMs).toISOString() }),
    },
    State: { EnteredTime: state.entered, Name: state.name, RetryCount: state.retryCount },
    StateMachine: { Id: stateMachineArn, Name: stateMachineName },
    ...(state.taskToken === undefined ? {} : { Task: { Token: state.taskToken } }),
  };
}

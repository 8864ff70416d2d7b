import type {
  SendTaskFailureCommandInput,
  SendTaskFailureOutput,
  SendTaskHeartbeatCommandInput,
  SendTaskHeartbeatOutput,
  SendTaskSuccessCommandInput,
  SendTaskSuccessOutput,
} from '@aws-sdk/client-sfn';
import type { Operation } from '../../service.ts';
import type { StepFunctions } from '../../services/states.ts';

/** What bearers of a task token may say. Each is authorized against the state machine that waits. */
export function taskOperations(states: StepFunctions) {
  const { tokens } = states;
  const resources = ({ taskToken = '' }: { taskToken?: string | undefined }) => [
    tokens.find(taskToken).stateMachineArn,
  ];

  const SendTaskSuccess: Operation<SendTaskSuccessCommandInput, SendTaskSuccessOutput> = {
    resources,
    run: ({ taskToken = '', output = '' }) => {
      tokens.succeed(taskToken, output);
      return {};
    },
  };

  const SendTaskFailure: Operation<SendTaskFailureCommandInput, SendTaskFailureOutput> = {
    resources,
    run: ({ taskToken = '', error, cause }) => {
      tokens.fail(taskToken, error, cause);
      return {};
    },
  };

  const SendTaskHeartbeat: Operation<SendTaskHeartbeatCommandInput, SendTaskHeartbeatOutput> = {
    resources,
    run: ({ taskToken = '' }) => {
      tokens.heartbeat(taskToken);
      return {};
    },
  };

  return { SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat };
}

/**
 * What the Task states of a definition call, when this process carries it out: the deployed versions of the Lambdas, with
 * the caller's own permission to invoke them. Where a state waits for a token, the person at the terminal answers.
 */
import type { Json } from '../../../lib/domain/model.ts';
import { StateFailure } from '../../../simulator/states/failure.ts';
import type { TaskResource } from '../../../simulator/states/resource.ts';
import { functionFailure, lambdaAnswer, parseInvocation } from '../../../simulator/states/resources/lambda-answers.ts';
import type { Functions } from '../../aws/functions.ts';

export interface TaskOptions {
  readonly functions: Functions;
  readonly region: string;
  /** Before every call: what is known so far is written down, and nothing is called any more once somebody has said stop. */
  readonly before: () => Promise<void>;
  /** After every call, however it ended. */
  readonly after: () => void;
  /** Nobody waits for an answer any more. */
  readonly signal: AbortSignal;
  /** A state waits for this token to come back. */
  readonly asked: (taskToken: string) => void;
}

export function taskResources(options: TaskOptions): (resource: string) => TaskResource {
  const resources: Readonly<Record<string, TaskResource>> = {
    'arn:aws:states:::lambda:invoke': {
      name: { resourceType: 'lambda', resource: 'invoke' },
      region: options.region,
      waitsForToken: false,
      call: (taskArguments) => around(options, () => invoke(options, taskArguments)),
    },
    'arn:aws:states:::lambda:invoke.waitForTaskToken': {
      name: { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' },
      region: options.region,
      waitsForToken: true,
      // The function would tell others, and keep a token that only Step Functions could take back.
      call: (taskArguments) =>
        around(options, async () => {
          options.asked(tokenIn(taskArguments));
          return {};
        }),
    },
  };
  return (resource) => {
    const found = resources[resource];
    if (!found) throw new StateFailure('States.Runtime', `${resource} cannot be carried out without Step Functions.`);
    return found;
  };
}

async function around<T>({ before, after }: TaskOptions, call: () => Promise<T>): Promise<T> {
  await before();
  try {
    return await call();
  } finally {
    after();
  }
}

async function invoke({ functions, signal }: TaskOptions, taskArguments: Json): Promise<Json> {
  const { name, qualifier, payload, event } = parseInvocation(taskArguments);
  const answer = await functions
    .invoke(name, payload, { event, signal, ...(qualifier !== undefined && { qualifier }) })
    .catch((error: unknown) => {
      throw refusal(error);
    });
  if (answer.functionError !== undefined) throw functionFailure(answer.payload);
  return lambdaAnswer({
    StatusCode: answer.statusCode,
    Payload: answer.payload,
    requestId: answer.requestId,
    ...(answer.executedVersion !== undefined && { ExecutedVersion: answer.executedVersion }),
  });
}

/** Named as Step Functions names it, for the definition's retriers: Lambda's own errors, and that it was not reached. */
export function refusal(error: unknown): StateFailure {
  const { name, message } = error instanceof Error ? error : { name: 'Unknown', message: String(error) };
  // The caller's permission, which no repetition changes: the definition repeats no error of this name.
  if (name.startsWith('AccessDenied')) return new StateFailure('AccessDeniedException', message);
  const { $metadata: { httpStatusCode: status } = {} } = error as { $metadata?: { httpStatusCode?: number } };
  if (status === undefined) return new StateFailure('Lambda.SdkClientException', `${name}: ${message}`);
  return new StateFailure(
    `Lambda.${name}`,
    `${message} (Service: Lambda, Status Code: ${status}, Error Code: ${name})`,
  );
}

function tokenIn(taskArguments: Json): string {
  const { payload } = parseInvocation(taskArguments);
  const { taskToken } = payload as { taskToken?: unknown };
  if (typeof taskToken === 'string') return taskToken;
  throw new StateFailure('States.Runtime', 'A state that waits for a token hands no "taskToken" to its function.');
}

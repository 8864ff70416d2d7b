import type { Json } from '../../../lib/domain/model.ts';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError } from '../../service.ts';
import { StateFailure } from '../failure.ts';
import type { TaskResource } from '../resource.ts';
import { functionFailure, lambdaAnswer, parseInvocation } from './lambda-answers.ts';

/**
 * `arn:aws:states:::lambda:invoke`: calls the function with the state machine's role and waits for its answer.
 * With `.waitForTaskToken` that answer only submits the task.
 */
export function lambdaInvoke(account: SimulatedAccount, roleArn: string, waitsForToken = false): TaskResource {
  return {
    name: { resourceType: 'lambda', resource: waitsForToken ? 'invoke.waitForTaskToken' : 'invoke' },
    region: account.region,
    waitsForToken,
    call: async (taskArguments) => {
      const { functionArn, payload, event } = parse(account, taskArguments);
      const requestId = account.random.uuid();
      try {
        account.iam.authorize({ arn: roleArn, session: 'states' }, 'lambda:InvokeFunction', [functionArn]);
        if (event) {
          if (!account.lambda.exists(functionArn)) throw notFound(functionArn);
          void account.lambda.invokeEvent(functionArn, payload);
          return lambdaAnswer({ StatusCode: 202, Payload: '', requestId });
        }
        const result = await account.lambda.invoke(functionArn, payload);
        if (result.functionError) throw functionFailure(result.payload);
        const { payload: Payload, executedVersion: ExecutedVersion } = result;
        return lambdaAnswer({ ExecutedVersion, Payload, StatusCode: 200, requestId });
      } catch (error) {
        throw error instanceof AwsError ? serviceFailure(error, requestId) : error;
      }
    },
  };
}

function parse(account: SimulatedAccount, taskArguments: Json): { functionArn: string; payload: Json; event: boolean } {
  const { name, qualifier, payload, event } = parseInvocation(taskArguments);
  const arn = name.startsWith('arn:') ? name : account.arn('lambda', `function:${name}`);
  return { functionArn: qualifier === undefined ? arn : `${arn}:${qualifier}`, payload, event };
}

/** What the Lambda service answered. A role that may not invoke is reported as `Lambda.AWSLambdaException`. */
function serviceFailure(error: AwsError, requestId: string): StateFailure {
  const name = error.code.startsWith('AccessDenied') ? 'AWSLambdaException' : error.code;
  const code = error.code === 'AccessDenied' ? 'AccessDeniedException' : error.code;
  return new StateFailure(
    `Lambda.${name}`,
    `${error.message} (Service: Lambda, Status Code: ${error.status}, Error Code: ${code}, Request ID: ${requestId})`,
  );
}

function notFound(functionArn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Function not found: ${functionArn}`, { status: 404 });
}

import type { Json } from '../../../lib/domain/model.ts';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError } from '../../service.ts';
import { StateFailure } from '../failure.ts';
import type { TaskResource } from '../resource.ts';

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
          return answer({ StatusCode: 202, Payload: '', requestId });
        }
        const result = await account.lambda.invoke(functionArn, payload);
        if (result.functionError) throw functionFailure(result.payload);
        const { payload: Payload, executedVersion: ExecutedVersion } = result;
        return answer({ ExecutedVersion, Payload, StatusCode: 200, requestId });
      } catch (error) {
        throw error instanceof AwsError ? serviceFailure(error, requestId) : error;
      }
    },
  };
}

const known = ['FunctionName', 'Payload', 'InvocationType', 'Qualifier'];

function parse(account: SimulatedAccount, taskArguments: Json): { functionArn: string; payload: Json; event: boolean } {
  const fields = taskArguments as { [key: string]: Json };
  const unknown = Object.keys(fields).filter((field) => !known.includes(field));
  if (unknown.length > 0) throw runtime(`The Lambda integration knows no argument ${unknown.join(', ')}.`);
  const { FunctionName: name, Qualifier: qualifier, InvocationType: type = 'RequestResponse', Payload = {} } = fields;
  if (typeof name !== 'string') throw runtime("The argument 'FunctionName' is required and must be a string.");
  if (type !== 'RequestResponse' && type !== 'Event')
    throw runtime(`InvocationType ${String(type)} is not implemented.`);
  const arn = name.startsWith('arn:') ? name : account.arn('lambda', `function:${name}`);
  const functionArn = typeof qualifier === 'string' ? `${arn}:${qualifier}` : arn;
  return { functionArn, payload: Payload, event: type === 'Event' };
}

function answer({
  requestId,
  ...body
}: {
  requestId: string;
  StatusCode: number;
  Payload: Json;
  ExecutedVersion?: string;
}): Json {
  return {
    ...body,
    SdkHttpMetadata: {
      HttpHeaders: { 'X-Amz-Executed-Version': body.ExecutedVersion ?? '$LATEST' },
      HttpStatusCode: body.StatusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** The function's own error: its type is the error's name, the whole answer is the cause. */
function functionFailure(payload: Json): StateFailure {
  const { errorType } = payload as { errorType?: string };
  return new StateFailure(errorType ?? 'Lambda.Unknown', JSON.stringify(payload));
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

function runtime(words: string): StateFailure {
  return new StateFailure('States.Runtime', words);
}

import type {
  FunctionConfiguration,
  GetFunctionCommandInput,
  GetFunctionConfigurationCommandInput,
  GetFunctionResponse,
  GetFunctionUrlConfigCommandInput,
  GetFunctionUrlConfigResponse,
  InvocationResponse,
  InvokeCommandInput,
} from '@aws-sdk/client-lambda';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type CallContext, type Operation } from '../service.ts';
import type { FunctionVersion } from './function.ts';

interface Named {
  readonly FunctionName?: string | undefined;
  readonly Qualifier?: string | undefined;
}

/** The API operations: invoking by name, ARN and qualifier, and reading what was deployed. */
export function operationsOf(account: SimulatedAccount) {
  const arnOf = (input: Named) => functionArn(account, input);
  const resources = (input: Named) => [arnOf(input)];

  const Invoke: Operation<InvokeCommandInput, InvocationResponse> = {
    // The function's own policy may let the caller in as well, so this asks by itself.
    actions: [],
    resources,
    run: async (input, { principal }: CallContext) => {
      const arn = arnOf(input);
      const { lambda } = account;
      lambda.permissions.authorize(principal, 'lambda:InvokeFunction', arn);
      lambda.version(arn);
      const payload = payloadOf(input.Payload as Uint8Array | undefined);
      if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
      if (input.InvocationType === 'Event') {
        account.clock.after(0, () => lambda.invokeEvent(arn, payload));
        return { StatusCode: 202 };
      }
      const { functionError, executedVersion, payload: result } = await lambda.invoke(arn, payload);
      return {
        StatusCode: 200,
        Payload: Buffer.from(JSON.stringify(result)),
        ExecutedVersion: executedVersion,
        ...(functionError ? { FunctionError: functionError } : {}),
        ...(input.LogType === 'Tail' ? { LogResult: tail(lambda, lambda.version(arn).spec.name) } : {}),
      };
    },
  };

  const GetFunctionConfiguration: Operation<GetFunctionConfigurationCommandInput, FunctionConfiguration> = {
    resources,
    run: (input) => configuration(account.lambda.version(arnOf(input)), arnOf(input)),
  };

  const GetFunction: Operation<GetFunctionCommandInput, GetFunctionResponse> = {
    resources,
    run: (input) => {
      const version = account.lambda.version(arnOf(input));
      const { reservedConcurrency: reserved } = version.spec;
      return {
        Configuration: configuration(version, arnOf(input)),
        ...(reserved === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
      };
    },
  };

  const GetFunctionUrlConfig: Operation<GetFunctionUrlConfigCommandInput, GetFunctionUrlConfigResponse> = {
    resources,
    run: (input) => {
      const found = account.lambda.urls.find(arnOf(input));
      if (!found) throw notFound('The resource you requested does not exist.');
      const time = new Date(found.createdMs).toISOString();
      return {
        FunctionUrl: found.url,
        FunctionArn: found.functionArn,
        AuthType: found.authType,
        CreationTime: time,
        LastModifiedTime: time,
        InvokeMode: 'BUFFERED',
      };
    },
  };

  return { Invoke, GetFunction, GetFunctionConfiguration, GetFunctionUrlConfig };
}

/** `name`, `name:qualifier`, `<account>:function:name` or an ARN, each with or without a qualifier of its own. */
function functionArn(account: SimulatedAccount, { FunctionName: given = '', Qualifier: qualifier }: Named): string {
  const match = /^(?:arn:[^:]+:lambda:[^:]+:)?(?:(\d{12}):function:|function:)?([\w-]+)(?::([\w$-]+))?$/.exec(given);
  const [, owner = account.id, name, derived] = match ?? [];
  if (name === undefined)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${given}' at 'functionName' failed to satisfy constraint: Member must be a name or an ARN of a function`,
    );
  if (derived !== undefined && qualifier !== undefined && derived !== qualifier)
    throw new AwsError(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  const arn = `arn:aws:lambda:${account.region}:${owner}:function:${name}`;
  const version = derived ?? qualifier;
  return version === undefined ? arn : `${arn}:${version}`;
}

/** No payload is an empty event. */
function payloadOf(payload: Uint8Array | undefined): unknown {
  if (!payload || payload.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${words}`);
  }
}

/** The last 4 KB of what the function's invocation logged that ended just now. */
function tail({ invocations, logs }: SimulatedAccount['lambda'], functionName: string): string {
  const requestId = invocations.findLast((one) => one.functionName === functionName)?.requestId ?? '';
  const lines = logs
    .filter((line) => line.requestId === requestId)
    .map(({ time, level, message }) => `${time}\t${requestId}\t${level}\t${message}\n`);
  const text = [`START RequestId: ${requestId}\n`, ...lines, `END RequestId: ${requestId}\n`].join('');
  return Buffer.from(text).subarray(-4096).toString('base64');
}

function configuration({ spec, bundle, version }: FunctionVersion, arn: string): FunctionConfiguration {
  return {
    FunctionName: spec.name,
    FunctionArn: arn,
    Role: spec.roleArn,
    Handler: spec.handler,
    CodeSize: bundle.bytes,
    CodeSha256: Buffer.from(bundle.sha256, 'hex').toString('base64'),
    Timeout: spec.timeoutSeconds,
    MemorySize: spec.memoryMb,
    Environment: { Variables: { ...spec.environment } },
    Version: version,
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}

export const notFound = (words: string): AwsError =>
  new AwsError('ResourceNotFoundException', words, { status: 404, fields: { Type: 'User' } });

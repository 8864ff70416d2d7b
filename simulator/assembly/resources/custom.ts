import type { Json } from '../../../lib/domain/model.ts';
import type { Created, Creation } from '../creation.ts';

/** What a custom resource's function PUTs to the response URL. */
interface Response {
  readonly Status?: string;
  readonly Reason?: string;
  readonly PhysicalResourceId?: string;
  readonly StackId?: string;
  readonly RequestId?: string;
  readonly LogicalResourceId?: string;
  readonly Data?: { readonly [name: string]: Json };
}

/** Bytes of a response body. */
const responseLimit = 4096;

export function isCustom(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

/** Invokes the function as CloudFormation does on Create, and waits for what it sends to the response URL. */
export async function customResource(creation: Creation): Promise<Created> {
  const { account, stack, logicalId, type } = creation;
  const { ServiceTimeout: timeout = 3600, ...properties } = creation.properties;
  const serviceToken = creation.text('ServiceToken');
  const requestId = account.random.uuid();
  const url = responseUrl(creation, requestId);
  const event = {
    RequestType: 'Create',
    ServiceToken: serviceToken,
    ResponseURL: url,
    StackId: stack.stackId,
    RequestId: requestId,
    LogicalResourceId: logicalId,
    ResourceType: type,
    ResourceProperties: stringified(properties),
  };
  const body = await answered(creation, url, Number(timeout), event, serviceToken);
  return accept(creation, requestId, body);
}

function answered(
  creation: Creation,
  url: string,
  timeoutSeconds: number,
  event: object,
  serviceToken: string,
): Promise<string> {
  const { account } = creation;
  const { host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const stop = account.lambda.network.listen(`https://${host}${pathname}${search}`, (body) => {
      stop();
      timer.cancel();
      resolve(body);
    });
    const timer = account.clock.after(timeoutSeconds * 1000, () => {
      stop();
      reject(
        creation.failed(
          'CloudFormation did not receive a response from your custom resource. Please check your logs for requestId ' +
            `[${(event as { RequestId: string }).RequestId}].${lastError(creation, serviceToken)}`,
        ),
      );
    });
    if (!account.lambda.exists(serviceToken)) {
      timer.cancel();
      reject(creation.failed(`its ServiceToken ${serviceToken} is no function of this account.`));
    } else void account.lambda.invokeEvent(serviceToken, event);
  });
}

function accept(creation: Creation, requestId: string, body: string): Created {
  if (Buffer.byteLength(body) > responseLimit) throw creation.failed('Response object is too long.');
  const response = JSON.parse(body) as Response;
  const { stack, logicalId } = creation;
  const matching =
    response.StackId === stack.stackId && response.RequestId === requestId && response.LogicalResourceId === logicalId;
  if (!matching) throw creation.failed('Invalid response: it is not for this stack, request and resource.');
  if (response.Status === 'FAILED') {
    throw creation.failed(
      `Received response status [FAILED] from custom resource. Message returned: ${response.Reason}`,
    );
  }
  if (response.Status !== 'SUCCESS') throw creation.failed(`Invalid response status '${response.Status}'.`);
  if (!response.PhysicalResourceId) throw creation.failed('Invalid PhysicalResourceId');
  return { physicalId: response.PhysicalResourceId, attributes: response.Data ?? {} };
}

function responseUrl({ account, stack, logicalId }: Creation, requestId: string): string {
  const bucket = `cloudformation-custom-resource-response-${account.region.replaceAll('-', '')}`;
  const key = encodeURIComponent(`${stack.stackId}|${logicalId}|${requestId}`);
  return `https://${bucket}.s3.${account.region}.amazonaws.com/${key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=7200`;
}

/** CloudFormation hands every scalar to a custom resource as a string. */
function stringified(value: Json | { readonly [name: string]: Json }): Json {
  if (Array.isArray(value)) return value.map(stringified);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, stringified(item)]));
  }
  return value === null ? null : String(value);
}

/** AWS only points to the logs; here they are at hand. */
function lastError({ account }: Creation, serviceToken: string): string {
  const name = serviceToken.split(':')[6];
  const failed = account.lambda.invocations.findLast((one) => one.functionName === name && one.error !== undefined);
  return failed ? ` Its last invocation failed with ${failed.error}.` : '';
}

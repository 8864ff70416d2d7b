import { createHash } from 'node:crypto';
import type { SimulatedAccount } from '../account.ts';
import { identityOf } from '../iam/identity.ts';
import { AwsError, type Principal } from '../service.ts';
import type { InvocationResult } from '../services/lambda.ts';
import { claimOf, type ParsedRequest, parseRequest, type WireRequest, type WireResponse } from '../wire/http.ts';
import { badGateway, refusal, urlAnswer } from './url-answer.ts';
import { type UrlCaller, urlEvent } from './url-event.ts';

export interface FunctionUrl {
  readonly id: string;
  /** Of the function, or of the alias it belongs to. */
  readonly functionArn: string;
  readonly authType: 'AWS_IAM' | 'NONE';
  /** `https://<id>.lambda-url.<region>.on.aws/` */
  readonly url: string;
  readonly createdMs: number;
}

/** Virtual milliseconds between the client and Lambda's front end. */
const latencyMs = 20;

const forbidden =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

export const isFunctionUrl = (hostname: string): boolean =>
  /^[a-z0-9]+\.lambda-url\.[a-z0-9-]+\.on\.aws$/.test(hostname);

/** The function URLs of the account: HTTP endpoints that invoke a function for whoever may. */
export class FunctionUrls {
  readonly #account: SimulatedAccount;
  readonly #byId = new Map<string, FunctionUrl>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  create(functionArn: string, authType: FunctionUrl['authType']): FunctionUrl {
    const { region, clock } = this.#account;
    const id = createHash('sha256').update(functionArn).digest('hex').slice(0, 32);
    const url = `https://${id}.lambda-url.${region}.on.aws/`;
    const made = { id, functionArn, authType, url, createdMs: clock.now() };
    this.#byId.set(id, made);
    return made;
  }

  find(functionArn: string): FunctionUrl | undefined {
    return [...this.#byId.values()].find((one) => one.functionArn === functionArn);
  }

  /** Answers one HTTP request to `<id>.lambda-url.<region>.on.aws`. */
  async handle(wireRequest: WireRequest): Promise<WireResponse> {
    const { clock } = this.#account;
    const request = parseRequest(wireRequest);
    await clock.sleep(latencyMs);
    const response = await this.#answer(request);
    return { ...response, headers: { ...response.headers, date: new Date(clock.now()).toUTCString() } };
  }

  async #answer(request: ParsedRequest): Promise<WireResponse> {
    const url = this.#byId.get(request.hostname.split('.')[0] ?? '');
    if (!url) return refusal(404, 'ResourceNotFoundException', null);
    const { iam, random, clock, id } = this.#account;
    const accessKeyId = url.authType === 'NONE' ? undefined : claimOf(request.headers)?.accessKeyId;
    const principal = accessKeyId === undefined ? undefined : iam.principalOf(accessKeyId);
    if (accessKeyId !== undefined && !principal)
      return refusal(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    const refused = this.#refused(url, principal);
    this.#record(url, principal, refused);
    if (refused) return refusal(403, 'AccessDeniedException', forbidden);
    const caller: UrlCaller | undefined =
      principal && accessKeyId !== undefined ? { ...identityOf(principal, id), accessKeyId } : undefined;
    return this.#invoke(url, urlEvent(request, caller, { requestId: random.uuid(), nowMs: clock.now() }));
  }

  async #invoke({ functionArn }: FunctionUrl, event: unknown): Promise<WireResponse> {
    let result: InvocationResult;
    try {
      result = await this.#account.lambda.invoke(functionArn, event);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return error.status === 429 || error.status === 413
        ? refusal(error.status, error.code, error.message)
        : badGateway();
    }
    return result.functionError ? badGateway() : urlAnswer(result.payload);
  }

  /** The caller needs both actions since October 2025: on the URL, and on the function by way of its URL. */
  #refused({ functionArn, authType }: FunctionUrl, principal: Principal | undefined): boolean {
    const { permissions } = this.#account.lambda;
    const needed = [
      ['lambda:InvokeFunctionUrl', { 'lambda:FunctionUrlAuthType': authType, 'lambda:FunctionArn': functionArn }],
      ['lambda:InvokeFunction', { 'lambda:InvokedViaFunctionUrl': 'true' }],
    ] as const;
    if (!principal)
      return (
        authType !== 'NONE' ||
        needed.some(([action, conditions]) => !permissions.permitsCaller(functionArn, '*', action, conditions))
      );
    try {
      for (const [action, conditions] of needed) permissions.authorize(principal, action, functionArn, conditions);
      return false;
    } catch (error) {
      if (error instanceof AwsError) return true;
      throw error;
    }
  }

  #record({ functionArn }: FunctionUrl, principal: Principal | undefined, refused: boolean): void {
    this.#account.calls.push({
      time: this.#account.clock.iso(),
      service: 'lambda',
      operation: 'InvokeFunctionUrl',
      principal: principal?.arn ?? 'anonymous',
      resources: [functionArn],
      ...(refused ? { error: 'AccessDeniedException' } : {}),
    });
  }
}

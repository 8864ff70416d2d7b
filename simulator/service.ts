/**
 * What every simulated AWS service is: a table of operations, each a plain function typed by the SDK's input and
 * output types. The wire layer parses requests with the schemas that the SDK's clients export, authorizes the call
 * against the caller's role, asks the fault hook, waits the documented latency, runs the function and serializes.
 */

/** Who calls: a role of the synthesized stack, or the account's operator, who may do everything. */
export interface Principal {
  /** `arn:aws:iam::111122223333:role/…`, or `operator`. */
  readonly arn: string;
  /** Name of a role's session, e.g. the Lambda function's name. */
  readonly session?: string;
}

export interface CallContext {
  readonly principal: Principal;
  readonly requestId: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the table holds functions of many input types; each entry is typed where it is written.
export interface Operation<I = any, O = any> {
  /** IAM actions needed, when not `<prefix>:<OperationName>`. An empty list needs none. */
  readonly actions?: readonly string[] | ((input: I) => readonly string[]);
  /** ARNs the call is authorized against; `['*']` where AWS has no resource-level permission for it. */
  resources(input: I): readonly string[];
  /** Condition keys of the call that a policy may ask for, e.g. `cloudwatch:namespace`. */
  conditions?(input: I): Readonly<Record<string, string | readonly string[]>>;
  /** Virtual milliseconds the call takes; a default of 20 applies. */
  readonly latencyMs?: number;
  run(input: I, context: CallContext): O | Promise<O>;
}

export interface SimulatedService {
  /** Host prefix of the endpoint, e.g. `ecs`, `elasticloadbalancing`, `states`, `monitoring`, `events`. */
  readonly endpointPrefix: string;
  /** IAM prefix of its actions, e.g. `ecs`, `cloudwatch`. */
  readonly iamPrefix: string;
  readonly protocol: 'json' | 'query' | 'rest-json' | 's3';
  /** The service is reached by the Query protocol as well. */
  readonly queryToo?: boolean;
  /** The SDK client's module, for its operation schemas (`DescribeRules$`). */
  readonly schemas: Readonly<Record<string, unknown>>;
  readonly operations: Readonly<Record<string, Operation>>;
}

/** An error as AWS words it. `code` is what travels on the wire, e.g. `InvalidParameterException`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { status?: number; fields?: Record<string, unknown> } = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.fields = options.fields ?? {};
  }
}

/** One API call as it ended, in order. */
export interface CallRecord {
  readonly time: string;
  readonly service: string;
  readonly operation: string;
  readonly principal: string;
  readonly resources: readonly string[];
  /** The error's code, where it failed. */
  readonly error?: string;
}

/** Something about to happen that a fault may change. */
export type FaultPoint =
  | {
      readonly kind: 'call';
      readonly service: string;
      readonly operation: string;
      readonly principal: string;
      readonly input: unknown;
    }
  | { readonly kind: 'invocation'; readonly functionName: string; readonly payload: unknown }
  | { readonly kind: 'event'; readonly source: string; readonly detailType: string; readonly event: unknown };

/** What a fault does: fail instead, fail after the side effect, take longer, deliver n times (0 loses an event). */
export interface FaultEffect {
  readonly error?: AwsError;
  /** The call or invocation takes effect, and its answer is then this error. */
  readonly errorAfter?: AwsError;
  readonly delayMs?: number;
  readonly deliveries?: number;
}

export type FaultHook = (point: FaultPoint) => FaultEffect | undefined;

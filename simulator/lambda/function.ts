import type { SimulatedAccount } from '../account.ts';
import type { Bundle } from './bundle.ts';
import type { FunctionError } from './errors.ts';
import type { LogLevel } from './host.ts';
import type { Network } from './network.ts';
import { Sandbox, type SandboxAnswer } from './sandbox.ts';

export interface FunctionSpec {
  /** Unqualified: `arn:aws:lambda:<region>:<account>:function:<name>`. */
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly codeDir: string;
  /** `index.handler` */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Invocations that may run at the same time; more answer `TooManyRequestsException`. */
  readonly reservedConcurrency?: number;
}

export interface FunctionLog {
  /** ISO 8601. */
  readonly time: string;
  readonly functionName: string;
  readonly requestId: string;
  readonly level: LogLevel;
  readonly message: string;
}

export interface Run {
  readonly answer: SandboxAnswer;
  readonly coldStart: boolean;
}

interface Surroundings {
  readonly account: SimulatedAccount;
  readonly network: Network;
  readonly log: (line: FunctionLog) => void;
}

/** Routing and hand-over of one invocation to a warm environment. */
const warmStartMs = 5;
/** A Node.js function's cold start: 400 ms for the environment and the runtime, and 100 ms per megabyte of code. */
const coldStartMs = (bytes: number): number => 400 + Math.round((bytes / 1e6) * 100);

/** One version of a function with its execution environments. */
export class FunctionVersion {
  readonly spec: FunctionSpec;
  readonly bundle: Bundle;
  /** `$LATEST`, or a number. */
  readonly version: string;
  readonly #surroundings: Surroundings;
  readonly #idle: Sandbox[] = [];
  #started = 0;
  #busy = 0;

  constructor(spec: FunctionSpec, bundle: Bundle, version: string, surroundings: Surroundings) {
    this.spec = spec;
    this.bundle = bundle;
    this.version = version;
    this.#surroundings = surroundings;
  }

  get busy(): number {
    return this.#busy;
  }

  /** Runs the handler in an idle environment, else in a new one. Environments never serve two invocations at once. */
  async run(requestId: string, event: string, invokedArn: string): Promise<Run> {
    this.#busy += 1;
    try {
      const { clock } = this.#surroundings.account;
      const warm = this.#idle.pop();
      await clock.sleep(warmStartMs);
      const sandbox = warm ?? this.#create();
      const failure = warm ? undefined : await this.#start(sandbox, requestId);
      if (failure) return { answer: { error: failure }, coldStart: true };
      const { timeoutSeconds } = this.spec;
      const answer = await sandbox.invoke({ requestId, event, timeoutSeconds, context: this.#context(invokedArn) });
      if (sandbox.alive) this.#idle.push(sandbox);
      return { answer, coldStart: !warm };
    } finally {
      this.#busy -= 1;
    }
  }

  async #start(sandbox: Sandbox, requestId: string): Promise<FunctionError | undefined> {
    await this.#surroundings.account.clock.sleep(coldStartMs(this.bundle.bytes));
    return sandbox.start(requestId);
  }

  #create(): Sandbox {
    const { account, network, log } = this.#surroundings;
    const { name } = this.spec;
    const random = account.random.fork(`lambda/${name}/${this.version}/${this.#started++}`);
    return new Sandbox({
      account,
      network,
      random,
      bundle: this.bundle,
      environment: this.#environment(`${this.version}/${random.hex(32)}`),
      log: (requestId, level, message) =>
        log({ time: account.clock.iso(), functionName: name, requestId, level, message }),
    });
  }

  #context(invokedFunctionArn: string): object {
    const { name, memoryMb } = this.spec;
    return {
      functionName: name,
      functionVersion: this.version,
      invokedFunctionArn,
      memoryLimitInMB: String(memoryMb),
      logGroupName: `/aws/lambda/${name}`,
    };
  }

  /** The variables that Lambda sets, under those of the function's configuration. */
  #environment(logStream: string): Record<string, string> {
    const { account } = this.#surroundings;
    const { spec } = this;
    const credentials = account.iam.credentialsFor(spec.roleArn, spec.name);
    return {
      ...spec.environment,
      AWS_REGION: account.region,
      AWS_DEFAULT_REGION: account.region,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: spec.name,
      AWS_LAMBDA_FUNCTION_VERSION: this.version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      LAMBDA_TASK_ROOT: '/var/task',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
      TZ: ':UTC',
      _HANDLER: spec.handler,
    };
  }
}

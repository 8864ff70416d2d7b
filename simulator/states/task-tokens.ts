import type { Json } from '../../lib/domain/model.ts';
import type { Random } from '../random.ts';
import { AwsError } from '../service.ts';
import { StateFailure } from './failure.ts';
import { dataLimit } from './limits.ts';

/** How every token begins; the rest is opaque. */
const prefix = 'AAAAKgAAAAIAAAAAAAAAA';
/** Characters of a token. AWS allows 1,024 in the context object. */
const tokenLength = 660;

/** One attempt of a Task state that waits for its token to come back. */
export class CallbackTask {
  readonly token: string;
  readonly stateMachineArn: string;
  /** What SendTaskSuccess hands over; rejects with what SendTaskFailure says. */
  readonly outcome: Promise<Json>;
  /** Called at every sign of life. */
  onHeartbeat: () => void = () => undefined;
  readonly #running: () => boolean;
  #answered = false;
  #abandoned = false;
  #settle: { resolve: (output: Json) => void; reject: (failure: StateFailure) => void } | undefined;

  constructor(token: string, stateMachineArn: string, running: () => boolean) {
    this.token = token;
    this.stateMachineArn = stateMachineArn;
    this.#running = running;
    this.outcome = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // An answer may come while the task is still being submitted, when nobody waits for the outcome yet.
    this.outcome.catch(() => undefined);
  }

  /** Whether the state still waits: not once the attempt has ended, in whatever way, or its execution has. */
  get waitedFor(): boolean {
    return !this.#abandoned && this.#running();
  }

  /** Whether an answer still counts. The first one does. */
  get open(): boolean {
    return !this.#answered && this.waitedFor;
  }

  abandon(): void {
    this.#abandoned = true;
  }

  succeed(output: Json): void {
    this.#answered = true;
    this.#settle?.resolve(output);
  }

  fail(failure: StateFailure): void {
    this.#answered = true;
    this.#settle?.reject(failure);
  }
}

/** The tokens that were handed out, and what their bearers may say: SendTaskSuccess, -Failure and -Heartbeat. */
export class TaskTokens {
  readonly #random: Random;
  readonly #tasks = new Map<string, CallbackTask>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param running whether the execution that waits is still in the stretch that issued the token */
  issue(stateMachineArn: string, running: () => boolean): CallbackTask {
    const bytes = Buffer.from(this.#random.hex(tokenLength * 2), 'hex');
    const token = `${prefix}${bytes.toString('base64')}`.slice(0, tokenLength);
    const task = new CallbackTask(token, stateMachineArn, running);
    this.#tasks.set(token, task);
    return task;
  }

  /** @throws AwsError InvalidToken for what is no token, TaskDoesNotExist for one that this account never gave out */
  find(token: string): CallbackTask {
    const task = this.#tasks.get(token);
    if (task) return task;
    if (token.length === tokenLength && token.startsWith(prefix))
      throw new AwsError('TaskDoesNotExist', "Task does not exist: 'Provided task does not exist'");
    throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  /** @param output JSON text */
  succeed(token: string, output: string): void {
    this.#waiting(token).succeed(parsed(output));
  }

  fail(token: string, error = '', cause = ''): void {
    this.#waiting(token).fail(new StateFailure(error, cause));
  }

  heartbeat(token: string): void {
    this.#waiting(token).onHeartbeat();
  }

  #waiting(token: string): CallbackTask {
    const task = this.find(token);
    if (task.open) return task;
    throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  }
}

function parsed(output: string): Json {
  if (Buffer.byteLength(output) > dataLimit)
    throw new AwsError('InvalidOutput', `Invalid Output: 'Output is larger than the limit of ${dataLimit} bytes'`);
  try {
    return JSON.parse(output) as Json;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${error instanceof Error ? error.message : String(error)}'`);
  }
}

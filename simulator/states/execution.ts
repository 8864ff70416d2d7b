import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json } from '../../lib/domain/model.ts';
import type { Random } from '../random.ts';
import { contextOf } from './context.ts';
import type { Definition, State } from './definition.ts';
import { Drive, type ExecutionClock } from './drive.ts';
import { StateFailure, shown } from './failure.ts';
import { builtinFunctions } from './functions.ts';
import { History, whole } from './history.ts';
import { carried } from './limits.ts';
import type { TaskResource } from './resource.ts';
import type { TaskTokens } from './task-tokens.ts';
import { runState } from './types/run.ts';
import type { Step, Surroundings } from './types/step.ts';
import { Visit } from './visit.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One transition from state to state takes about this long in a Standard workflow. */
const transitionMs = 25;

export interface ExecutionOptions {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly definition: Definition;
  /** JSON text. */
  readonly input: string;
  readonly clock: ExecutionClock;
  readonly random: Random;
  readonly tokens: TaskTokens;
  /** The integration behind a Task's `Resource`. */
  readonly resource: (resource: string) => TaskResource;
  readonly onTransition: () => void;
  readonly onStart: (execution: Execution) => void;
  readonly onEnd: (execution: Execution) => void;
}

/** Where an execution is: the state it goes to next, or is in once that was entered. */
interface Position {
  readonly state: string;
  readonly input: Json;
  readonly entered?: { readonly eventId: number; readonly time: string };
}

/** One execution of a state machine, redrives included. */
export class Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly roleArn: string;
  readonly input: string;
  readonly startMs: number;
  status: ExecutionStatus = 'RUNNING';
  output?: string;
  error?: string;
  cause?: string;
  stopMs?: number;
  redriveCount = 0;
  redriveMs?: number;
  readonly #options: ExecutionOptions;
  readonly #history: History;
  #drive: Drive;
  #position: Position;
  #variables: Readonly<Record<string, Json>> = {};

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.arn = options.arn;
    this.name = options.name;
    this.stateMachineArn = options.stateMachineArn;
    this.roleArn = options.roleArn;
    this.input = options.input;
    this.startMs = options.clock.now();
    this.#history = new History(() => options.clock.now());
    this.#drive = new Drive(options.clock);
    this.#position = { state: options.definition.StartAt, input: JSON.parse(options.input) as Json };
    const { input, roleArn } = options;
    this.#history.add('ExecutionStarted', { executionStartedEventDetails: { input, inputDetails: whole, roleArn } });
  }

  get history(): readonly HistoryEvent[] {
    return this.#history.events;
  }

  start(): void {
    this.#options.onStart(this);
    const drive = this.#drive;
    this.#options.clock.after(0, () => this.#run(drive));
  }

  /** Goes on at the state that did not succeed, with its input and the variables as they were. Whether it may is the caller's to know. */
  redrive(): void {
    this.redriveCount += 1;
    this.redriveMs = this.#options.clock.now();
    this.status = 'RUNNING';
    for (const field of ['output', 'error', 'cause', 'stopMs'] as const) delete this[field];
    this.#history.add('ExecutionRedriven', { executionRedrivenEventDetails: { redriveCount: this.redriveCount } });
    // A redrive is a transition, and the state's own limits and retries begin anew.
    this.#options.onTransition();
    this.#drive = new Drive(this.#options.clock);
    this.start();
  }

  /** Ends the execution from outside, as StopExecution does. */
  abort(error: string | undefined, cause: string | undefined): void {
    this.#end(this.#drive, 'ABORTED', shown(error, cause));
  }

  /** Runs to the end; never rejects for what the workflow does. */
  async #run(drive: Drive): Promise<void> {
    const { TimeoutSeconds: seconds } = this.#options.definition;
    if (seconds !== undefined) {
      drive.after(seconds * 1000, () => this.#end(drive, 'TIMED_OUT', { error: 'States.Timeout' }));
    }
    try {
      this.#end(drive, 'SUCCEEDED', { output: await this.#walk(drive) });
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      this.#end(drive, 'FAILED', shown(failure.error, failure.cause));
    }
  }

  async #walk(drive: Drive): Promise<string> {
    for (;;) {
      await drive.sleep(transitionMs);
      const { state: name } = this.#position;
      const state = this.#options.definition.States[name];
      if (!state) throw new StateFailure('States.Runtime', `There is no state '${name}'.`);
      const step = await drive.whileRunning(this.#visit(drive, state));
      if (step.next === undefined) return JSON.stringify(step.output);
      this.#variables = { ...this.#variables, ...step.assigned };
      this.#position = { state: step.next, input: step.output };
    }
  }

  async #visit(drive: Drive, state: State): Promise<Step> {
    const { state: name, input } = this.#position;
    const entered = this.#enter(state);
    const visit = new Visit({
      name,
      input,
      enteredEventId: entered.eventId,
      history: this.#history,
      bindings: { ...builtinFunctions(this.#clocked()), ...this.#variables },
      context: (attempt) =>
        contextOf(this, this.#options.stateMachineName, { name, entered: entered.time, ...attempt }),
    });
    const step = await runState(state, visit, this.#surroundings(state, drive));
    this.#exit(name, state, step);
    return step;
  }

  /** Writes that the state was entered. A redriven one goes on where it was, but for Fail, which is entered again. */
  #enter(state: State): NonNullable<Position['entered']> {
    const { state: name, input, entered } = this.#position;
    if (entered && state.Type !== 'Fail') return entered;
    this.#options.onTransition();
    const text = carried(input, `The state '${name}' was given input`);
    const eventId = this.#history.add(`${state.Type}StateEntered`, {
      stateEnteredEventDetails: { name, input: text, inputDetails: whole },
    });
    const now = { eventId, time: this.#options.clock.iso() };
    this.#position = { state: name, input, entered: now };
    return now;
  }

  #exit(name: string, state: State, { output, assigned }: Step): void {
    const text = carried(output, `The state '${name}' returned a result`);
    this.#history.exited(state, name, text, assigned);
    carried(assigned, `The state '${name}' assigned variables`);
  }

  #surroundings(state: State, drive: Drive): Surroundings {
    const { random, resource, onTransition, tokens } = this.#options;
    return {
      ...this.#clocked(),
      history: this.#history,
      random,
      resource: () => resource(state.Type === 'Task' ? state.Resource : ''),
      issueToken: () => tokens.issue(this.stateMachineArn, () => drive.running),
      sleep: (ms) => drive.sleep(ms),
      after: (ms, run) => drive.after(ms, run),
      whileRunning: (promise) => drive.whileRunning(promise),
      countTransition: onTransition,
    };
  }

  #clocked() {
    return { random: this.#options.random, now: () => this.#options.clock.now() };
  }

  #end(
    drive: Drive,
    status: Exclude<ExecutionStatus, 'RUNNING'>,
    result: { output?: string; error?: string; cause?: string },
  ): void {
    if (!drive.running) return;
    drive.end();
    this.status = status;
    this.stopMs = this.#options.clock.now();
    Object.assign(this, result);
    this.#history.ended(status, result);
    this.#options.onEnd(this);
  }
}

import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import type { Json } from '../../lib/domain/model.ts';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Definition, State } from './definition.ts';
import { StateFailure } from './failure.ts';
import { builtinFunctions } from './functions.ts';
import { History, whole } from './history.ts';
import { carried } from './limits.ts';
import type { TaskResource } from './resource.ts';
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
  readonly clock: Clock;
  readonly random: Random;
  /** The integration behind a Task's `Resource`. */
  readonly resource: (resource: string) => TaskResource;
  readonly onTransition: () => void;
  readonly onEnd: (execution: Execution) => void;
}

/** One run of a state machine. Once it is over nothing of it continues, whatever it was waiting for. */
export class Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly input: string;
  readonly startMs: number;
  status: ExecutionStatus = 'RUNNING';
  output?: string;
  error?: string;
  cause?: string;
  stopMs?: number;
  readonly #options: ExecutionOptions;
  readonly #history: History;
  #variables: Readonly<Record<string, Json>> = {};

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.arn = options.arn;
    this.name = options.name;
    this.stateMachineArn = options.stateMachineArn;
    this.input = options.input;
    this.startMs = options.clock.now();
    this.#history = new History(() => options.clock.now());
    const { input, roleArn } = options;
    this.#history.add('ExecutionStarted', { executionStartedEventDetails: { input, inputDetails: whole, roleArn } });
  }

  get history(): readonly HistoryEvent[] {
    return this.#history.events;
  }

  /** Runs to the end; never rejects for what the workflow does. */
  async run(): Promise<void> {
    if (this.status !== 'RUNNING') return;
    const { definition, clock, input } = this.#options;
    if (definition.TimeoutSeconds !== undefined) {
      clock.after(definition.TimeoutSeconds * 1000, () => this.#end('TIMED_OUT', { error: 'States.Timeout' }));
    }
    try {
      const output = await this.#walk(definition, JSON.parse(input) as Json);
      this.#end('SUCCEEDED', { output });
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      this.#end('FAILED', { error: failure.error, cause: failure.cause });
    }
  }

  /** Ends the execution from outside, as StopExecution does. */
  abort(error: string | undefined, cause: string | undefined): void {
    this.#end('ABORTED', { ...(error ? { error } : {}), ...(cause ? { cause } : {}) });
  }

  async #walk(definition: Definition, input: Json): Promise<string> {
    let name = definition.StartAt;
    let data = input;
    for (;;) {
      await this.#whileRunning(this.#options.clock.sleep(transitionMs));
      const state = definition.States[name];
      if (!state) throw new StateFailure('States.Runtime', `There is no state '${name}'.`);
      const step = await this.#whileRunning(this.#visit(name, state, data));
      if (step.next === undefined) return JSON.stringify(step.output);
      this.#variables = { ...this.#variables, ...step.assigned };
      data = step.output;
      name = step.next;
    }
  }

  async #visit(name: string, state: State, input: Json): Promise<Step> {
    this.#options.onTransition();
    const text = carried(input, `The state '${name}' was given input`);
    const enteredEventId = this.#history.add(`${state.Type}StateEntered`, {
      stateEnteredEventDetails: { name, input: text, inputDetails: whole },
    });
    const enteredAt = this.#options.clock.iso();
    const visit = new Visit({
      name,
      input,
      enteredEventId,
      history: this.#history,
      bindings: { ...builtinFunctions(this.#clocked()), ...this.#variables },
      context: (retryCount) => this.#context(name, enteredAt, retryCount),
    });
    const step = await runState(state, visit, this.#surroundings(state));
    this.#exit(name, state, step);
    return step;
  }

  #exit(name: string, state: State, { output, assigned }: Step): void {
    const variables = Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)]);
    this.#history.add(`${state.Type}StateExited` as HistoryEventType, {
      stateExitedEventDetails: {
        name,
        output: carried(output, `The state '${name}' returned a result`),
        outputDetails: whole,
        ...(variables.length > 0
          ? { assignedVariables: Object.fromEntries(variables), assignedVariablesDetails: whole }
          : {}),
      },
    });
    carried(assigned, `The state '${name}' assigned variables`);
  }

  #surroundings(state: State): Surroundings {
    const { clock, random, resource, onTransition } = this.#options;
    return {
      ...this.#clocked(),
      history: this.#history,
      random,
      resource: () => resource(state.Type === 'Task' ? state.Resource : ''),
      sleep: (ms) => this.#whileRunning(clock.sleep(ms)),
      after: (ms, run) => clock.after(ms, run),
      whileRunning: (promise) => this.#whileRunning(promise),
      countTransition: onTransition,
    };
  }

  #clocked() {
    return { random: this.#options.random, now: () => this.#options.clock.now() };
  }

  #whileRunning<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.status === 'RUNNING' && resolve(value),
        (error) => this.status === 'RUNNING' && reject(error),
      );
    });
  }

  #end(status: Exclude<ExecutionStatus, 'RUNNING'>, result: { output?: string; error?: string; cause?: string }): void {
    if (this.status !== 'RUNNING') return;
    this.status = status;
    this.stopMs = this.#options.clock.now();
    Object.assign(this, result);
    const { output, ...failure } = result;
    if (status === 'SUCCEEDED') {
      const details = { output: output ?? 'null', outputDetails: whole };
      this.#history.add('ExecutionSucceeded', { executionSucceededEventDetails: details });
    } else if (status === 'FAILED') this.#history.add('ExecutionFailed', { executionFailedEventDetails: failure });
    else if (status === 'ABORTED') this.#history.add('ExecutionAborted', { executionAbortedEventDetails: failure });
    else this.#history.add('ExecutionTimedOut', { executionTimedOutEventDetails: failure });
    this.#options.onEnd(this);
  }

  /** `$states.context` [docs: "Accessing execution data from the Context object"] */
  #context(stateName: string, enteredAt: string, retryCount: number): Json {
    const { arn, name, input, roleArn, stateMachineArn, stateMachineName } = this.#options;
    return {
      Execution: {
        Id: arn,
        Input: JSON.parse(input) as Json,
        Name: name,
        RoleArn: roleArn,
        StartTime: new Date(this.startMs).toISOString(),
        RedriveCount: 0,
      },
      State: { EnteredTime: enteredAt, Name: stateName, RetryCount: retryCount },
      StateMachine: { Id: stateMachineArn, Name: stateMachineName },
    };
  }
}

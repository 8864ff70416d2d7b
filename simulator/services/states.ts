/** AWS Step Functions: Standard workflows written in JSONata. */
import * as sfn from '@aws-sdk/client-sfn';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Principal, type SimulatedService } from '../service.ts';
import { parseDefinition } from '../states/check.ts';
import type { Definition } from '../states/definition.ts';
import { Execution } from '../states/execution.ts';
import { dataLimit } from '../states/limits.ts';
import { operationsOf } from '../states/operations.ts';
import { Redrives } from '../states/redrive.ts';
import { taskResource } from '../states/resources/table.ts';
import { statusChange } from '../states/status-change.ts';
import { TaskTokens } from '../states/task-tokens.ts';
import { countExecution } from './own-metrics.ts';

export type { Execution, ExecutionStatus } from '../states/execution.ts';

export interface StateMachineSpec {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** JSON text, substitutions done. */
  readonly definition: string;
}

export interface StateMachine extends StateMachineSpec {
  readonly parsed: Definition;
  readonly createdMs: number;
}

export interface StartInput {
  readonly stateMachineArn: string;
  /** JSON text; `{}` by default. */
  readonly input?: string;
  readonly name?: string;
  readonly principal: Principal;
}

export class StepFunctions implements SimulatedService {
  readonly endpointPrefix = 'states';
  readonly iamPrefix = 'states';
  readonly protocol = 'json';
  readonly schemas = sfn;
  readonly operations: ReturnType<typeof operationsOf>;
  /** In the order they were started. */
  readonly executions: Execution[] = [];
  /** States entered and retries, over all executions: what Standard workflows are billed by. */
  stateTransitions = 0;
  readonly tokens: TaskTokens;
  readonly redrives: Redrives;
  readonly #account: SimulatedAccount;
  readonly #machines = new Map<string, StateMachine>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
    const now = () => account.clock.now();
    this.tokens = new TaskTokens(account.random.fork('task-tokens'));
    this.redrives = new Redrives(now);
    this.operations = operationsOf(this, now);
  }

  /** In the order they were created. */
  get stateMachines(): readonly StateMachine[] {
    return [...this.#machines.values()];
  }

  /** @throws Error naming whatever of the definition is invalid or not implemented */
  createStateMachine(spec: StateMachineSpec): void {
    const parsed = parseDefinition(spec.definition);
    this.#machines.set(spec.arn, { ...spec, parsed, createdMs: this.#account.clock.now() });
  }

  stateMachine(arn: string): StateMachine {
    const machine = this.#machines.get(arn);
    if (machine) return machine;
    checkArn(arn);
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  execution(arn: string): Execution {
    const execution = this.executions.find((one) => one.arn === arn);
    if (execution) return execution;
    checkArn(arn);
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** Whoever calls this has been authorized already. */
  startExecution({ stateMachineArn, input = '{}', name, principal: _ }: StartInput): StartedExecution {
    const machine = this.stateMachine(stateMachineArn);
    checkInput(input);
    const executionName = name ?? this.#account.random.uuid();
    checkName(executionName);
    const arn = this.#account.arn('states', `execution:${machine.name}:${executionName}`);
    const earlier = this.executions.find((one) => one.arn === arn);
    if (earlier) return again(earlier, input);
    const execution = this.#create(machine, arn, executionName, input);
    this.executions.push(execution);
    execution.start();
    return { executionArn: arn, startDate: new Date(execution.startMs) };
  }

  #create(machine: StateMachine, arn: string, name: string, input: string): Execution {
    const account = this.#account;
    return new Execution({
      arn,
      name,
      input,
      stateMachineArn: machine.arn,
      stateMachineName: machine.name,
      roleArn: machine.roleArn,
      definition: machine.parsed,
      clock: account.clock,
      random: account.random.fork(arn),
      tokens: this.tokens,
      resource: (resource) => taskResource(account, machine.roleArn, resource),
      onTransition: () => {
        this.stateTransitions += 1;
      },
      onStart: (execution) => account.events.emit(statusChange(execution, account.clock.now())),
      onEnd: (execution) => {
        countExecution(account, machine.arn, execution.status);
        account.events.emit(statusChange(execution, account.clock.now()));
      },
    });
  }
}

export interface StartedExecution {
  readonly executionArn: string;
  readonly startDate: Date;
}

/** Same name and input while it runs: the same answer. Anything else with a name in use is refused. */
function again(earlier: Execution, input: string): StartedExecution {
  if (earlier.status === 'RUNNING' && earlier.input === input) {
    return { executionArn: earlier.arn, startDate: new Date(earlier.startMs) };
  }
  throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${earlier.arn}'`);
}

function checkArn(arn: string): void {
  if (!arn.startsWith('arn:')) throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
}

function checkInput(input: string): void {
  try {
    JSON.parse(input);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${words}'`);
  }
  if (Buffer.byteLength(input) > dataLimit) {
    throw new AwsError('InvalidExecutionInput', `Input is larger than the limit of ${dataLimit} bytes`);
  }
}

/** 1 to 80 characters: no white space, brackets, wildcards, quotes, slashes, control characters. [dts StartExecution] */
function checkName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the rule forbids
  if (/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/.test(name)) return;
  throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

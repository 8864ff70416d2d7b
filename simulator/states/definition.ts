import type { Json } from '../../lib/domain/model.ts';

/** Amazon States Language as far as the interpreter implements it: JSONata only. */
export interface Definition {
  readonly Comment?: string;
  readonly QueryLanguage: 'JSONata';
  readonly StartAt: string;
  /** Seconds; the execution ends TIMED_OUT after them. */
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}

export type State = TaskState | ChoiceState | WaitState | PassState | SucceedState | FailState;

/** JSON in which strings of the form `{% … %}` are expressions. */
export type Template = Json;

interface Assigning {
  readonly Assign?: { readonly [variable: string]: Template };
  readonly Output?: Template;
}

interface Continuing {
  readonly Next?: string;
  readonly End?: boolean;
}

export interface TaskState extends Assigning, Continuing {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments?: Template;
  /** 1 to 99,999,999, or an expression. */
  readonly TimeoutSeconds?: number | string;
  /** Less than TimeoutSeconds; only where the task waits for its token. */
  readonly HeartbeatSeconds?: number | string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher extends Assigning {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

export interface ChoiceState extends Assigning {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface ChoiceRule extends Assigning {
  readonly Condition: string | boolean;
  readonly Next: string;
}

export interface WaitState extends Assigning, Continuing {
  readonly Type: 'Wait';
  readonly Seconds?: number | string;
  readonly Timestamp?: string;
}

export interface PassState extends Assigning, Continuing {
  readonly Type: 'Pass';
}

export interface SucceedState {
  readonly Type: 'Succeed';
  readonly Output?: Template;
}

export interface FailState {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
}

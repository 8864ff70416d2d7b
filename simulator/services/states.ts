import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { SimulatedAccount } from '../account.ts';
import type { Principal } from '../service.ts';

export interface StateMachineSpec {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definition: string;
}

export interface StartInput {
  readonly stateMachineArn: string;
  readonly input: string;
  readonly name?: string;
  readonly principal: Principal;
}

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly input: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly startMs: number;
  readonly stopMs?: number;
  readonly history: readonly HistoryEvent[];
}

export class StepFunctions {
  readonly executions: readonly Execution[] = [];
  stateTransitions = 0;
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  createStateMachine(_spec: StateMachineSpec): void {
    throw new Error(`not written yet (${this.#account.id})`);
  }

  startExecution(_input: StartInput): { executionArn: string; startDate: Date } {
    throw new Error('not written yet');
  }
}

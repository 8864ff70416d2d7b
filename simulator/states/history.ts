import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import type { Json } from '../../lib/domain/model.ts';
import type { State } from './definition.ts';
import { StateFailure } from './failure.ts';
import { historyLimit } from './limits.ts';

type Details = Omit<HistoryEvent, 'timestamp' | 'type' | 'id' | 'previousEventId'>;

/** An execution's events in AWS's shapes: numbered from 1, each pointing at the one that led to it. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns the event's id. @throws StateFailure when the history is full */
  add(type: HistoryEventType, details: Details = {}): number {
    // One event is kept free for the end of the execution.
    if (this.events.length >= historyLimit - 1 && !type.startsWith('Execution')) {
      throw new StateFailure(
        'States.Runtime',
        `The execution reached the maximum number of history events (${historyLimit}).`,
      );
    }
    const id = this.events.length + 1;
    // AWS gives the first state the previous event 0 as well.
    const previousEventId = id <= 2 ? 0 : id - 1;
    this.events.push({ timestamp: new Date(this.#now()), type, id, previousEventId, ...details });
    return id;
  }

  /** @param output JSON text */
  exited(state: State, name: string, output: string, assigned: Readonly<Record<string, Json>>): void {
    const variables = Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)]);
    this.add(`${state.Type}StateExited` as HistoryEventType, {
      stateExitedEventDetails: {
        name,
        output,
        outputDetails: whole,
        ...(variables.length > 0
          ? { assignedVariables: Object.fromEntries(variables), assignedVariablesDetails: whole }
          : {}),
      },
    });
  }

  ended(
    status: 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT',
    { output = 'null', ...failure }: { output?: string; error?: string; cause?: string },
  ): void {
    if (status === 'SUCCEEDED')
      this.add('ExecutionSucceeded', { executionSucceededEventDetails: { output, outputDetails: whole } });
    else if (status === 'FAILED') this.add('ExecutionFailed', { executionFailedEventDetails: failure });
    else if (status === 'ABORTED') this.add('ExecutionAborted', { executionAbortedEventDetails: failure });
    else this.add('ExecutionTimedOut', { executionTimedOutEventDetails: failure });
  }
}

/** Data in an event, never truncated here. */
export const whole = { truncated: false } as const;

/**
 * AWS Step Functions: starts rollbacks and reads what they do.
 *
 * Calls: states:StartExecution, states:DescribeExecution, states:GetExecutionHistory, states:DescribeStateMachine
 */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json } from '../../lib/domain/model.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

export interface ExecutionState {
  readonly arn: string;
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, `PENDING_REDRIVE`. */
  readonly status: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly stoppedAt?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export class Executions {
  readonly #sfn;
  readonly #sdk = lazily(() => import('@aws-sdk/client-sfn'));

  constructor(clock: AccountClock) {
    this.#sfn = lazily(async () => clock.listenTo(new (await this.#sdk()).SFNClient(clientOptions)));
  }

  /**
   * @param name a repeated request with the same name and input starts nothing new, so the SDK may repeat it
   * @returns the execution's ARN
   */
  async start(stateMachineArn: string, name: string, input: Json): Promise<string> {
    const { client, StartExecutionCommand } = await this.#client();
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    return executionArn as string;
  }

  /** Undefined once Step Functions no longer keeps it, 90 days after its end. */
  async describe(arn: string): Promise<ExecutionState | undefined> {
    const { client, DescribeExecutionCommand, ExecutionDoesNotExist } = await this.#client();
    try {
      const found = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
      const { status = 'UNKNOWN', startDate, stopDate, output, error, cause } = found;
      return {
        arn,
        status,
        startedAt: startDate?.toISOString() ?? '',
        ...(stopDate && { stoppedAt: stopDate.toISOString() }),
        ...(output !== undefined && { output }),
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      };
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  /**
   * Events after the one with this id, oldest first. Read from the newest backwards, so that a long history is read once
   * and not at every look.
   */
  async eventsAfter(arn: string, id: number): Promise<HistoryEvent[]> {
    const { client, GetExecutionHistoryCommand } = await this.#client();
    const found = new Map<number, HistoryEvent>();
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new GetExecutionHistoryCommand({
          executionArn: arn,
          reverseOrder: true,
          // A first look wants all; later ones what a second or two has brought.
          maxResults: id === 0 ? 1_000 : 100,
          ...(nextToken && { nextToken }),
        }),
      );
      for (const event of page.events ?? []) if ((event.id ?? 0) > id) found.set(event.id ?? 0, event);
      const reached = (page.events ?? []).some((event) => (event.id ?? 0) <= id);
      nextToken = reached ? undefined : page.nextToken;
    } while (nextToken);
    return [...found.values()].sort((a, b) => (a.id ?? 0) - (b.id ?? 0));
  }

  /** The definition that is installed, JSON text. Asked once and briefly: whoever asks can do without. */
  async definition(stateMachineArn: string): Promise<string | undefined> {
    const { SFNClient, DescribeStateMachineCommand } = await this.#sdk();
    const requestHandler = { ...clientOptions.requestHandler, requestTimeout: 4_000 };
    const client = new SFNClient({ ...clientOptions, maxAttempts: 1, requestHandler });
    try {
      return (await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).definition;
    } finally {
      client.destroy();
    }
  }

  async #client() {
    return { client: await this.#sfn(), ...(await this.#sdk()) };
  }
}

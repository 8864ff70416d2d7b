/** What AWS publishes about its own services, as far as alarms watch it: executions, invocations, waiting messages. */
import type { SimulatedAccount } from '../account.ts';
import type { ExecutionStatus } from '../states/execution.ts';

type MetricsHost = Pick<SimulatedAccount, 'clock' | 'cloudwatch'>;

const executionMetrics: Readonly<Record<Exclude<ExecutionStatus, 'RUNNING'>, string>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** One point of `AWS/States` when an execution ends. */
export function countExecution(account: MetricsHost, stateMachineArn: string, status: ExecutionStatus): void {
  if (status === 'RUNNING') return;
  count(account, 'AWS/States', executionMetrics[status], { StateMachineArn: stateMachineArn }, 1);
}

/** `AWS/Lambda` counts an invocation that ran, with an error or without; one that was throttled did not run. */
export function countInvocation(account: MetricsHost, functionName: string, end: 'ok' | 'error' | 'throttled'): void {
  const dimensions = { FunctionName: functionName };
  count(account, 'AWS/Lambda', 'Throttles', dimensions, end === 'throttled' ? 1 : 0);
  if (end === 'throttled') return;
  count(account, 'AWS/Lambda', 'Invocations', dimensions, 1);
  count(account, 'AWS/Lambda', 'Errors', dimensions, end === 'error' ? 1 : 0);
}

/** A gauge: `AWS/SQS` has a point a minute for as long as the queue is in use. */
export function gaugeQueue(account: MetricsHost, queueName: string, messages: number): void {
  count(account, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queueName }, messages);
}

function count(
  { clock, cloudwatch }: MetricsHost,
  namespace: string,
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
): void {
  cloudwatch.put({ namespace, metricName, dimensions, value, timeMs: clock.now() });
}

import type { Execution } from './execution.ts';
import { redriveState } from './redrive.ts';

/** Bytes of input and output, escaped, that an event carries; beyond them AWS leaves out the input, then the output. */
const carriedBytes = 248 * 1024;

/** The event that Step Functions puts on the bus when an execution starts, is redriven, and ends. */
export function statusChange(execution: Execution, nowMs: number) {
  const { arn, name, stateMachineArn, status, startMs, stopMs = null, redriveCount, redriveMs = null } = execution;
  const { redriveStatus, reason = null } = redriveState(execution, nowMs);
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn,
      name,
      status,
      startDate: startMs,
      stopDate: stopMs,
      ...data(execution),
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount,
      redriveDate: redriveMs,
      redriveStatus,
      redriveStatusReason: reason,
      error: execution.error ?? null,
      cause: execution.cause ?? null,
    },
  };
}

function data({ input, output: given }: Execution) {
  const output = given ?? null;
  const inputBytes = escapedBytes(input);
  const outputBytes = output === null ? 0 : escapedBytes(output);
  const withInput = inputBytes + outputBytes <= carriedBytes;
  const withOutput = outputBytes <= carriedBytes;
  return {
    input: withInput ? input : null,
    output: withOutput ? output : null,
    inputDetails: { included: withInput },
    outputDetails: output === null ? null : { included: withOutput },
  };
}

const escapedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

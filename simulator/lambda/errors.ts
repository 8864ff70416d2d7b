import { types } from 'node:util';

/** A function error as Lambda's Node.js runtime answers it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/**
 * What the runtime makes of a thrown value. The trace keeps the function's own frames: those of Node and of the
 * simulator differ between machines.
 */
export function functionError(thrown: unknown): FunctionError {
  if (!types.isNativeError(thrown) && !looksLikeError(thrown)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  const error = thrown as Error;
  return { errorType: error.name, errorMessage: error.message, trace: trace(error) };
}

/** Lambda's own words for a function that ran out of time. */
export function timedOut(requestId: string, timeoutSeconds: number): FunctionError {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  };
}

export function exited(requestId: string, exitCode: number): FunctionError {
  const how = exitCode === 0 ? 'Runtime exited without providing a reason' : `exit status ${exitCode}`;
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${exitCode === 0 ? how : `Runtime exited with error: ${how}`}`,
  };
}

export function responseTooLarge(bytes: number, limit: number): FunctionError {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${limit} bytes).`,
  };
}

function looksLikeError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value && 'stack' in value;
}

function trace(error: Error): string[] {
  return ownFrames(error.stack ?? '').split('\n');
}

/** A stack without the frames of Node and of the simulator. */
export function ownFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || line.includes('file:///var/task/'))
    .join('\n');
}

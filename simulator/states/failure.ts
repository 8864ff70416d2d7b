/** What ends a state: an error name with its cause, as `$states.errorOutput` shows them. */
export class StateFailure extends Error {
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.name = 'StateFailure';
    this.error = error;
    this.cause = cause;
  }
}

/** Wildcards do not reach these: a state has to name them. */
const terminal = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether a retrier's or catcher's `ErrorEquals` covers an error. */
export function covers(errorEquals: readonly string[], error: string): boolean {
  return errorEquals.some((name) => {
    if (name === error) return true;
    if (terminal.has(error)) return false;
    if (name === 'States.ALL') return true;
    return name === 'States.TaskFailed' && error !== 'States.Timeout';
  });
}

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

  /** Every name that a retrier or catcher may call it by. */
  get names(): readonly string[] {
    return [this.error];
  }
}

/** A task that took longer than its TimeoutSeconds. AWS gives no cause. */
export class TaskTimeout extends StateFailure {
  constructor() {
    super('States.Timeout', '');
  }
}

/**
 * A task nobody reported on for its HeartbeatSeconds. The history calls it States.Timeout, as AWS's does; a retrier or
 * catcher may name States.HeartbeatTimeout.
 */
export class HeartbeatTimeout extends TaskTimeout {
  override get names(): readonly string[] {
    return [this.error, 'States.HeartbeatTimeout'];
  }
}

/** Error and cause as events and descriptions show them: what is empty is left out. */
export function shown(error: string | undefined, cause: string | undefined): { error?: string; cause?: string } {
  return { ...(error ? { error } : {}), ...(cause ? { cause } : {}) };
}

/** Wildcards do not reach these: a state has to name them. */
const terminal = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether a retrier's or catcher's `ErrorEquals` covers a failure. */
export function covers(errorEquals: readonly string[], { error, names }: StateFailure): boolean {
  return errorEquals.some((name) => {
    if (names.includes(name)) return true;
    if (terminal.has(error)) return false;
    if (name === 'States.ALL') return true;
    return name === 'States.TaskFailed' && error !== 'States.Timeout';
  });
}

/**
 * Errors that the state machine tells apart. `name` is the `ErrorEquals` string of statemachines/rollback.asl.json, and
 * it is set as a string of its own because bundling may rename classes. Expected outcomes are data, never one of these.
 */
abstract class BackstepError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}

/** The execution's input cannot be used. The message says which field, what was found, what is allowed. Never retried. */
export class InvalidInput extends BackstepError {
  override readonly name = 'InvalidInput';
}

/** Another execution holds the service's lock: nothing may be changed any more. Never retried. */
export class LockLost extends BackstepError {
  override readonly name = 'LockLost';
}

/** A person stopped automation while a rollback was under way: it halts where it is. Never retried. */
export class KillSwitchOn extends BackstepError {
  override readonly name = 'KillSwitchOn';
}

/** The stored plan is not the one that was decided on. Never retried. */
export class PlanChanged extends BackstepError {
  override readonly name = 'PlanChanged';
}

/** A configured resource does not exist, or says something that no decision can be based on. Retried, then given up. */
export class Unreadable extends BackstepError {
  override readonly name = 'Unreadable';
}

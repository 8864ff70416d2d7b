import type { Json } from '../../lib/domain/model.ts';

/** How the history names a resource: `lambda` and `invoke`, or `invoke.waitForTaskToken`. */
export interface ResourceName {
  readonly resourceType: string;
  readonly resource: string;
}

/** An optimized integration: what a Task state's `Resource` calls. */
export interface TaskResource {
  readonly name: ResourceName;
  readonly region: string;
  /** The task ends when its token comes back, not when the call is answered. */
  readonly waitsForToken: boolean;
  /** @throws StateFailure with the error's name as `ErrorEquals` matches it */
  call(taskArguments: Json): Promise<Json>;
}

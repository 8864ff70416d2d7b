import type { TaskState } from '../definition.ts';
import { HeartbeatTimeout, type StateFailure, TaskTimeout } from '../failure.ts';
import type { CallbackTask } from '../task-tokens.ts';
import type { Visit } from '../visit.ts';
import type { Surroundings } from './step.ts';
import { wholeSeconds } from './wait.ts';

/** Named as the TaskScheduled event names them. */
export interface TaskLimits {
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
}

/** Evaluates TimeoutSeconds and HeartbeatSeconds anew for each attempt. @throws StateFailure States.QueryEvaluationError */
export async function evaluateLimits(state: TaskState, visit: Visit): Promise<TaskLimits> {
  const timeout = await seconds(visit, state.TimeoutSeconds, 'TimeoutSeconds');
  const heartbeat = await seconds(visit, state.HeartbeatSeconds, 'HeartbeatSeconds');
  if (timeout !== undefined && heartbeat !== undefined && heartbeat >= timeout) {
    const words = `The field 'HeartbeatSeconds' must be smaller than TimeoutSeconds (${timeout}), but evaluated to ${heartbeat}.`;
    throw visit.evaluationFailure('HeartbeatSeconds', words);
  }
  return {
    ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
    ...(heartbeat === undefined ? {} : { heartbeatInSeconds: heartbeat }),
  };
}

async function seconds(visit: Visit, value: number | string | undefined, field: string): Promise<number | undefined> {
  return value === undefined ? undefined : wholeSeconds(visit, value, field, 1);
}

/** A task that is late goes on for itself: only the state stops waiting for it. */
export function within<T>(
  { timeoutInSeconds, heartbeatInSeconds }: TaskLimits,
  promise: Promise<T>,
  around: Surroundings,
  callback: CallbackTask | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const failIn = (limit: number | undefined, failure: () => StateFailure) =>
      limit === undefined ? undefined : around.after(limit * 1000, () => reject(failure()));
    const timeout = failIn(timeoutInSeconds, () => new TaskTimeout());
    const listen = () => failIn(heartbeatInSeconds, () => new HeartbeatTimeout());
    let heartbeat = listen();
    if (callback) {
      callback.onHeartbeat = () => {
        heartbeat?.cancel();
        heartbeat = listen();
      };
    }
    const stop = () => {
      timeout?.cancel();
      heartbeat?.cancel();
    };
    promise.finally(stop).then(resolve, reject);
  });
}

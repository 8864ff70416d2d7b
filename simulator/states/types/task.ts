import type { Json } from '../../../lib/domain/model.ts';
import type { TaskState } from '../definition.ts';
import { covers, StateFailure } from '../failure.ts';
import { type History, whole } from '../history.ts';
import { carried } from '../limits.ts';
import type { ResourceName } from '../resource.ts';
import { Retries } from '../retry.ts';
import type { Visit } from '../visit.ts';
import { leave, type Step, type Surroundings } from './step.ts';
import { wholeSeconds } from './wait.ts';

/** Calls the resource; on failure the first matching retrier decides, then the first matching catcher. */
export async function runTask(state: TaskState, visit: Visit, around: Surroundings): Promise<Step> {
  const retries = new Retries(state.Retry ?? [], around.random);
  for (;;) {
    try {
      const result = await attempt(state, visit, around);
      return await leave(visit, state, result, state.Next, { result });
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const delayMs = retries.next(failure.error);
      if (delayMs === undefined) return caught(state, visit, failure);
      await around.sleep(delayMs);
      visit.retryCount += 1;
      around.countTransition();
    }
  }
}

async function attempt(state: TaskState, visit: Visit, around: Surroundings): Promise<Json> {
  const { history } = around;
  const resource = around.resource();
  const taskArguments = await visit.evaluate(state.Arguments ?? {}, 'Arguments');
  const seconds =
    state.TimeoutSeconds === undefined ? undefined : await wholeSeconds(visit, state.TimeoutSeconds, 'TimeoutSeconds');
  history.add('TaskScheduled', {
    taskScheduledEventDetails: {
      ...resource.name,
      region: resource.region,
      parameters: carried(taskArguments, `The state/task '${visit.name}' was given arguments`),
      ...(seconds === undefined ? {} : { timeoutInSeconds: seconds }),
    },
  });
  history.add('TaskStarted', { taskStartedEventDetails: resource.name });
  try {
    const result = await around.whileRunning(within(seconds, resource.call(taskArguments), around));
    const output = carried(result, `The state/task '${visit.name}' returned a result`);
    history.add('TaskSucceeded', { taskSucceededEventDetails: { ...resource.name, output, outputDetails: whole } });
    return result;
  } catch (failure) {
    if (failure instanceof StateFailure) record(failure, resource.name, history);
    throw failure;
  }
}

/** A task that is late goes on for itself: only the state stops waiting for it. */
function within<T>(seconds: number | undefined, promise: Promise<T>, around: Surroundings): Promise<T> {
  if (seconds === undefined) return promise;
  return new Promise((resolve, reject) => {
    const timer = around.after(seconds * 1000, () => reject(new StateFailure('States.Timeout', '')));
    promise.finally(() => timer.cancel()).then(resolve, reject);
  });
}

function record({ error, cause }: StateFailure, name: ResourceName, history: History): void {
  const details = { ...name, error, cause };
  if (error === 'States.Timeout') history.add('TaskTimedOut', { taskTimedOutEventDetails: details });
  else history.add('TaskFailed', { taskFailedEventDetails: details });
}

async function caught(state: TaskState, visit: Visit, failure: StateFailure): Promise<Step> {
  const catchers = state.Catch ?? [];
  const index = catchers.findIndex((one) => covers(one.ErrorEquals, failure.error));
  const catcher = catchers[index];
  if (!catcher) throw failure;
  const errorOutput = { Error: failure.error, Cause: failure.cause };
  return leave(visit, catcher, errorOutput, catcher.Next, { errorOutput }, `Catch[${index}]/`);
}

import type { Json } from '../../../lib/domain/model.ts';
import type { TaskState } from '../definition.ts';
import { covers, StateFailure, shown } from '../failure.ts';
import { type History, whole } from '../history.ts';
import { carried } from '../limits.ts';
import type { ResourceName, TaskResource } from '../resource.ts';
import { Retries } from '../retry.ts';
import type { CallbackTask } from '../task-tokens.ts';
import type { Visit } from '../visit.ts';
import { leave, type Step, type Surroundings } from './step.ts';
import { evaluateLimits, within } from './task-limits.ts';

/** Calls the resource; on failure the first matching retrier decides, then the first matching catcher. */
export async function runTask(state: TaskState, visit: Visit, around: Surroundings): Promise<Step> {
  const retries = new Retries(state.Retry ?? [], around.random);
  for (;;) {
    try {
      const result = await attempt(state, visit, around);
      return await leave(visit, state, result, state.Next, { result });
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const delayMs = retries.next(failure);
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
  const callback = resource.waitsForToken ? around.issueToken() : undefined;
  visit.taskToken = callback?.token;
  try {
    const taskArguments = await visit.evaluate(state.Arguments ?? {}, 'Arguments');
    const limits = await evaluateLimits(state, visit);
    history.add('TaskScheduled', {
      taskScheduledEventDetails: {
        ...resource.name,
        region: resource.region,
        parameters: carried(taskArguments, `The state/task '${visit.name}' was given arguments`),
        ...limits,
      },
    });
    history.add('TaskStarted', { taskStartedEventDetails: resource.name });
    const performed = perform(resource, taskArguments, visit, history, callback);
    return await ended(around.whileRunning(within(limits, performed, around, callback)), resource.name, visit, history);
  } finally {
    callback?.abandon();
  }
}

async function ended(result: Promise<Json>, name: ResourceName, visit: Visit, history: History): Promise<Json> {
  try {
    const value = await result;
    const output = carried(value, `The state/task '${visit.name}' returned a result`);
    history.add('TaskSucceeded', { taskSucceededEventDetails: { ...name, output, outputDetails: whole } });
    return value;
  } catch (failure) {
    if (failure instanceof StateFailure) record(failure, name, history);
    throw failure;
  }
}

/** What the call answers or, where the task waits for its token, what comes back with it. */
async function perform(
  resource: TaskResource,
  taskArguments: Json,
  visit: Visit,
  history: History,
  callback: CallbackTask | undefined,
): Promise<Json> {
  const answer = await resource.call(taskArguments);
  if (!callback) return answer;
  const output = carried(answer, `The state/task '${visit.name}' returned a result`);
  // A task that timed out or was stopped meanwhile has written its last event.
  if (callback.waitedFor)
    history.add('TaskSubmitted', { taskSubmittedEventDetails: { ...resource.name, output, outputDetails: whole } });
  return callback.outcome;
}

function record({ error, cause }: StateFailure, name: ResourceName, history: History): void {
  const details = { ...name, ...shown(error, cause) };
  if (error === 'States.Timeout') history.add('TaskTimedOut', { taskTimedOutEventDetails: details });
  else history.add('TaskFailed', { taskFailedEventDetails: details });
}

async function caught(state: TaskState, visit: Visit, failure: StateFailure): Promise<Step> {
  const catchers = state.Catch ?? [];
  const index = catchers.findIndex((one) => covers(one.ErrorEquals, failure));
  const catcher = catchers[index];
  if (!catcher) throw failure;
  const errorOutput = { Error: failure.error, Cause: failure.cause };
  return leave(visit, catcher, errorOutput, catcher.Next, { errorOutput }, `Catch[${index}]/`);
}

import type { State } from '../definition.ts';
import type { Visit } from '../visit.ts';
import { runChoice } from './choice.ts';
import { runFail, runSucceed } from './end.ts';
import { runPass } from './pass.ts';
import type { Step, Surroundings } from './step.ts';
import { runTask } from './task.ts';
import { runWait } from './wait.ts';

export function runState(state: State, visit: Visit, around: Surroundings): Promise<Step> {
  switch (state.Type) {
    case 'Task':
      return runTask(state, visit, around);
    case 'Choice':
      return runChoice(state, visit);
    case 'Wait':
      return runWait(state, visit, around);
    case 'Pass':
      return runPass(state, visit);
    case 'Succeed':
      return runSucceed(state, visit);
    case 'Fail':
      return runFail(state, visit);
  }
}

import type { ChoiceState } from '../definition.ts';
import type { Visit } from '../visit.ts';
import { leave, type Step } from './step.ts';

/** The first rule whose condition holds, with its own Assign and Output; else the default with the state's. */
export async function runChoice(state: ChoiceState, visit: Visit): Promise<Step> {
  for (const [index, rule] of state.Choices.entries()) {
    const path = `Choices[${index}]`;
    const holds = await visit.evaluate(rule.Condition, `${path}/Condition`);
    if (typeof holds !== 'boolean') {
      throw visit.evaluationFailure(
        `${path}/Condition`,
        `The Condition at '${path}' must evaluate to a boolean, but evaluated to ${JSON.stringify(holds)}.`,
      );
    }
    if (holds) return leave(visit, rule, visit.input, rule.Next, {}, `${path}/`);
  }
  if (state.Default === undefined) {
    throw visit.failure('States.NoChoiceMatched', 'No choice matched and there is no Default.');
  }
  return leave(visit, state, visit.input, state.Default);
}

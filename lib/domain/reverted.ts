/** What a rollback that has ended put where, for the ledger. */
import { revertsOf } from './actions.ts';
import { copiesIn } from './drift/drift.ts';
import type { Plan, RollbackRecord, TimelineEntry } from './model.ts';
import { stepsOf } from './report/steps.ts';

/**
 * Without the steps that it ended before; of the first step without a word nobody knows, so it counts as done. Empty where
 * the record of the whole plan stays right.
 */
export function revertedBy(plan: Plan, timeline: readonly TimelineEntry[]): Pick<RollbackRecord, 'reverts'> {
  const silent = stepsOf({ plan, timeline }).findIndex(({ result }) => result === 'not started');
  const actions = silent < 0 ? plan.actions : plan.actions.slice(0, silent + 1);
  return actions.length === plan.actions.length ? {} : { reverts: revertsOf({ ...plan, actions }, copiesIn(timeline)) };
}

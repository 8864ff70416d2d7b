/**
 * What of a rollback that stopped is undone. Only what leaves users better off, on measured evidence, and only what is
 * still as the rollback left it: a deployment or a weight that somebody else has set since may be the fix. What is not
 * undone stays, and the state that it is in gets a name.
 */
import { secondsBetween } from './elapsed.ts';
import type { Action } from './model.ts';
import { stepsOf } from './report/steps.ts';
import { describeStanding } from './standing.ts';
import type { CompensateInput } from './states.ts';
import { type CompensationFacts, type Judgement, undoSeconds } from './undo.ts';
import { judgeServiceUndo } from './undo-service.ts';
import { judgeTrafficUndo } from './undo-traffic.ts';

export type CompensationDecision =
  | Extract<Judgement, { kind: 'undo' | 'wait' }>
  /** `reason` is the rollback's, with what was undone and how the service stands. */
  | { readonly kind: 'done'; readonly outcome: CompensateInput['outcome']; readonly reason: string };

export function decideCompensation(facts: CompensationFacts): CompensationDecision {
  const begun = facts.plan.actions.slice(0, facts.index + 1);
  // What follows the verification takes away what could be gone back to: there is nothing left to undo.
  if (begun.at(-1)?.afterVerification) return done(facts, []);
  if (facts.forbidden !== undefined) return done(facts, [facts.forbidden]);
  const said: string[] = [];
  let failed = false;
  for (const judgement of judgements(facts, begun)) {
    const late = secondsBetween(facts.since, facts.now) >= undoSeconds;
    if (judgement.kind === 'undo' && !late) return judgement;
    if (judgement.kind === 'wait' && !late) return judgement;
    if (judgement.kind === 'undo' || judgement.kind === 'wait') {
      said.push(`Undoing did not end within ${undoSeconds / 60} minutes: ${judgement.message}`);
    } else if (judgement.message) said.push(judgement.message);
    failed ||= judgement.kind !== 'left';
  }
  return done(facts, said, failed);
}

/** In reverse order of the plan. All steps of a move go back at once. */
function judgements(facts: CompensationFacts, begun: readonly Action[]): Judgement[] {
  const shifts = begun.filter((action) => action.type === 'ShiftTraffic');
  const found: Judgement[] = [];
  for (const action of begun.toReversed()) {
    if (action.type === 'ShiftTraffic' && action === shifts.at(-1)) found.push(judgeTrafficUndo(facts, shifts));
    if (action.type === 'RevertService') found.push(judgeServiceUndo(facts, action));
  }
  return found;
}

function done(facts: CompensationFacts, said: readonly string[], failed = false): CompensationDecision {
  const { stopped, standing, checkpoint } = facts;
  const parts = [stopped.reason, ...said, describeProgress(facts), describeStanding(standing, checkpoint)];
  return {
    kind: 'done',
    outcome: failed ? 'needs-attention' : stopped.outcome,
    reason: parts.filter(Boolean).join(' '),
  };
}

/** `Done: action 1. Not finished: action 2 (Put …). Not begun: action 3 (…).` */
export function describeProgress({ plan, timeline }: Pick<CompensationFacts, 'plan' | 'timeline'>): string {
  const steps = stepsOf({ plan, timeline });
  const words = {
    done: 'Done',
    'already there': 'Already there',
    failed: 'Failed',
    'not finished': 'Begun and not finished',
    'not started': 'Not begun',
  } as const;
  return Object.entries(words)
    .flatMap(([result, word]) => {
      const which = steps.filter((step) => step.result === result).map(({ action }) => action.description);
      return which.length > 0 ? [`${word}: ${which.join('; ')}.`] : [];
    })
    .join(' ');
}

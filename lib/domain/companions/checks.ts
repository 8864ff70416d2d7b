/** What a plan looks at of each companion, and why a person is asked because of one. */
import type { Check } from '../model.ts';
import { overlapCheck } from '../overlaps.ts';
import { type PlanFacts, youngerThanAlarm } from '../plan-facts.ts';
import { askedForStack, deployedSideChecks, deploymentCheck } from '../service-checks.ts';
import { targetChecks } from '../target-checks.ts';
import { type Following, followingsOf } from './follow.ts';
import { ofOneRelease } from './target.ts';

/** The checks of a side, for a companion that is put back; one line for any other. */
export const companionChecks = (facts: PlanFacts): Check[] =>
  followingsOf(facts).flatMap((following) => checksOf(facts, following));

function checksOf(facts: PlanFacts, following: Following): Check[] {
  const { kind, reason, companion } = following;
  const { unit, goal } = companion;
  const { side, service } = unit;
  const name = `companion ${side.name}`;
  if (kind === 'there') return [{ name, status: 'ok', evidence: reason }];
  if (kind === 'unknown') return [{ name, status: 'warning', evidence: `${reason} A person is asked.` }];
  const refused: Check[] =
    kind === 'refused' ? [{ name: `mechanism of ${side.name}`, status: 'failed', evidence: reason }] : [];
  return [
    ...targetChecks(goal).map((check) => ({
      ...check,
      name: check.name === 'target' ? name : `${check.name} of ${side.name}`,
    })),
    ...deployedSideChecks(unit),
    overlapCheck(side, service, facts.codeDeploy),
    deploymentCheck(unit, goal, whyMayBeFix(facts, following)),
    ...refused,
  ];
}

/** Reasons in words, to ask a person before anything changes. */
export function askedForCompanions(facts: PlanFacts): string[] {
  return followingsOf(facts).flatMap((following) => {
    const { kind, reason, companion } = following;
    if (kind === 'unknown') return [`Companion ${companion.unit.side.name}: ${reason}`];
    if (kind !== 'reverts') return [];
    const fix = whyMayBeFix(facts, following);
    return [...(fix === undefined ? [] : [fix]), ...askedForStack(companion.unit)];
  });
}

/** A pipeline deploys one service after the other: of the version that has to go, it is no fix, also after the alarm. */
function whyMayBeFix({ context, suspect }: PlanFacts, { companion: { unit, goal } }: Following): string | undefined {
  const { definition } = unit;
  const sameRelease = definition && suspect && ofOneRelease(definition, suspect);
  return sameRelease ? undefined : youngerThanAlarm(unit, { context, choice: goal.choice });
}

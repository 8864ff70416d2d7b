/** Why a person is asked before a plan is carried out. */
import type { Intention } from '../admission.ts';
import { migrationsCheck } from '../checks.ts';
import { askedForCompanions } from '../companions/checks.ts';
import type { Check } from '../model.ts';
import { type PlanFacts, youngerThanAlarm } from '../plan-facts.ts';
import { askedForStack } from '../service-checks.ts';

/** Every reason in words, those of Admit first; undefined where nobody has to be asked. */
export function whyAsked(facts: PlanFacts, checks: readonly Check[], intended: Intention): string | undefined {
  const { asksBecause = intended.may === 'ask' ? intended.reason : undefined } = facts.context;
  const reasons = [
    ...(asksBecause === undefined ? [] : [asksBecause]),
    ...facts.sides.flatMap((side) => youngerThanAlarm(side, facts) ?? []),
    ...facts.sides.flatMap(askedForStack),
    ...askedForCompanions(facts),
    ...unknownMigrations(facts, checks),
  ];
  return reasons.length > 0 ? reasons.join(' ') : undefined;
}

function unknownMigrations({ configuration: { database, policy } }: PlanFacts, checks: readonly Check[]): string[] {
  if (!database || policy.unknownMigrations !== 'ask') return [];
  const unknown = checks.some(({ name, status }) => name === migrationsCheck && status === 'not checked');
  if (!unknown) return [];
  const name = 'instance' in database ? `instance ${database.instance}` : `cluster ${database.cluster}`;
  return [
    `The service has the database ${name}, and nobody has looked at the migrations since the target: the old code may not ` +
      'understand what they left.',
  ];
}

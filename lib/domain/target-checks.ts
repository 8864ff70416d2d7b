/** The checks of what is gone back to: which release, its task definition, its images, and what these need. */
import { familyRevision } from './ecs.ts';
import type { Check, CheckStatus } from './model.ts';
import { configurationCheck } from './needs.ts';
import type { Goal, PlanFacts } from './plan-facts.ts';
import { nameOf } from './releases.ts';

type Facts = Goal & Pick<PlanFacts, 'passedOver'>;

export const targetChecks = (facts: Facts): Check[] => [
  target(facts),
  definition(facts),
  images(facts),
  configuration(facts),
];

function target({ choice, passedOver = [] }: Facts): Check {
  if (choice.kind === 'none') return check('target', 'failed', choice.reason);
  const over = passedOver.map(({ release, why }) => `Passed over: ${nameOf(release)}. ${why}`);
  const doubts = [...(choice.warning ? [choice.warning] : []), ...over];
  return check('target', doubts.length > 0 ? 'warning' : 'ok', [choice.reason, ...doubts].join(' '));
}

function definition({ choice, targetDefinition, copy }: Facts): Check {
  const name = 'task definition';
  if (choice.kind === 'none') return check(name, 'not checked', 'There is no target.');
  const wanted = familyRevision(choice.release.taskDefinition);
  if (!targetDefinition) return check(name, 'failed', `ECS knows no task definition ${wanted}.`);
  const { status } = targetDefinition;
  if (copy) return check(name, 'warning', `It takes a copy of ${wanted}: ${copy.why}`);
  if (status === 'ACTIVE') return check(name, 'ok', `${wanted} is ACTIVE.`);
  return check(name, 'failed', `${wanted} is ${status}, and ECS starts no tasks from it.`);
}

function images({ images: verdicts }: Facts): Check {
  if (!verdicts) return check('images', 'not checked', 'There is no task definition to name any.');
  const evidence = verdicts.map((verdict) => verdict.evidence).join(' ');
  const has = (...kinds: string[]): boolean => verdicts.some(({ kind }) => kinds.includes(kind));
  if (has('gone')) return check('images', 'failed', evidence);
  if (has('moved', 'not recorded')) return check('images', 'warning', evidence);
  return check('images', has('not checked') ? 'not checked' : 'ok', evidence);
}

function configuration({ choice, needs }: Facts): Check {
  if (choice.kind === 'none' || !needs)
    return check('configuration', 'not checked', 'There is no task definition to need any.');
  return configurationCheck(choice.release, needs);
}

const check = (name: string, status: CheckStatus, evidence: string): Check => ({ name, status, evidence });

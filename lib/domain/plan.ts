/** From the facts to the plan: what would be done, why, and whether it may be. */
import { numbered } from './actions.ts';
import { intention } from './admission.ts';
import { whyAsked } from './approval/asking.ts';
import { checkPlan } from './checks.ts';
import { companionPlans, withCompanions } from './companions/follow.ts';
import { wantsSnapshot } from './database.ts';
import { chooseMechanism, type Mechanism } from './mechanism.ts';
import type { Action, Check, Plan, Release, SideState } from './model.ts';
import { type PlanFacts, type SideFacts, sideState, trafficHasLeft, unitFacts } from './plan-facts.ts';
import { nameOf } from './releases.ts';
import { snapshotAction } from './snapshot.ts';
import { requestedStrategy } from './strategy.ts';
import { completed, type Suspect } from './target.ts';
import { timeLimit } from './time-limit.ts';

export function decidePlan(facts: PlanFacts): Plan {
  const { context, choice, suspect } = facts;
  const target = choice.kind === 'found' ? completed(choice.release, facts.targetDefinition) : undefined;
  const left = trafficHasLeft(facts);
  const sides = target && left === undefined ? chooseMechanism(facts, target) : undefined;
  const mechanism = sides && withCompanions(facts, sides);
  const actions = mechanism?.kind === 'actions' ? snapshotFirst(facts, mechanism.actions) : [];
  const checks = withMechanism(checkPlan(withTarget(facts, target), mechanism), mechanism);
  return {
    rollbackId: context.rollbackId,
    service: context.service,
    environment: context.environment,
    createdAt: facts.now,
    current: facts.sides.flatMap(stateOf),
    ...(target && { target }),
    targetReason: choice.reason,
    strategy:
      mechanism?.kind === 'actions'
        ? mechanism.strategy
        : requestedStrategy(context.request, facts.configuration.policy.strategy),
    strategyReason: mechanism?.reason ?? left ?? 'Without a target there is nothing to choose.',
    checks,
    actions,
    ...timeLimit(facts, mechanism),
    // Where the sides run the target already, what they run is not what has to go.
    ...(suspect &&
      !(sides?.kind === 'nothing-to-do' && actions.length > 0) && { suspect: suspectRelease(facts, suspect) }),
    ...(facts.companions && { companions: companionPlans(facts) }),
    ...(facts.managers && { managers: facts.managers }),
    ...(left === undefined ? conclude(facts, checks, mechanism, target) : { outcome: 'observed', reason: left }),
  };
}

function conclude(
  facts: PlanFacts,
  checks: readonly Check[],
  mechanism: Mechanism | undefined,
  target: Release | undefined,
): Pick<Plan, 'outcome' | 'reason' | 'asksBecause'> {
  const failed = checks.filter((check) => check.status === 'failed');
  // Being there already is no danger, whatever else a check found; but asking for more than is built must be answered.
  if (mechanism?.kind === 'nothing-to-do' && !failed.some((check) => check.name === 'request')) {
    return { outcome: 'already-at-target', reason: `${mechanism.reason} Nothing is changed.` };
  }
  if (failed.length > 0 || !target || mechanism?.kind !== 'actions') {
    return { outcome: 'blocked', reason: failed.map((check) => check.evidence).join(' ') };
  }
  const todo = `${facts.context.service} goes back to ${nameOf(target)}: ${mechanism.reason}`;
  const intended = intention(facts.context.request, facts.configuration.production);
  if (intended.may === 'plan') return { outcome: 'ready', reason: `${intended.reason} Planned: ${todo}` };
  const asksBecause = whyAsked(facts, checks, intended);
  if (asksBecause === undefined) return { outcome: null, reason: todo };
  return { outcome: null, asksBecause, reason: `${asksBecause} A person is asked. Planned: ${todo}` };
}

function snapshotFirst(facts: PlanFacts, actions: readonly Action[]): readonly Action[] {
  if (!wantsSnapshot(facts)) return actions;
  const { context, configuration, database } = facts;
  return numbered([snapshotAction(database, context.rollbackId, configuration.policy), ...actions]);
}

/** A mechanism that cannot be found is a finding like any other. */
function withMechanism(checks: Check[], mechanism: Mechanism | undefined): Check[] {
  if (mechanism?.kind !== 'impossible') return checks;
  return [...checks, { name: 'mechanism', status: 'failed', evidence: mechanism.reason }];
}

function withTarget(facts: PlanFacts, target: Release | undefined): PlanFacts {
  return facts.choice.kind === 'found' && target ? { ...facts, choice: { ...facts.choice, release: target } } : facts;
}

/** Of sides and companions. */
export const currentStates = (facts: Pick<PlanFacts, 'sides' | 'companions'>): SideState[] =>
  unitFacts(facts).flatMap(stateOf);

const stateOf = (unit: SideFacts): SideState[] => {
  const state = sideState(unit, unit.definition?.version ?? unit.service?.taskDefinition ?? '');
  return state ? [state] : [];
};

function suspectRelease({ context, sides }: PlanFacts, suspect: Suspect): Release {
  const side = sides.find((candidate) => candidate.side.name === suspect.side);
  return {
    service: context.service,
    side: suspect.side,
    version: suspect.version,
    taskDefinition: suspect.taskDefinition,
    images: side?.images ?? side?.definition?.images ?? [],
    deployedAt: suspect.begunAt,
    status: 'unverified',
  };
}
